//! The checksum in Entra client secrets: Marvin32, written in base 66.
//!
//! Source: Microsoft's security-utilities (MIT), from which the test vector comes too.

/// The seed of the checksum in client secrets.
const SEED: u64 = 0x4161_6450_7764_3030;

/// The digits, in order of value.
const DIGITS: &[u8; 66] = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ1234567890.-_~";

/// How many characters of the written checksum a secret ends with.
pub(super) const LEN: usize = 3;

/// The three characters that a secret beginning with `body` must end with.
pub(super) fn checksum(body: &[u8]) -> [u8; LEN] {
    // Six digits, most significant first; the first three are used, so the last three are divided away.
    let mut rest = u64::from(marvin32(body, SEED)) / 66_u64.pow(3);
    let mut digits = [0; LEN];
    for digit in digits.iter_mut().rev() {
        *digit = DIGITS.get((rest % 66) as usize).copied().unwrap_or_default();
        rest /= 66;
    }
    digits
}

fn marvin32(data: &[u8], seed: u64) -> u32 {
    let mut state = (seed as u32, (seed >> 32) as u32);
    let (words, tail) = data.as_chunks::<4>();
    for word in words {
        mix(&mut state, u32::from_le_bytes(*word));
    }
    let mut last = [0; 4];
    for (slot, byte) in last.iter_mut().zip(tail.iter().chain(&[0x80])) {
        *slot = *byte;
    }
    mix(&mut state, u32::from_le_bytes(last));
    mix(&mut state, 0);
    state.0 ^ state.1
}

fn mix((a, b): &mut (u32, u32), word: u32) {
    *a = a.wrapping_add(word);
    *b ^= *a;
    *a = a.rotate_left(20).wrapping_add(*b);
    *b = b.rotate_left(9) ^ *a;
    *a = a.rotate_left(27).wrapping_add(*b);
    *b = b.rotate_left(19);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_published_vector_has_its_published_checksum() {
        let body = format!("zzz8Q~{}", "z".repeat(31));
        assert_eq!(&checksum(body.as_bytes()), b"blP");
    }

    #[test]
    fn one_changed_character_changes_the_checksum() {
        let body = format!("zzz8Q~{}", "z".repeat(30));
        assert_ne!(checksum(format!("{body}z").as_bytes()), checksum(format!("{body}y").as_bytes()));
    }
}

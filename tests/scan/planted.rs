//! Secrets made up at run time: valid in form and checksum, issued by nobody, and in no file of this repository.

use crate::support::corpus::Random;

/// Digits of the checksum, in order of value.
const DIGITS: &[u8; 66] = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ1234567890.-_~";

/// An Entra client secret whose checksum holds.
pub(crate) fn entra_secret(seed: u64) -> String {
    let mut random = Random::new(seed);
    loop {
        let mut letters = |count: usize| (0..count).map(|_| char::from(DIGITS[random.below(62)])).collect::<String>();
        let body = format!("{}8{}~{}", letters(3), 'Q', letters(31));
        let end = checksum(body.as_bytes());
        // One that ends like a sentence is cut differently by different rules; others do for the tests.
        if end.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            return body + &end;
        }
    }
}

/// An assignment of it, as programs are configured.
pub(crate) fn assignment(seed: u64) -> String {
    format!("AZURE_CLIENT_SECRET={}\n", entra_secret(seed))
}

/// Marvin32 in base 66, the first three of six digits.
fn checksum(body: &[u8]) -> String {
    let mut rest = u64::from(marvin32(body, 0x4161_6450_7764_3030)) / 66_u64.pow(3);
    let mut digits = ['a'; 3];
    for digit in digits.iter_mut().rev() {
        *digit = char::from(DIGITS[(rest % 66) as usize]);
        rest /= 66;
    }
    digits.iter().collect()
}

fn marvin32(data: &[u8], seed: u64) -> u32 {
    let (mut a, mut b) = (seed as u32, (seed >> 32) as u32);
    let mut mix = |word: u32| {
        a = a.wrapping_add(word);
        b ^= a;
        a = a.rotate_left(20).wrapping_add(b);
        b = b.rotate_left(9) ^ a;
        a = a.rotate_left(27).wrapping_add(b);
        b = b.rotate_left(19);
        a ^ b
    };
    let mut padded = data.to_vec();
    padded.push(0x80);
    padded.resize(padded.len().next_multiple_of(4), 0);
    for word in padded.chunks_exact(4) {
        mix(u32::from_le_bytes(word.try_into().expect("four")));
    }
    mix(0)
}

#[test]
fn the_made_up_checksum_is_the_published_one() {
    assert_eq!(checksum(format!("zzz8{}~{}", 'Q', "z".repeat(31)).as_bytes()), "blP");
}

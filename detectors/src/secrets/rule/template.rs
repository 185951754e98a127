//! Examples of secrets, written so that no scanner takes the rule files for a leak: `{[0-9a-f]:32}` stands for 32
//! characters of a class, made up anew from a fixed seed. `{entra-secret}` and `{github-token:ghp_}` carry checksums that
//! hold; `{base64:text}` and `{base64url:text}` are encoded.

use super::super::encoding::{base62, crc32};
use super::super::marvin;

/// Makes the text that a template describes; the seed tells equal pieces of one text apart.
pub(in super::super) fn expand(template: &str, seed: u64) -> String {
    let mut random = Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
    let mut out = String::with_capacity(template.len() * 2);
    let mut rest = template;
    while let Some(start) = rest.find('{') {
        let (before, after) = rest.split_at(start);
        out.push_str(before);
        if let Some((text, used)) = piece(after, &mut random) {
            out.push_str(&text);
            rest = after.get(used..).unwrap_or_default();
        } else {
            out.push('{');
            rest = after.get(1..).unwrap_or_default();
        }
    }
    out.push_str(rest);
    out
}

/// The piece that begins here: its text, and how much of the template it takes. `None` where the brace is only a brace.
fn piece(template: &str, random: &mut Random) -> Option<(String, usize)> {
    if let Some(class) = template.strip_prefix("{[") {
        let (class, rest) = class.split_once("]:")?;
        let (count, _) = rest.split_once('}')?;
        let characters = characters(class);
        let text = (0..count.parse::<usize>().ok()?).filter_map(|_| random.pick(&characters)).collect();
        return Some((text, class.len() + count.len() + 5));
    }
    if template.starts_with("{entra-secret}") {
        return Some((entra_secret(random), "{entra-secret}".len()));
    }
    let end = template.find('}')?;
    if let Some(prefix) = template.get(..end)?.strip_prefix("{github-token:") {
        return Some((github_token(prefix, random), end + 1));
    }
    // The text may hold braces itself: it ends at the brace that closes its own.
    let (alphabet, text) = [("{base64url:", URL), ("{base64:", STANDARD)]
        .iter()
        .find_map(|(name, alphabet)| Some((*alphabet, template.strip_prefix(name)?)))?;
    let end = closing(text)?;
    let encoded = encode(text.get(..end)?.as_bytes(), alphabet);
    Some((encoded, template.len() - text.len() + end + 1))
}

fn closing(text: &str) -> Option<usize> {
    let mut depth = 0_usize;
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'{' => depth += 1,
            b'}' if depth == 0 => return Some(at),
            b'}' => depth -= 1,
            _ => {}
        }
    }
    None
}

fn characters(class: &str) -> Vec<char> {
    let all: Vec<char> = class.chars().collect();
    let mut characters = Vec::new();
    let mut at = 0;
    while let Some(&first) = all.get(at) {
        if let (Some('-'), Some(&last)) = (all.get(at + 1), all.get(at + 2)) {
            characters.extend(first..=last);
            at += 3;
        } else {
            characters.push(first);
            at += 1;
        }
    }
    characters
}

fn entra_secret(random: &mut Random) -> String {
    let characters = characters("0-9A-Za-z_~.-");
    let mut text = |count: usize| (0..count).filter_map(|_| random.pick(&characters)).collect::<String>();
    let body = format!("{}8Q~{}", text(3), text(31));
    format!("{body}{}", String::from_utf8_lossy(&marvin::checksum(body.as_bytes())))
}

fn github_token(prefix: &str, random: &mut Random) -> String {
    let characters = characters("0-9A-Za-z");
    let body: String = (0..30).filter_map(|_| random.pick(&characters)).collect();
    format!("{prefix}{body}{}", String::from_utf8_lossy(&base62(crc32(body.as_bytes()))))
}

const STANDARD: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const URL: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// Base64 with padding.
#[cfg(test)]
pub(in super::super) fn encode_standard(bytes: &[u8]) -> String {
    encode(bytes, STANDARD)
}

/// Base64: padded in the standard alphabet, not in that of URLs.
fn encode(bytes: &[u8], alphabet: &[u8; 64]) -> String {
    let mut out = String::new();
    for chunk in bytes.chunks(3) {
        let bits = chunk.iter().fold(0_u32, |bits, byte| bits << 8 | u32::from(*byte)) << (8 * (3 - chunk.len()));
        for digit in 0..4 {
            if digit <= chunk.len() {
                let index = (bits >> (18 - 6 * digit) & 63) as usize;
                out.push(char::from(alphabet.get(index).copied().unwrap_or(b'A')));
            } else if alphabet == STANDARD {
                out.push('=');
            }
        }
    }
    out
}

/// A generator of numbers that look random (xorshift).
struct Random(u64);

impl Random {
    fn pick(&mut self, characters: &[char]) -> Option<char> {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        let index = (self.0 >> 33) as usize % characters.len().max(1);
        characters.get(index).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::encoding::base64;
    use super::*;

    #[test]
    fn templates_make_what_they_describe_and_leave_other_braces() {
        let text = expand("{\"a\": \"{[0-9a-f]:32}\"} ${X} {[A-C]:2}", 1);
        assert!(text.starts_with("{\"a\": \"") && text.contains("\"} ${X} "), "{text}");
        assert_eq!(text.len(), "{\"a\": \"\"} ${X} ".len() + 34);
        assert_eq!(expand("{[0-9]:8}", 5), expand("{[0-9]:8}", 5));
        assert_ne!(expand("{[0-9]:8}", 5), expand("{[0-9]:8}", 6));
    }

    #[test]
    fn encoded_pieces_can_be_decoded() {
        for text in ["a", "ab", "abc", "{\"alg\":\"x\"}"] {
            for name in ["base64", "base64url"] {
                let encoded = expand(&format!("{{{name}:{text}}}"), 1);
                assert_eq!(
                    base64(encoded.as_bytes()).as_ref().map(|bytes| bytes.as_slice()),
                    Some(text.as_bytes()),
                    "{encoded}"
                );
            }
        }
    }
}

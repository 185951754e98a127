//! A preview of a secret that gives nothing away.

use compact_str::{CompactString, format_compact};

/// Secrets shorter than this show none of their characters.
const SHORTEST_SHOWN: usize = 20;

/// How many characters are shown: as many as Graph shows of a client secret, and the last two.
const HEAD: usize = 3;
const TAIL: usize = 2;

/// The first three characters and the last two of a long secret in plain ASCII, the length alone of others.
pub(super) fn redacted(secret: &[u8]) -> CompactString {
    let shown = |part: Option<&[u8]>| {
        part.filter(|part| part.iter().all(u8::is_ascii_graphic)).map(CompactString::from_utf8_lossy)
    };
    let parts = (secret.len() >= SHORTEST_SHOWN)
        .then(|| Some((shown(secret.get(..HEAD))?, shown(secret.get(secret.len() - TAIL..))?)))
        .flatten();
    match parts {
        Some((head, tail)) => format_compact!("{head}...{tail} ({} characters)", secret.len()),
        None => format_compact!("... ({} characters)", secret.len()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_secrets_show_nothing_and_long_ones_little() {
        assert_eq!(redacted(b"hunter2"), "... (7 characters)");
        assert_eq!(redacted(b"abcdefghijklmnopqrstuvwxyz"), "abc...yz (26 characters)");
        assert_eq!(redacted(&[0xff; 40]), "... (40 characters)");
    }
}

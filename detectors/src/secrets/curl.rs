//! Users and passwords on command lines of curl.

use super::assignment::count_while;
use super::candidate::{Candidate, Scene};
use super::expression::{self, Written};
use super::sighting::{OwnerHints, Reason, Sureness};
use super::{entropy, password};
use compact_str::CompactString;
use std::ops::Range;

/// The longest command line looked at.
const LONGEST: usize = 1024;

/// The password after `-u user:` in the command that begins at the literal.
pub(super) fn recognise(scene: &Scene<'_>, literal: &Range<usize>) -> Option<Candidate> {
    let text = scene.text;
    let command = command(text, literal.end);
    let option = [&b" -u"[..], b" --user", b"\t-u", b"\t--user"]
        .iter()
        .find_map(|option| find_option(text, &command, option))?;
    let mut at = option + count_while(text, option, 8, |c| matches!(c, b' ' | b'='));
    let quote = text.get(at).copied().filter(|c| matches!(c, b'"' | b'\''));
    at += usize::from(quote.is_some());
    let length = count_while(text, at, 256, |c| match quote {
        Some(quote) => c != quote && c != b'\n',
        None => !c.is_ascii_whitespace() && c != b'"',
    });
    let end = at + length;
    let argument = text.get(at..end)?;
    let Some(colon) = argument.iter().position(|c| *c == b':') else {
        // `"user":"password"`: each in quotes of its own.
        let between = text.get(end..end + 3)?;
        let [closing, b':', opening @ (b'"' | b'\'')] = between else { return None };
        let length = count_while(text, end + 3, 256, |c| c != *opening && c != b'\n');
        return (Some(*closing) == quote).then(|| judge(text, end + 3..end + 3 + length, argument)).flatten();
    };
    let (user, mut span) = (argument.get(..colon)?, at + colon + 1..end);
    span = unquoted(text, span, quote);
    if span.is_empty() && !user.is_empty() {
        // `token:` is a token in the user's place, or `"user":"password"`.
        let after = text.get(end..).unwrap_or_default();
        span = match after {
            [b'"' | b'\'', b'"' | b'\'', ..] => return None,
            _ => at..at + colon,
        };
        return judge(text, span, b"");
    }
    judge(text, span, user)
}

fn judge(text: &[u8], span: Range<usize>, user: &[u8]) -> Option<Candidate> {
    let secret = text.get(span.clone())?;
    let is_template = secret.starts_with(b"$")
        || user.starts_with(b"$")
        || user.starts_with(b"<")
        || expression::is_reference(secret, None, Written::Quoted)
        || secret.starts_with(b"%");
    if secret.len() < 4 || is_template || password::is_weak(secret) || entropy::is_placeholder(secret) || secret == user
    {
        return None;
    }
    let sureness = if secret.len() >= 8 && !super::words::is_wordy(secret) { Sureness::Medium } else { Sureness::Low };
    let account = (!user.is_empty()).then(|| CompactString::from_utf8_lossy(user));
    Some(Candidate {
        owner: OwnerHints { account, ..OwnerHints::default() },
        ..Candidate::sure(span, sureness, Reason::Named)
    })
}

/// Takes quotes off a password that has its own.
fn unquoted(text: &[u8], span: Range<usize>, quote: Option<u8>) -> Range<usize> {
    let value = text.get(span.clone()).unwrap_or_default();
    match value {
        [b'\'' | b'"', .., b'\'' | b'"'] if quote.is_none() && value.len() > 2 => span.start + 1..span.end - 1,
        _ => span,
    }
}

/// The command: to the end of its line, lines joined by a backslash.
fn command(text: &[u8], start: usize) -> Range<usize> {
    let limit = text.len().min(start + LONGEST);
    let mut end = start;
    while let Some(found) = text.get(end..limit).and_then(|rest| memchr::memchr(b'\n', rest)) {
        let line_end = end + found;
        let before = text.get(start..line_end).unwrap_or_default().trim_ascii_end();
        if !before.ends_with(b"\\") {
            return start..line_end;
        }
        end = line_end + 1;
    }
    start..limit
}

fn find_option(text: &[u8], command: &Range<usize>, option: &[u8]) -> Option<usize> {
    let found = memchr::memmem::find(text.get(command.clone())?, option)?;
    let end = command.start + found + option.len();
    matches!(text.get(end), Some(b' ' | b'=' | b'"' | b'\'')).then_some(end)
}

//! Reads the value of an assignment: quotes, calls and sections taken off.

use super::assignment::{Operator, back_while, count_while};
use std::ops::Range;

/// The longest value.
const LONGEST_VALUE: usize = 520;

/// Calls that make a string of a string.
const WRAPPERS: &[&[u8]] = &[
    b"String::from(",
    b"SecretString::from(",
    b"SecretString::new(",
    b"Secret::new(",
    b"Buffer.from(",
    b"[]byte(",
    b"new String(",
    b"std::string(",
    b"SecretStr(",
];

/// What begins text in XML that is not read as markup.
const CDATA: &[u8] = b"<![CDATA[";

/// The value that begins here, its quotes taken off.
pub(super) fn value_at(text: &[u8], at: usize, operator: Operator) -> Option<(Range<usize>, Option<u8>)> {
    let mut start = at;
    // Letters before a string: `b"…"`, `@"…"`, `N'…'`; and brackets of a list.
    // `String::from("…")`: the value of its only argument.
    let wrapper = text.get(start..).and_then(|rest| WRAPPERS.iter().find(|wrapper| rest.starts_with(wrapper)));
    if let Some(wrapper) = wrapper.filter(|wrapper| quote_at(text, start + wrapper.len()).is_some()) {
        start += wrapper.len();
    }
    if operator == Operator::Tag && text.get(start..).is_some_and(|rest| rest.starts_with(CDATA)) {
        start += CDATA.len();
    }
    let opened = count_while(text, start, 2, |c| matches!(c, b'[' | b'('));
    if text.get(start) == Some(&b'(') && quote_at(text, start + opened).is_none() {
        // `(known after apply)`, `(sensitive)`: what a plan says in a value's place.
        return None;
    }
    start += opened;
    let prefix = count_while(text, start, 2, |c| matches!(c, b'b' | b'r' | b'u' | b'f' | b'N' | b'L' | b'@' | b'$'));
    if prefix > 0 && matches!(text.get(start + prefix), Some(b'"' | b'\'')) {
        start += prefix;
    }
    let mut quote = None;
    if let Some((byte, width)) = quote_at(text, start) {
        quote = Some(byte);
        start += width;
        // `'"…"'`: a string within a string, as settings of builds have it.
        if let (1, Some(inner @ (b'"' | b'\''))) = (width, text.get(start).copied())
            && inner != byte
        {
            let length = quoted_length(text.get(start + 1..)?, inner)?;
            return (length > 0).then_some((start + 1..start + 1 + length, quote));
        }
        // `"\"…\""`
        if let (1, Some((_, inner @ 2..))) = (width, quote_at(text, start)) {
            return quoted_until_escape(text, start + inner).map(|value| (value, quote));
        }
        // Three quotes begin a long string.
        start += count_while(text, start, 2, |c| c == byte);
        if width > 1 {
            return quoted_until_escape(text, start).map(|value| (value, quote));
        }
    }
    let length = match (quote, operator) {
        (Some(byte), _) => {
            let limit = text.len().min(start + LONGEST_VALUE);
            let rest = text.get(start..limit)?;
            // Where the text was cut off, what a value without quotes may have.
            quoted_length(rest, byte).or_else(|| cut_off_length(text, start))?
        }
        (None, Operator::Tag) => {
            count_while(text, start, LONGEST_VALUE, |c| !matches!(c, b'<' | b'\n' | b'\r' | b'"' | b'\'' | b']'))
        }
        (None, _) => plain_length(text, start, opened > 0),
    };
    let mut end = start + length;
    if quote.is_none() {
        let is_key =
            text.get(end.saturating_sub(1)) == Some(&b':') && text.get(end).is_none_or(u8::is_ascii_whitespace);
        if is_key && text.get(at.saturating_sub(1)).is_some_and(u8::is_ascii_whitespace) {
            // `ci-pass:`, and on the next line a member of it.
            return None;
        }
        end -= back_while(text, end, 3, |c| matches!(c, b'.' | b' ' | b':'));
    }
    (end > start).then_some((start..end, quote))
}

/// The length of a value without quotes. A closing bracket ends it only where one was opened, or where nothing follows.
fn plain_length(text: &[u8], start: usize, is_listed: bool) -> usize {
    let mut length = count_while(text, start, LONGEST_VALUE, |c| !ends_plain(c));
    while !is_listed
        && length < LONGEST_VALUE
        && text.get(start + length) == Some(&b']')
        && text.get(start + length + 1).is_some_and(u8::is_ascii_alphanumeric)
        && !text.get(start..start + length).is_some_and(|value| value.contains(&b'['))
    {
        length += 1 + count_while(text, start + length + 1, LONGEST_VALUE - length, |c| !ends_plain(c));
    }
    length
}

/// The length of a string up to its closing quote on the same line.
fn quoted_length(rest: &[u8], quote: u8) -> Option<usize> {
    let mut escaped = false;
    for (at, byte) in rest.iter().enumerate() {
        match byte {
            b'\n' | b'\r' => return None,
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            _ if *byte == quote => return Some(at),
            _ => {}
        }
    }
    None
}

/// The length of a string that the end of the text cuts off before its closing quote.
fn cut_off_length(text: &[u8], start: usize) -> Option<usize> {
    let length = count_while(text, start, LONGEST_VALUE, |c| !ends_plain(c));
    text.get(start + length..)?.trim_ascii().is_empty().then_some(length)
}

/// A value between escaped quotes: up to the next backslash or quote.
fn quoted_until_escape(text: &[u8], start: usize) -> Option<Range<usize>> {
    let length = count_while(text, start, LONGEST_VALUE, |c| !matches!(c, b'\\' | b'"' | b'\'' | b'\n' | b'&'));
    (length > 0).then(|| start..start + length)
}

/// A quote here, plain, escaped or as an entity: its byte and width.
pub(super) fn quote_at(text: &[u8], at: usize) -> Option<(u8, usize)> {
    match text.get(at..)? {
        [quote @ (b'"' | b'\'' | b'`'), ..] => Some((*quote, 1)),
        [b'\\', quote @ (b'"' | b'\''), ..] => Some((*quote, 2)),
        [b'\\', b'\\', quote @ (b'"' | b'\''), ..] | [b'%', b'2', quote @ b'2', ..] => {
            Some((if *quote == b'2' { b'"' } else { *quote }, 3))
        }
        [b'\\', b'\\', b'\\', quote @ (b'"' | b'\''), ..] => Some((*quote, 4)),
        [b'&', b'q', b'u', b'o', b't', b';', ..] | [b'\\', b'u', b'0', b'0', b'2', b'2', ..] => Some((b'"', 6)),
        _ => None,
    }
}

/// What ends a value without quotes.
fn ends_plain(byte: u8) -> bool {
    byte.is_ascii_whitespace()
        || byte.is_ascii_control()
        || matches!(byte, b'"' | b'\'' | b'`' | b',' | b';' | b')' | b'}' | b']' | b'<' | b'>' | b'&' | b'|' | b'\\')
}

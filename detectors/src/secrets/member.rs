//! Reads values that stand beside their names: in the next argument, in a member named `value`, in the next element.

use super::assignment::{LONGEST_GAP, Operator, count_while, is_blank, is_name};
use super::value::quote_at;

/// `<key>APIKey</key>` and then `<string>…`, as property lists have it: where the next element's text begins.
pub(super) fn next_element(text: &[u8], at: usize) -> Option<usize> {
    const LONGEST_TAG: usize = 24;
    let is_tag = |c: u8| c.is_ascii_alphanumeric();
    let close = at + 2 + count_while(text, at + 2, LONGEST_TAG, is_tag);
    let open = close + 1 + count_while(text, close + 1, LONGEST_GAP, |c| c.is_ascii_whitespace());
    let end = open + 1 + count_while(text, open + 1, LONGEST_TAG, is_tag);
    let is_pair = text.get(close) == Some(&b'>') && text.get(open) == Some(&b'<') && text.get(end) == Some(&b'>');
    (is_pair && end > open + 1).then_some(end + 1)
}

/// After a comma: the next argument, or the `value` member beside a `name` member.
pub(super) fn comma(text: &[u8], at: usize) -> Option<(Operator, usize)> {
    let blanks = count_while(text, at, LONGEST_GAP, |c| c.is_ascii_whitespace());
    let start = at + blanks;
    let Some((_, width)) = quote_at(text, start) else {
        // `{ name = "…", value = "…" }`, as HCL has it; `add_argument("--token", default="…")`.
        return word_and_equals(text, start, &["value", "default"]).map(|value| (Operator::Assign, value));
    };
    match word_and_equals(text, start + width, &["value", "val", "default"]) {
        Some(value) => Some((Operator::Assign, value)),
        // `"slotSetting": false,` between the two.
        None => match next_member(text, start).and_then(|next| named_value(text, next)) {
            Some(value) => Some((Operator::Assign, value)),
            None => Some((Operator::Comma, start)),
        },
    }
}

/// The `value` of an object whose members begin here, two members before it at most.
pub(super) fn member_of(text: &[u8], at: usize) -> Option<usize> {
    let second = || next_member(text, at);
    let third = || next_member(text, second()?);
    named_value(text, at).or_else(|| named_value(text, second()?)).or_else(|| named_value(text, third()?))
}

/// A member named `value` here: where its value begins.
pub(super) fn named_value(text: &[u8], at: usize) -> Option<usize> {
    let start = at + count_while(text, at, LONGEST_GAP, |c| c.is_ascii_whitespace());
    let width = quote_at(text, start).map_or(0, |(_, width)| width);
    word_and_equals(text, start + width, &["value", "defaultvalue"])
}

/// Behind a member with a short plain value: `"slotSetting": false,`, `"type": "SecureString",`.
fn next_member(text: &[u8], at: usize) -> Option<usize> {
    const LONGEST: usize = 32;
    let is_plain = |c: u8| is_name(c) || matches!(c, b'"' | b'\'' | b'\\');
    let start = at + count_while(text, at, LONGEST_GAP, |c| c.is_ascii_whitespace());
    let name = start + count_while(text, start, LONGEST, is_plain);
    let colon = name + count_while(text, name, 2, is_blank);
    if name == start || text.get(colon) != Some(&b':') {
        return None;
    }
    let value = colon + 1 + count_while(text, colon + 1, 2, is_blank);
    let end = value + count_while(text, value, LONGEST, is_plain);
    (end > value && text.get(end) == Some(&b',')).then_some(end + 1)
}

/// The `value` on the line after a `name`.
pub(super) fn beside(text: &[u8], at: usize) -> Option<usize> {
    let start = at + count_while(text, at, LONGEST_GAP, |c| c.is_ascii_whitespace());
    let width = quote_at(text, start).map_or(0, |(_, width)| width);
    word_and_equals(text, start + width, &["value"])
}

/// `default = ` in the block of an HCL variable, behind its type and description.
pub(super) fn default_of(text: &[u8], at: usize) -> Option<usize> {
    const MOST_LINES: usize = 4;
    const LONGEST_LINE: usize = 160;
    let mut start = at;
    for _ in 0..MOST_LINES {
        start += count_while(text, start, LONGEST_GAP, |c| c.is_ascii_whitespace());
        if let Some(value) = word_and_equals(text, start, &["default", "value"]) {
            return Some(value);
        }
        // `type = string`, `description = "…"`, `sensitive = true`; nothing that opens or ends a block.
        start += count_while(text, start, LONGEST_LINE, |c| !matches!(c, b'\n' | b'{' | b'}'));
        if text.get(start) != Some(&b'\n') {
            return None;
        }
    }
    None
}

/// `Default:` among the lines below a parameter of a `CloudFormation` template, all of one indentation.
pub(super) fn default_below(text: &[u8], at: usize) -> Option<usize> {
    const MOST_LINES: usize = 5;
    const LONGEST_LINE: usize = 160;
    const SAID_BEFORE: &[&str] = &["type", "noecho", "description", "minlength", "maxlength", "allowedpattern"];
    let mut line = at;
    let mut indentation = None;
    for _ in 0..MOST_LINES {
        line += 1 + count_while(text, line, LONGEST_LINE, |c| c != b'\n');
        let blanks = count_while(text, line, LONGEST_GAP, |c| c == b' ');
        if blanks == 0 || *indentation.get_or_insert(blanks) != blanks {
            return None;
        }
        if let Some(value) = word_and_equals(text, line + blanks, &["default"]) {
            return Some(value);
        }
        word_and_equals(text, line + blanks, SAID_BEFORE)?;
    }
    None
}

/// `{ get; private set; } = "…"`, as properties of C# have it: where the quote begins.
pub(super) fn accessors(text: &[u8], at: usize) -> Option<usize> {
    const LONGEST: usize = 64;
    let length = count_while(text, at, LONGEST, |c| c.is_ascii_alphabetic() || matches!(c, b' ' | b';'));
    let closing = at + length;
    if !text.get(at..closing)?.trim_ascii_start().starts_with(b"get;") || text.get(closing) != Some(&b'}') {
        return None;
    }
    let equals = closing + 1 + count_while(text, closing + 1, LONGEST_GAP, is_blank);
    let start = equals + 1 + count_while(text, equals + 1, LONGEST_GAP, is_blank);
    (text.get(equals) == Some(&b'=') && quote_at(text, start).is_some()).then_some(start)
}

/// `or "…"` behind what may be empty: where the quote begins.
pub(super) fn otherwise(text: &[u8], at: usize) -> Option<usize> {
    let start = at + 3;
    (text.get(at..start)? == b"or " && quote_at(text, start).is_some()).then_some(start)
}

/// Steps over one of these words and the operator after it.
pub(super) fn word_and_equals(text: &[u8], at: usize, words: &[&str]) -> Option<usize> {
    let length = count_while(text, at, 16, |c| c.is_ascii_alphabetic());
    let word = text.get(at..at + length)?;
    if !words.iter().any(|known| word.eq_ignore_ascii_case(known.as_bytes())) {
        return None;
    }
    let mut end = at + length;
    end += quote_at(text, end).map_or(0, |(_, width)| width);
    end += count_while(text, end, LONGEST_GAP, is_blank);
    if matches!(text.get(end), Some(b'=' | b':')) {
        return Some(end + 1 + count_while(text, end + 1, LONGEST_GAP, is_blank));
    }
    // `the password is 'value'`
    (word.eq_ignore_ascii_case(b"is") && quote_at(text, end).is_some()).then_some(end)
}

/// `<setting name="…" serializeAs="String"><value>`, as .NET writes its settings, and `<string name="…"
/// translatable="false">`, as Android does: where the value begins.
pub(super) fn setting(text: &[u8], at: usize) -> Option<usize> {
    const SERIALIZED: &[u8] = b"serializeAs=\"String\">";
    const VALUE: &[u8] = b"<value>";
    const UNTRANSLATED: &[u8] = b"translatable=\"false\">";
    if text.get(at..)?.starts_with(UNTRANSLATED) {
        return Some(at + UNTRANSLATED.len());
    }
    text.get(at..)?.strip_prefix(SERIALIZED)?;
    let start = at + SERIALIZED.len();
    let start = start + count_while(text, start, LONGEST_GAP, |c| c.is_ascii_whitespace());
    text.get(start..)?.starts_with(VALUE).then_some(start + VALUE.len())
}

/// `the api key is 4f…`: where the value begins.
pub(super) fn after_is(text: &[u8], at: usize) -> Option<usize> {
    let start = match text.get(at..)? {
        [b'i' | b'I', b's' | b'S', b' ', ..] => at + 3,
        _ => return None,
    };
    text.get(start).is_some_and(u8::is_ascii_alphanumeric).then_some(start)
}

/// `: Type = "…"`: where the quote begins. The type is a short run of identifier characters, `&`, `<>`, `[]`.
pub(super) fn typed(text: &[u8], at: usize) -> Option<usize> {
    const LONGEST_TYPE: usize = 32;
    let length = count_while(text, at, LONGEST_TYPE, |c| {
        c.is_ascii_alphanumeric() || matches!(c, b'_' | b'&' | b'<' | b'>' | b'[' | b']' | b'\'' | b'?' | b' ' | b'.')
    });
    let equals = at + length;
    if length == 0 || text.get(equals) != Some(&b'=') || text.get(equals.checked_sub(1)?) != Some(&b' ') {
        return None;
    }
    let start = equals + 1 + count_while(text, equals + 1, LONGEST_GAP, is_blank);
    quote_at(text, start).map(|_| start)
}

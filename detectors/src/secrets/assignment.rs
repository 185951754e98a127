//! Reads `name = value` in all the ways in which people write it.
//!
//! dotenv, YAML, JSON (escaped too), HCL, properties, XML, shell, command lines, calls (`setProperty("name", "value")`),
//! `value` members beside a `name`, comparisons. One bounded look around a name; no regular expression.

use std::ops::Range;

/// What stands between a name and its value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operator {
    /// `=`, `:`, `:=`, `=>`, `?=`, …
    Assign,
    /// `==`, `!=`, `===`.
    Compare,
    /// `>` of a tag.
    Tag,
    /// A comma between arguments or members.
    Comma,
    /// Blanks only, as on command lines.
    Blank,
}

/// A value and what is said of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Assignment {
    /// The whole identifier.
    pub(super) name: Range<usize>,
    /// The value, without its quotes; not empty.
    pub(super) value: Range<usize>,
    /// The value's quote; `None` if it has none.
    pub(super) quote: Option<u8>,
    /// What joins the two.
    pub(super) operator: Operator,
}

/// The longest identifier looked at, to each side.
const LONGEST_NAME: usize = 64;

/// The longest gap of one sort: blanks, a line break and an indentation.
const LONGEST_GAP: usize = 48;

/// The longest value.
const LONGEST_VALUE: usize = 520;

/// How names may go on after the word that matters, in plain words: `jira api token: …`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Words {
    /// Only the identifier itself.
    Identifier,
    /// Blanks and further words, 20 characters at most.
    Phrase,
}

/// The assignment whose name holds a literal.
pub(super) fn around(text: &[u8], literal: &Range<usize>, words: Words) -> Option<Assignment> {
    let name_start = literal.start - back_while(text, literal.start, LONGEST_NAME, is_name);
    let mut name_end = literal.end + count_while(text, literal.end, LONGEST_NAME, is_name);
    let mut after = after_name(text, name_start, name_end);
    let is_weak = after.is_none_or(|(operator, _)| operator == Operator::Blank);
    if is_weak && words == Words::Phrase {
        const LONGEST_PHRASE: usize = 24;
        let phrase = count_while(text, name_end, LONGEST_PHRASE, |c| is_name(c) || c == b' ');
        if phrase > 0 && phrase < LONGEST_PHRASE {
            let blanks = back_while(text, name_end + phrase, phrase, |c| c == b' ');
            let phrase_end = name_end + phrase - blanks;
            let joined = after_name(text, name_start, phrase_end).filter(|(operator, _)| *operator != Operator::Blank);
            if joined.is_some() {
                (name_end, after) = (phrase_end, joined);
            }
        }
        let is_weak = after.is_none_or(|(operator, _)| operator == Operator::Blank);
        if let Some(said_end) = is_weak.then(|| said_after(text, name_end)).flatten() {
            (name_end, after) = (said_end, after_name(text, name_start, said_end));
        }
    }
    let (operator, at) = after?;
    let (value, quote) = value_at(text, at, operator)?;
    Some(Assignment { name: name_start..name_end, value, quote, operator })
}

/// `shodan api key 4f…`: where the words end that say what follows.
fn said_after(text: &[u8], at: usize) -> Option<usize> {
    const SAYING: &[&[u8]] = &[
        b"api",
        b"access",
        b"auth",
        b"secret",
        b"private",
        b"personal",
        b"client",
        b"account",
        b"service",
        b"bot",
        b"app",
        b"key",
        b"token",
        b"password",
        b"pat",
        b"credential",
    ];
    const MOST: usize = 4;
    const LONGEST: usize = 12;
    let mut end = at;
    for _ in 0..MOST {
        let blanks = count_while(text, end, 2, is_blank);
        let length = count_while(text, end + blanks, LONGEST, |c| c.is_ascii_alphabetic());
        let word = text.get(end + blanks..end + blanks + length)?;
        if blanks == 0 || !SAYING.iter().any(|known| word.eq_ignore_ascii_case(known)) {
            break;
        }
        end += blanks + length;
    }
    (end > at).then_some(end)
}

/// Steps over what stands between a name and its value.
fn after_name(text: &[u8], name_start: usize, name_end: usize) -> Option<(Operator, usize)> {
    const ANDROID: &[u8] = b"android:";
    let mut at = name_end;
    let closing = quote_at(text, at);
    if let Some((_, width)) = closing {
        at += width;
    }
    at += count_while(text, at, 3, |c| matches!(c, b']' | b')' | b'}'));
    let blanks = count_while(text, at, LONGEST_GAP, is_blank);
    let byte = *text.get(at + blanks)?;
    let is_arrow = byte == b'>' && name_end.checked_sub(1).and_then(|last| text.get(last)) == Some(&b'-');
    if is_arrow || (byte == b'>' && blanks > 0) {
        // `password->length`, `token > limit`: neither is a tag.
        return None;
    }
    if let Some(at) = text.get(at..).filter(|rest| rest.starts_with(b"</")).and_then(|_| next_element(text, at)) {
        return Some((Operator::Tag, at));
    }
    let operated = operator_at(text, at + blanks, closing.is_some());
    if let Some((operator, end)) = operated {
        return Some((operator, end));
    }
    if byte == b'(' && closing.is_none() {
        // `setApiKey("…")`: an argument like those behind commas.
        let start = at + blanks + 1;
        return quote_at(text, start).map(|_| (Operator::Comma, start));
    }
    if byte == b'{' {
        return default_of(text, at + blanks + 1).map(|at| (Operator::Assign, at));
    }
    if byte == b'\n' || byte == b'\r' {
        return beside(text, at + blanks).map(|at| (Operator::Assign, at));
    }
    if blanks == 0 {
        return None;
    }
    // Android's manifests: `android:name="…" android:value="…"`.
    let prefix = if text.get(at + blanks..).is_some_and(|rest| rest.starts_with(ANDROID)) { ANDROID.len() } else { 0 };
    if let Some(at) = word_and_equals(text, at + blanks + prefix, &["value", "is", "default", "defaultvalue"]) {
        return Some((Operator::Assign, at));
    }
    if let Some(at) = after_is(text, at + blanks) {
        return Some((Operator::Blank, at));
    }
    let is_option = text.get(name_start) == Some(&b'-');
    let starts_value = is_option || byte == b'"' || byte == b'\'' || byte.is_ascii_alphanumeric();
    starts_value.then_some((Operator::Blank, at + blanks))
}

/// The operator here and where the value's quotes may begin.
fn operator_at(text: &[u8], at: usize, quoted_name: bool) -> Option<(Operator, usize)> {
    let here = text.get(at..)?;
    let (operator, width) = match here {
        [b'=' | b'!', b'=', b'=', ..] => (Operator::Compare, 3),
        [b'=' | b'!', b'=', ..] => (Operator::Compare, 2),
        [b':', b':', b':', b'=', ..] => (Operator::Assign, 4),
        [b':', b':', b'=', ..] | [b'%', b'3', b'D' | b'd' | b'A' | b'a', ..] => (Operator::Assign, 3),
        [b'=' | b'-', b'>', ..]
        | [b':' | b'?' | b'.' | b'+' | b'~', b'=', ..]
        | [b'|', b'|', ..]
        | [b'?', b'?', ..]
        | [b'<', b'-', ..] => (Operator::Assign, 2),
        [b'=' | b':', ..] => (Operator::Assign, 1),
        [b'\\', b'u', b'0', b'0', b'3', b'd' | b'D', ..] => (Operator::Assign, 6),
        [b'>', ..] => (Operator::Tag, 1),
        [b'&', b'g', b't', b';', ..] => (Operator::Tag, 4),
        [b',', ..] if quoted_name => return comma(text, at + 1),
        _ => return None,
    };
    let mut end = at + width;
    end += count_while(text, end, LONGEST_GAP, |c| {
        is_blank(c) || (c.is_ascii_whitespace() && operator != Operator::Compare)
    });
    if operator == Operator::Assign {
        // `name: |` and `name: >-` begin a block in YAML.
        if matches!(text.get(end), Some(b'|' | b'>')) && matches!(text.get(end + 1), Some(b'\n' | b'\r' | b'-')) {
            end += 1 + count_while(text, end + 1, LONGEST_GAP, |c| c == b'-' || c.is_ascii_whitespace());
        }
        end = typed(text, end).unwrap_or(end);
    }
    if text.get(end) == Some(&b'=') {
        end += 1 + count_while(text, end + 1, LONGEST_GAP, is_blank);
    }
    Some((operator, end))
}

/// `<key>APIKey</key>` and then `<string>…`, as property lists have it: where the next element's text begins.
fn next_element(text: &[u8], at: usize) -> Option<usize> {
    const LONGEST_TAG: usize = 24;
    let is_tag = |c: u8| c.is_ascii_alphanumeric();
    let close = at + 2 + count_while(text, at + 2, LONGEST_TAG, is_tag);
    let open = close + 1 + count_while(text, close + 1, LONGEST_GAP, |c| c.is_ascii_whitespace());
    let end = open + 1 + count_while(text, open + 1, LONGEST_TAG, is_tag);
    let is_pair = text.get(close) == Some(&b'>') && text.get(open) == Some(&b'<') && text.get(end) == Some(&b'>');
    (is_pair && end > open + 1).then_some(end + 1)
}

/// After a comma: the next argument, or the `value` member beside a `name` member.
fn comma(text: &[u8], at: usize) -> Option<(Operator, usize)> {
    let blanks = count_while(text, at, LONGEST_GAP, |c| c.is_ascii_whitespace());
    let start = at + blanks;
    let (_, width) = quote_at(text, start)?;
    match word_and_equals(text, start + width, &["value", "val", "default"]) {
        Some(value) => Some((Operator::Assign, value)),
        None => Some((Operator::Comma, start)),
    }
}

/// The `value` on the line after a `name`.
fn beside(text: &[u8], at: usize) -> Option<usize> {
    let start = at + count_while(text, at, LONGEST_GAP, |c| c.is_ascii_whitespace());
    let width = quote_at(text, start).map_or(0, |(_, width)| width);
    word_and_equals(text, start + width, &["value"])
}

/// `default = ` in the block of an HCL variable, behind its type and description.
fn default_of(text: &[u8], at: usize) -> Option<usize> {
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

/// Steps over one of these words and the operator after it.
fn word_and_equals(text: &[u8], at: usize, words: &[&str]) -> Option<usize> {
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

/// `the api key is 4f…`: where the value begins.
fn after_is(text: &[u8], at: usize) -> Option<usize> {
    let start = match text.get(at..)? {
        [b'i' | b'I', b's' | b'S', b' ', ..] => at + 3,
        _ => return None,
    };
    text.get(start).is_some_and(u8::is_ascii_alphanumeric).then_some(start)
}

/// `: Type = "…"`: where the quote begins. The type is a short run of identifier characters, `&`, `<>`, `[]`.
fn typed(text: &[u8], at: usize) -> Option<usize> {
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

/// The value that begins here, its quotes taken off.
fn value_at(text: &[u8], at: usize, operator: Operator) -> Option<(Range<usize>, Option<u8>)> {
    let mut start = at;
    // Letters before a string: `b"…"`, `@"…"`, `N'…'`; and brackets of a list.
    start += count_while(text, start, 2, |c| matches!(c, b'[' | b'('));
    let prefix = count_while(text, start, 2, |c| matches!(c, b'b' | b'r' | b'u' | b'f' | b'N' | b'L' | b'@' | b'$'));
    if prefix > 0 && matches!(text.get(start + prefix), Some(b'"' | b'\'')) {
        start += prefix;
    }
    let mut quote = None;
    if let Some((byte, width)) = quote_at(text, start) {
        quote = Some(byte);
        start += width;
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
            count_while(text, start, LONGEST_VALUE, |c| !matches!(c, b'<' | b'\n' | b'\r' | b'"' | b'\''))
        }
        (None, _) => count_while(text, start, LONGEST_VALUE, |c| !ends_plain(c)),
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
fn quote_at(text: &[u8], at: usize) -> Option<(u8, usize)> {
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

const fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t')
}

/// A character of an identifier, with the joints that configuration keys have.
pub(super) const fn is_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.')
}

/// How many bytes from `at` on satisfy a condition, at most `most`.
pub(super) fn count_while(text: &[u8], at: usize, most: usize, holds: impl Fn(u8) -> bool) -> usize {
    text.get(at..).unwrap_or_default().iter().take(most).take_while(|byte| holds(**byte)).count()
}

/// How many bytes before `at` satisfy a condition, at most `most`.
pub(super) fn back_while(text: &[u8], at: usize, most: usize, holds: impl Fn(u8) -> bool) -> usize {
    text.get(..at).unwrap_or_default().iter().rev().take(most).take_while(|byte| holds(**byte)).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str, word: &str, words: Words) -> Option<(String, String, Operator)> {
        let start = text.find(word)?;
        let found = around(text.as_bytes(), &(start..start + word.len()), words)?;
        let part = |range| text.get(range).map(str::to_owned);
        Some((part(found.name)?, part(found.value)?, found.operator))
    }

    #[test]
    fn values_are_read_however_they_are_written() {
        for text in [
            "my_token=V1.x",
            "my_token = \"V1.x\"",
            "my_token: V1.x\n",
            "\"my_token\": \"V1.x\"",
            "{\\\"my_token\\\":\\\"V1.x\\\"}",
            "<my_token>V1.x</my_token>",
            "<my_token>\n  V1.x\n</my_token>",
            "my_token := `V1.x`",
            "$my_token .= 'V1.x'",
            "setProperty(\"my_token\", \"V1.x\")",
            "'my_token' => 'V1.x'",
            "my_token ?= V1.x",
            "--my_token V1.x",
            "{\"name\": \"my_token\", \"value\": \"V1.x\"}",
            "- name: my_token\n  value: V1.x",
            "<add key=\"my_token\" value=\"V1.x\"/>",
            "variable \"my_token\" {\n  default = \"V1.x\"\n}",
            "let my_token: &str = \"V1.x\";",
            "my_token = b'V1.x'",
            "\"c\": \"my_token=V1.x\\nother=1\"",
            "if my_token == \"V1.x\" {",
            "my_token=V1.x&other=1",
            "ENV my_token V1.x",
            "the my_token is 'V1.x'",
            "options[\"my_token\"] = \"V1.x\"",
            "my_token%3DV1.x",
            "process.env.my_token || 'V1.x'",
            "'my_token', 'V1.x",
            "my_token('V1.x')",
        ] {
            let found = read(text, "token", Words::Identifier);
            let (name, value, _) = found.unwrap_or_else(|| panic!("nothing found in {text}"));
            assert_eq!(
                (name.trim_start_matches("process.env.").trim_start_matches('-'), value.as_str()),
                ("my_token", "V1.x"),
                "{text}"
            );
        }
    }

    #[test]
    fn phrases_are_read_where_they_are_asked_for() {
        assert_eq!(
            read("here is my jira api token: abc", "jira", Words::Phrase).map(|found| found.1),
            Some("abc".into())
        );
        let plain = read("here is my jira api token: abc", "jira", Words::Identifier);
        assert_eq!(plain.map(|found| found.2), Some(Operator::Blank));
    }

    #[test]
    fn prose_and_code_without_a_value_give_none() {
        for text in [
            "token->size",
            "token > size",
            "token:\n  name: x",
            "token.",
            "token)",
            "(token, other)",
            "token",
            "\"token\"",
            "token+1",
            "/token/x",
            "token = ",
        ] {
            assert_eq!(read(text, "token", Words::Identifier), None, "{text}");
        }
    }
}

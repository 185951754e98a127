//! Reads `name = value` in all the ways in which people write it.
//!
//! dotenv, YAML, JSON (escaped too), HCL, properties, XML, shell, command lines, calls (`setProperty("name", "value")`),
//! `value` members beside a `name`, comparisons. One bounded look around a name; no regular expression.

use super::member::{
    accessors, after_is, beside, comma, default_below, default_of, member_of, named_value, next_element, otherwise,
    setting, typed, word_and_equals,
};
use super::value::{quote_at, value_at};
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
pub(super) const LONGEST_GAP: usize = 48;

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
    let is_weak = |after: Option<(Operator, usize)>| after.is_none_or(|(operator, _)| operator == Operator::Blank);
    if words == Words::Phrase {
        let said = said_after(text, name_end).map(|end| (end, after_name(text, name_start, end)));
        if let Some((said_end, joined)) = said.filter(|(_, joined)| is_weak(after) || !is_weak(*joined)) {
            (name_end, after) = (said_end, joined);
        }
        if let Some((phrase_end, joined)) = phrase(text, name_start, name_end).filter(|_| is_weak(after)) {
            (name_end, after) = (phrase_end, Some(joined));
        }
    }
    let (operator, at) = after?;
    let (value, quote) = value_at(text, at, operator)?;
    Some(Assignment { name: name_start..name_end, value, quote, operator })
}

/// `jira token of the wiki: …`: where a phrase ends, and what joins it to a value.
fn phrase(text: &[u8], name_start: usize, name_end: usize) -> Option<(usize, (Operator, usize))> {
    const LONGEST_PHRASE: usize = 24;
    let phrase = count_while(text, name_end, LONGEST_PHRASE, |c| is_name(c) || c == b' ');
    let blanks = back_while(text, name_end + phrase, phrase, |c| c == b' ');
    let end = name_end + phrase - blanks;
    let joined = after_name(text, name_start, end).filter(|(operator, _)| *operator != Operator::Blank)?;
    (phrase > 0 && phrase < LONGEST_PHRASE).then_some((end, joined))
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
    let mut at = name_end;
    let closing = quote_at(text, at);
    if let Some((_, width)) = closing {
        at += width;
    }
    let is_text = text.get(at..).is_some_and(|rest| rest.starts_with(b"</"));
    at += bounds(text, at);
    at += count_while(text, at, 3, |c| matches!(c, b']' | b')' | b'}'));
    let blanks = count_while(text, at, LONGEST_GAP, is_blank);
    let byte = *text.get(at + blanks)?;
    let is_arrow = byte == b'>' && name_end.checked_sub(1).and_then(|last| text.get(last)) == Some(&b'-');
    if is_arrow || (byte == b'>' && blanks > 0) {
        // `password->length`, `token > limit`: neither is a tag.
        return None;
    }
    if let Some(at) = is_text.then(|| next_element(text, at)).flatten() {
        return Some((Operator::Tag, at));
    }
    if byte == b'|' && blanks > 0 && is_row(text, name_start) {
        return Some((Operator::Assign, at + blanks + 1 + count_while(text, at + blanks + 1, LONGEST_GAP, is_blank)));
    }
    let is_member = closing.is_some() || text.get(..name_start).is_some_and(|before| before.ends_with(b"{"));
    if byte == b',' && !is_member && is_field(text, name_start..name_end) {
        return Some((Operator::Comma, at + blanks + 1));
    }
    if byte == b',' && !is_member && is_named_member(text, name_start) {
        return named_value(text, at + blanks + 1).map(|value| (Operator::Assign, value));
    }
    let operated = operator_at(text, at + blanks, is_member);
    if let Some((operator, end)) = operated {
        return Some((operator, end));
    }
    if byte == b'(' && closing.is_none() {
        // `setApiKey("…")`: an argument like those behind commas.
        let start = at + blanks + 1;
        return quote_at(text, start).map(|_| (Operator::Comma, start));
    }
    if byte == b'{' {
        return braced(text, at + blanks, blanks == 0).map(|at| (Operator::Assign, at));
    }
    if byte == b'\n' || byte == b'\r' {
        return beside(text, at + blanks).map(|at| (Operator::Assign, at));
    }
    if blanks == 0 {
        return None;
    }
    dashed(text, at + blanks).or_else(|| after_blanks(text, name_start, at + blanks))
}

/// The length of an array's bounds: `token[]`, `token[TOKEN_LENGTH + 1]`.
fn bounds(text: &[u8], at: usize) -> usize {
    const LONGEST: usize = 32;
    if text.get(at) != Some(&b'[') {
        return 0;
    }
    let length = 1 + count_while(text, at + 1, LONGEST, |c| is_name(c) || matches!(c, b' ' | b'+'));
    if text.get(at + length) == Some(&b']') { length + 1 } else { 0 }
}

/// What a brace behind a name opens: a string (`token{"…"}`), the block of a variable, the accessors of a property.
fn braced(text: &[u8], brace: usize, is_close: bool) -> Option<usize> {
    let inside = brace + 1;
    if is_close && quote_at(text, inside).is_some() {
        return Some(inside);
    }
    default_of(text, inside).or_else(|| accessors(text, inside))
}

/// `API key - 4f…`, as notes have it. Of text in quotes nothing is taken away, so there it joins.
fn dashed(text: &[u8], at: usize) -> Option<(Operator, usize)> {
    let [b'-', b' ', ..] = text.get(at..)? else { return None };
    let start = at + 1 + count_while(text, at + 1, LONGEST_GAP, is_blank);
    let operator = if quote_at(text, start).is_some() { Operator::Assign } else { Operator::Blank };
    text.get(start)
        .is_some_and(|c| operator == Operator::Assign || c.is_ascii_alphanumeric())
        .then_some((operator, start))
}

/// A word or a value behind a name and blanks.
fn after_blanks(text: &[u8], name_start: usize, at: usize) -> Option<(Operator, usize)> {
    const ANDROID: &[u8] = b"android:";
    let byte = *text.get(at)?;
    // Android's manifests: `android:name="…" android:value="…"`.
    let prefix = if text.get(at..).is_some_and(|rest| rest.starts_with(ANDROID)) { ANDROID.len() } else { 0 };
    if let Some(at) = word_and_equals(text, at + prefix, &["value", "is", "default", "defaultvalue"]) {
        return Some((Operator::Assign, at));
    }
    // `Dim token As String = "…"`, `var token string = "…"`.
    if let Some(at) = typed(text, at) {
        return Some((Operator::Assign, at));
    }
    if let Some(at) = setting(text, at) {
        return Some((Operator::Tag, at));
    }
    if let Some(at) = after_is(text, at) {
        return Some((Operator::Blank, at));
    }
    if let Some(at) = otherwise(text, at) {
        return Some((Operator::Assign, at));
    }
    let is_option = text.get(name_start) == Some(&b'-');
    // `#define TOKEN @"…"`
    let is_literal = byte == b'@' && quote_at(text, at + 1).is_some();
    let starts_value = is_option || is_literal || byte == b'"' || byte == b'\'' || byte.is_ascii_alphanumeric();
    starts_value.then_some((Operator::Blank, at))
}

/// Whether a name is a field of a list of settings whose fields commas divide: `4,ACME_API_KEY,…`.
fn is_field(text: &[u8], name: Range<usize>) -> bool {
    let starts = name.start.checked_sub(1).and_then(|at| text.get(at)).is_none_or(|c| matches!(c, b',' | b'\n'));
    let is_setting = text.get(name).is_some_and(|name| {
        name.contains(&b'_') && name.iter().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || *c == b'_')
    });
    starts && is_setting
}

/// `{name: ACME_TOKEN, value: …}`: whether a name is the value of a member `name`.
fn is_named_member(text: &[u8], name_start: usize) -> bool {
    text.get(..name_start).is_some_and(|before| [b"name: ".as_slice(), b"key: "].iter().any(|m| before.ends_with(m)))
}

/// Whether a line that holds a name is a row of a table, as Markdown has them.
fn is_row(text: &[u8], name_start: usize) -> bool {
    let before = back_while(text, name_start, LONGEST_NAME, |c| c != b'\n');
    let line = text.get(name_start - before..name_start).unwrap_or_default();
    line.trim_ascii_start().first() == Some(&b'|')
}

/// The operator here and where the value's quotes may begin.
fn operator_at(text: &[u8], at: usize, is_member: bool) -> Option<(Operator, usize)> {
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
        | [b'<', b'-', ..]
        | [b':', b'-', b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z', ..] => (Operator::Assign, 2),
        [b'=' | b':', ..] => (Operator::Assign, 1),
        [b'\\', b'u', b'0', b'0', b'3', b'd' | b'D', ..] => (Operator::Assign, 6),
        [b'>', ..] => (Operator::Tag, 1),
        [b'&', b'g', b't', b';', ..] => (Operator::Tag, 4),
        [b',', ..] if is_member => return comma(text, at + 1),
        _ => return None,
    };
    let mut end = at + width;
    end += count_while(text, end, LONGEST_GAP, |c| {
        is_blank(c) || (c.is_ascii_whitespace() && operator != Operator::Compare)
    });
    if operator == Operator::Assign {
        // `"adminPassword": {"value": "…"}`, as parameters of deployments have it.
        let is_below = text.get(at + width..end).is_some_and(|gap| gap.contains(&b'\n'));
        if text.get(end) == Some(&b'{') {
            end = member_of(text, end + 1).unwrap_or(end);
        } else if is_below {
            end = named_value(text, end).or_else(|| default_below(text, at + width)).unwrap_or(end);
        }
        // `name: |` and `name: >-` begin a block in YAML.
        if matches!(text.get(end), Some(b'|' | b'>')) && matches!(text.get(end + 1), Some(b'\n' | b'\r' | b'-')) {
            end += 1 + count_while(text, end + 1, LONGEST_GAP, |c| c == b'-' || c.is_ascii_whitespace());
        }
        end = typed(text, end).unwrap_or(end);
    }
    if text.get(end) == Some(&b'=') {
        end += 1 + count_while(text, end + 1, LONGEST_GAP, is_blank);
    }
    // `**Token:** …`, in Markdown.
    if let Some([b'*', b'*', b' ']) = text.get(end..end + 3) {
        end += 3;
    }
    Some((operator, end))
}

pub(super) const fn is_blank(byte: u8) -> bool {
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

    /// `V1.x`, the value of `my_token`.
    const WRITTEN: &[&str] = &[
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
        "char my_token[] = \"V1.x\";",
        "my_token - 'V1.x'",
        "my_token - V1.x",
        "char my_token[LENGTH + 1] = \"V1.x\";",
        "--my_token V1.x",
        "{\"name\": \"my_token\", \"value\": \"V1.x\"}",
        "- {name: my_token, value: \"V1.x\"}",
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
        "\"my_token\": {\"value\": \"V1.x\"}",
        "\"my_token\":{\"type\":\"SecureString\",\"value\":\"V1.x\"}",
        "my_token = { value = \"V1.x\" }",
        "my_token:\n    value: V1.x\n",
        "\"my_token\": {\"sensitive\": true, \"type\": \"string\", \"value\": \"V1.x\"}",
        "<setting name=\"my_token\" serializeAs=\"String\">\n  <value>V1.x</value>",
        "\"name\": \"my_token\",\n  \"slotSetting\": false,\n  \"value\": \"V1.x\"",
        "${my_token:-V1.x}",
        "| the my_token | V1.x |",
        "var my_token string = \"V1.x\"",
        "Dim my_token As String = \"V1.x\"",
        "let my_token = String::from(\"V1.x\");",
        "<my_token><![CDATA[V1.x]]></my_token>",
        "{ name = \"my_token\", value = \"V1.x\" }",
        "buildConfigField \"String\", \"my_token\", '\"V1.x\"'",
        "#define my_token @\"V1.x\"",
        "std::string my_token{\"V1.x\"};",
        "{my_token, \"V1.x\"}.",
        "buildConfigField \"String\", \"my_token\", \"\\\"V1.x\\\"\"",
        "**my_token:** V1.x",
        "<string name=\"my_token\" translatable=\"false\">V1.x</string>",
        "parser.add_argument(\"my_token\", default=\"V1.x\")",
        "public string my_token { get; private set; } = \"V1.x\";",
        "os.getenv(\"my_token\") or \"V1.x\"",
        "my_token:\n    Type: String\n    NoEcho: true\n    Default: V1.x\n",
        "\"my_token\": {\"type\": \"securestring\", \"defaultValue\": \"V1.x\"}",
    ];

    #[test]
    fn values_are_read_however_they_are_written() {
        for text in WRITTEN {
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
            "token | b64enc",
            "token = (known after apply)",
            "string token { get; set; }",
            "token:\n  Type: String\nport:\n  Default: V1.x\n",
        ] {
            assert_eq!(read(text, "token", Words::Identifier), None, "{text}");
        }
    }
}

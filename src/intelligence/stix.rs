//! STIX 2.1 bundles: their indicators with patterns that are a choice of addresses, networks, domains and AS numbers.
//!
//! A pattern that joins conditions by anything but OR, or looks at what Picket does not see, says something else than its
//! parts: it is refused as a whole.

use super::error::ComplaintReason;
use super::indicator::{Indicator, Subject};
use super::read::{Desk, time};
use compact_str::CompactString;
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::value::RawValue;
use std::collections::BTreeMap;

/// Every object is read by itself: one that is broken must not take the others with it.
#[derive(Deserialize)]
struct Bundle<'t> {
    #[serde(borrow)]
    objects: Vec<&'t RawValue>,
}

#[derive(Deserialize)]
struct Object {
    #[serde(rename = "type")]
    kind: String,
}

#[derive(Deserialize)]
struct Creator {
    id: String,
    name: CompactString,
}

#[derive(Deserialize)]
struct Told {
    #[serde(default)]
    name: Option<CompactString>,
    #[serde(default)]
    pattern: Option<String>,
    #[serde(default)]
    pattern_type: Option<String>,
    #[serde(default)]
    valid_from: Option<String>,
    #[serde(default)]
    valid_until: Option<String>,
    #[serde(default)]
    confidence: Option<i64>,
    #[serde(default)]
    revoked: Option<bool>,
    #[serde(default)]
    created_by_ref: Option<String>,
}

/// Whether a text is a bundle, or what a TAXII collection answers in its place: objects without a type around them.
pub(super) fn is_one(text: &str) -> bool {
    #[derive(Deserialize)]
    struct Shape {
        #[serde(rename = "type", default)]
        kind: Option<String>,
        #[serde(default)]
        objects: Option<IgnoredAny>,
    }
    let is_bundle = |one: Shape| one.kind.as_deref().map_or(one.objects.is_some(), |kind| kind == "bundle");
    serde_json::from_str::<Shape>(text).is_ok_and(is_bundle)
}

pub(super) fn read(text: &str, desk: &mut Desk<'_>) {
    let Ok(bundle) = serde_json::from_str::<Bundle<'_>>(text) else {
        return desk.complain(None, ComplaintReason::Malformed("STIX bundle"));
    };
    let named = bundle.objects.iter().filter_map(|object| serde_json::from_str::<Creator>(object.get()).ok());
    let creators: BTreeMap<String, CompactString> = named.map(|creator| (creator.id, creator.name)).collect();
    for (number, object) in (1..).zip(&bundle.objects) {
        if let Err(reason) = read_object(object.get(), &creators, desk) {
            desk.complain(Some(number), reason);
        }
    }
}

fn read_object(
    text: &str,
    creators: &BTreeMap<String, CompactString>,
    desk: &mut Desk<'_>,
) -> Result<(), ComplaintReason> {
    let broken = |_| ComplaintReason::Malformed("STIX object");
    if serde_json::from_str::<Object>(text).map_err(broken)?.kind != "indicator" {
        return Ok(());
    }
    let told: Told = serde_json::from_str(text).map_err(broken)?;
    let of_stix = told.pattern_type.as_deref().is_none_or(|kind| kind == "stix");
    if told.revoked == Some(true) || !of_stix {
        return Ok(());
    }
    indicator(&told, told.created_by_ref.as_ref().and_then(|creator| creators.get(creator)), desk)
}

fn indicator(object: &Told, creator: Option<&CompactString>, desk: &mut Desk<'_>) -> Result<(), ComplaintReason> {
    let usual = desk.usual();
    let told = object.confidence.map(u8::try_from).transpose().map_err(|_| ComplaintReason::Confidence)?;
    let confidence = told.unwrap_or(usual.confidence);
    if confidence > 100 {
        return Err(ComplaintReason::Confidence);
    }
    let common = Indicator {
        source: creator.cloned().unwrap_or_else(|| usual.source.clone()),
        confidence,
        label: object.name.clone(),
        from: object.valid_from.as_deref().map(time).transpose()?,
        until: object.valid_until.as_deref().map(time).transpose()?,
        ..usual
    };
    for subject in subjects(object.pattern.as_deref().unwrap_or_default())? {
        desk.take(Indicator { subject, ..common.clone() });
    }
    Ok(())
}

/// What a pattern chooses between.
fn subjects(pattern: &str) -> Result<Vec<Subject>, ComplaintReason> {
    let tokens = tokens(pattern).ok_or(ComplaintReason::Pattern)?;
    let mut subjects = Vec::new();
    let mut rest = tokens.as_slice();
    loop {
        rest = choice(rest, &mut subjects)?;
        match rest.split_first() {
            None => return Ok(subjects),
            Some((Token::Word("OR"), after)) => rest = after,
            Some(_) => return Err(ComplaintReason::Pattern),
        }
    }
}

/// One comparison with its brackets around it; gives what follows.
fn choice<'t, 'p>(tokens: &'t [Token<'p>], subjects: &mut Vec<Subject>) -> Result<&'t [Token<'p>], ComplaintReason> {
    let open = tokens.iter().take_while(|token| matches!(token, Token::Sign('[' | '('))).count();
    let rest = tokens.get(open..).unwrap_or_default();
    let [Token::Word(path), operator, rest @ ..] = rest else { return Err(ComplaintReason::Pattern) };
    let rest = match (operator, rest) {
        (Token::Sign('=') | Token::Word("ISSUBSET"), [value, rest @ ..]) => {
            subjects.push(subject(path, value)?);
            rest
        }
        (Token::Word("IN"), [Token::Sign('('), rest @ ..]) => among(path, rest, subjects)?,
        _ => return Err(ComplaintReason::Pattern),
    };
    let closed = rest.iter().take_while(|token| matches!(token, Token::Sign(']' | ')'))).count();
    Ok(rest.get(closed..).unwrap_or_default())
}

fn among<'t, 'p>(
    path: &str,
    mut rest: &'t [Token<'p>],
    subjects: &mut Vec<Subject>,
) -> Result<&'t [Token<'p>], ComplaintReason> {
    loop {
        let [value, separator, after @ ..] = rest else { return Err(ComplaintReason::Pattern) };
        subjects.push(subject(path, value)?);
        match separator {
            Token::Sign(',') => rest = after,
            Token::Sign(')') => return Ok(after),
            _ => return Err(ComplaintReason::Pattern),
        }
    }
}

fn subject(path: &str, value: &Token<'_>) -> Result<Subject, ComplaintReason> {
    match (path, value) {
        ("ipv4-addr:value" | "ipv6-addr:value", Token::Text(text)) => match Subject::parse(text)? {
            network @ Subject::Network(_) => Ok(network),
            _ => Err(ComplaintReason::Unknown),
        },
        ("domain-name:value", Token::Text(text)) => Subject::domain(text),
        ("autonomous-system:number", Token::Word(number)) => {
            number.parse().map(Subject::Asn).map_err(|_| ComplaintReason::Unknown)
        }
        _ => Err(ComplaintReason::Pattern),
    }
}

enum Token<'p> {
    Word(&'p str),
    Text(String),
    Sign(char),
}

/// The tokens of a pattern; `None` where a quote is not closed.
fn tokens(pattern: &str) -> Option<Vec<Token<'_>>> {
    let mut tokens = Vec::new();
    let mut rest = pattern.trim_start();
    while let Some(first) = rest.chars().next() {
        let after = rest.get(first.len_utf8()..)?;
        rest = match first {
            '\'' => {
                let (text, after) = quoted(after)?;
                tokens.push(Token::Text(text));
                after
            }
            '[' | ']' | '(' | ')' | ',' | '=' => {
                tokens.push(Token::Sign(first));
                after
            }
            _ => {
                let end = rest.find(|c: char| c.is_whitespace() || "[](),='".contains(c)).unwrap_or(rest.len());
                let (word, after) = rest.split_at_checked(end)?;
                tokens.push(Token::Word(word));
                after
            }
        }
        .trim_start();
    }
    Some(tokens)
}

/// The text up to the closing quote, and what follows.
fn quoted(rest: &str) -> Option<(String, &str)> {
    let mut text = String::new();
    let mut characters = rest.char_indices();
    while let Some((at, c)) = characters.next() {
        match c {
            '\'' => return Some((text, rest.get(at + 1..)?)),
            '\\' => text.push(characters.next()?.1),
            c => text.push(c),
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(pattern: &str) -> Result<Vec<String>, ComplaintReason> {
        Ok(subjects(pattern)?.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn choices_are_taken() {
        assert_eq!(chosen("[ipv4-addr:value = '203.0.113.7']"), Ok(vec!["203.0.113.7".to_owned()]));
        let several = "[ipv4-addr:value ISSUBSET '203.0.113.0/24' OR domain-name:value IN ('a.example', 'b.example')] OR [autonomous-system:number = 64496]";
        assert_eq!(
            chosen(several),
            Ok(["203.0.113.0/24", "a.example", "b.example", "AS64496"].map(str::to_owned).to_vec())
        );
    }

    #[test]
    fn what_says_more_is_refused_as_a_whole() {
        for pattern in [
            "[ipv4-addr:value = '203.0.113.7' AND domain-name:value = 'a.example']",
            "[ipv4-addr:value = '203.0.113.7'] FOLLOWEDBY [domain-name:value = 'a.example']",
            "[ipv4-addr:value != '203.0.113.7']",
            "[NOT ipv4-addr:value = '203.0.113.7']",
            "[file:name = 'x']",
            "[ipv4-addr:value = '203.0.113.7",
            "[ipv4-addr:value = '203.0.113.7'] WITHIN 5 SECONDS",
            "",
        ] {
            assert_eq!(chosen(pattern), Err(ComplaintReason::Pattern), "{pattern}");
        }
    }
}

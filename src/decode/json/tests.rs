//! The reader beside `serde_json`: what it accepts, and what it makes of it.

use super::{FromJson, NotJson, Number, Reader, parse};
use crate::decode::scan::depth;
use proptest::prelude::*;
use serde_json::Value;

/// Any value, read through every method of the reader.
#[derive(Debug)]
struct Whole(Value);

impl<'a> FromJson<'a> for Whole {
    fn read(reader: &mut Reader<'a>) -> Result<Self, NotJson> {
        Ok(Self(match reader.peek()? {
            b'{' => {
                let mut members = serde_json::Map::new();
                reader.object(|name, reader| {
                    members.insert(name.to_owned(), Self::read(reader)?.0);
                    Ok(())
                })?;
                Value::Object(members)
            }
            b'[' => {
                let mut items = Vec::new();
                reader.list(|reader| {
                    items.push(Self::read(reader)?.0);
                    Ok(())
                })?;
                Value::Array(items)
            }
            b'"' => Value::String(reader.string()?.into_owned()),
            b't' | b'f' => Value::Bool(reader.truth()?),
            b'n' => reader.null().map(|()| Value::Null)?,
            _ => match reader.number()? {
                Number::Whole(number) => number.into(),
                Number::Real(number) => number.into(),
            },
        }))
    }
}

struct Skipped;

impl<'a> FromJson<'a> for Skipped {
    fn read(reader: &mut Reader<'a>) -> Result<Self, NotJson> {
        reader.skip().map(|()| Self)
    }
}

/// Equal, but for the last digits of numbers: `serde_json` rounds them faster than exactly.
fn is_same(ours: &Value, theirs: &Value) -> bool {
    match (ours, theirs) {
        (Value::Number(a), Value::Number(b)) if a != b => {
            let (Some(a), Some(b)) = (a.as_f64(), b.as_f64()) else { return false };
            (a - b).abs() <= a.abs() * 1e-14
        }
        (Value::Array(a), Value::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| is_same(a, b)),
        (Value::Object(a), Value::Object(b)) => {
            a.len() == b.len() && a.iter().all(|(name, a)| b.get(name).is_some_and(|b| is_same(a, b)))
        }
        _ => ours == theirs,
    }
}

fn agrees(text: &str) -> Result<(), TestCaseError> {
    let theirs = serde_json::from_str::<Value>(text);
    let ours = parse::<Whole>(text);
    match (&ours, &theirs) {
        (Ok(ours), Ok(theirs)) => prop_assert!(is_same(&ours.0, theirs), "{text}: {:?} is not {theirs:?}", ours.0),
        (Err(_), Err(_)) => {}
        _ => prop_assert!(false, "{text:?}: {ours:?} but {theirs:?}"),
    }
    let passed_over = serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok();
    prop_assert_eq!(parse::<Skipped>(text).is_ok(), passed_over, "passing over {:?}", text);
    if theirs.is_ok() {
        let (mut reading, mut skipping) = (Reader::new(text, 0), Reader::new(text, 0));
        prop_assert!(Whole::read(&mut reading).is_ok() && skipping.skip().is_ok());
        prop_assert_eq!(
            (reading.deepest(), skipping.deepest()),
            (depth(text.as_bytes()), depth(text.as_bytes())),
            "{}",
            text
        );
    }
    Ok(())
}

fn json() -> impl Strategy<Value = String> {
    let number = prop_oneof![
        any::<i64>().prop_map(|number| number.to_string()),
        any::<f64>().prop_filter("a number", |number| number.is_finite()).prop_map(|number| format!("{number:e}")),
        "-?(0|[1-9][0-9]{0,25})(\\.[0-9]{1,5})?([eE][+-]?[0-9]{1,2})?",
    ];
    let string = prop_oneof![
        any::<String>().prop_map(|text| serde_json::to_string(&text).expect("JSON")),
        r#""([a-z]|\\[\\"/bfnrt]|\\u[0-9a-fA-F]{4}|\\ud83d\\ude00){0,12}""#,
    ];
    let word = prop_oneof![Just("null".to_owned()), Just("true".to_owned()), Just("false".to_owned())];
    let scalar = prop_oneof![number, string, word];
    scalar.prop_recursive(5, 40, 6, |inner| {
        let space = "[ \\n\\t\\r]{0,2}";
        let item = (space, inner.clone(), space).prop_map(|(before, item, after)| format!("{before}{item}{after}"));
        let member = ("[a-c\u{e9}]{0,9}", item.clone()).prop_map(|(name, item)| format!("\"{name}\" :{item}"));
        prop_oneof![
            proptest::collection::vec(item, 0..5).prop_map(|items| format!("[{}]", items.join(","))),
            proptest::collection::vec(member, 0..5).prop_map(|members| format!("{{{}}}", members.join(","))),
        ]
    })
}

/// One change to a text: a character put in, taken away or put in place of another, or the end cut off.
fn damaged(text: &str, at: usize, with: char, how: usize) -> String {
    let mut letters: Vec<char> = text.chars().collect();
    let at = at % letters.len().max(1);
    match how % 4 {
        0 => letters.insert(at, with),
        1 if at < letters.len() => drop(letters.remove(at)),
        2 if at < letters.len() => letters[at] = with,
        _ => letters.truncate(at),
    }
    letters.into_iter().collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn it_reads_what_serde_json_reads(text in json()) {
        agrees(&text)?;
    }

    #[test]
    fn it_refuses_what_serde_json_refuses(
        text in json(),
        at: usize,
        with in prop_oneof![proptest::sample::select("{}[]\",:\\u019-+.eEtfn \u{1}\u{7f}\u{e9}".chars().collect::<Vec<_>>()), any::<char>()],
        how: usize,
    ) {
        agrees(&damaged(&text, at, with, how))?;
    }
}

/// Texts at the edges of what is JSON.
const ODD: &[&str] = &[
    "",
    " ",
    "-",
    "-0",
    "-0.0",
    "00",
    "01",
    "1.",
    ".5",
    "1e",
    "1e+",
    "+1",
    "1e999",
    "-1e-999",
    "0e999",
    "1_0",
    "18446744073709551615",
    "18446744073709551616",
    "-9223372036854775809",
    "nul",
    "nulll",
    "truefalse",
    "True",
    "\"",
    "\"\\\"",
    "\"\\u12\"",
    "\"\\ud800\"",
    "\"\\udc00\"",
    "\"\\ud800\\u0041\"",
    "\"\\ud83d\\ude00\"",
    "\"\\x\"",
    "\"\t\"",
    "\"\u{7f}\"",
    "\"\u{2028}\"",
    "[",
    "]",
    "[]",
    "[,]",
    "[1,]",
    "[1 2]",
    "[1]]",
    "{",
    "{}",
    "{\"a\"}",
    "{\"a\":}",
    "{\"a\":1,}",
    "{a:1}",
    "{\"a\":1 \"b\":2}",
    "{\"a\":[}",
    "[{]}",
    "{\"a\":1}}",
    "1 2",
    "\u{feff}1",
    "\u{a0}1",
    "{\"a\":1,\"a\":2}",
    "/**/1",
    "'a'",
    "NaN",
    "[1,\u{b}2]",
];

#[test]
fn odd_texts_are_judged_as_serde_json_judges_them() {
    for &text in ODD {
        // A number out of range is refused only where it is read.
        let is_lenient = text.contains("e999");
        let theirs = serde_json::from_str::<Value>(text);
        let ours = parse::<Whole>(text);
        match (&ours, &theirs) {
            (Ok(ours), Ok(theirs)) => assert!(is_same(&ours.0, theirs), "{text}: {:?} is not {theirs:?}", ours.0),
            (ours, theirs) => assert_eq!(ours.is_ok(), theirs.is_ok(), "{text:?}"),
        }
        let passed_over = serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok();
        assert!(is_lenient || parse::<Skipped>(text).is_ok() == passed_over, "passing over {text:?}");
    }
}

#[test]
fn what_is_passed_over_has_a_deepest_level() {
    let nested =
        |levels: usize| format!("{}{}", "[{\"a\":".repeat(levels / 2), "1}]".replace("}]", &"}]".repeat(levels / 2)));
    assert!(parse::<Skipped>(&nested(Reader::DEEPEST - 1)).is_ok());
    let lists = |levels: usize| "[".repeat(levels) + &"]".repeat(levels);
    assert!(parse::<Skipped>(&lists(Reader::DEEPEST)).is_ok());
    assert!(parse::<Skipped>(&lists(Reader::DEEPEST + 1)).is_err());
}

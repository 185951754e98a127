//! JSON as it stands in a record, its members found when they are asked for and no sooner.
//!
//! Works on text that was parsed before: on anything else it finds less, and never panics.

use crate::decode::scan::{end_of_string, end_of_value, past_space};
use rsigma_eval::EventValue;
use std::borrow::Cow;
use std::cell::OnceCell;

/// How deep values are followed; records nest no deeper.
pub(super) const DEPTH: usize = 64;

/// One value as text, with what is known of its inside.
#[derive(Debug)]
pub(super) struct Node<'a> {
    text: &'a str,
    members: OnceCell<Vec<(Cow<'a, str>, Node<'a>)>>,
    items: OnceCell<Vec<Node<'a>>>,
}

/// What kind of value a node is.
pub(super) enum Kind {
    /// An object.
    Object,
    /// A list.
    List,
    /// Text.
    Text,
    /// A number, a truth value or null.
    Word,
}

impl<'a> Node<'a> {
    /// A value; white space around it does not belong to it.
    pub(super) fn new(text: &'a str) -> Self {
        Self { text: text.trim_ascii(), members: OnceCell::new(), items: OnceCell::new() }
    }

    /// The value as written.
    pub(super) fn text(&self) -> &'a str {
        self.text
    }

    pub(super) fn kind(&self) -> Kind {
        match self.text.as_bytes().first() {
            Some(b'{') => Kind::Object,
            Some(b'[') => Kind::List,
            Some(b'"') => Kind::Text,
            _ => Kind::Word,
        }
    }

    /// The members of an object; of two with one name the last counts, as it does for every JSON parser.
    pub(super) fn members(&self) -> &[(Cow<'a, str>, Node<'a>)] {
        self.members.get_or_init(|| match self.kind() {
            Kind::Object => members(self.text, 0, 1).0,
            Kind::List | Kind::Text | Kind::Word => Vec::new(),
        })
    }

    /// The member of that name.
    pub(super) fn member(&self, name: &str) -> Option<&Node<'a>> {
        self.members().iter().find(|(known, _)| known == name).map(|(_, node)| node)
    }

    /// The items of a list.
    pub(super) fn items(&self) -> &[Node<'a>] {
        self.items.get_or_init(|| match self.kind() {
            Kind::List => items(self.text),
            Kind::Object | Kind::Text | Kind::Word => Vec::new(),
        })
    }

    /// The value as rules compare it.
    pub(super) fn value(&self, depth: usize) -> EventValue<'a> {
        match self.kind() {
            Kind::Text => EventValue::Str(string(self.text)),
            Kind::Word => word(self.text),
            Kind::List | Kind::Object if depth == 0 => EventValue::Null,
            Kind::List => EventValue::Array(self.items().iter().map(|item| item.value(depth - 1)).collect()),
            Kind::Object => {
                let mut members: Vec<_> =
                    self.members().iter().map(|(name, node)| (name.clone(), node.value(depth - 1))).collect();
                members.sort_by(|(a, _), (b, _)| a.cmp(b));
                EventValue::Map(members)
            }
        }
    }

    /// Whether the predicate holds for a text anywhere inside.
    pub(super) fn any_text(&self, depth: usize, holds: &mut dyn FnMut(&str) -> bool) -> bool {
        if depth == 0 {
            return false;
        }
        match self.kind() {
            Kind::Text => holds(&string(self.text)),
            Kind::Word => false,
            Kind::List => self.items().iter().any(|item| item.any_text(depth - 1, holds)),
            Kind::Object => self.members().iter().any(|(_, node)| node.any_text(depth - 1, holds)),
        }
    }
}

fn word(text: &str) -> EventValue<'static> {
    match text {
        "true" => EventValue::Bool(true),
        "false" => EventValue::Bool(false),
        "null" | "" => EventValue::Null,
        number => match number.parse::<i64>() {
            Ok(whole) if number != "-0" => EventValue::Int(whole),
            _ => EventValue::Float(serde_json::from_str(number).unwrap_or(f64::NAN)),
        },
    }
}

/// The text within quotes.
fn string(quoted: &str) -> Cow<'_, str> {
    let inside = quoted.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or_default();
    if memchr::memchr(b'\\', inside.as_bytes()).is_none() {
        return Cow::Borrowed(inside);
    }
    Cow::Owned(serde_json::from_str(quoted).unwrap_or_default())
}

/// The members of the object that begins at `at`, and where they end. The members of the objects in it are read along,
/// so many levels deep: they would have to be passed over anyway.
fn members(text: &str, at: usize, along: usize) -> (Vec<(Cow<'_, str>, Node<'_>)>, usize) {
    let mut members: Vec<(Cow<'_, str>, Node<'_>)> = Vec::with_capacity(16);
    // Names seen, as bits: only where two fall together the names are compared.
    let mut seen = 0_u64;
    let mut at = past_space(text.as_bytes(), at + 1);
    while text.as_bytes().get(at) == Some(&b'"') {
        let Some(name_end) = end_of_string(text.as_bytes(), at) else { break };
        let start = past_space(text.as_bytes(), past_space(text.as_bytes(), name_end) + 1);
        let (Some(name), Some((node, end))) = (text.get(at..name_end), node(text, start, along)) else { break };
        let name = string(name);
        let bit = bit_of(&name);
        let known = if seen & bit == 0 { None } else { members.iter_mut().find(|(known, _)| *known == name) };
        seen |= bit;
        match known {
            Some((_, earlier)) => *earlier = node,
            None => members.push((name, node)),
        }
        at = past_separator(text, end);
    }
    (members, at)
}

/// The value that begins at `at`, and its end.
fn node(text: &str, at: usize, along: usize) -> Option<(Node<'_>, usize)> {
    if along == 0 || text.as_bytes().get(at) != Some(&b'{') {
        let end = end_of_value(text.as_bytes(), at)?;
        return Some((Node::new(text.get(at..end)?), end));
    }
    let (members, end) = members(text, at, along - 1);
    if text.as_bytes().get(end) != Some(&b'}') {
        return None;
    }
    let node = Node { text: text.get(at..=end)?, members: OnceCell::from(members), items: OnceCell::new() };
    Some((node, end + 1))
}

fn bit_of(name: &str) -> u64 {
    let bytes = name.as_bytes();
    let byte = |at: usize| bytes.get(at).copied().unwrap_or_default();
    let mixed = usize::from(byte(0)) * 7 + usize::from(byte(bytes.len() / 2)) * 3 + bytes.len() * 31;
    1 << ((mixed + usize::from(bytes.last().copied().unwrap_or_default())) % 64)
}

fn items(text: &str) -> Vec<Node<'_>> {
    let mut items = Vec::new();
    let mut at = past_space(text.as_bytes(), 1);
    while text.as_bytes().get(at).is_some_and(|byte| *byte != b']') {
        let Some(end) = end_of_value(text.as_bytes(), at) else { break };
        let Some(value) = text.get(at..end) else { break };
        items.push(Node::new(value));
        at = past_separator(text, end);
    }
    items
}

fn past_separator(text: &str, at: usize) -> usize {
    let at = past_space(text.as_bytes(), at);
    if text.as_bytes().get(at) == Some(&b',') { past_space(text.as_bytes(), at + 1) } else { at }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn json() -> impl Strategy<Value = serde_json::Value> {
        let leaf = prop_oneof![
            Just(serde_json::Value::Null),
            any::<bool>().prop_map(Into::into),
            any::<i64>().prop_map(Into::into),
            // Floats of few digits: the parser beside it rounds the last digit of longer ones as it likes.
            any::<i32>().prop_map(|number| (f64::from(number) / 1024.0).into()),
            ".*".prop_map(Into::into),
        ];
        leaf.prop_recursive(4, 32, 6, |inner| {
            prop_oneof![
                proptest::collection::vec(inner.clone(), 0..6).prop_map(Into::into),
                proptest::collection::hash_map(".{0,6}", inner, 0..6)
                    .prop_map(|members| serde_json::Value::Object(members.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn a_value_is_read_as_a_parser_reads_it(value in json(), pretty in any::<bool>()) {
            let text = if pretty { serde_json::to_string_pretty(&value) } else { serde_json::to_string(&value) };
            let text = text.expect("JSON");
            let parsed: serde_json::Value = serde_json::from_str(&text).expect("JSON");
            prop_assert_eq!(Node::new(&text).value(DEPTH), EventValue::from(&parsed));
        }

        #[test]
        fn rubbish_never_panics(text in "[\\[\\]{}\",:\\\\ a1é-]*") {
            let node = Node::new(&text);
            drop(node.value(DEPTH));
            node.any_text(DEPTH, &mut |_| false);
        }
    }

    #[test]
    fn of_two_members_with_one_name_the_last_counts() {
        let node = Node::new(r#"{"a":1,"b":2,"\u0061":3}"#);
        assert_eq!(node.members().len(), 2);
        assert_eq!(node.member("a").map(|node| node.value(1)), Some(EventValue::Int(3)));
    }
}

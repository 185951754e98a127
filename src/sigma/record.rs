//! A record as rules see it: its own members by path as they stand on the wire, and what Picket has understood of it
//! under `picket.`.

use super::json::{DEPTH, Kind, Node};
use super::understood;
use picket_detectors::event::Event;
use rsigma_eval::EventValue;
use rsigma_parser::fieldpath::{first_unescaped, unescape_brackets};
use std::borrow::Cow;

/// The member under which rules find what Picket has understood of a record.
pub(super) const UNDERSTOOD: &str = "picket";

/// One record.
#[derive(Debug)]
pub(crate) struct RecordView<'a> {
    root: Node<'a>,
    event: Option<&'a Event>,
}

impl<'a> RecordView<'a> {
    /// A record as text, and the event that it became.
    pub(crate) fn new(text: &'a str, event: Option<&'a Event>) -> Self {
        Self { root: Node::new(text), event }
    }

    /// The path within what Picket has understood.
    fn understood<'p>(&self, path: &'p str) -> Option<(&'a Event, &'p str)> {
        let rest = path.strip_prefix(UNDERSTOOD)?.strip_prefix('.')?;
        Some((self.event?, rest))
    }
}

/// One step of a path.
enum Step<'p> {
    /// Into a member; of a list, into that member of every item.
    Member(Cow<'p, str>),
    /// Into an item, from the end if negative.
    Item(i64),
}

fn steps(path: &str) -> Vec<Step<'_>> {
    let mut steps = Vec::new();
    for part in path.split('.') {
        let bracket = first_unescaped(part, b'[').and_then(|at| part.split_at_checked(at));
        match bracket.and_then(|(name, rest)| Some((name, item_numbers(rest)?))) {
            Some((name, numbers)) => {
                if !name.is_empty() {
                    steps.push(Step::Member(unescape_brackets(name)));
                }
                steps.extend(numbers.into_iter().map(Step::Item));
            }
            None => steps.push(Step::Member(unescape_brackets(part))),
        }
    }
    steps
}

/// The numbers of `[1][-2]`; `None` for anything else.
fn item_numbers(mut rest: &str) -> Option<Vec<i64>> {
    let mut numbers = Vec::new();
    while !rest.is_empty() {
        let (number, after) = rest.strip_prefix('[')?.split_once(']')?;
        numbers.push(number.parse().ok()?);
        rest = after;
    }
    Some(numbers)
}

fn follow<'a>(node: &Node<'a>, steps: &[Step<'_>], found: &mut Vec<EventValue<'a>>, depth: usize) {
    let Some((step, rest)) = steps.split_first() else {
        found.push(node.value(depth));
        return;
    };
    if depth == 0 {
        return;
    }
    match (step, node.kind()) {
        (Step::Member(name), Kind::Object) => {
            if let Some(next) = node.member(name) {
                follow(next, rest, found, depth - 1);
            }
        }
        (Step::Member(_), Kind::List) => node.items().iter().for_each(|item| follow(item, steps, found, depth - 1)),
        (Step::Item(number), Kind::List) => {
            let items = node.items();
            let at = match usize::try_from(*number) {
                Ok(at) => Some(at),
                Err(_) => usize::try_from(number.unsigned_abs()).ok().and_then(|back| items.len().checked_sub(back)),
            };
            if let Some(next) = at.and_then(|at| items.get(at)) {
                follow(next, rest, found, depth - 1);
            }
        }
        _ => {}
    }
}

impl rsigma_eval::Event for RecordView<'_> {
    fn get_field(&self, path: &str) -> Option<EventValue<'_>> {
        if let Some((event, name)) = self.understood(path) {
            return understood::field(event, name, self.root.text());
        }
        if let Some(node) = self.root.member(path) {
            return Some(node.value(DEPTH));
        }
        if !path.bytes().any(|byte| matches!(byte, b'.' | b'[' | b'\\')) {
            return None;
        }
        let steps = steps(path);
        if let Some(Step::Member(first)) = steps.first()
            && self.root.member(first).is_none()
        {
            return None;
        }
        let mut found = Vec::new();
        follow(&self.root, &steps, &mut found, DEPTH);
        match found.len() {
            0 | 1 => found.pop(),
            _ => Some(EventValue::Array(found)),
        }
    }

    fn any_string_value(&self, holds: &dyn Fn(&str) -> bool) -> bool {
        self.root.any_text(DEPTH, &mut |text| holds(text))
    }

    fn all_string_values(&self) -> Vec<Cow<'_, str>> {
        let mut all = Vec::new();
        self.visit_string_values(&mut |text| all.push(Cow::Owned(text.to_owned())));
        all
    }

    fn visit_string_values(&self, visit: &mut dyn FnMut(&str)) {
        self.root.any_text(DEPTH, &mut |text| {
            visit(text);
            false
        });
    }

    /// Asked only by rules that want the whole event in their results; Picket asks no rule for that.
    fn to_json(&self) -> serde_json::Value {
        serde_json::Value::Null
    }

    fn visit_top_level_keys(&self, visit: &mut dyn FnMut(&str)) -> bool {
        self.root.members().iter().for_each(|(name, _)| visit(name));
        if self.event.is_some() {
            visit(UNDERSTOOD);
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rsigma_eval::{Event as _, JsonEvent};

    const RECORD: &str = r#"{"time":"t","a.b":"flat","a":{"b":"nested","n":null},
        "list":[{"x":1,"y":[{"z":"p"},{"z":"q"}]},{"x":2},{"x":"3"}],"one":[{"k":"v"}],"words":["u","v"],"esc\"d":true}"#;

    #[test]
    fn paths_lead_where_the_evaluator_s_own_lead() {
        let value: serde_json::Value = serde_json::from_str(RECORD).expect("JSON");
        let (theirs, ours) = (JsonEvent::borrow(&value), RecordView::new(RECORD, None));
        for path in [
            "time",
            "a.b",
            "a",
            "a.n",
            "a.c",
            "list",
            "list.x",
            "list.y.z",
            "list[0].x",
            "list[-1].x",
            "list[7].x",
            "list[0].y[1].z",
            "one.k",
            "words",
            "words[1]",
            "words.x",
            "esc\"d",
            "missing",
            "missing.x",
            "list.y",
            "a..b",
            "a.b.",
            "",
            ".",
            "[0]",
            "list[x]",
            "words\\[0\\]",
            "[0].x",
            "a.[0]",
        ] {
            assert_eq!(ours.get_field(path), theirs.get_field(path), "{path}");
        }
        let sorted = |mut all: Vec<String>| {
            all.sort();
            all
        };
        let texts = |all: Vec<Cow<'_, str>>| sorted(all.into_iter().map(Cow::into_owned).collect());
        assert_eq!(texts(ours.all_string_values()), texts(theirs.all_string_values()));
        assert!(ours.any_string_value(&|text| text == "q"));
    }
}

//! Modified properties, with the layers of JSON in strings taken off their values.

use crate::decode::envelope::cut;
use crate::decode::json;
use crate::decode::wire::Fields;
use picket_detectors::event::PropertyChange;
use std::borrow::Cow;

/// How many strings may be wrapped around one another.
const LAYERS: usize = 4;

/// One modified property.
#[derive(Debug)]
pub(super) struct Property {
    /// Its name as written.
    pub(super) name: String,
    /// Which target it stands at.
    pub(super) target: usize,
    /// Before; `None` is unknown.
    pub(super) old: Option<String>,
    /// After; `None` is unknown.
    pub(super) new: Option<String>,
}

impl Property {
    /// The value after, or before where it was taken away.
    pub(super) fn value(&self) -> Option<&str> {
        self.new.as_deref().or(self.old.as_deref())
    }

    /// The property as an event keeps it; without any value it tells nothing.
    pub(super) fn kept(&self) -> Option<PropertyChange> {
        let kept = |value: &Option<String>| value.as_deref().map(|value| cut(value, PropertyChange::MAX));
        let (old, new) = (kept(&self.old), kept(&self.new));
        (old.is_some() || new.is_some()).then(|| PropertyChange { name: cut(&self.name, 128), old, new })
    }
}

/// All modified properties of a record.
#[derive(Debug)]
pub(super) struct Properties(Vec<Property>);

impl Properties {
    /// Reads those of every target.
    pub(super) fn of(body: &Fields<'_>) -> Self {
        let mut properties = Vec::new();
        for (target, resource) in body.targets.objects().enumerate() {
            for modified in resource.properties.objects() {
                let Some(name) = modified.name.text() else { continue };
                properties.push(Property {
                    name: name.into_owned(),
                    target,
                    old: modified.old.and_then(peel),
                    new: modified.new.and_then(peel),
                });
            }
        }
        Self(properties)
    }

    /// The first property of this name that has a value.
    pub(super) fn find(&self, name: &str) -> Option<&Property> {
        self.0.iter().find(|property| property.name.eq_ignore_ascii_case(name) && property.value().is_some())
    }

    /// The value of the property of this name.
    pub(super) fn value(&self, name: &str) -> Option<&str> {
        self.find(name)?.value()
    }

    /// All of them, as listed.
    pub(super) fn iter(&self) -> impl Iterator<Item = &Property> {
        self.0.iter()
    }
}

/// Takes off strings around strings; `null` and blank text are unknown.
fn peel(raw: &str) -> Option<String> {
    let mut text = raw.to_owned();
    for _ in 0..LAYERS {
        if !text.trim_start().starts_with('"') {
            break;
        }
        let Ok(inner) = json::parse::<Cow<'_, str>>(&text) else { break };
        text = inner.into_owned();
    }
    let trimmed = text.trim();
    (!trimmed.is_empty() && trimmed != "null").then(|| trimmed.to_owned())
}

#[cfg(test)]
mod tests {
    use super::peel;

    #[test]
    fn layers_of_strings_come_off_and_unknown_stays_unknown() {
        for (raw, expected) in [
            ("null", None),
            (r#""""#, None),
            (r#""\"\"""#, None),
            (r#""null""#, None),
            (r#""[]""#, Some("[]")),
            (r#""[true]""#, Some("[true]")),
            ("[true]", Some("[true]")),
            (r#""\"Global Administrator\"""#, Some("Global Administrator")),
            (r#""plain text""#, Some("plain text")),
            (r#""\"\\\"[1]\\\"\"""#, Some("[1]")),
        ] {
            assert_eq!(peel(raw).as_deref(), expected, "{raw}");
        }
    }
}

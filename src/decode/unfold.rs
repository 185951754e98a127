//! Takes JSON out of strings: Log Analytics writes objects and lists as text, some exports even inside one another.
//!
//! Only members known to be objects or lists are opened; the values of modified properties stay text, for they are
//! read layer by layer where they are used. The result is parsed like any other record.

use super::leaf::{Name, looks_like_json};
use serde::de::{Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::fmt;

/// Members whose text is opened where it holds an object or a list.
const OPENED: &[&str] = &[
    "properties",
    "status",
    "location",
    "locationDetails",
    "agent",
    "managedServiceIdentity",
    "networkLocationDetails",
    "networkNames",
    "authenticationProcessingDetails",
    "initiatedBy",
    "user",
    "app",
    "targetResources",
    "modifiedProperties",
    "additionalDetails",
    "signInEventTypes",
    "servicePrincipalIds",
    "agentIds",
    "passwordCredentials",
    "keyCredentials",
    "federatedIdentityCredentials",
    "owners",
    "appRoleAssignments",
    "memberOf",
];

/// Writes a record anew with its strings opened; `None` where it is no JSON or nests too deep.
pub(super) fn unfold(text: &str, depth: usize) -> Option<String> {
    let mut out = String::with_capacity(text.len());
    write_value(text, depth, &mut out)?;
    Some(out)
}

fn write_value(text: &str, depth: usize, out: &mut String) -> Option<()> {
    let text = text.trim();
    let depth = depth.checked_sub(1)?;
    match text.as_bytes().first()? {
        b'{' => write_object(text, depth, out),
        b'[' => write_list(text, depth, out),
        _ => {
            out.push_str(text);
            Some(())
        }
    }
}

fn write_object(text: &str, depth: usize, out: &mut String) -> Option<()> {
    let members: Members<'_> = serde_json::Deserializer::from_str(text).deserialize_map(MembersVisitor).ok()?;
    out.push('{');
    for (at, (name, value)) in members.iter().enumerate() {
        if at > 0 {
            out.push(',');
        }
        out.push_str(&serde_json::to_string(name).ok()?);
        out.push(':');
        if OPENED.iter().any(|opened| opened.eq_ignore_ascii_case(name)) {
            write_opened(value.get(), depth, out)?;
        } else {
            out.push_str(value.get());
        }
    }
    out.push('}');
    Some(())
}

fn write_opened(value: &str, depth: usize, out: &mut String) -> Option<()> {
    if value.starts_with('"') {
        let inner: String = serde_json::from_str(value).ok()?;
        if looks_like_json(&inner) && serde_json::from_str::<&RawValue>(&inner).is_ok() {
            return write_value(&inner, depth, out);
        }
    }
    write_value(value, depth, out)
}

fn write_list(text: &str, depth: usize, out: &mut String) -> Option<()> {
    let items: Vec<&RawValue> = serde_json::Deserializer::from_str(text).deserialize_seq(ItemsVisitor).ok()?;
    out.push('[');
    for (at, item) in items.iter().enumerate() {
        if at > 0 {
            out.push(',');
        }
        write_opened(item.get(), depth, out)?;
    }
    out.push(']');
    Some(())
}

type Members<'a> = Vec<(Cow<'a, str>, &'a RawValue)>;

struct MembersVisitor;

impl<'de> Visitor<'de> for MembersVisitor {
    type Value = Members<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Self::Value, A::Error> {
        let mut members = Vec::new();
        while let Some((Name(name), value)) = object.next_entry::<Name<'de>, &'de RawValue>()? {
            members.push((name, value));
        }
        Ok(members)
    }
}

struct ItemsVisitor;

impl<'de> Visitor<'de> for ItemsVisitor {
    type Value = Vec<&'de RawValue>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = list.next_element()? {
            items.push(item);
        }
        Ok(items)
    }
}

#[cfg(test)]
mod tests {
    use super::unfold;

    #[test]
    fn known_members_are_opened_layer_by_layer_and_values_are_not() {
        let row = r#"{"TargetResources":"[{\"id\":\"x\",\"modifiedProperties\":\"[{\\\"newValue\\\":\\\"[]\\\"}]\"}]","note":"{}"}"#;
        let expected = r#"{"TargetResources":[{"id":"x","modifiedProperties":[{"newValue":"[]"}]}],"note":"{}"}"#;
        assert_eq!(unfold(row, 64).as_deref(), Some(expected));
    }

    #[test]
    fn broken_json_in_a_string_stays_a_string() {
        let row = r#"{"status":"{\"errorCode\":","location":"[]"}"#;
        assert_eq!(unfold(row, 64).as_deref(), Some(r#"{"status":"{\"errorCode\":","location":[]}"#));
    }

    #[test]
    fn nesting_is_bounded() {
        let deep = format!("{{\"properties\":{}{}}}", "[".repeat(70), "]".repeat(70));
        assert_eq!(unfold(&deep, 64), None);
    }
}

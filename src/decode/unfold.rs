//! Takes JSON out of strings: Log Analytics writes objects and lists as text, some exports even inside one another.
//!
//! Only members known to be objects or lists are opened; the values of modified properties stay text, for they are
//! read layer by layer where they are used. The result is parsed like any other record.

use super::json::{self, FromJson, NotJson, Reader};
use super::leaf::looks_like_json;
use std::borrow::Cow;

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
    "identity",
    "claims",
    "claim",
    "authorization",
    "evidence",
    "initiatedBy",
    "user",
    "app",
    "targetResources",
    "modifiedProperties",
    "additionalDetails",
    "signInEventTypes",
    "servicePrincipalIds",
    "riskEventTypes",
    "agentIds",
    "passwordCredentials",
    "keyCredentials",
    "federatedIdentityCredentials",
    "owners",
    "sponsors",
    "manager",
    "appRoleAssignments",
    "memberOf",
    "alternativeNames",
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
    let Members(members) = json::parse(text).ok()?;
    out.push('{');
    for (at, (name, value)) in members.iter().enumerate() {
        if at > 0 {
            out.push(',');
        }
        out.push_str(&serde_json::to_string(name).ok()?);
        out.push(':');
        if OPENED.iter().any(|opened| opened.eq_ignore_ascii_case(name)) {
            write_opened(value, depth, out)?;
        } else {
            out.push_str(value);
        }
    }
    out.push('}');
    Some(())
}

fn write_opened(value: &str, depth: usize, out: &mut String) -> Option<()> {
    if value.starts_with('"') {
        let inner: Cow<'_, str> = json::parse(value).ok()?;
        if looks_like_json(&inner) && json::parse::<Option<&str>>(&inner).is_ok() {
            return write_value(&inner, depth, out);
        }
    }
    write_value(value, depth, out)
}

fn write_list(text: &str, depth: usize, out: &mut String) -> Option<()> {
    let Items(items) = json::parse(text).ok()?;
    out.push('[');
    for (at, item) in items.iter().enumerate() {
        if at > 0 {
            out.push(',');
        }
        write_opened(item, depth, out)?;
    }
    out.push(']');
    Some(())
}

/// The members of an object with their values as they are written.
struct Members<'a>(Vec<(String, &'a str)>);

impl<'a> FromJson<'a> for Members<'a> {
    fn read(reader: &mut Reader<'a>) -> Result<Self, NotJson> {
        let mut members = Vec::new();
        reader.object(|name, reader| {
            members.push((name.to_owned(), reader.raw()?));
            Ok(())
        })?;
        Ok(Self(members))
    }
}

/// The items of a list as they are written.
struct Items<'a>(Vec<&'a str>);

impl<'a> FromJson<'a> for Items<'a> {
    fn read(reader: &mut Reader<'a>) -> Result<Self, NotJson> {
        let mut items = Vec::new();
        reader.list(|reader| {
            items.push(reader.raw()?);
            Ok(())
        })?;
        Ok(Self(items))
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

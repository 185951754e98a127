//! Records inside what a collector wraps around them: Splunk's events and search results, and the originals that Beats keep.
//!
//! Looked at only where a record's own members tell no category, so that usual records pay nothing for it.

use super::json::{self, FromJson, NotJson, Reader};
use super::leaf::looks_like_json;
use std::borrow::Cow;

/// The record inside, one level down; `None` where nothing is wrapped.
pub(super) fn unwrapped(text: &str) -> Option<Cow<'_, str>> {
    let wrap: Wrap<'_> = json::parse(text).ok()?;
    let inner = wrap.inner?;
    // What holds the original besides what was made of it is no record itself.
    match json::parse::<Wrap<'_>>(inner.trim()).ok().and_then(|second| second.original) {
        Some(original) => Some(Cow::Owned(original)),
        None => Some(inner),
    }
}

/// An object whose member holds a record.
#[derive(Default)]
struct Wrap<'a> {
    inner: Option<Cow<'a, str>>,
    /// A record that is kept as text beside what was made of it.
    original: Option<String>,
}

impl<'a> FromJson<'a> for Wrap<'a> {
    fn read(reader: &mut Reader<'a>) -> Result<Self, NotJson> {
        let mut wrap = Self::default();
        reader.object(|name, reader| {
            let is = |names: &[&str]| names.iter().any(|known| known.eq_ignore_ascii_case(name));
            if is(&["original", "_raw", "event.original"]) && reader.peek()? == b'"' {
                wrap.original = Some(reader.string()?.into_owned()).filter(|text| looks_like_json(text));
                return Ok(());
            }
            if !is(&["event", "result", "message"]) {
                return reader.skip();
            }
            match reader.peek()? {
                b'{' => wrap.inner = Some(Cow::Borrowed(reader.raw()?)),
                b'"' => {
                    let text = reader.string()?;
                    if wrap.inner.is_none() && looks_like_json(&text) {
                        wrap.inner = Some(text);
                    }
                }
                _ => return reader.skip(),
            }
            Ok(())
        })?;
        if let Some(original) = &wrap.original {
            wrap.inner = Some(Cow::Owned(original.clone()));
        }
        Ok(wrap)
    }
}

#[cfg(test)]
mod tests {
    use super::unwrapped;

    #[test]
    fn one_level_is_taken_off() {
        let record = r#"{"category":"x"}"#;
        let quoted = serde_json::to_string(record).expect("text");
        for wrapped in [
            format!(r#"{{"time":1,"event":{record}}}"#),
            format!(r#"{{"time":1,"event":{quoted}}}"#),
            format!(r#"{{"preview":false,"result":{{"_raw":{quoted},"source":"s"}}}}"#),
            format!(r#"{{"result":{record}}}"#),
            format!(r#"{{"_raw":{quoted}}}"#),
            format!(r#"{{"@timestamp":1,"message":{quoted}}}"#),
            format!(r#"{{"@timestamp":1,"event":{{"kind":"event","original":{quoted}}},"message":"{{broken"}}"#),
            format!(r#"{{"event.original":{quoted}}}"#),
        ] {
            assert_eq!(unwrapped(&wrapped).as_deref(), Some(record), "{wrapped}");
        }
        for other in [r#"{"event":"signed in","result":"success"}"#, r#"{"message":7}"#, "[]", "{"] {
            assert_eq!(unwrapped(other), None, "{other}");
        }
    }
}

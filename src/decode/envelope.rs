//! What every category reads alike: tenant, times, addresses, ids.

use super::leaf::Leaf;
use super::refusal::Refusal;
use super::wire::Record;
use super::wire_key::{Key, Marker};
use super::{Context, time};
use compact_str::CompactString;
use picket_detectors::event::{EventId, EventTime, Id, NAMESPACE, TenantId};
use std::borrow::Cow;
use std::net::IpAddr;
use uuid::Uuid;

/// The longest name kept.
pub(super) const MAX_NAME: usize = 256;

/// The tenant of a record.
///
/// A Log Analytics row's `TenantId` is its workspace, so `AADTenantId` and the path in `ResourceId` or `_ResourceId` go before it.
pub(super) fn tenant(record: &Record<'_>, context: &Context) -> TenantId {
    let outer = &record.outer;
    let is_row = outer.leaf(Key::Type).is_present() || outer.leaf(Key::AadTenantId).is_present();
    let named = |leaf: &Leaf<'_>| leaf.text().and_then(|text| TenantId::parse(&text));
    named(outer.leaf(Key::AadTenantId))
        .or_else(|| if is_row { None } else { named(outer.leaf(Key::TenantId)) })
        .or_else(|| {
            let paths = [Key::ResourceId, Key::RowResourceId];
            paths.into_iter().find_map(|key| outer.leaf(key).text().and_then(|path| tenant_of_path(&path)))
        })
        .or_else(|| if outer.has(Marker::Properties) { named(record.body().leaf(Key::TenantId)) } else { None })
        .unwrap_or_else(|| context.default_tenant.clone())
}

/// The tenant in `/tenants/{id}/…`, whatever its case.
fn tenant_of_path(path: &str) -> Option<TenantId> {
    let mut parts = path.split('/');
    parts.find(|part| part.eq_ignore_ascii_case("tenants"))?;
    TenantId::parse(parts.next()?)
}

/// A time that the record can't do without.
pub(super) fn required_time(leaf: &Leaf<'_>, field: &str) -> Result<EventTime, Refusal> {
    match leaf.text() {
        Some(text) => time::parse(&text).ok_or_else(|| Refusal::bad(field)),
        None if *leaf == Leaf::Wrong => Err(Refusal::bad(field)),
        None => Err(Refusal::missing(field)),
    }
}

/// The first of several times that is there; it must be readable.
pub(super) fn first_time(record: &Record<'_>, keys: &[(Key, &str)]) -> Result<EventTime, Refusal> {
    let found = keys.iter().find(|(key, _)| record.leaf(*key).is_present()).or(keys.first());
    let (key, field) = found.ok_or_else(|| Refusal::missing("time"))?;
    required_time(record.leaf(*key), field)
}

/// An identifier that the record can't do without; all zeros is none.
pub(super) fn required_id(leaf: &Leaf<'_>, field: &str) -> Result<Id, Refusal> {
    if *leaf == Leaf::Wrong {
        return Err(Refusal::bad(field));
    }
    id(leaf).ok_or_else(|| Refusal::missing(field))
}

/// An identifier; blank and all zeros are none.
pub(super) fn id(leaf: &Leaf<'_>) -> Option<Id> {
    leaf.text().and_then(|text| Id::parse(&text)).filter(|id| !id.is_nil())
}

/// Text, cut to `most` characters.
pub(super) fn cut(text: &str, most: usize) -> CompactString {
    if text.len() <= most {
        return CompactString::from(text);
    }
    match text.char_indices().nth(most) {
        Some((end, _)) => CompactString::from(text.get(..end).unwrap_or_default()),
        None => CompactString::from(text),
    }
}

/// A name, cut to [`MAX_NAME`].
pub(super) fn name(leaf: &Leaf<'_>) -> Option<CompactString> {
    leaf.text().map(|text| cut(&text, MAX_NAME))
}

/// An address, with or without brackets, port or zone; the unspecified address is unknown.
pub(super) fn address(leaf: &Leaf<'_>) -> Option<IpAddr> {
    let text = leaf.text()?;
    parse_address(&text).filter(|address| !address.is_unspecified())
}

fn parse_address(text: &str) -> Option<IpAddr> {
    if let Ok(address) = text.parse() {
        return Some(address);
    }
    if let Some(rest) = text.strip_prefix('[') {
        let (inside, _) = rest.split_once(']')?;
        return parse_address(inside);
    }
    if let Some((inside, _zone)) = text.split_once('%') {
        return inside.parse().ok();
    }
    let (before, port) = text.rsplit_once(':')?;
    if before.contains(':') || !port.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    before.parse().ok()
}

/// The record's own id, else one derived from what tells it from others.
pub(super) fn event_id(own: &Leaf<'_>, otherwise: impl FnOnce() -> EventId) -> EventId {
    id(own).map_or_else(otherwise, EventId)
}

/// An id derived (`UUIDv5`) from parts.
pub(super) fn derived(parts: &[Cow<'_, str>]) -> EventId {
    let mut name = String::new();
    for part in parts {
        name.push_str(part);
        name.push('\u{1f}');
    }
    EventId(Id::Guid(Uuid::new_v5(&NAMESPACE, name.as_bytes())))
}

/// A scalar as text for [`derived`]; missing is empty.
pub(super) fn piece<'r>(record: &'r Record<'_>, key: Key) -> Cow<'r, str> {
    record.leaf(key).text().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_may_carry_brackets_ports_and_zones() {
        for (text, expected) in [
            ("203.0.113.7", "203.0.113.7"),
            ("203.0.113.7:443", "203.0.113.7"),
            ("[::1]:443", "::1"),
            ("[2001:db8::1]", "2001:db8::1"),
            ("fe80::1%eth0", "fe80::1"),
        ] {
            assert_eq!(address(&Leaf::Text(text.into())), expected.parse().ok(), "{text}");
        }
        for text in ["", "0.0.0.0", "::", "0.0.0.0:80", "nowhere", "1.2.3", "1.2.3.4:https"] {
            assert_eq!(address(&Leaf::Text(text.into())), None, "{text}");
        }
    }

    #[test]
    fn a_tenant_is_found_in_a_path_of_any_case() {
        let id = TenantId::parse("11111111-1111-4111-8111-111111111111");
        assert_eq!(tenant_of_path("/TENANTS/11111111-1111-4111-8111-111111111111/PROVIDERS/MICROSOFT.AADIAM"), id);
        assert_eq!(tenant_of_path("/subscriptions/x/resourceGroups/y"), None);
    }
}

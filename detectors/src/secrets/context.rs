//! Whose a secret is: client ids and tenant ids near a mark.

use crate::event::{AppId, Id, TenantId};
use std::ops::Range;
use uuid::Uuid;

/// How far around a mark ids are looked for, in bytes.
const WINDOW: usize = 2 << 10;

/// The most ids of each kind that are kept.
const MOST: usize = 8;

/// The length of a GUID with hyphens.
const GUID: usize = 36;

/// The end of a name (without `_`, `-`, `.`, in lower case) that says what a GUID after it is.
const LABELS: &[(&str, Kind)] = &[
    ("clientid", Kind::App),
    ("appid", Kind::App),
    ("applicationid", Kind::App),
    ("serviceprincipalid", Kind::App),
    ("audience", Kind::App),
    ("username", Kind::App),
    ("tenantid", Kind::Tenant),
    ("tenant", Kind::Tenant),
    ("directoryid", Kind::Tenant),
    ("issuer", Kind::Tenant),
    ("subscriptionid", Kind::Other),
    ("subscription", Kind::Other),
    ("subscriptions", Kind::Other),
    ("applications", Kind::Other),
    ("serviceprincipals", Kind::Other),
    ("users", Kind::Other),
    ("groups", Kind::Other),
    ("objectid", Kind::Other),
    ("secretid", Kind::Other),
    ("keyid", Kind::Other),
    ("groupid", Kind::Other),
    ("correlationid", Kind::Other),
    ("requestid", Kind::Other),
    ("traceid", Kind::Other),
    ("instrumentationkey", Kind::Other),
];

/// Hosts whose first path segment is a tenant.
const TENANT_HOSTS: &[&str] = &["login.microsoftonline.com/", "login.windows.net/", "sts.windows.net/"];

/// The ids near a mark, labelled ones first, each nearest first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Nearby {
    /// Client ids that are labelled so.
    pub apps: Vec<AppId>,
    /// GUIDs that nothing labels: perhaps client ids.
    pub unlabelled: Vec<AppId>,
    /// Tenant ids.
    pub tenants: Vec<TenantId>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    App,
    Tenant,
    Other,
    Unlabelled,
}

/// The ids within 2 KiB of a range of the text.
pub fn nearby(text: &str, around: &Range<usize>) -> Nearby {
    nearby_in(text.as_bytes(), around)
}

/// [`nearby`] for any bytes.
pub(super) fn nearby_in(bytes: &[u8], around: &Range<usize>) -> Nearby {
    let start = around.start.saturating_sub(WINDOW);
    let end = around.end.saturating_add(WINDOW).min(bytes.len());
    let mut sighted: Vec<(usize, Kind, Uuid)> = guids(bytes, start..end)
        .filter(|(at, _)| !around.contains(at))
        .map(|(at, guid)| (distance(around, at), kind_of(bytes.get(start..at).unwrap_or_default()), guid))
        .collect();
    sighted.sort_by_key(|(distance, _, _)| *distance);
    let of_kind = |wanted: Kind| {
        let mut ids: Vec<Uuid> = Vec::new();
        for (_, _, guid) in sighted.iter().filter(|(_, kind, _)| *kind == wanted) {
            if ids.len() < MOST && !ids.contains(guid) {
                ids.push(*guid);
            }
        }
        ids
    };
    let (apps, tenants) = (of_kind(Kind::App), of_kind(Kind::Tenant));
    let unlabelled = of_kind(Kind::Unlabelled).into_iter().filter(|id| !apps.contains(id) && !tenants.contains(id));
    Nearby {
        unlabelled: unlabelled.map(|id| AppId(Id::Guid(id))).collect(),
        apps: apps.into_iter().map(|id| AppId(Id::Guid(id))).collect(),
        tenants: tenants.into_iter().map(|id| TenantId(Id::Guid(id))).collect(),
    }
}

fn distance(around: &Range<usize>, at: usize) -> usize {
    if at >= around.end { at - around.end } else { around.start.saturating_sub(at + GUID) }
}

/// The GUIDs that lie within a range and are none that documentation or Microsoft uses for everybody.
fn guids(bytes: &[u8], range: Range<usize>) -> impl Iterator<Item = (usize, Uuid)> {
    let window = bytes.get(range.clone()).unwrap_or_default();
    window.windows(GUID).enumerate().filter_map(move |(at, candidate)| {
        if candidate.get(8) != Some(&b'-') || candidate.get(13) != Some(&b'-') || candidate.get(23) != Some(&b'-') {
            return None;
        }
        let at = range.start + at;
        let bounded = |byte: Option<&u8>| byte.is_none_or(|b| !b.is_ascii_hexdigit() && *b != b'-');
        // A leading hyphen is the sign of a removed line.
        let before = at.checked_sub(1).and_then(|before| bytes.get(before)).filter(|b| **b != b'-');
        let guid = Uuid::try_parse_ascii(candidate).ok()?;
        (bounded(before) && bounded(bytes.get(at + GUID)) && !is_common(guid)).then_some((at, guid))
    })
}

/// Whether everybody's code has this GUID: all digits equal, counting digits, or Microsoft's own well-known form.
fn is_common(guid: Uuid) -> bool {
    const FIRST_PARTY: u128 = 0x0000_0000_0000_0000_c000_0000_0000_0000;
    let value = guid.as_u128();
    let digit = value & 0xf;
    let all_equal = value == digit * (u128::MAX / 0xf);
    let first_party = value & !(0xffff_ffff << 96) == FIRST_PARTY;
    all_equal || first_party || value >> 64 == 0x1234_5678_1234_1234
}

/// What the text right before a GUID says that it is.
fn kind_of(before: &[u8]) -> Kind {
    const LONGEST_LABEL: usize = 64;
    if TENANT_HOSTS.iter().any(|host| before.ends_with(host.as_bytes())) {
        return Kind::Tenant;
    }
    let start = before.len().saturating_sub(LONGEST_LABEL);
    let before = before.get(start..).unwrap_or_default();
    let is_gap = |b: &u8| {
        matches!(b, b' ' | b'\t' | b'"' | b'\'' | b'`' | b'\\' | b':' | b'=' | b'>' | b'(' | b'[' | b']' | b'/')
    };
    let gap = before.iter().rev().take_while(|b| is_gap(b)).count();
    let name = before.get(..before.len() - gap).unwrap_or_default();
    let label: Vec<u8> = name
        .iter()
        .rev()
        .take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.'))
        .filter(|b| b.is_ascii_alphanumeric())
        .map(u8::to_ascii_lowercase)
        .collect();
    if gap == 0 || label.is_empty() {
        return Kind::Unlabelled;
    }
    if label == b"u" {
        return Kind::App; // `az login -u`
    }
    let ends_with = |text: &str| text.bytes().rev().zip(&label).filter(|(a, b)| a == *b).count() == text.len();
    LABELS.iter().find(|(text, _)| ends_with(text)).map_or(Kind::Unlabelled, |(_, kind)| *kind)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn guid(n: u32) -> String {
        format!("{n:08x}-9a1b-4c2d-8e3f-0123456789ab")
    }

    fn around_mark(text: &str) -> Nearby {
        let at = text.find("MARK").expect("a mark");
        nearby(text, &(at..at + 4))
    }

    #[test]
    fn labels_tell_client_from_tenant_from_the_rest() {
        let (app, tenant, other) = (guid(0xa11), guid(0xb22), guid(0xc33));
        for text in [
            format!("ARM_CLIENT_ID={app}\nARM_TENANT_ID={tenant}\nARM_SUBSCRIPTION_ID={other}\nsecret=MARK"),
            format!(r#"{{"appId": "{app}", "password": "MARK", "tenant": "{tenant}", "objectId":"{other}"}}"#),
            format!("-ClientId '{app}' -Secret MARK https://login.microsoftonline.com/{tenant}/oauth2 keyId: {other}"),
            format!(r#"{{\"client_id\":\"{app}\",\"s\":\"MARK\",\"tenantId\":\"{tenant}\"}}"#),
            format!("+  application_id: {app}\n+  secret: MARK\n+  iss: https://sts.windows.net/{tenant}/"),
        ] {
            let near = around_mark(&text);
            assert_eq!(near.apps, [AppId::parse(&app).expect("an id")], "{text}");
            assert_eq!(near.tenants, [TenantId::parse(&tenant).expect("an id")], "{text}");
            assert_eq!(near.unlabelled, [], "{text}");
        }
    }

    #[test]
    fn the_nearest_comes_first_and_each_once() {
        let (far, near) = (guid(1), guid(2));
        let text = format!("client_id={far} filler client_id={near} MARK client_id={near} {}", guid(3));
        let found = around_mark(&text);
        assert_eq!(found.apps, [near, far].map(|id| AppId::parse(&id).expect("an id")));
        assert_eq!(found.unlabelled.len(), 1);
    }

    #[test]
    fn ids_of_everybody_and_ids_far_away_are_none() {
        let text = format!(
            "client_id={} {} client_id=00000003-0000-0000-c000-000000000000 11111111-1111-1111-1111-111111111111 MARK",
            guid(1),
            " ".repeat(WINDOW)
        );
        assert_eq!(around_mark(&text), Nearby::default());
    }
}

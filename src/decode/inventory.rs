//! The inventory: Graph exports of applications and service principals.

use super::Context;
use super::envelope::{cut, derived, id, name, required_id, tenant};
use super::leaf::{Leaf, List, Part};
use super::managed_identity;
use super::refusal::{Decision, one};
use super::time;
use super::wire::{Fields, InventoryCredential, Record, Related};
use super::wire_key::Key;
use base64::Engine;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use compact_str::CompactString;
use picket_detectors::event::{
    AppId, Body, Credential, CredentialKind, Event, EventTime, Id, InventoryApplication, InventoryServicePrincipal,
    KeyId, NAMESPACE, ObjectId, Ownership, PrincipalId,
};
use uuid::Uuid;

/// Decodes an application.
pub(super) fn application(record: &Record<'_>, text: &str, context: &Context) -> Decision {
    let body = record.body();
    let app = AppId(required_id(body.leaf(Key::AppId), "appId")?);
    let application = InventoryApplication {
        app,
        object: id(body.leaf(Key::Id)).map(ObjectId),
        name: name(body.leaf(Key::DisplayName)),
        credentials: credentials(body),
        ownership: ownership(body),
    };
    Ok(one(event(record, text, context, Body::InventoryApplication(Box::new(application)))))
}

/// Decodes a service principal.
pub(super) fn service_principal(record: &Record<'_>, text: &str, context: &Context) -> Decision {
    let body = record.body();
    let kind = body.leaf(Key::ServicePrincipalType).text();
    let principal = InventoryServicePrincipal {
        principal: PrincipalId(required_id(body.leaf(Key::Id), "id")?),
        app: id(body.leaf(Key::AppId)).map(AppId),
        blueprint: id(body.leaf(Key::AgentIdentityBlueprintId)).map(AppId),
        name: name(body.leaf(Key::DisplayName)),
        managed_identity: kind.is_some_and(|kind| kind.eq_ignore_ascii_case("ManagedIdentity")),
        resource: body
            .alternative_names
            .items()
            .iter()
            .filter_map(Leaf::text)
            .find_map(|name| managed_identity::object(&name)),
        enabled: body.leaf(Key::AccountEnabled).truth(),
        credentials: credentials(body),
        grants: grants(body),
        ownership: ownership(body),
    };
    Ok(one(event(record, text, context, Body::InventoryServicePrincipal(Box::new(principal)))))
}

/// Decodes the user account of an agent. It tells of its agent whom that reports to, and nothing else: the account's own
/// sponsors would take the place of the agent's.
pub(super) fn agent_user(record: &Record<'_>, text: &str, context: &Context) -> Decision {
    let body = record.body();
    let agent = InventoryServicePrincipal {
        principal: PrincipalId(required_id(body.leaf(Key::IdentityParentId), "identityParentId")?),
        app: None,
        blueprint: None,
        name: None,
        managed_identity: false,
        resource: None,
        enabled: None,
        credentials: Vec::new(),
        grants: Vec::new(),
        ownership: Ownership { managers: ownership(body).managers, ..Ownership::default() },
    };
    Ok(one(event(record, text, context, Body::InventoryServicePrincipal(Box::new(agent)))))
}

/// An export has no event id and no time. A changed export of one object must be a new event, an equal one the same:
/// the id comes from the object's id and its bytes. The time is the object's creation, else the epoch.
fn event(record: &Record<'_>, text: &str, context: &Context, inventory: Body) -> Event {
    let leaf = |key| record.body().leaf(key).text().unwrap_or_default();
    let bytes = blake3::hash(text.trim().as_bytes()).to_hex();
    Event {
        id: derived(&["inventory".into(), leaf(Key::Id), leaf(Key::AppId), bytes.as_str().into()]),
        tenant: tenant(record, context),
        time: time::parse(&leaf(Key::CreatedDateTime)).unwrap_or(EventTime::from_micros(0)),
        body: inventory,
        signals: Vec::new(),
    }
}

fn credentials(body: &Fields<'_>) -> Vec<Credential> {
    let of = |list: &List<'_, Part<'_, InventoryCredential<'_>>>, kind| -> Vec<Credential> {
        list.objects().filter_map(|entry| credential(entry, kind)).collect()
    };
    let mut all = of(&body.passwords, CredentialKind::Secret);
    all.extend(of(&body.certificates, CredentialKind::Certificate));
    all.extend(of(&body.federated, CredentialKind::Federated));
    all
}

fn credential(entry: &InventoryCredential<'_>, list: CredentialKind) -> Option<Credential> {
    let kind = match list {
        CredentialKind::Certificate if entry.kind.text().is_some_and(|kind| kind.eq_ignore_ascii_case("Symmetric")) => {
            CredentialKind::Other
        }
        kind => kind,
    };
    let key = match list {
        CredentialKind::Federated => id(&entry.id).or_else(|| entry.name.text().map(|name| federated_key(&name))),
        CredentialKind::Secret | CredentialKind::Certificate | CredentialKind::Other => id(&entry.key_id),
    };
    let moment = |leaf: &Leaf<'_>| leaf.text().and_then(|text| time::parse(&text));
    let text = |leaf: &Leaf<'_>, most| leaf.text().map(|text| cut(&text, most));
    Some(Credential {
        key: KeyId(key?),
        kind,
        verifies: !entry.usage.text().is_some_and(|usage| usage.eq_ignore_ascii_case("Sign")),
        name: name(&entry.name),
        // Three characters are what Graph itself shows; more would be part of a secret.
        hint: text(&entry.hint, 3),
        thumbprint: entry.thumbprint.text().and_then(|text| thumbprint(&text)),
        start: moment(&entry.start),
        end: moment(&entry.end),
        issuer: text(&entry.issuer, 512),
        subject: text(&entry.subject, 640),
    })
}

/// The key of a federated credential without an id: derived from its name, which never changes.
pub(super) fn federated_key(name: &str) -> Id {
    Id::Guid(Uuid::new_v5(&NAMESPACE, format!("federated\u{1f}{name}").as_bytes()))
}

/// `customKeyIdentifier` is a certificate's SHA-1 or SHA-256, in hex or in base64, that of URLs (`x5t#S256`) too; anything
/// else is none.
fn thumbprint(text: &str) -> Option<CompactString> {
    if matches!(text.len(), 40 | 64) && text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Some(text.to_ascii_uppercase().into());
    }
    let unpadded = text.trim_end_matches('=');
    let bytes = STANDARD_NO_PAD.decode(unpadded).or_else(|_| URL_SAFE_NO_PAD.decode(unpadded)).ok()?;
    match bytes.len() {
        20 | 32 => Some(hex(&bytes)),
        // Some exports put the hex text itself into base64.
        40 | 64 => std::str::from_utf8(&bytes).ok().and_then(thumbprint),
        _ => None,
    }
}

fn hex(bytes: &[u8]) -> CompactString {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    let digit = |nibble: u8| char::from(DIGITS.get(usize::from(nibble)).copied().unwrap_or(b'?'));
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

/// Whom the export names, as lists of objects or of plain names; a manager stands alone.
fn ownership(body: &Fields<'_>) -> Ownership {
    let names = |list: &List<'_, Part<'_, Related<'_>>>| list.items().iter().filter_map(called).collect();
    Ownership {
        owners: names(&body.owners),
        sponsors: names(&body.sponsors),
        managers: called(&body.manager).into_iter().collect(),
    }
}

fn called(one: &Part<'_, Related<'_>>) -> Option<CompactString> {
    let known = one.get().and_then(|one| [&one.principal_name, &one.id, &one.name].into_iter().find_map(name));
    known.or_else(|| one.text().map(|text| cut(text, 256)))
}

fn grants(body: &Fields<'_>) -> Vec<CompactString> {
    let mut grants = Vec::new();
    for assignment in body.grants.objects() {
        grants.extend([&assignment.app_role_value, &assignment.app_role].into_iter().filter_map(name));
    }
    for role in body.memberships.objects().filter(|role| role.role_template.is_present()) {
        grants.extend([&role.name, &role.role_template].into_iter().filter_map(name));
    }
    grants
}

#[cfg(test)]
mod tests {
    use super::thumbprint;

    #[test]
    fn a_thumbprint_is_read_from_hex_and_base64() {
        let hex = "A94A8FE5CCB19BA61C4C0873D391E987982FBBD3";
        assert_eq!(thumbprint(&hex.to_lowercase()).as_deref(), Some(hex));
        assert_eq!(thumbprint("qUqP5cyxm6YcTAhz05Hph5gvu9M=").as_deref(), Some(hex));
        assert_eq!(thumbprint("YXV0bw=="), None);
        let newer = "FBEFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF";
        for text in
            ["++////////////////////////////////////////8=", "--________________________________________8", newer]
        {
            assert_eq!(thumbprint(text).as_deref(), Some(newer), "{text}");
        }
    }
}

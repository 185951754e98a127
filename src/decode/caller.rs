//! Who called Azure Resource Manager or a key vault, by the claims of the token.

use super::azure_activity::caller_address;
use super::envelope::{id, name, tenant};
use super::refusal::Refusal;
use super::wire::{Claims, Record};
use super::wire_key::Key;
use super::{Context, token_id};
use compact_str::ToCompactString;
use picket_detectors::event::{Actor, ActorKind, AppId, Id, Place, PrincipalId, TenantId};

/// A workload identity that called with a token of its own.
pub(super) struct Caller {
    pub(super) principal: PrincipalId,
    pub(super) app: Option<AppId>,
    pub(super) tenant: TenantId,
    pub(super) token: Option<Id>,
}

/// The caller of a record; calls of people, and on their behalf, are ignored.
pub(super) fn caller(record: &Record<'_>, log: &str, context: &Context) -> Result<Caller, Refusal> {
    let Some(claims) = claims_of(record) else { return by_columns(record, log, context) };
    if !is_workload(record, claims) {
        return Err(Refusal::ignored(&format!("{log} of a user")));
    }
    let principal = id(&claims.principal).ok_or_else(|| Refusal::missing("claims.objectidentifier"))?;
    Ok(Caller {
        principal: PrincipalId(principal),
        app: id(&claims.app).map(AppId),
        tenant: tenant_of(record, context),
        token: claims.token.text().and_then(|token| token_id::parse(&token)),
    })
}

/// The tenant that issued the caller's token, else that of the record.
pub(super) fn tenant_of(record: &Record<'_>, context: &Context) -> TenantId {
    let claimed = claims_of(record).and_then(|claims| claims.tenant.text());
    claimed.and_then(|text| TenantId::parse(&text)).unwrap_or_else(|| tenant(record, context))
}

/// The claims of the caller's token.
pub(super) fn claims_of<'r, 'a>(record: &'r Record<'a>) -> Option<&'r Claims<'a>> {
    let outer = &record.outer;
    outer.claims.get().or_else(|| outer.identity.get().and_then(|identity| identity.claims.get()))
}

/// The caller by the columns that a table of Log Analytics has for the claims.
fn by_columns(record: &Record<'_>, log: &str, context: &Context) -> Result<Caller, Refusal> {
    let leaf = |key| record.outer.leaf(key);
    let Some(principal) = id(leaf(Key::ClaimObject)) else {
        return Err(Refusal::ignored(&format!("{log} without claims")));
    };
    let present = |key| leaf(key).is_present();
    let is_workload = leaf(Key::ClaimKind).text().map_or_else(
        || present(Key::ClaimApp) && !present(Key::ClaimPerson) && !present(Key::ClaimScope),
        |kind| kind.eq_ignore_ascii_case("app"),
    );
    if !is_workload {
        return Err(Refusal::ignored(&format!("{log} of a user")));
    }
    Ok(Caller {
        principal: PrincipalId(principal),
        app: id(leaf(Key::ClaimApp)).map(AppId),
        tenant: tenant(record, context),
        token: leaf(Key::ClaimToken).text().and_then(|token| token_id::parse(&token)),
    })
}

/// The token says so, or the role assignment; older tokens only by what they lack: a person and a delegated scope.
pub(super) fn is_workload(record: &Record<'_>, claims: &Claims<'_>) -> bool {
    if let Some(kind) = claims.kind.text() {
        return kind.eq_ignore_ascii_case("app");
    }
    let outer = &record.outer;
    let authorization =
        outer.authorization.get().or_else(|| outer.identity.get().and_then(|identity| identity.authorization.get()));
    let evidence = authorization.and_then(|authorization| authorization.evidence.get());
    if let Some(kind) = evidence.and_then(|evidence| evidence.principal_type.text()) {
        return kind.eq_ignore_ascii_case("ServicePrincipal");
    }
    claims.app.is_present() && !claims.person.is_present() && !claims.scope.is_present()
}

/// Who changed something by a call of Resource Manager: a person or a workload identity.
pub(super) fn actor(record: &Record<'_>) -> Actor {
    let place = Place { address: caller_address(&record.outer), ..Place::default() };
    let Some(claims) = claims_of(record) else {
        let caller = record.outer.leaf(Key::Caller);
        let is_person = caller.text().is_some_and(|caller| caller.contains('@'));
        return Actor {
            kind: if is_person { ActorKind::User } else { ActorKind::Unknown },
            id: if is_person { None } else { id(caller) },
            name: name(caller),
            place,
            ..Actor::default()
        };
    };
    let is_workload = is_workload(record, claims);
    Actor {
        kind: if is_workload { ActorKind::Application } else { ActorKind::User },
        id: id(&claims.principal),
        app: if is_workload { id(&claims.app).map(AppId) } else { None },
        name: name(&claims.person).or_else(|| id(&claims.app).map(|app| app.to_compact_string())),
        place,
        ..Actor::default()
    }
}

//! Who called Azure Resource Manager or a key vault, by the claims of the token.

use super::envelope::{id, tenant};
use super::refusal::Refusal;
use super::wire::{Authorization, Claims, Record};
use super::{Context, token_id};
use picket_detectors::event::{AppId, Id, PrincipalId, TenantId};

/// A workload identity that called with a token of its own.
pub(super) struct Caller {
    pub(super) principal: PrincipalId,
    pub(super) app: Option<AppId>,
    pub(super) tenant: TenantId,
    pub(super) token: Option<Id>,
}

/// The caller of a record; calls of people, and on their behalf, are ignored.
pub(super) fn caller(record: &Record<'_>, log: &str, context: &Context) -> Result<Caller, Refusal> {
    let outer = &record.outer;
    let identity = outer.identity.get();
    let claims = outer.claims.get().or_else(|| identity.and_then(|identity| identity.claims.get()));
    let Some(claims) = claims else { return Err(Refusal::ignored(&format!("{log} without claims"))) };
    let authorization =
        outer.authorization.get().or_else(|| identity.and_then(|identity| identity.authorization.get()));
    if !is_workload(claims, authorization) {
        return Err(Refusal::ignored(&format!("{log} of a user")));
    }
    let principal = id(&claims.principal).ok_or_else(|| Refusal::missing("claims.objectidentifier"))?;
    Ok(Caller {
        principal: PrincipalId(principal),
        app: id(&claims.app).map(AppId),
        tenant: claims.tenant.text().and_then(|text| TenantId::parse(&text)).unwrap_or_else(|| tenant(record, context)),
        token: claims.token.text().and_then(|token| token_id::parse(&token)),
    })
}

/// The token says so, or the role assignment; older tokens only by what they lack: a person and a delegated scope.
fn is_workload(claims: &Claims<'_>, authorization: Option<&Authorization<'_>>) -> bool {
    if let Some(kind) = claims.kind.text() {
        return kind.eq_ignore_ascii_case("app");
    }
    let evidence = authorization.and_then(|authorization| authorization.evidence.get());
    if let Some(kind) = evidence.and_then(|evidence| evidence.principal_type.text()) {
        return kind.eq_ignore_ascii_case("ServicePrincipal");
    }
    claims.app.is_present() && !claims.person.is_present() && !claims.scope.is_present()
}

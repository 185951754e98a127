//! Which application of which tenant a secret is tried for.

use super::verification::Because;
use crate::scan::finding::Finding;
use picket_detectors::event::{AppId, Id, TenantId};
use picket_detectors::secrets::NAMED_CLIENT_SECRET;

/// Who the secret would let in where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// The tenant. A GUID: it goes into an address.
    pub tenant: TenantId,
    /// The application. A GUID.
    pub app: AppId,
    /// Whether nothing else near the secret could have been meant: only then a refusal says that it is dead.
    pub is_sole: bool,
}

impl Target {
    /// The nearest application and tenant; the inventory's application first, if it knows the secret.
    ///
    /// # Errors
    /// When one of them is missing: then nobody is asked.
    pub fn of(finding: &Finding) -> Result<Self, Because> {
        let hints = &finding.sighting.owner;
        let inventory = finding.belongs.as_ref().filter(|belonging| belonging.key.is_some());
        let known = inventory.map(|belonging| &belonging.app);
        let mut labelled = hints.apps.iter().filter(|app| is_guid(&app.0));
        // An id without a label may be anything, and what only its name makes an Entra secret may be somebody else's.
        let takes_any = finding.sighting.rule != NAMED_CLIENT_SECRET;
        let mut unlabelled = hints.unlabelled.iter().filter(|app| takes_any && is_guid(&app.0));
        let nearest = known.filter(|app| is_guid(&app.0)).or_else(|| labelled.next()).or_else(|| unlabelled.next());
        let app = nearest.ok_or(Because::NoApplication)?;
        let mut tenants = hints.tenants.iter().filter(|tenant| is_guid(&tenant.0));
        let tenant = tenants.next().ok_or(Because::NoTenant)?;
        let is_sole_app = known.is_some() || (labelled.next().is_none() && !hints.apps.is_empty());
        Ok(Self { tenant: tenant.clone(), app: app.clone(), is_sole: is_sole_app && tenants.next().is_none() })
    }
}

fn is_guid(id: &Id) -> bool {
    matches!(id, Id::Guid(_))
}

//! Microsoft's own verdicts: `ServicePrincipalRiskEvents`, `RiskyServicePrincipals`, `AgentRiskEvents`, `RiskyAgents`.

use super::Context;
use super::envelope::{cut, derived, first_time, id, name, piece, required_id, tenant};
use super::refusal::{Decision, one};
use super::wire::Record;
use super::wire_key::Key;
use picket_detectors::event::{AppId, Body, Event, MicrosoftRisk, PrincipalId};

/// When Microsoft came to this verdict, most telling first.
const TIMES: &[(Key, &str)] = &[
    (Key::DetectedDateTime, "detectedDateTime"),
    (Key::RiskLastUpdatedDateTime, "riskLastUpdatedDateTime"),
    (Key::RiskLastModifiedDateTime, "riskLastModifiedDateTime"),
    (Key::LastUpdatedDateTime, "lastUpdatedDateTime"),
    (Key::LastModifiedDateTime, "lastModifiedDateTime"),
    (Key::ActivityDateTime, "activityDateTime"),
    (Key::TimeGenerated, "timeGenerated"),
    (Key::Time, "time"),
];

/// What tells one word of Microsoft's from the next on the same detection or principal.
const IDENTITY: &[Key] = &[
    Key::Id,
    Key::ServicePrincipalId,
    Key::AgentId,
    Key::RiskEventType,
    Key::RiskLevel,
    Key::RiskState,
    Key::LastUpdatedDateTime,
    Key::LastModifiedDateTime,
    Key::RiskLastUpdatedDateTime,
    Key::RiskLastModifiedDateTime,
];

/// Decodes a verdict; a detection whose state has changed since is a new event.
pub(super) fn decode(record: &Record<'_>, context: &Context, agent: bool) -> Decision {
    let body = record.body();
    // A detection names whom it is about; a risky principal's own id is that of the principal.
    let (key, field) = if agent { (Key::AgentId, "agentId") } else { (Key::ServicePrincipalId, "servicePrincipalId") };
    let is_detection = body.leaf(Key::RiskEventType).is_present() || body.leaf(key).is_present();
    let principal =
        if is_detection { required_id(body.leaf(key), field)? } else { required_id(body.leaf(Key::Id), "id")? };
    let time = first_time(record, TIMES)?;
    let names = [Key::ServicePrincipalDisplayName, Key::AgentDisplayName, Key::DisplayName];
    let word = |key| body.leaf(key).text().map(|text| cut(&text, 64));
    let mut parts = vec!["microsoft-risk".into()];
    parts.extend(IDENTITY.iter().map(|key| piece(record, *key)));
    Ok(one(Event {
        id: derived(&parts),
        tenant: tenant(record, context),
        time,
        body: Body::MicrosoftRisk(Box::new(MicrosoftRisk {
            principal: PrincipalId(principal),
            app: id(body.leaf(Key::AppId)).map(AppId),
            name: names.into_iter().find_map(|key| name(body.leaf(key))),
            agent,
            risk_event_type: word(Key::RiskEventType),
            risk_level: word(Key::RiskLevel).unwrap_or_default(),
            risk_state: word(Key::RiskState).unwrap_or_default(),
        })),
        signals: Vec::new(),
    }))
}

//! Microsoft's own verdicts on people: `UserRiskEvents`, `RiskyUsers`, and Graph's `riskDetection` and `riskyUser`.

use super::Context;
use super::envelope::{cut, derived, first_time, id, name, piece, required_id, tenant};
use super::refusal::{Decision, one};
use super::time;
use super::wire::Record;
use super::wire_key::Key;
use picket_detectors::event::{Body, Event, ObjectId, UserRisk};

/// When it was said, newest word first: a detection keeps its first times when its state changes.
const TIMES: &[(Key, &str)] = &[
    (Key::RiskLastUpdatedDateTime, "riskLastUpdatedDateTime"),
    (Key::LastUpdatedDateTime, "lastUpdatedDateTime"),
    (Key::DetectedDateTime, "detectedDateTime"),
    (Key::ActivityDateTime, "activityDateTime"),
    (Key::TimeGenerated, "timeGenerated"),
    (Key::Time, "time"),
];

/// What tells one word of Microsoft's from the next on the same detection or user.
const IDENTITY: &[Key] =
    &[Key::Id, Key::UserId, Key::RiskLevel, Key::RiskState, Key::LastUpdatedDateTime, Key::RiskLastUpdatedDateTime];

/// Decodes a verdict; one whose state has changed since is a new event.
pub(super) fn decode(record: &Record<'_>, context: &Context) -> Decision {
    let body = record.body();
    // A detection names whom it is about; a risky user's own id is that of the user.
    let is_detection = body.leaf(Key::RiskEventType).is_present() || body.leaf(Key::UserId).is_present();
    let (user, detection) = if is_detection {
        (required_id(body.leaf(Key::UserId), "userId")?, id(body.leaf(Key::Id)))
    } else {
        (required_id(body.leaf(Key::Id), "id")?, None)
    };
    let said = first_time(record, TIMES)?;
    let word = |key| body.leaf(key).text().unwrap_or_default();
    let mut parts = vec!["user-risk".into()];
    parts.extend(IDENTITY.iter().map(|key| piece(record, *key)));
    Ok(one(Event {
        id: derived(&parts),
        tenant: tenant(record, context),
        time: said,
        body: Body::UserRisk(Box::new(UserRisk {
            user: ObjectId(user),
            name: name(body.leaf(Key::UserPrincipalName)).or_else(|| name(body.leaf(Key::UserDisplayName))),
            detection,
            risk_event_type: body.leaf(Key::RiskEventType).text().map(|text| cut(&text, 64)),
            grade: UserRisk::grade_of(&word(Key::RiskState), &word(Key::RiskLevel)),
            since: time::parse(&word(Key::ActivityDateTime)).unwrap_or(said).min(said),
        })),
        signals: Vec::new(),
    }))
}

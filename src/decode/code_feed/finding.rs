//! From what a feed says to one event.

use compact_str::CompactString;
use picket_detectors::event::{
    AlertState, Body, CodeFinding, Event, EventId, EventTime, Exposure, Id, KeyId, NAMESPACE, TenantId,
};
use picket_detectors::secrets::Mark;
use uuid::Uuid;

/// A finding of which nothing is known but its feed, rule and state.
pub(super) fn blank(feed: &'static str, rule: &str, state: AlertState) -> CodeFinding {
    CodeFinding {
        rule: rule.into(),
        feed: CompactString::const_new(feed),
        state,
        fingerprint: None,
        hint: None,
        thumbprint: None,
        thumbprint_sha256: None,
        preview: None,
        proven: false,
        valid: None,
        bypassed: false,
        exposure: Exposure::Unknown,
        apps: Vec::new(),
        tenants: Vec::new(),
        owner: None,
        key: None,
        repository: None,
        commit: None,
        path: None,
        line: None,
        url: None,
        exposed_at: None,
    }
}

/// Takes over what a mark says of its secret.
pub(super) fn describe(finding: &mut CodeFinding, mark: &Mark<'_>) {
    finding.proven = mark.proven;
    finding.fingerprint = Some(mark.fingerprint.into());
    finding.preview = mark.hint.as_ref().map(|hint| {
        let mut preview = hint.clone();
        preview.push_str("***");
        preview
    });
    finding.hint.clone_from(&mark.hint);
    finding.thumbprint = mark.thumbprint.map(CompactString::from);
    finding.thumbprint_sha256 = mark.thumbprint_sha256.map(CompactString::from);
    finding.owner.clone_from(&mark.owner);
    finding.key = mark.key.as_deref().and_then(Id::parse).map(KeyId);
}

/// The event of a finding. Its id is made from what identifies it, so every delivery has the same.
pub(super) fn event(finding: CodeFinding, time: EventTime, identity: &[&str]) -> Event {
    Event {
        id: event_id(identity),
        tenant: finding.tenants.first().cloned().unwrap_or(TenantId::UNKNOWN),
        time,
        body: Body::CodeFinding(Box::new(finding)),
        signals: Vec::new(),
    }
}

/// The id of an event that its feed gives none.
pub(super) fn event_id(identity: &[&str]) -> EventId {
    // The separator occurs in none of the parts, so no two identities run together.
    EventId(Id::Guid(Uuid::new_v5(&NAMESPACE, identity.join("\0").as_bytes())))
}

//! Administrators' commands: `{"command": "dismiss", "tenantId": …, "servicePrincipalIds": [ … ], "dateTime": …}`.

use super::Context;
use super::envelope::{cut, derived, id, name, piece, required_time, tenant};
use super::refusal::{Decision, Refusal};
use super::wire::Record;
use super::wire_key::Key;
use picket_detectors::event::{Body, Command, Event, PrincipalId, TenantId, Verdict};

/// Decodes a command: one event for each principal.
pub(super) fn decode(record: &Record<'_>, context: &Context) -> Decision {
    let body = record.body();
    let verdict =
        body.leaf(Key::Command).text().and_then(|word| verdict(&word)).ok_or_else(|| Refusal::bad("command"))?;
    let time = required_time(body.leaf(Key::DateTime), "dateTime")?;
    let ids = body.principal_ids.items();
    if ids.is_empty() {
        return Err(Refusal::missing("servicePrincipalIds"));
    }
    let tenant = tenant(record, context);
    if tenant == TenantId::UNKNOWN {
        // A command for a principal that is nobody's would be obeyed by nobody.
        return Err(Refusal::missing("tenantId"));
    }
    let initiated_by = body.initiated_by.text().map(|text| cut(text, 256)).or_else(|| name(body.leaf(Key::UserId)));
    let reason = body.leaf(Key::Reason).text().map(|text| cut(&text, 1_024));
    // The command's own id, where it has one, else what it says.
    let own = match id(body.leaf(Key::Id)) {
        Some(own) => own.to_string(),
        None => format!(
            "{time}\u{1f}{}\u{1f}{}",
            piece(record, Key::Command).to_lowercase(),
            initiated_by.as_deref().unwrap_or_default()
        ),
    };
    ids.iter()
        .map(|leaf| {
            let principal = id(leaf).map(PrincipalId).ok_or_else(|| Refusal::bad("servicePrincipalIds"))?;
            let parts =
                ["command".into(), own.as_str().into(), tenant.to_string().into(), principal.to_string().into()];
            let command = Command { principal, verdict, initiated_by: initiated_by.clone(), reason: reason.clone() };
            Ok(Event {
                id: derived(&parts),
                tenant: tenant.clone(),
                time,
                body: Body::Command(Box::new(command)),
                signals: Vec::new(),
            })
        })
        .collect()
}

fn verdict(word: &str) -> Option<Verdict> {
    const WORDS: [(&str, Verdict); 3] = [
        ("confirmCompromised", Verdict::ConfirmCompromised),
        ("dismiss", Verdict::Dismiss),
        ("confirmSafe", Verdict::ConfirmSafe),
    ];
    WORDS.iter().find(|(known, _)| known.eq_ignore_ascii_case(word)).map(|(_, verdict)| *verdict)
}

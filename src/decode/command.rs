//! Administrators' commands: `{"command": "dismiss", "tenantId": …, "servicePrincipalIds": [ … ], "dateTime": …}`, and
//! announcements of change: `{"command": "expectChange", …, "from": …, "until": …, "initiatedBy": …, "reason": …}`.

use super::Context;
use super::envelope::{cut, derived, id, name, piece, required_time, tenant};
use super::refusal::{Decision, Refusal};
use super::wire::Record;
use super::wire_key::Key;
use compact_str::CompactString;
use picket_detectors::detect::descriptor;
use picket_detectors::event::{
    Body, Command, Event, EventTime, ExpectedChange, Id, PrincipalId, TenantId, Verdict, Window,
};

/// What is commanded, before it is addressed.
enum Order {
    Say(Verdict),
    Expect(Window),
}

/// Decodes a command: one event for each principal.
pub(super) fn decode(record: &Record<'_>, context: &Context) -> Decision {
    let body = record.body();
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
    let reason: Option<CompactString> = body.leaf(Key::Reason).text().map(|text| cut(&text, 1_024));
    let order = order(record, time, initiated_by.as_ref(), reason.as_ref())?;
    let own = own_id(record, time, &order, initiated_by.as_deref().unwrap_or_default());
    ids.iter()
        .map(|leaf| {
            let principal = id(leaf).map(PrincipalId).ok_or_else(|| Refusal::bad("servicePrincipalIds"))?;
            let parts =
                ["command".into(), own.as_str().into(), tenant.to_string().into(), principal.to_string().into()];
            let body = match &order {
                Order::Say(verdict) => Body::Command(Box::new(Command {
                    principal,
                    verdict: *verdict,
                    initiated_by: initiated_by.clone(),
                    reason: reason.clone(),
                })),
                Order::Expect(window) => {
                    Body::ExpectedChange(Box::new(ExpectedChange { principal, window: window.clone() }))
                }
            };
            Ok(Event { id: derived(&parts), tenant: tenant.clone(), time, body, signals: Vec::new() })
        })
        .collect()
}

fn order(
    record: &Record<'_>,
    time: EventTime,
    author: Option<&CompactString>,
    reason: Option<&CompactString>,
) -> Result<Order, Refusal> {
    let word = record.body().leaf(Key::Command).text().ok_or_else(|| Refusal::bad("command"))?;
    if word.eq_ignore_ascii_case("expectChange") {
        return window(record, time, author, reason).map(Order::Expect);
    }
    verdict(&word).map(Order::Say).ok_or_else(|| Refusal::bad("command"))
}

fn verdict(word: &str) -> Option<Verdict> {
    const WORDS: [(&str, Verdict); 3] = [
        ("confirmCompromised", Verdict::ConfirmCompromised),
        ("dismiss", Verdict::Dismiss),
        ("confirmSafe", Verdict::ConfirmSafe),
    ];
    WORDS.iter().find(|(known, _)| known.eq_ignore_ascii_case(word)).map(|(_, verdict)| *verdict)
}

/// A window must end, and somebody must answer for it.
fn window(
    record: &Record<'_>,
    said: EventTime,
    author: Option<&CompactString>,
    reason: Option<&CompactString>,
) -> Result<Window, Refusal> {
    let body = record.body();
    let from = body.leaf(Key::From);
    let from = if from.is_present() { required_time(from, "from")? } else { said };
    if from.since(said) > Window::AHEAD {
        return Err(Refusal::bad("from"));
    }
    let until = required_time(body.leaf(Key::Until), "until")?;
    if until <= from || until.since(from) > Window::LONGEST {
        return Err(Refusal::bad("until"));
    }
    let named = body.risk_event_types.items().iter().map(|leaf| {
        let name = leaf.text().ok_or_else(|| Refusal::bad("riskEventTypes"))?;
        descriptor(&name).map(|_| CompactString::from(&*name)).ok_or_else(|| Refusal::bad("riskEventTypes"))
    });
    let mut risk_event_types = named.collect::<Result<Vec<_>, _>>()?;
    risk_event_types.sort_unstable();
    let author = author.cloned().ok_or_else(|| Refusal::missing("initiatedBy"))?;
    let reason = reason.cloned().ok_or_else(|| Refusal::missing("reason"))?;
    let own = id(body.leaf(Key::Id));
    let own = own.unwrap_or_else(|| {
        let parts = ["window".into(), from.to_string().into(), until.to_string().into(), author.as_str().into()];
        derived(&parts).0
    });
    Ok(Window { id: own, said, from, until, risk_event_types, author, reason })
}

/// What tells the command from others: its own id, where it has one, else what it says. A window may be announced anew
/// under its id.
fn own_id(record: &Record<'_>, time: EventTime, order: &Order, author: &str) -> String {
    let own: Option<Id> = id(record.body().leaf(Key::Id));
    match (order, own) {
        (Order::Say(_), Some(own)) => own.to_string(),
        (Order::Say(_), None) => {
            format!("{time}\u{1f}{}\u{1f}{author}", piece(record, Key::Command).to_lowercase())
        }
        (Order::Expect(window), _) => format!(
            "{time}\u{1f}expectchange\u{1f}{}\u{1f}{}\u{1f}{}\u{1f}{}",
            window.id,
            window.from,
            window.until,
            window.risk_event_types.join(" ")
        ),
    }
}

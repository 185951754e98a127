//! The unified audit log of Microsoft 365: records of the Management Activity interface, and rows of `OfficeActivity`.
//!
//! Only what a workload identity does, or what is done to one: nearly all of the log is of people, and is ignored by name.

mod row;
mod settings;
mod who;

use super::Context;
use super::envelope::{address, cut, derived, event_id, name};
use super::json;
use super::leaf::{Leaf, Part};
use super::outcome::ReasonCode;
use super::refusal::{Decision, Refusal};
use super::{time, token_id};
use picket_detectors::event::{Agent, AppId, Body, Event, EventId, EventTime, Id, OfficeAct, Place, TenantId};
use row::{AccessContext, Row};
use std::borrow::Cow;
use who::Who;

/// The rule by which what people do is ignored.
const OF_A_USER: &str = "OfficeActivity of a user";
/// Entra's own log tells of the same acts, with more.
const OF_ENTRA: &str = "OfficeActivity of Entra, told by AuditLogs";
/// Whoever did it can't be found.
const NAMELESS: &str = "OfficeActivity without an application";

/// Decodes one record: an act of an application, a change of what one may do, or both.
pub(super) fn decode(text: &str, context: &Context) -> Decision {
    let row: Part<'_, Row<'_>> =
        json::parse(text).map_err(|_| Refusal::dead(ReasonCode::Malformed, "not JSON".to_owned()))?;
    let Some(row) = row.get() else { return Err(Refusal::missing("Operation")) };
    let operation = row.operation.text().ok_or_else(|| Refusal::missing("Operation"))?;
    let operation = cut(operation.trim_end_matches('.'), 128).to_lowercase();
    let workload = name(&row.workload).ok_or_else(|| Refusal::missing("Workload"))?;
    if workload.eq_ignore_ascii_case("AzureActiveDirectory") {
        return Err(Refusal::ignored(OF_ENTRA));
    }
    let access = row::access_context(row);
    let who = who::who(row, &access);
    let change = settings::change(row, &operation, &who);
    if matches!(who, Who::Person) && change.is_none() {
        return Err(Refusal::ignored(OF_A_USER));
    }
    if matches!(who, Who::Nobody) && change.is_none() {
        return Err(Refusal::ignored(NAMELESS));
    }
    let (time, tenant) = (moment(row)?, tenant(row, context));
    let id = event_id(&row.id, || derived_id(row, time));
    let mut events = smallvec::SmallVec::new();
    let mut tell =
        |id: EventId, body| events.push(Event { id, tenant: tenant.clone(), time, body, signals: Vec::new() });
    if let Who::Application(app, principal) = who {
        let place = Place { address: row.addresses().find_map(address), ..Place::default() };
        tell(
            id.clone(),
            Body::OfficeAct(Box::new(OfficeAct {
                workload,
                operation,
                api: who::api(row, &app),
                app,
                principal,
                place_of_data: name(&row.mailbox).or_else(|| name(&row.site)).or_else(|| name(&row.object)),
                client: name(&row.client),
                succeeded: succeeded(row),
                place,
                agent: agent(row),
                token: token(row, &access),
            })),
        );
    }
    if let Some(change) = change {
        tell(derived(&[id.to_string().into(), "settings".into()]), Body::DirectoryChange(Box::new(change)));
    }
    Ok(events)
}

fn moment(row: &Row<'_>) -> Result<EventTime, Refusal> {
    let told = [&row.created, &row.generated, &row.started].into_iter().find(|leaf| leaf.is_present());
    let text = told.and_then(Leaf::text).ok_or_else(|| Refusal::missing("CreationTime"))?;
    time::parse(&text).ok_or_else(|| Refusal::bad("CreationTime"))
}

/// A row's `TenantId` is its workspace.
fn tenant(row: &Row<'_>, context: &Context) -> TenantId {
    let named = row.organization.text().and_then(|text| TenantId::parse(&text));
    named.unwrap_or_else(|| context.default_tenant.clone())
}

fn derived_id(row: &Row<'_>, time: EventTime) -> EventId {
    let text = |leaf: &Leaf<'_>| Cow::Owned(leaf.text().unwrap_or_default().into_owned());
    let leaves = [&row.operation, &row.user, &row.app, &row.client_app, &row.mailbox, &row.object, &row.address];
    let mut parts: Vec<Cow<'_, str>> = vec!["office".into(), time.to_string().into()];
    parts.extend(leaves.into_iter().map(text));
    derived(&parts)
}

/// `Succeeded`, `PartiallySucceeded` and `True` are all success; only a word of failure is none.
fn succeeded(row: &Row<'_>) -> bool {
    let word = row.status.text().unwrap_or_default().to_ascii_lowercase();
    !(word.starts_with("fail") || word == "false")
}

/// The software: Exchange puts the agent into what the client says of itself, after its kind.
fn agent(row: &Row<'_>) -> Agent {
    let named = row.agent.text();
    let told = row.client.text().and_then(|client| {
        let (_, rest) = client.split_once(';')?;
        Some(rest.split('[').next()?.trim_matches(';').to_owned())
    });
    named.map(|agent| Agent::new(&agent)).or_else(|| told.map(|agent| Agent::new(&agent))).unwrap_or_default()
}

fn token(row: &Row<'_>, access: &AccessContext<'_>) -> Option<Id> {
    let told = [&access.token, &row.token].into_iter().find_map(Leaf::text)?;
    token_id::parse(&told)
}

/// An application's id; that of nobody is none.
fn app(leaf: &Leaf<'_>) -> Option<AppId> {
    leaf.text().and_then(|text| Id::parse(&text)).filter(|id| matches!(id, Id::Guid(_)) && !id.is_nil()).map(AppId)
}

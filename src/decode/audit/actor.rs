//! Who changed something.

use crate::decode::envelope::{address, id, name};
use crate::decode::leaf::Leaf;
use crate::decode::wire::{Fields, Record};
use crate::decode::wire_key::Key;
use picket_detectors::event::{Actor, ActorKind, Agent, AppId, Place};

/// The actor, as far as the record says. App actors usually carry only a display name and a service principal's id.
pub(super) fn actor(record: &Record<'_>) -> Actor {
    let body = record.body();
    let initiator = body.initiated_by.get();
    let caller = || address(record.outer.leaf(Key::CallerIpAddress));
    let place = |address| Place { address, ..Place::default() };
    let agent = agent(body);
    if let Some(user) = initiator.and_then(|by| by.user.get())
        && (id(&user.id).is_some() || user.principal_name.is_present())
    {
        return Actor {
            kind: ActorKind::User,
            id: id(&user.id),
            app: None,
            name: name(&user.principal_name).or_else(|| name(&user.name)),
            place: place(address(&user.address).or_else(caller)),
            agent,
            known: None,
        };
    }
    if let Some(app) = initiator.and_then(|by| by.app.get())
        && [&app.principal_id, &app.client_id, &app.name, &app.principal_name].into_iter().any(Leaf::is_present)
    {
        return Actor {
            kind: ActorKind::Application,
            id: id(&app.principal_id),
            app: id(&app.client_id).map(AppId),
            name: name(&app.name).or_else(|| name(&app.principal_name)),
            place: place(caller()),
            agent,
            known: None,
        };
    }
    Actor { place: place(caller()), agent, ..Actor::default() }
}

fn agent(body: &Fields<'_>) -> Agent {
    let detail = detail(body, "User-Agent");
    detail
        .or_else(|| body.leaf(Key::UserAgent).text().map(String::from))
        .map(|text| Agent::new(&text))
        .unwrap_or_default()
}

/// The value of `additionalDetails` under this key.
pub(super) fn detail(body: &Fields<'_>, key: &str) -> Option<String> {
    let mut details = body.additional_details.objects();
    let found = details.find(|detail| detail.key.text().is_some_and(|found| found.eq_ignore_ascii_case(key)))?;
    found.value.text().map(String::from)
}

//! One line about what a record became, for snapshots.

use picket::decode::{Outcome, Reason};
use picket_detectors::event::{Body, Credential, DirectoryChange, Event, SignIn};
use std::fmt::Display;

pub(crate) fn summary(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Events(events) => events.iter().map(event).collect::<Vec<_>>().join(" + "),
        Outcome::Ignored(rule) => format!("ignored: {rule}"),
        Outcome::Dead(Reason { code, detail }) => format!("dead: {code}: {detail}"),
    }
}

fn event(event: &Event) -> String {
    let body = match &event.body {
        Body::SignIn(sign_in) => self::sign_in(sign_in),
        Body::DirectoryChange(change) => self::change(change),
        Body::ApiActivity(call) => format!(
            "principal={} app={} {} {} status={} bytes={} roles={} from={} agent={} token={}",
            call.principal,
            or_none(call.app.as_ref()),
            call.method,
            call.endpoint,
            call.status,
            call.response_bytes,
            call.roles.len(),
            or_none(call.place.address),
            or_none(call.agent.text.as_ref()),
            or_none(call.token.as_ref()),
        ),
        other => format!("{other:?}"),
    };
    format!("{} {} tenant={} id={} {body}", event.body.category(), event.time, event.tenant, event.id)
}

fn sign_in(sign_in: &SignIn) -> String {
    format!(
        "{:?} principal={} app={} name={} from={} {} {} AS{} resource={} key={} by={:?} error={} agent={} token={}",
        sign_in.kind,
        sign_in.principal,
        or_none(sign_in.app.as_ref()),
        or_none(sign_in.name.as_ref()),
        or_none(sign_in.place.address),
        or_none(sign_in.place.country_code()),
        or_none(sign_in.place.city.as_ref()),
        or_none(sign_in.place.asn),
        or_none(sign_in.resource.as_ref()),
        or_none(sign_in.key.as_ref()),
        sign_in.credential_type,
        sign_in.error,
        or_none(sign_in.agent.text.as_ref()),
        or_none(sign_in.token.as_ref()),
    )
}

fn change(change: &DirectoryChange) -> String {
    let keys = |credentials: &[Credential]| {
        credentials.iter().map(|one| format!("{:?} {}", one.kind, one.key)).collect::<Vec<_>>()
    };
    format!(
        "{:?} ({}{}) by {:?} {} {} from={} | principal={} object={} app={} name={} | +{:?} -{:?} before={:?} | grants={:?} enabled={:?} | targets={:?} | other={:?}",
        change.operation,
        change.activity,
        if change.succeeded { "" } else { ", failed" },
        change.actor.kind,
        or_none(change.actor.id.as_ref()),
        or_none(change.actor.name.as_ref()),
        or_none(change.actor.place.address),
        or_none(change.principal.as_ref()),
        or_none(change.application_object.as_ref()),
        or_none(change.application.as_ref()),
        or_none(change.name.as_ref()),
        keys(&change.credentials.added),
        keys(&change.credentials.removed),
        change.credentials.before,
        change.grants,
        change.enabled,
        change.targets.iter().map(|target| format!("{:?}", target.kind)).collect::<Vec<_>>(),
        change.properties.iter().map(|property| property.name.as_str()).collect::<Vec<_>>(),
    )
}

fn or_none(value: Option<impl Display>) -> String {
    value.map_or_else(|| "-".to_owned(), |value| value.to_string())
}

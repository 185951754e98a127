//! What of an event is held against the indicators.

use super::indicator::Indicator;
use super::table::Table;
use picket_detectors::event::{
    AppId, Body, DirectoryChange, Event, EventTime, IndicatorKind, IndicatorMatch, Place, Signal,
};
use std::fmt::Display;

/// Puts the indicators that an event shows onto it.
pub(super) fn mark(table: &Table, event: &mut Event) {
    let mut seen = Seen { table, time: event.time, found: Vec::new() };
    match &event.body {
        Body::SignIn(sign_in) => {
            seen.place(&sign_in.place);
            seen.app(sign_in.app.as_ref());
            seen.app(sign_in.blueprint.as_ref());
        }
        Body::ApiActivity(call) => {
            seen.place(&call.place);
            seen.app(call.app.as_ref());
        }
        Body::DirectoryChange(change) => seen.change(change),
        Body::RepositoryAct(act) => seen.place(&act.place),
        Body::OfficeAct(act) => {
            seen.place(&act.place);
            seen.app(Some(&act.app));
        }
        _ => {}
    }
    let found = seen.found;
    event.signals.extend(found.into_iter().map(|one| Signal::Indicator(Box::new(one))));
}

struct Seen<'t> {
    table: &'t Table,
    time: EventTime,
    found: Vec<IndicatorMatch>,
}

impl Seen<'_> {
    fn place(&mut self, place: &Place) {
        if let Some(address) = place.address {
            self.note(IndicatorKind::Network, &address, self.table.address(address, self.time).cloned());
        }
        if let Some(asn) = place.asn {
            self.note(IndicatorKind::Asn, &format_args!("AS{asn}"), self.table.asn(asn, self.time).cloned());
        }
    }

    fn app(&mut self, app: Option<&AppId>) {
        if let Some(app) = app {
            self.note(IndicatorKind::App, app, self.table.app(app, self.time).cloned());
        }
    }

    fn change(&mut self, change: &DirectoryChange) {
        self.place(&change.actor.place);
        self.app(change.actor.app.as_ref());
        self.app(change.application.as_ref());
        for credential in &change.credentials.added {
            credential.issuer.iter().for_each(|issuer| self.hosts(issuer));
        }
        for property in &change.properties {
            property.new.iter().for_each(|value| self.hosts(value));
        }
    }

    /// The hosts of all addresses of pages in a text.
    fn hosts(&mut self, text: &str) {
        for rest in text.split("://").skip(1) {
            let end = rest.find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_')));
            let host = rest.get(..end.unwrap_or(rest.len())).unwrap_or_default();
            self.note(IndicatorKind::Domain, &host, self.table.host(host, self.time).cloned());
        }
    }

    fn note(&mut self, kind: IndicatorKind, observed: &dyn Display, indicator: Option<Indicator>) {
        let Some(indicator) = indicator else { return };
        let found = IndicatorMatch {
            kind,
            observed: observed.to_string().into(),
            indicator: indicator.subject.to_string().into(),
            source: indicator.source,
            confidence: indicator.confidence,
            label: indicator.label,
            until: indicator.until,
        };
        if !self.found.contains(&found) {
            self.found.push(found);
        }
    }
}

//! The rivals: what others do, in a few lines, and no straw men.

use crate::judged::Judged;
use crate::truth::Truth;
use picket_detectors::event::{ActorKind, Body, DirectoryChange, Event, EventTime, Operation, SignIn};
use std::collections::{HashMap, HashSet};

/// Any property not seen before, after 14 days: address, network, country, software, resource, kind of credential
/// (the features that Microsoft's documentation names).
#[derive(Debug, Default)]
pub(crate) struct SetMembership {
    seen: HashMap<String, Seen>,
    /// By how many properties must be new at once, less one.
    judged: Vec<Judged>,
}

#[derive(Debug, Default)]
struct Seen {
    first: Option<EventTime>,
    values: HashSet<(u8, String)>,
    dedup: HashSet<String>,
}

/// Learning takes this long.
const LEARNING: i64 = 14 * EventTime::DAY;
/// Curves have as many points.
const MOST: usize = 5;

impl SetMembership {
    pub(crate) fn observe(&mut self, event: &Event) {
        let Body::SignIn(sign_in) = &event.body else { return };
        if self.judged.is_empty() {
            self.judged.resize_with(MOST, Judged::default);
        }
        let principal = sign_in.principal.to_string();
        let seen = self.seen.entry(principal.clone()).or_default();
        if sign_in.error != 0 || !seen.dedup.insert(event.id.to_string()) {
            return;
        }
        let first = *seen.first.get_or_insert(event.time);
        let new = properties(sign_in).into_iter().filter(|value| seen.values.insert(value.clone())).count();
        if event.time.since(first) < LEARNING {
            return;
        }
        for judged in self.judged.iter_mut().take(new) {
            judged.alert(&principal, event.time);
        }
    }

    pub(crate) fn finish(self) -> Vec<Judged> {
        self.judged
    }
}

fn properties(sign_in: &SignIn) -> Vec<(u8, String)> {
    let place = &sign_in.place;
    let mut properties = vec![(4, format!("{:?}", sign_in.credential_type)), (5, format!("{:?}", sign_in.agent))];
    properties.extend(place.address.map(|address| (0, address.to_string())));
    properties.extend(place.asn.map(|asn| (1, asn.to_string())));
    properties.extend(place.country_code().map(|country| (2, country.to_owned())));
    properties.extend(sign_in.resource.as_ref().map(|resource| (3, resource.to_string())));
    properties
}

/// Rules with the thresholds that public rule sets use (`docs/quality.md` names them).
#[derive(Debug, Default)]
pub(crate) struct PeersRules {
    judged: Judged,
    networks: HashMap<String, HashMap<u32, EventTime>>,
    first: HashMap<String, EventTime>,
    failures: HashMap<String, Vec<EventTime>>,
    tokens: HashMap<String, std::net::IpAddr>,
    recon: HashMap<String, Vec<(EventTime, String)>>,
    dedup: HashSet<String>,
}

impl PeersRules {
    pub(crate) fn observe(&mut self, event: &Event, truth: &Truth) {
        if !self.dedup.insert(event.id.to_string()) {
            return;
        }
        match &event.body {
            Body::SignIn(sign_in) => self.sign_in(sign_in, event.time),
            Body::DirectoryChange(change) => self.change(change, event.time, truth),
            Body::ApiActivity(call) => {
                let principal = call.principal.to_string();
                self.call(&principal, event.time, call);
            }
            Body::CodeFinding(leak) => {
                for app in &leak.apps {
                    if let Some(principal) = truth.owners.get(&app.to_string()) {
                        self.judged.alert(principal, event.time);
                    }
                }
            }
            _ => {}
        }
    }

    /// A network not seen for this principal in ten days; a success after three failures within the hour.
    fn sign_in(&mut self, sign_in: &SignIn, at: EventTime) {
        let principal = sign_in.principal.to_string();
        let failures = self.failures.entry(principal.clone()).or_default();
        failures.retain(|failed| at.since(*failed) < EventTime::HOUR);
        if sign_in.error != 0 {
            failures.push(at);
            return;
        }
        if failures.len() >= 3 {
            self.judged.alert(&principal, at);
        }
        if let (Some(token), Some(address)) = (&sign_in.token, sign_in.place.address) {
            self.tokens.insert(token.to_string(), address);
        }
        let Some(asn) = sign_in.place.asn else { return };
        let first = *self.first.entry(principal.clone()).or_insert(at);
        let last = self.networks.entry(principal.clone()).or_default().insert(asn, at);
        let fresh = last.is_none_or(|last| at.since(last) > 10 * EventTime::DAY);
        if fresh && at.since(first) > 10 * EventTime::DAY {
            self.judged.alert(&principal, at);
        }
    }

    /// Every credential or trust added, owner added, privileged permission or role given.
    fn change(&mut self, change: &DirectoryChange, at: EventTime, truth: &Truth) {
        const PRIVILEGED: [&str; 7] = [
            "RoleManagement.ReadWrite.Directory",
            "AppRoleAssignment.ReadWrite.All",
            "Application.ReadWrite.All",
            "Mail.Read",
            "Mail.ReadWrite",
            "Files.Read.All",
            "full_access_as_app",
        ];
        let granted = change.grants.iter().any(|grant| PRIVILEGED.contains(&grant.as_str()));
        let alerts = match change.operation {
            Operation::Credentials | Operation::FederatedCredentials => !change.credentials.added.is_empty(),
            Operation::OwnerAdded | Operation::RoleGranted => true,
            Operation::AppRoleGranted => granted || change.actor.kind == ActorKind::Application,
            _ => false,
        };
        if !alerts {
            return;
        }
        let named = change.principal.as_ref().map(ToString::to_string);
        let by_object = change.application_object.as_ref().and_then(|id| truth.owners.get(&id.to_string()));
        let by_app = change.application.as_ref().and_then(|id| truth.owners.get(&id.to_string()));
        if let Some(principal) = named.or_else(|| by_object.or(by_app).cloned()) {
            self.judged.alert(&principal, at);
        }
    }

    /// A token used from another address than it was issued to (outside Azure's network, which calls don't tell);
    /// four families of the directory within ten minutes.
    fn call(&mut self, principal: &str, at: EventTime, call: &picket_detectors::event::ApiActivity) {
        let issued = call.token.as_ref().and_then(|token| self.tokens.get(&token.to_string()));
        if let (Some(issued), Some(used)) = (issued, call.place.address)
            && *issued != used
            && !is_azure(used)
        {
            self.judged.alert(principal, at);
        }
        const FAMILIES: [&str; 7] = [
            "/applications",
            "/serviceprincipals",
            "/directoryroles",
            "/rolemanagement",
            "/organization",
            "/identity",
            "/groups",
        ];
        let Some(family) = FAMILIES.iter().find(|family| call.endpoint.starts_with(**family)) else { return };
        let recon = self.recon.entry(principal.to_owned()).or_default();
        recon.retain(|(then, _)| at.since(*then) < 10 * EventTime::MINUTE);
        recon.push((at, (*family).to_owned()));
        let distinct: HashSet<&String> = recon.iter().map(|(_, family)| family).collect();
        if distinct.len() >= 4 {
            self.judged.alert(principal, at);
        }
    }

    pub(crate) fn finish(self) -> Judged {
        self.judged
    }
}

/// Whether an address is Azure's, as far as first octets tell: the rule leaves Azure's published ranges out.
fn is_azure(address: std::net::IpAddr) -> bool {
    matches!(address, std::net::IpAddr::V4(address) if matches!(address.octets(), [13 | 20 | 40, ..]))
}

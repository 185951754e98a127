//! A client id: knows its principals in every tenant and its credentials, and passes on to the principals what names
//! only the application.

use super::waiting::WaitingRoom;
use crate::event::{
    AppId, Body, CodeFinding, Credential, CredentialKind, DirectoryChange, Event, EventId, EventTime, Id, KeyId,
    NAMESPACE, Ownership, PrincipalId, TenantId,
};
use crate::observation::{Attribution, Confidence, EntityKey, Observation, Role};
use crate::profile::Property;
use crate::tenant::{ANY_TRUST, Adopted, Summary};
use compact_str::CompactString;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use uuid::Uuid;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Held {
    key: KeyId,
    kind: CredentialKind,
    hint: Option<CompactString>,
    thumbprint: Option<CompactString>,
    /// Since when it can be used, as far as anybody has said.
    since: Option<EventTime>,
    expires: Option<EventTime>,
    removed: Option<EventTime>,
}

/// An application.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Application {
    principals: Vec<(TenantId, PrincipalId)>,
    credentials: Vec<Held>,
    /// Whether an inventory has listed its credentials.
    listed: bool,
    waiting: WaitingRoom,
    /// What it did, or was done in a repository that it trusts. Of one that nobody ever lists there may be much, and leaks
    /// must not have to leave for it.
    acts: WaitingRoom,
    /// Whom its federated credentials trust, as far as a tenant was told.
    trusts: Vec<(TenantId, Property, u32)>,
    /// Whom each tenant knows to ask.
    ownership: Vec<(TenantId, Ownership)>,
}

impl Application {
    /// A multi-tenant application may have a principal in every tenant; Picket passes on to this many.
    const PRINCIPALS: usize = 256;
    const CREDENTIALS: usize = 128;

    pub(super) fn fold(&mut self, observation: &Observation) -> Vec<Observation> {
        let mut derived = self.learn(observation);
        derived.extend(self.tell_of_trusts(observation));
        derived
    }

    /// Tells the tenant whom its federated credentials trust, each once.
    fn tell_of_trusts(&mut self, observation: &Observation) -> Option<Observation> {
        let credentials = match &observation.event.body {
            Body::InventoryApplication(entry) => &entry.credentials,
            Body::DirectoryChange(change) if change.succeeded => &change.credentials.added,
            _ => return None,
        };
        let mut adopted = Vec::new();
        for (property, value) in credentials.iter().flat_map(told_of_trust) {
            let told = (observation.tenant.clone(), property, value);
            if !self.trusts.contains(&told) && self.trusts.len() < Self::CREDENTIALS {
                self.trusts.push(told);
                adopted.push(Adopted { property, value, day: observation.time().day() });
            }
        }
        let summary = Summary { newcomer: false, adopted, doubts: Vec::new() };
        (!summary.adopted.is_empty()).then(|| summary.addressed(observation, observation.time()))
    }

    /// Learns, and tells its principals.
    fn learn(&mut self, observation: &Observation) -> Vec<Observation> {
        let known = self.principals.len();
        let mut is_owned_anew = false;
        match (&observation.event.body, &observation.role) {
            (Body::InventoryApplication(entry), _) => {
                self.list(&entry.credentials);
                is_owned_anew = self.own(&observation.tenant, |known| known.list(&entry.ownership));
            }
            (Body::InventoryServicePrincipal(entry), _) => self.join(&observation.tenant, &entry.principal),
            (Body::SignIn(sign_in), _) => self.join(&observation.tenant, &sign_in.principal),
            (Body::DirectoryChange(change), role) => {
                self.change(change, role, observation);
                is_owned_anew = *role == Role::Target && self.own(&observation.tenant, |known| known.change(change));
            }
            (Body::CodeFinding(_), _) => self.waiting.admit(observation),
            (Body::RepositoryAct(_) | Body::OfficeAct(_), _) => {
                let told = self.tell(observation);
                if told.is_empty() {
                    self.acts.admit(observation);
                }
                return told;
            }
            _ => {}
        }
        if self.principals.is_empty() {
            return Vec::new();
        }
        let mut waiting = std::mem::take(&mut self.waiting);
        let mut derived = waiting.pass_on(observation, |waiting| self.pass_on(waiting));
        self.waiting = waiting;
        if self.principals.len() > known {
            let mut acts = std::mem::take(&mut self.acts);
            derived.extend(acts.pass_on(observation, |act| (self.tell(act), None)));
            self.acts = acts;
        }
        // Who has just come does not know yet.
        derived.extend(self.tell_owners(observation, if is_owned_anew { 0 } else { known }));
        derived
    }

    /// Tells its principals of what it does in Exchange, and of what is done in a repository that it trusts: those of the
    /// tenant, where the record names one.
    fn tell(&self, act: &Observation) -> Vec<Observation> {
        let tenant = &act.event.tenant;
        let is_theirs = |(theirs, _): &&(TenantId, PrincipalId)| *tenant == TenantId::UNKNOWN || theirs == tenant;
        let is_its_own = matches!(act.event.body, Body::OfficeAct(_));
        let to_it = |(tenant, principal): &(TenantId, PrincipalId)| Observation {
            entity: EntityKey::principal(tenant, principal),
            id: principal.0.clone(),
            tenant: tenant.clone(),
            role: if is_its_own { Role::Subject } else { Role::OfApplication },
            ..act.clone()
        };
        self.principals.iter().filter(is_theirs).map(to_it).collect()
    }

    /// Changes whom a tenant knows to ask; true if that is news.
    fn own(&mut self, tenant: &TenantId, change: impl FnOnce(&mut Ownership) -> bool) -> bool {
        let at = self.ownership.iter().position(|(theirs, _)| theirs == tenant);
        if let Some((_, known)) = at.and_then(|at| self.ownership.get_mut(at)) {
            return change(known);
        }
        let mut known = Ownership::default();
        let is_news = self.ownership.len() < Self::PRINCIPALS && change(&mut known);
        if is_news {
            self.ownership.push((tenant.clone(), known));
        }
        is_news
    }

    /// Tells the principals of the tenant, from one on, whom to ask.
    fn tell_owners(&self, by: &Observation, from: usize) -> Vec<Observation> {
        let known = self.ownership.iter().find(|(theirs, _)| *theirs == by.tenant);
        let to: Vec<_> = self.principals.iter().skip(from).filter(|(tenant, _)| *tenant == by.tenant).collect();
        let Some((_, known)) = known.filter(|_| !to.is_empty()) else { return Vec::new() };
        let name = format!("ownership|{}|{}", by.id, by.event.id);
        let event = Arc::new(Event {
            id: EventId(Id::Guid(Uuid::new_v5(&NAMESPACE, name.as_bytes()))),
            tenant: by.tenant.clone(),
            time: by.event.time,
            body: Body::Ownership(Box::new(known.clone())),
            signals: Vec::new(),
        });
        let addressed = |(tenant, principal): &(TenantId, PrincipalId)| Observation {
            entity: EntityKey::principal(tenant, principal),
            id: principal.0.clone(),
            tenant: tenant.clone(),
            role: Role::OfApplication,
            ingested: by.ingested,
            event: Arc::clone(&event),
        };
        to.into_iter().map(addressed).collect()
    }

    fn join(&mut self, tenant: &TenantId, principal: &PrincipalId) {
        let pair = (tenant.clone(), principal.clone());
        if !self.principals.contains(&pair) && self.principals.len() < Self::PRINCIPALS {
            self.principals.push(pair);
        }
    }

    fn list(&mut self, credentials: &[Credential]) {
        self.listed = true;
        for credential in credentials {
            self.hold(credential, credential.start);
        }
    }

    fn hold(&mut self, credential: &Credential, since: Option<EventTime>) {
        if let Some(held) = self.credentials.iter_mut().find(|held| held.key == credential.key) {
            held.hint = credential.hint.clone().or(held.hint.take());
            held.thumbprint = credential.thumbprint.clone().or(held.thumbprint.take());
            held.expires = credential.end.or(held.expires);
            held.since = held.since.or(since);
            return;
        }
        if self.credentials.len() >= Self::CREDENTIALS {
            let gone = self.credentials.iter().position(|held| held.removed.is_some()).unwrap_or(0);
            self.credentials.remove(gone);
        }
        self.credentials.push(Held {
            key: credential.key.clone(),
            kind: credential.kind,
            hint: credential.hint.clone(),
            thumbprint: credential.thumbprint.clone(),
            since,
            expires: credential.end,
            removed: None,
        });
    }

    fn change(&mut self, change: &DirectoryChange, role: &Role, observation: &Observation) {
        if let Some(principal) = &change.principal {
            self.join(&observation.tenant, principal);
        }
        if !change.succeeded {
            return;
        }
        for added in &change.credentials.added {
            self.hold(added, Some(observation.time()));
        }
        for removed in &change.credentials.removed {
            self.hold(removed, None);
            if let Some(held) = self.credentials.iter_mut().find(|held| held.key == removed.key) {
                held.removed = Some(held.removed.map_or(observation.time(), |earlier| earlier.min(observation.time())));
            }
        }
        if *role == Role::Target {
            self.waiting.admit(observation);
        }
    }

    fn pass_on(&self, waiting: &Observation) -> (Vec<Observation>, Option<Confidence>) {
        let role = match (&waiting.event.body, &waiting.role) {
            (Body::CodeFinding(_), Role::Owner(weak)) => Role::Owner(Box::new(self.confirm(weak))),
            (Body::CodeFinding(leak), _) => Role::Owner(Box::new(self.attribute(leak, waiting))),
            _ => Role::OfApplication,
        };
        let sure = match &role {
            Role::Owner(attribution) => Some(attribution.confidence),
            _ => None,
        };
        let derived = self
            .recipients(waiting)
            .map(|(tenant, principal)| Observation {
                entity: EntityKey::principal(tenant, principal),
                id: principal.0.clone(),
                tenant: tenant.clone(),
                role: role.clone(),
                ingested: waiting.ingested,
                event: Arc::clone(&waiting.event),
            })
            .map(Observation::through_its_person)
            .collect();
        (derived, sure)
    }

    /// A leak goes to the tenants named near it, if the application has principals there, else to all; a directory
    /// change to the principals of its own tenant.
    fn recipients<'a>(&'a self, waiting: &'a Observation) -> impl Iterator<Item = &'a (TenantId, PrincipalId)> {
        let named: Vec<&TenantId> = match &waiting.event.body {
            Body::CodeFinding(leak) => {
                let known = |tenant: &&TenantId| self.principals.iter().any(|(theirs, _)| theirs == *tenant);
                leak.tenants.iter().filter(known).collect()
            }
            _ => vec![&waiting.event.tenant],
        };
        let leak = matches!(waiting.event.body, Body::CodeFinding(_));
        self.principals.iter().filter(move |(tenant, _)| (leak && named.is_empty()) || named.contains(&tenant))
    }

    /// The application is named near the leak; a credential that begins alike, or has its thumbprint, makes it sure, and
    /// that none of them can be meant makes it doubtful.
    fn attribute(&self, leak: &CodeFinding, waiting: &Observation) -> Attribution {
        let app = AppId(waiting.id.clone());
        let alike = |held: &&Held| match held.kind {
            CredentialKind::Secret => held.hint.is_some() && held.hint == leak.hint,
            _ => held.thumbprint.is_some() && [&leak.thumbprint, &leak.thumbprint_sha256].contains(&&held.thumbprint),
        };
        // Of several that begin alike a live one is meant: only it can still do harm.
        let matched = self.credentials.iter().filter(alike).min_by_key(|held| held.removed.is_some());
        if let Some(held) = matched {
            let (key, expires, removed) = (Some(held.key.clone()), held.expires, held.removed);
            return Attribution { confidence: Confidence::Matched, app, key, expires, removed };
        }
        let unlike = leak.hint.is_some() && self.knows_secrets_of(waiting.time());
        let confidence = if unlike { Confidence::Unlike } else { Confidence::Attributed };
        Attribution { confidence, app, key: None, expires: None, removed: None }
    }

    /// Whether the first characters of every secret are known that the application had at that time.
    fn knows_secrets_of(&self, time: EventTime) -> bool {
        let is_unknown = |held: &Held| {
            held.kind == CredentialKind::Secret && held.hint.is_none() && held.since.is_none_or(|since| since <= time)
        };
        self.listed && !self.credentials.iter().any(is_unknown)
    }

    /// Only the hint or the thumbprint agreed: what is known of that credential is added.
    fn confirm(&self, weak: &Attribution) -> Attribution {
        let held = self.credentials.iter().find(|held| Some(&held.key) == weak.key.as_ref());
        Attribution {
            expires: held.and_then(|held| held.expires).or(weak.expires),
            removed: held.and_then(|held| held.removed).or(weak.removed),
            ..weak.clone()
        }
    }

    pub(super) fn memory(&self) -> usize {
        self.principals.len() * size_of::<(TenantId, PrincipalId)>()
            + self.credentials.len() * size_of::<Held>()
            + self.ownership.len() * (size_of::<(TenantId, Ownership)>() + 256)
            + self.waiting.memory()
            + self.acts.memory()
    }
}

/// What a tenant is told of a federated credential: that there is one, whom it trusts, and which system issues that.
fn told_of_trust(credential: &Credential) -> Vec<(Property, u32)> {
    let Some(value) = credential.trust_value() else { return Vec::new() };
    let system = credential.trusted_system().map(|system| (Property::TrustedSystem, system));
    [(Property::Trust, ANY_TRUST), (Property::Trust, value)].into_iter().chain(system).collect()
}

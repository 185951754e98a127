//! Event to observations: whom each event is about, from what the record itself says.
//!
//! Never asks a shared table, so it can't race: what names only an application, an application object or a secret's
//! first characters goes to that directory entity, which passes it on.

use picket_detectors::event::{
    ActorKind, AppId, Body, CodeFinding, CredentialKind, DirectoryChange, Event, EventTime, Id, InventoryApplication,
    InventoryServicePrincipal, PrincipalId,
};
use picket_detectors::observation::{EntityKey, Observation, Role};
use smallvec::{SmallVec, smallvec};
use std::sync::Arc;

/// The observations of one event, in the order in which they are folded: one, except of changes and inventories.
pub(crate) type Observations = SmallVec<[Observation; 1]>;

/// The most applications near one leak that it is passed to.
const APPS_OF_A_LEAK: usize = 3;

/// Gives the observations of one event.
pub fn attribute(event: &Arc<Event>, ingested: EventTime) -> Observations {
    let desk = Desk { event, ingested };
    match &event.body {
        Body::SignIn(sign_in) => smallvec![desk.to_principal(&sign_in.principal, Role::Subject)],
        Body::ApiActivity(call) => smallvec![desk.to_principal(&call.principal, Role::Subject)],
        Body::MicrosoftRisk(risk) => smallvec![desk.to_principal(&risk.principal, Role::Subject)],
        Body::Command(command) => smallvec![desk.to_principal(&command.principal, Role::Subject)],
        Body::DirectoryChange(change) => desk.change(change),
        Body::CodeFinding(leak) => desk.leak(leak),
        Body::InventoryApplication(entry) => desk.application_entry(entry),
        Body::InventoryServicePrincipal(entry) => desk.principal_entry(entry),
        Body::Tick => SmallVec::new(),
    }
}

/// One event on its way to its entities.
struct Desk<'a> {
    event: &'a Arc<Event>,
    ingested: EventTime,
}

impl Desk<'_> {
    fn to(&self, entity: EntityKey, id: Id, role: Role) -> Observation {
        let tenant = self.event.tenant.clone();
        Observation { entity, id, tenant, role, ingested: self.ingested, event: Arc::clone(self.event) }
    }

    fn to_principal(&self, principal: &PrincipalId, role: Role) -> Observation {
        self.to(EntityKey::principal(&self.event.tenant, principal), principal.0.clone(), role)
    }

    fn to_application(&self, app: &AppId, role: Role) -> Observation {
        self.to(EntityKey::application(app), app.0.clone(), role)
    }

    /// The actor and the target, as the record names them.
    fn change(&self, change: &DirectoryChange) -> Observations {
        let mut observations = Observations::new();
        if let (ActorKind::Application, Some(actor)) = (change.actor.kind, &change.actor.id) {
            observations.push(self.to_principal(&PrincipalId(actor.clone()), Role::Actor));
        }
        let of_application = if change.principal.is_some() { Role::Subject } else { Role::Target };
        match (&change.application_object, &change.application) {
            (Some(object), app) => {
                let role = if app.is_some() { Role::Subject } else { of_application.clone() };
                observations.push(self.to(EntityKey::application_object(object), object.0.clone(), role));
                observations.extend(app.as_ref().map(|app| self.to_application(app, of_application)));
            }
            (None, Some(app)) => observations.push(self.to_application(app, of_application)),
            (None, None) => {}
        }
        if let Some(principal) = &change.principal {
            observations.push(self.to_principal(principal, Role::Target));
        }
        observations
    }

    /// The applications named near the leak, nearest first; without any, the secret's first characters.
    fn leak(&self, leak: &CodeFinding) -> Observations {
        if !leak.apps.is_empty() {
            return leak.apps.iter().take(APPS_OF_A_LEAK).map(|app| self.to_application(app, Role::Subject)).collect();
        }
        let hint = leak.hint.as_deref().into_iter();
        hint.map(|hint| self.to(EntityKey::secret_hint(hint), Id::Text(hint.into()), Role::Subject)).collect()
    }

    fn application_entry(&self, entry: &InventoryApplication) -> Observations {
        let object = entry.object.as_ref();
        let mut observations: Observations = object
            .map(|object| self.to(EntityKey::application_object(object), object.0.clone(), Role::Subject))
            .into_iter()
            .collect();
        let mut hints: Vec<&str> = entry
            .credentials
            .iter()
            .filter(|credential| credential.kind == CredentialKind::Secret)
            .filter_map(|credential| credential.hint.as_deref())
            .collect();
        hints.sort_unstable();
        hints.dedup();
        observations.extend(
            hints.into_iter().map(|hint| self.to(EntityKey::secret_hint(hint), Id::Text(hint.into()), Role::Subject)),
        );
        observations.push(self.to_application(&entry.app, Role::Subject));
        observations
    }

    fn principal_entry(&self, entry: &InventoryServicePrincipal) -> Observations {
        let app = entry.app.as_ref().map(|app| self.to_application(app, Role::Subject));
        app.into_iter().chain([self.to_principal(&entry.principal, Role::Subject)]).collect()
    }
}

//! Event to observations: whom each event is about, from what the record itself says.
//!
//! Never asks a shared table, so it can't race: what names only an application, an application object or a secret's
//! first characters goes to that directory entity, which passes it on.

use compact_str::{CompactString, format_compact};
use picket_detectors::event::{
    ActorKind, AlertState, AppId, Body, CodeFinding, CredentialKind, DirectoryChange, Event, EventTime, Exposure, Id,
    InventoryApplication, InventoryServicePrincipal, ObjectId, OfficeAct, PrincipalId, PrincipalKind, SignIn, TenantId,
};
use picket_detectors::observation::{EntityKey, Observation, Role};
use picket_detectors::profile::prefix_value;
use smallvec::{SmallVec, smallvec};
use std::sync::Arc;

/// The observations of one event, in the order in which they are folded: one, except of changes and inventories.
pub(crate) type Observations = SmallVec<[Observation; 1]>;

/// Gives the observations of one event.
pub fn attribute(event: &Arc<Event>, ingested: EventTime) -> Observations {
    let desk = Desk { event, ingested };
    match &event.body {
        Body::SignIn(sign_in) => desk.sign_in(sign_in),
        Body::ApiActivity(call) => smallvec![desk.to_principal(&call.principal, Role::Subject)],
        Body::UserRisk(risk) => smallvec![desk.to_user(&risk.user)],
        Body::MicrosoftRisk(risk) => smallvec![desk.to_principal(&risk.principal, Role::Subject)],
        Body::Command(command) => smallvec![desk.to_principal(&command.principal, Role::Subject)],
        Body::ExpectedChange(change) => smallvec![desk.to_principal(&change.principal, Role::Subject)],
        Body::DirectoryChange(change) => desk.change(change),
        Body::CodeFinding(leak) => desk.leak(leak),
        Body::RepositoryOpened(opened) => smallvec![desk.to_repository(&opened.repository)],
        Body::RepositoryAct(act) => act.repository_names().map(|name| desk.to_own_repository(name)).collect(),
        Body::OfficeAct(act) => smallvec![desk.office_act(act)],
        Body::InventoryApplication(entry) => desk.application_entry(entry),
        Body::InventoryServicePrincipal(entry) => desk.principal_entry(entry),
        // These are addressed where they are made.
        Body::Tick | Body::Summary(_) | Body::Snapshot(_) | Body::Ownership(_) | Body::Fall(_) | Body::Spray(_) => {
            SmallVec::new()
        }
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

    fn to_user(&self, user: &ObjectId) -> Observation {
        self.to(EntityKey::user(&self.event.tenant, user), user.0.clone(), Role::Subject)
    }

    fn to_address_block(&self, prefix: u32) -> Observation {
        let name = format_compact!("{prefix:08x}");
        self.to(EntityKey::address_block(&self.event.tenant, prefix), Id::Text(name), Role::Subject)
    }

    /// An agent holds no credentials of its own: its blueprint learns of it, and passes on what befalls them; so does the
    /// user that it acts for. An application that no inventory lists learns of its principal by some of its sign-ins, and a block
    /// of addresses of all that were refused.
    fn sign_in(&self, sign_in: &SignIn) -> Observations {
        let mut observations: Observations = smallvec![self.to_principal(&sign_in.principal, Role::Subject)];
        let introduced = sign_in.app.as_ref().filter(|_| self.introduces(sign_in));
        observations.extend(introduced.map(|app| self.to_application(app, Role::Subject)));
        observations.extend(sign_in.blueprint.as_ref().map(|blueprint| self.to_application(blueprint, Role::Subject)));
        observations.extend(sign_in.user.as_ref().map(|user| self.to_user(user)));
        let refused_from = prefix_value(&sign_in.place).filter(|_| sign_in.is_refused() && !sign_in.place.trusted);
        observations.extend(refused_from.map(|prefix| self.to_address_block(prefix)));
        observations
    }

    /// Whether this is one of the sign-ins, one in 16, by which a principal is introduced to its application: chosen by
    /// their own ids, so that neither order nor duplicates change them.
    fn introduces(&self, sign_in: &SignIn) -> bool {
        // Mixed first, for Entra's ids are not random in every byte: many end in `00`.
        let (high, low) = self.event.id.0.key().as_u64_pair();
        let is_chosen = (high ^ low.rotate_left(32)).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 60 == 0;
        is_chosen && sign_in.kind == PrincipalKind::Application && sign_in.blueprint.is_none()
    }

    /// Exchange names the application, hardly ever its principal.
    fn office_act(&self, act: &OfficeAct) -> Observation {
        let principal = act.principal.as_ref().map(|principal| self.to_principal(principal, Role::Subject));
        principal.unwrap_or_else(|| self.to_application(&act.app, Role::Subject))
    }

    /// The actor and the target, as the record names them; what a person did to a principal is told through the person.
    fn change(&self, change: &DirectoryChange) -> Observations {
        let mut observations = Observations::new();
        if let (ActorKind::Application, Some(actor)) = (change.actor.kind, &change.actor.id) {
            observations.push(self.to_principal(&PrincipalId(actor.clone()), Role::Actor));
        }
        if change.application.is_some() {
            observations.extend(change.repository_names().map(|name| self.to_own_repository(name)));
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
            observations.push(self.to_principal(principal, Role::Target).through_its_person());
        }
        observations
    }

    /// Whom the leak names. The repository remembers what only its members may see, and tells of it when it is opened.
    fn leak(&self, leak: &CodeFinding) -> Observations {
        let is_closed = leak.exposure != Exposure::Public && leak.state == AlertState::Open;
        let repository = leak.repository.as_deref().filter(|_| is_closed).map(|name| self.to_repository(name));
        let named = leak.addressees().map(|(entity, id)| self.to(entity, id, Role::Subject));
        let foreign = leak.foreign_owner().map(|(entity, id, attribution)| Observation {
            tenant: TenantId::UNKNOWN,
            ..self.to(entity, id, Role::Owner(Box::new(attribution)))
        });
        repository.into_iter().chain(named).chain(foreign).collect()
    }

    fn to_repository(&self, name: &str) -> Observation {
        self.to(EntityKey::repository(name), Id::Text(name.into()), Role::Subject)
    }

    fn to_own_repository(&self, name: CompactString) -> Observation {
        self.to(EntityKey::own_repository(&name), Id::Text(name), Role::Subject)
    }

    fn to_hint(&self, hint: &str) -> Observation {
        self.to(EntityKey::secret_hint(hint), Id::Text(hint.into()), Role::Subject)
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
            .filter_map(|credential| match credential.kind {
                CredentialKind::Secret => credential.hint.as_deref(),
                CredentialKind::Certificate => credential.thumbprint.as_deref(),
                CredentialKind::Federated | CredentialKind::Other => None,
            })
            .collect();
        hints.sort_unstable();
        hints.dedup();
        observations.extend(hints.into_iter().map(|hint| self.to_hint(hint)));
        let names = entry.repository_names().into_iter();
        observations.extend(names.map(|name| self.to_own_repository(name)));
        observations.push(self.to_application(&entry.app, Role::Subject));
        observations
    }

    fn principal_entry(&self, entry: &InventoryServicePrincipal) -> Observations {
        let to_object =
            |object: &ObjectId| self.to(EntityKey::application_object(object), object.0.clone(), Role::Subject);
        let resource = entry.resource.as_ref().map(to_object);
        let app = entry.app.as_ref().map(|app| self.to_application(app, Role::Subject));
        let blueprint = entry.blueprint.as_ref().map(|blueprint| self.to_application(blueprint, Role::Subject));
        resource
            .into_iter()
            .chain(app)
            .chain(blueprint)
            .chain([self.to_principal(&entry.principal, Role::Subject)])
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decode::{Context, Limits, Outcome, decode};

    /// Decodes one record and gives whom it is about, as kind, id and role.
    fn addressees(record: &str) -> Vec<String> {
        let context =
            Context { default_tenant: TenantId::UNKNOWN, limits: Limits::default(), scrubber: Arc::default() };
        let mut addressees = Vec::new();
        decode(record.as_bytes(), &context, &mut |decoded| {
            let Outcome::Events(events) = decoded.outcome else { panic!("not an event: {:?}", decoded.outcome) };
            for event in events {
                let observations = attribute(&Arc::new(event), EventTime::default());
                addressees.extend(
                    observations.iter().map(|one| format!("{:?} {} {}", one.entity.kind, one.id, one.role.name())),
                );
            }
        });
        addressees
    }

    fn audit(targets: &str, properties: &str, details: &str) -> String {
        format!(
            r#"{{"category":"AuditLogs","properties":{{"id":"x","activityDisplayName":"Update application – Certificates and secrets management ",
            "activityDateTime":"2026-05-04T09:00:00Z","result":"success","loggedByService":"Core Directory",
            "initiatedBy":{{"app":{{"displayName":"bot","servicePrincipalId":"actor-sp"}}}},
            "targetResources":[{{{targets},"modifiedProperties":[{properties}]}}],"additionalDetails":[{details}]}}}}"#
        )
    }

    const KEY: &str = r#"{"displayName":"KeyDescription","oldValue":"[]","newValue":"[\"[KeyIdentifier=k1,KeyType=Password,KeyUsage=Verify,DisplayName=ci]\"]"}"#;

    #[test]
    fn a_change_is_about_its_actor_and_its_target() {
        let on_principal = audit(r#""id":"target-sp","type":"ServicePrincipal""#, KEY, "");
        assert_eq!(addressees(&on_principal), ["Principal actor-sp actor", "Principal target-sp target"]);
    }

    #[test]
    fn what_a_person_does_to_a_principal_goes_through_the_person() {
        let by_application = audit(r#""id":"target-sp","type":"ServicePrincipal""#, KEY, "");
        let by_person = by_application.replace(
            r#"{"app":{"displayName":"bot","servicePrincipalId":"actor-sp"}}"#,
            r#"{"user":{"id":"person","userPrincipalName":"ops@example.org"}}"#,
        );
        assert_eq!(addressees(&by_person), ["User person person"]);
    }

    #[test]
    fn a_change_of_an_application_object_goes_to_the_directory() {
        let on_object = audit(r#""id":"object","type":"Application""#, KEY, "");
        assert_eq!(addressees(&on_object), ["Principal actor-sp actor", "ApplicationObject object target"]);
        let with_app_id = audit(
            r#""id":"object","type":"Application""#,
            KEY,
            r#"{"key":"AppId","value":"b0000000-0000-4000-8000-000000000001"}"#,
        );
        assert_eq!(
            addressees(&with_app_id),
            [
                "Principal actor-sp actor",
                "ApplicationObject object subject",
                "Application b0000000-0000-4000-8000-000000000001 target"
            ]
        );
    }

    #[test]
    fn a_trust_in_a_repository_is_told_to_its_name() {
        let trust = r#"{"displayName":"FederatedIdentityCredentials","oldValue":"[]","newValue":"[{\"Name\":\"ci\",\"Issuer\":\"https://token.actions.githubusercontent.com\",\"Subject\":\"repo:Contoso/infra:ref:refs/heads/main\"}]"}"#;
        let change = audit(
            r#""id":"object","type":"Application""#,
            trust,
            r#"{"key":"AppId","value":"b0000000-0000-4000-8000-000000000001"}"#,
        );
        assert_eq!(
            addressees(&change),
            [
                "Principal actor-sp actor",
                "OwnRepository contoso/infra subject",
                "OwnRepository contoso/* subject",
                "ApplicationObject object subject",
                "Application b0000000-0000-4000-8000-000000000001 target"
            ]
        );
    }

    #[test]
    fn a_trust_on_a_managed_identity_goes_where_the_inventory_tells_of_its_resource() {
        const PATH: &str =
            "/subscriptions/s/resourceGroups/prod/providers/Microsoft.ManagedIdentity/userAssignedIdentities/ci";
        let begun = format!(
            r#"{{"category":"Administrative","time":"2026-05-04T09:00:00Z","resultType":"Start","correlationId":"c",
            "operationName":"MICROSOFT.MANAGEDIDENTITY/USERASSIGNEDIDENTITIES/FEDERATEDIDENTITYCREDENTIALS/WRITE",
            "resourceId":"{PATH}/federatedIdentityCredentials/main","identity":{{"claims":{{"idtyp":"user","oid":"person"}}}},
            "properties":{{"requestbody":"{{\"properties\":{{\"issuer\":\"https://issuer.example\",\"subject\":\"s\"}}}}"}}}}"#
        );
        let listed = format!(
            r##"{{"@odata.type":"#microsoft.graph.servicePrincipal","id":"sp","appId":"app","displayName":"ci",
            "servicePrincipalType":"ManagedIdentity","alternativeNames":["isExplicit=True","{PATH}"]}}"##
        );
        let (change, entry) = (addressees(&begun), addressees(&listed));
        let [change] = change.as_slice() else { panic!("{change:?}") };
        let [object, application, principal] = entry.as_slice() else { panic!("{entry:?}") };
        assert_eq!(change.strip_suffix(" target"), object.strip_suffix(" subject"));
        assert!(object.starts_with("ApplicationObject "), "{object}");
        assert_eq!([application.as_str(), principal], ["Application app subject", "Principal sp subject"]);
    }

    #[test]
    fn an_act_is_about_the_names_that_its_repository_goes_by() {
        let act = |repository: &str| {
            format!(r#"{{"@timestamp":1777885200000,"action":"repo.access","org":"Contoso","actor":"a"{repository}}}"#)
        };
        assert_eq!(
            addressees(&act(r#","repo":"Contoso/Nightly-Export""#)),
            [
                "OwnRepository nightlyexport subject",
                "OwnRepository contoso/nightly-export subject",
                "OwnRepository contoso/** subject"
            ]
        );
        assert_eq!(addressees(&act("")), ["OwnRepository contoso/* subject"]);
    }

    #[test]
    fn an_act_in_exchange_is_about_the_application_or_its_principal() {
        let act = |user: &str| {
            format!(
                r#"{{"CreationTime":"2026-05-04T09:00:00","Operation":"Send","Workload":"Exchange","UserType":5,"UserId":"{user}",
                "ClientAppId":"b0000000-0000-4000-8000-000000000001"}}"#
            )
        };
        assert_eq!(addressees(&act("S-1-5-18")), ["Application b0000000-0000-4000-8000-000000000001 subject"]);
        assert_eq!(
            addressees(&act("ServicePrincipal_d0000000-0000-4000-8000-000000000001")),
            ["Principal d0000000-0000-4000-8000-000000000001 subject"]
        );
    }

    #[test]
    fn some_sign_ins_introduce_their_principal_to_its_application() {
        let introduced = |number: u16| {
            let record = format!(
                r#"{{"category":"ServicePrincipalSignInLogs","properties":{{"id":"{number:04x}83f0-2f1c-4b6e-9d0a-5c1e7a3b0400",
                "createdDateTime":"2026-05-04T09:00:00Z","servicePrincipalId":"sp","appId":"app"}}}}"#
            );
            addressees(&record)
        };
        let (some, most): (Vec<_>, Vec<_>) = (0..2_048).map(introduced).partition(|to| to.len() == 2);
        assert!((96..=160).contains(&some.len()), "{} of 2,048, and 128 are meant", some.len());
        assert_eq!(some[0], ["Principal sp subject", "Application app subject"]);
        assert_eq!(most[0], ["Principal sp subject"]);
    }

    #[test]
    fn an_agent_s_blueprint_learns_of_it() {
        let record = r#"{"category":"ServicePrincipalSignInLogs","properties":{"id":"s","createdDateTime":"2026-05-04T09:00:00Z",
            "servicePrincipalId":"agent","agent":{"agentType":"agenticAppInstance","parentAppId":"blueprint"}}}"#;
        assert_eq!(addressees(record), ["Principal agent subject", "Application blueprint subject"]);
    }

    #[test]
    fn a_user_learns_of_the_agents_that_sign_in_for_it() {
        let record = r#"{"category":"NonInteractiveUserSignInLogs","properties":{"id":"s","createdDateTime":"2026-05-04T09:00:00Z",
            "appId":"agent","userId":"user","agent":{"agentType":"agenticAppInstance"}}}"#;
        assert_eq!(addressees(record), ["Principal agent subject", "User user subject"]);
        let risk = r#"{"category":"RiskyUsers","properties":{"id":"user","riskLevel":"high","riskState":"atRisk",
            "riskLastUpdatedDateTime":"2026-05-04T09:00:00Z"}}"#;
        assert_eq!(addressees(risk), ["User user subject"]);
    }

    #[test]
    fn a_leak_that_names_what_is_not_in_entra_goes_to_that_as_a_principal_of_its_own() {
        let key = ["ASIA", "QNZGKIQY56JQ7WML"].concat();
        let secret = ["q7Rk2ZpW9sXv4NbT8mLc", "H3yGfD6jUaE5oKiQw1Br"].concat();
        let record = format!(
            r#"{{"id":"p1","url":"https://paste.example/p1","time":"2026-05-04T09:00:00Z","body":"id = {key}\nsecret = {secret}"}}"#
        );
        assert_eq!(addressees(&record), ["Principal aws-account/029608264753 owner"]);
    }
}

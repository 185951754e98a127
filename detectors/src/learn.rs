//! Learning from an observation after it was judged. What was judged risky is held apart; the rest is learned.

use crate::detect::{
    Ask, Findings, Scene, call_values, carry_value, changed_object, graveness, home_key, is_undoubted_grant,
    maintainer_value, new_place_use, operation_value, remembered_as, silence_before, speaks_of, token_of_call,
    token_of_sign_in, usual_value, workflow_value,
};
use crate::engine::Engine;
use crate::event::{
    ApiActivity, Body, Credential, CredentialKind, CredentialType, Day, DirectoryChange, EventTime,
    InventoryServicePrincipal, KeyId, Operation, PrincipalKind, RepositoryAct, SignIn, Signal,
};
use crate::observation::{Observation, Role};
use crate::profile::{Addition, NewPlaceUse, Profile, Property, SignInValues, magnitude, prefix_value};
use crate::risk::LastChange;
use crate::tenant::Adopted;
use compact_str::format_compact;

/// What the judgement leaves to be learned.
#[derive(Debug)]
pub(crate) struct Lesson {
    time: EventTime,
    cutoff: Day,
    late: bool,
    values: Option<SignInValues>,
    /// The credential, where it is used from a place that was known.
    home_key: Option<u32>,
    new_place: Option<NewPlaceUse>,
    addition: Option<Addition>,
    /// Whether it is a grant that explains what comes next.
    is_undoubted_grant: bool,
    /// The values that this event is suspected for.
    held: Vec<(Property, u32)>,
    /// Those of them for the tenant to know all the same.
    introduced: Vec<(Property, u32)>,
}

/// Takes from the scene what learning needs, so that the profile can change.
pub(crate) fn prepare(scene: &Scene<'_>, findings: &Findings) -> Lesson {
    let held = findings
        .asks
        .iter()
        .filter_map(|ask| match ask {
            Ask::Quarantine(property, value, _) => Some((*property, *value)),
            Ask::Renew(..)
            | Ask::Lower(..)
            | Ask::Remediate(_)
            | Ask::RemediateKey(_)
            | Ask::Note(_)
            | Ask::Doubt(_) => None,
        })
        .collect::<Vec<_>>();
    let introduced = introduced(scene, &held);
    let (new_place, addition) = match &scene.observation.event.body {
        Body::SignIn(sign_in) if sign_in.key.is_some() && !scene.engine.expected.knows_place(scene.observation) => {
            (new_place_use(scene, sign_in), None)
        }
        Body::DirectoryChange(change) => (None, crate::detect::remembered_addition(scene, change)),
        _ => (None, None),
    };
    Lesson {
        time: scene.time,
        cutoff: scene.cutoff,
        late: scene.late,
        values: scene.values,
        home_key: home_key(scene),
        new_place,
        addition,
        is_undoubted_grant: scene.done_to_it().is_some_and(|change| is_undoubted_grant(scene, change, findings)),
        held,
        introduced,
    }
}

/// Who changes a principal for the first time, and from where: whoever does so to one after the other, for weeks, is one of
/// the tenant's administrators, however doubtful each change was.
fn introduced(scene: &Scene<'_>, held: &[(Property, u32)]) -> Vec<(Property, u32)> {
    let is_stranger = |(property, value): &&(Property, u32)| {
        matches!(property, Property::Administrator | Property::AdministratorPrefix)
            && !scene.profile.habits.has_seen(*property, *value)
            && scene.profile.findings.quarantine.find(*property, *value).is_none()
    };
    held.iter().filter(is_stranger).copied().collect()
}

/// Keeps the matches that correlation rules count.
fn keep_parts(profile: &mut Profile, observation: &Observation, lesson: &Lesson) {
    let newest = profile.head.newest.max(lesson.time);
    for signal in &observation.event.signals {
        let Signal::Part(part) = signal else { continue };
        if speaks_of(observation, part.whole.about) {
            profile.findings.windows.keep(part, lesson.time, newest);
            profile.changed.findings = true;
        }
    }
}

/// Learns.
pub(crate) fn learn(engine: &Engine, profile: &mut Profile, observation: &Observation, lesson: &Lesson) {
    keep_parts(profile, observation, lesson);
    match (&observation.event.body, &observation.role) {
        (Body::SignIn(sign_in), _) => learn_sign_in(profile, sign_in, lesson),
        (Body::DirectoryChange(change), Role::Target | Role::OfApplication) => {
            learn_change(engine, profile, change, lesson);
        }
        (Body::DirectoryChange(change), _) => learn_act(profile, change, lesson),
        (Body::ApiActivity(call), _) => {
            profile.head.app = call.app.clone().or(profile.head.app.take());
            profile.head.grant(&call.roles, &engine.reference);
            learn_call(engine, profile, call, lesson);
        }
        (Body::CodeFinding(leak), Role::Owner(owner)) => {
            match &leak.owner {
                Some(outside) => profile.head.name_it(Some(&format_compact!("{outside}"))),
                None => profile.head.app = Some(owner.app.clone()),
            }
            if let Some(key) = &owner.key {
                let known = profile.credentials.entry(key);
                known.expires = owner.expires.or(known.expires);
                known.removed = known.removed.or(owner.removed);
                profile.changed.credentials = true;
            }
        }
        (Body::MicrosoftRisk(risk), _) => {
            profile.head.name_it(risk.name.as_ref());
            profile.head.app = risk.app.clone().or(profile.head.app.take());
            if risk.agent {
                profile.head.kind = PrincipalKind::Agent;
            }
        }
        (Body::InventoryServicePrincipal(entry), _) => learn_inventory(engine, profile, entry, lesson.time),
        (Body::RepositoryAct(act), _) => learn_repository_act(profile, act, observation, lesson),
        (Body::OfficeAct(act), _) if act.principal.is_none() => {
            profile.head.app = Some(act.app.clone());
        }
        (Body::Ownership(ownership), _) => profile.head.of_application.clone_from(ownership),
        (Body::Spray(spray), _) => {
            profile.credentials.refusals.note_spray(*spray, lesson.time.day());
            profile.changed.credentials = true;
        }
        (
            Body::CodeFinding(_)
            | Body::RepositoryOpened(_)
            | Body::UserRisk(_)
            | Body::InventoryApplication(_)
            | Body::Command(_)
            | Body::ExpectedChange(_)
            | Body::Tick
            | Body::Summary(_)
            | Body::Snapshot(_)
            | Body::OfficeAct(_)
            | Body::Fall(_),
            _,
        ) => {}
    }
    if !lesson.late {
        learn_rules(profile, observation, lesson);
    }
}

fn learn_sign_in(profile: &mut Profile, sign_in: &SignIn, lesson: &Lesson) {
    let head = &mut profile.head;
    head.name_it(sign_in.name.as_ref());
    if let Some(app) = sign_in.app.as_ref().filter(|app| head.app.as_ref() != Some(app)) {
        head.app = Some(app.clone());
    }
    head.kind = sign_in.kind;
    let Some(values) = lesson.values else { return };
    if let Some(key) = lesson.home_key {
        head.note_home_use(key, lesson.time);
    }
    let day = lesson.time.day();
    learn_use(profile, sign_in, &values, lesson, day);
    if let Some(network) = values.coarse_network().filter(|_| sign_in.is_refused()) {
        profile.changed.credentials |= profile.credentials.refusals.count(network, day);
    }
    if lesson.late {
        return;
    }
    if !sign_in.succeeded() {
        // An agent's closed doors, whether the token or the call is refused.
        if let Some(resource) = values.resource.filter(|_| profile.head.kind == PrincipalKind::Agent) {
            learn_value(profile, lesson, Property::Refused, resource, day);
        }
        return;
    }
    if let Some(silence) = silence_before(&profile.habits, lesson.cutoff) {
        learn_value(profile, lesson, Property::Silence, silence, day);
    }
    profile.changed.habits |= profile.habits.be_active(day);
    if let Some(rate) = magnitude(profile.head.sign_ins.add(lesson.time)) {
        learn_value(profile, lesson, Property::SignInRate, rate, day);
    }
    let calls_apis = profile.habits.has_seen(Property::Calling, 0);
    if let Some((token, prefix)) = token_of_sign_in(sign_in).filter(|_| calls_apis) {
        profile.changed.credentials |= profile.credentials.tokens.issue(token, prefix, lesson.time);
    }
    for (property, value) in values.all() {
        learn_value(profile, lesson, property, value, day);
    }
    if !profile.findings.quarantine.is_empty() && !profile.findings.ledger.rests_on_a_live_credential() {
        let promoted = profile.findings.quarantine.promote_ripe(&mut profile.habits, lesson.cutoff);
        profile.changed.habits |= promoted;
        profile.changed.findings |= promoted;
    }
}

/// The rules that speak of it.
fn learn_rules(profile: &mut Profile, observation: &Observation, lesson: &Lesson) {
    for signal in &observation.event.signals {
        let Signal::Rule(matched) = signal else { continue };
        if let Some(value) = usual_value(matched).filter(|_| speaks_of(observation, matched.about)) {
            learn_value(profile, lesson, Property::Rule, value, lesson.time.day());
        }
    }
}

/// Which workflows run in the repositories that it trusts, and who changes those.
fn learn_repository_act(profile: &mut Profile, act: &RepositoryAct, observation: &Observation, lesson: &Lesson) {
    if lesson.late {
        return;
    }
    let day = lesson.time.day();
    if let Some(workflow) = workflow_value(act) {
        profile.changed.habits |= profile.habits.learn(Property::Building, 0, day);
        learn_value(profile, lesson, Property::Workflow, workflow, day);
    }
    if let Some(who) = maintainer_value(act).filter(|_| graveness(&observation.event.signals).is_some()) {
        learn_value(profile, lesson, Property::Administrator, who, day);
    }
}

/// What it does to the directory.
fn learn_act(profile: &mut Profile, change: &DirectoryChange, lesson: &Lesson) {
    profile.head.name_it(change.actor.name.as_ref());
    if lesson.late || !change.succeeded {
        return;
    }
    let day = lesson.time.day();
    profile.changed.habits |= profile.habits.learn(Property::Acting, 0, day);
    learn_value(profile, lesson, Property::Operation, operation_value(change), day);
    if let Some(reach) = changed_object(change).and_then(|object| magnitude(profile.head.act_reach.add(object, day))) {
        learn_value(profile, lesson, Property::ActReach, reach, day);
    }
}

/// What is called, with what, from where, how often; and where the token was used.
fn learn_call(engine: &Engine, profile: &mut Profile, call: &ApiActivity, lesson: &Lesson) {
    let used = token_of_call(call);
    let issued = used.and_then(|(token, _)| profile.credentials.tokens.issued_to(token));
    if let Some((token, prefix)) = used {
        profile.changed.credentials |= profile.credentials.tokens.note_use(token, prefix, lesson.time);
    }
    if lesson.late {
        return;
    }
    let day = lesson.time.day();
    if let Some((issued, (_, used))) = issued.zip(used) {
        learn_value(profile, lesson, Property::Carry, carry_value(engine, issued, used), day);
    }
    for (property, value) in call_values(engine, call, profile.head.kind) {
        // Doors that never opened are counted; one that the principal has gone through for weeks jams now and then.
        let was_known = || !profile.habits.standing(Property::Endpoint, value, lesson.cutoff).is_new();
        if property == Property::Refused && was_known() {
            continue;
        }
        learn_value(profile, lesson, property, value, day);
    }
    if let Some(rate) = magnitude(profile.head.calls.add(lesson.time)) {
        learn_value(profile, lesson, Property::CallRate, rate, day);
    }
    if let Some(reach) = call.object.and_then(|object| magnitude(profile.head.reach.add(object, day))) {
        learn_value(profile, lesson, Property::Reach, reach, day);
    }
}

/// A value in quarantine counts its day there; any other is learned.
fn learn_value(profile: &mut Profile, lesson: &Lesson, property: Property, value: u32, day: Day) {
    let quarantine = &mut profile.findings.quarantine;
    if lesson.introduced.contains(&(property, value)) {
        profile.adopted.push(Adopted { property, value, day });
    }
    if lesson.held.contains(&(property, value)) {
        return;
    }
    let held =
        if quarantine.is_empty() { None } else { quarantine.find(property, value).map(|held| held.cause.clone()) };
    match held {
        Some(cause) => profile.changed.findings |= quarantine.hold(property, value, &cause, day, None),
        None if profile.habits.learn(property, value, day) => {
            profile.changed.habits = true;
            adopt(profile, property, value);
        }
        None => {}
    }
}

/// What has become usual is for the tenant to know.
fn adopt(profile: &mut Profile, property: Property, value: u32) {
    let Some(property_shared) = property.shared_as() else { return };
    if let Some(day) = profile.habits.adopt(property, value) {
        profile.adopted.push(Adopted { property: property_shared, value, day });
    }
}

/// From where the credential is used; uses from new places are kept even when late, joins need no order.
fn learn_use(profile: &mut Profile, sign_in: &SignIn, values: &SignInValues, lesson: &Lesson, day: Day) {
    let Some(key) = &sign_in.key else { return };
    if !sign_in.succeeded() && lesson.new_place.is_none() {
        return;
    }
    let known = profile.credentials.entry(key);
    let mut changed = false;
    if known.kind.is_none() {
        known.kind = kind_of(sign_in.credential_type);
        changed = known.kind.is_some();
    }
    if let Some(new_place) = &lesson.new_place {
        changed |= known.note_new_place(new_place.clone());
    }
    if !lesson.late && sign_in.succeeded() {
        // Kept even for a suspicious use: it is asked only where the principal as a whole is known.
        changed |= profile.credentials.learn_use(key, values.coarse_network(), day);
    }
    profile.changed.credentials |= changed;
}

fn kind_of(credential: CredentialType) -> Option<CredentialKind> {
    match credential {
        CredentialType::ClientSecret => Some(CredentialKind::Secret),
        CredentialType::Certificate | CredentialType::ClientAssertion => Some(CredentialKind::Certificate),
        CredentialType::Federated => Some(CredentialKind::Federated),
        CredentialType::ManagedIdentity | CredentialType::None | CredentialType::Unknown => None,
    }
}

fn learn_change(engine: &Engine, profile: &mut Profile, change: &DirectoryChange, lesson: &Lesson) {
    profile.head.name_it(change.name.as_ref());
    profile.head.app = change.application.clone().or(profile.head.app.take());
    if !change.succeeded {
        return;
    }
    profile.head.note_change(LastChange::of(change, lesson.time));
    if change.principal.is_some() {
        profile.head.ownership.change(change);
    }
    if let Some(enabled) = change.enabled {
        profile.head.enabled = enabled;
    }
    match change.operation {
        Operation::AppRoleGranted | Operation::Consent | Operation::RoleGranted => {
            profile.head.grant(&change.grants, &engine.reference);
            if lesson.is_undoubted_grant {
                profile.head.granted = profile.head.granted.max(Some(lesson.time));
            }
            learn_administrator(profile, change, lesson);
        }
        Operation::OwnerAdded => learn_administrator(profile, change, lesson),
        Operation::Created => profile.head.created = profile.head.created.max(Some(lesson.time)),
        Operation::AppRoleRevoked | Operation::RoleRevoked => profile.head.revoke(&change.grants, &engine.reference),
        _ => {}
    }
    if change.credentials.is_empty() {
        return;
    }
    learn_credentials(profile, change, lesson);
    learn_administrator(profile, change, lesson);
}

/// Who changes it, and from where.
fn learn_administrator(profile: &mut Profile, change: &DirectoryChange, lesson: &Lesson) {
    if lesson.late {
        return;
    }
    let day = lesson.time.day();
    if let Some(who) = remembered_as(&change.actor) {
        learn_value(profile, lesson, Property::Administrator, who, day);
    }
    if let Some(prefix) = prefix_value(&change.actor.place) {
        learn_value(profile, lesson, Property::AdministratorPrefix, prefix, day);
    }
}

fn learn_credentials(profile: &mut Profile, change: &DirectoryChange, lesson: &Lesson) {
    profile.changed.credentials = true;
    for added in change.credentials.added.iter().filter(|added| added.verifies) {
        let known = profile.credentials.entry(&added.key);
        known.kind = Some(added.kind);
        known.removed = known.removed.filter(|removed| *removed > lesson.time);
        let comes_first = |known: &Addition| lesson.addition.as_ref().is_some_and(|new| new.rank() < known.rank());
        if known.added.as_ref().is_none_or(comes_first) {
            known.added.clone_from(&lesson.addition);
        }
    }
    // A trust that is changed keeps its key: removed and added in one record, it lives on.
    let replaced = |key: &KeyId| change.credentials.added.iter().any(|added| added.key == *key);
    for removed in change.credentials.removed.iter().filter(|removed| !replaced(&removed.key)) {
        let known = profile.credentials.entry(&removed.key);
        known.kind = Some(removed.kind);
        known.removed = Some(known.removed.map_or(lesson.time, |earlier| earlier.min(lesson.time)));
    }
}

/// An entry is dated by the creation of what it lists, by the epoch where it tells none.
fn learn_inventory(engine: &Engine, profile: &mut Profile, entry: &InventoryServicePrincipal, created: EventTime) {
    let head = &mut profile.head;
    head.created = head.created.or(Some(created).filter(|created| *created > EventTime::from_micros(0)));
    head.name_it(entry.name.as_ref());
    head.app = entry.app.clone().or(head.app.take());
    head.enabled = entry.enabled.unwrap_or(head.enabled);
    head.grant(&entry.grants, &engine.reference);
    head.ownership.list(&entry.ownership);
    if entry.managed_identity {
        head.kind = PrincipalKind::ManagedIdentity;
    } else if entry.blueprint.is_some() {
        head.kind = PrincipalKind::Agent;
    }
    for credential in &entry.credentials {
        learn_listed(profile, credential);
    }
}

fn learn_listed(profile: &mut Profile, credential: &Credential) {
    let known = profile.credentials.entry(&credential.key);
    known.kind = Some(credential.kind);
    known.expires = credential.end.or(known.expires);
    profile.changed.credentials = true;
}

//! Folding one observation into a principal: judge, settle the risk, then learn.

use crate::detect::{Ask, DETECTORS, Finding, Findings, Mode, Scene};
use crate::engine::{Engine, Fate, Verdict};
use crate::event::{self, Body, Event, EventId, EventTime, Fall, NAMESPACE, Ownership};
use crate::expectations::Suspicion;
use crate::learn;
use crate::observation::{EntityKey, Observation, Role};
use crate::profile::{Profile, Seen};
use crate::risk::{
    self, Detection, Entry, Evidence, Fact, Reach, RiskDetail, RiskLevel, RiskState, RiskStatus, Situation, Transition,
};
use crate::scoring::Levels;
use crate::tenant::{Doubt, Peers, Summary};
use std::fmt::Write;
use std::sync::Arc;
use uuid::Uuid;

/// Judges the observation by the profile as it stands, settles what it means for the risk, and learns from it.
pub(crate) fn principal(engine: &Engine, profile: &mut Profile, peers: &Peers, observation: &Observation) -> Verdict {
    let mut verdict = Verdict::default();
    identify(profile, observation);
    if matches!(observation.event.body, Body::Tick) {
        let falls = advance(engine, profile, observation.time());
        let moment = falls.last().map_or(observation.time(), |fall| fall.time);
        verdict.transitions.extend(falls);
        conclude(engine, profile, moment, &mut verdict);
        return verdict;
    }
    verdict.fate = match profile.dedup.see(observation.time(), observation.fingerprint()) {
        Seen::New => Fate::Folded,
        Seen::BeyondMemory => Fate::Late,
        Seen::Already => Fate::Duplicate,
    };
    if verdict.fate == Fate::Duplicate {
        return verdict;
    }
    let now = observation.time().max(profile.head.newest);
    verdict.transitions.extend(advance(engine, profile, now.plus(-crate::detect::ALLOWED_DISORDER)));
    let scene = Scene::new(engine, observation, profile, peers, verdict.fate == Fate::Late);
    let findings = judge(engine, &scene);
    let lesson = learn::prepare(&scene, &findings);
    settle(engine, profile, observation, findings, now, &mut verdict);
    learn::learn(engine, profile, observation, &lesson);
    profile.head.newest = now;
    conclude(engine, profile, now, &mut verdict);
    verdict.derived.extend(summary(profile, observation));
    verdict
        .derived
        .extend(verdict.detections.iter().flat_map(falls).map(|fall| addressed(fall, observation)).collect::<Vec<_>>());
    verdict
}

/// Lets every detector look.
fn judge(engine: &Engine, scene: &Scene<'_>) -> Findings {
    let mut findings = Findings::default();
    for (place, detector) in DETECTORS.iter().enumerate() {
        match engine.modes.at(place) {
            Mode::On => detector.observe(scene, &mut findings),
            mode @ (Mode::Shadow | Mode::Off) => {
                let mut apart = Findings::default();
                detector.observe(scene, &mut apart);
                findings.take_apart(apart, mode);
            }
        }
    }
    findings
}

/// What others may share of a detection: nothing of one that is expected, or that weighs nothing by itself.
fn falls(detection: &Detection) -> impl Iterator<Item = Fall> {
    let counts = detection.expected.is_none() && detection.level > RiskLevel::None;
    let keys = if counts { detection.incident_keys() } else { Vec::new() };
    keys.into_iter().map(|key| Fall {
        key: key.into(),
        principal: detection.principal.clone(),
        name: detection.name.clone(),
        detection: detection.id,
        risk_event_type: detection.risk_event_type.into(),
        level: detection.level,
    })
}

fn addressed(fall: Fall, from: &Observation) -> Observation {
    let name = format!("fall|{}|{}", fall.detection, fall.key);
    let entity = EntityKey::incident(&from.tenant, &fall.key);
    let id = event::Id::Text(fall.key.clone());
    let event = Event {
        id: EventId(event::Id::Guid(Uuid::new_v5(&NAMESPACE, name.as_bytes()))),
        tenant: from.tenant.clone(),
        time: from.event.time,
        body: Body::Fall(Box::new(fall)),
        signals: Vec::new(),
    };
    let (tenant, ingested) = (from.tenant.clone(), from.ingested);
    Observation { entity, id, tenant, role: Role::Subject, ingested, event: Arc::new(event) }
}

/// What the tenant is told of what was judged and learned, if anything was doubtful or became usual.
fn summary(profile: &mut Profile, observation: &Observation) -> Option<Observation> {
    if profile.adopted.is_empty() && profile.doubts.is_empty() {
        return None;
    }
    let (adopted, doubts) = (std::mem::take(&mut profile.adopted), std::mem::take(&mut profile.doubts));
    let summary = Summary { newcomer: !profile.head.told && !adopted.is_empty(), adopted, doubts };
    profile.head.told |= summary.newcomer;
    Some(summary.addressed(observation, profile.head.newest))
}

/// Ticks and risk records name nobody; the head remembers who the key stands for.
fn identify(profile: &mut Profile, observation: &Observation) {
    profile.changed.head = true;
    if profile.head.id != observation.id || profile.head.tenant != observation.tenant {
        profile.head.id = observation.id.clone();
        profile.head.tenant = observation.tenant.clone();
    }
}

/// The falls of the level that time has made until `to`.
fn advance(engine: &Engine, profile: &mut Profile, to: EventTime) -> Vec<Transition> {
    let falls = profile.findings.ledger.advance(to, &engine.scoring.levels);
    profile.changed.findings |= !falls.is_empty();
    falls
        .into_iter()
        .map(|fall| Transition { status: fall.status, ..transition_of(profile, fall.time, fall.from, fall.to) })
        .collect()
}

fn settle(
    engine: &Engine,
    profile: &mut Profile,
    observation: &Observation,
    findings: Findings,
    now: EventTime,
    verdict: &mut Verdict,
) {
    let time = observation.time();
    let command = match &observation.event.body {
        Body::Command(command) if profile.findings.ledger.obeys(time) => Some(command.verdict),
        _ => None,
    };
    let window = match &observation.event.body {
        Body::ExpectedChange(change) => Some(&change.window),
        _ => None,
    };
    if findings.is_empty() && command.is_none() && window.is_none() {
        return;
    }
    profile.changed.findings = true;
    if let Some(window) = window {
        profile.findings.expected.open(window);
    }
    for ask in findings.asks {
        answer(engine, profile, observation, ask);
    }
    let told = &mut profile.findings.shadowed;
    let news = findings.shadowed.iter().filter(|finding| told.tell(finding.risk_event_type, &finding.cause));
    verdict.shadowed.extend(news.map(|finding| finding.risk_event_type));
    for finding in findings.found {
        let mut detection = detection_of(engine, profile, observation, &finding, now);
        let suspicion = Suspicion { rule: finding.rule(), ..Suspicion::of(finding.risk_event_type, observation) };
        let window = profile.expected(&engine.expected, &suspicion);
        detection.expected = window.cloned().map(Box::new);
        if detection.expected.is_some() {
            detection.status = RiskStatus::Dismissed;
        }
        let entry = entry_of(profile, &finding, &detection);
        profile.findings.ledger.enter(entry);
        verdict.detections.push(detection);
    }
    let levels = &engine.scoring.levels;
    let previous = match (command, window) {
        (Some(command), _) => Some(decree(profile, command, (time, now), levels)),
        (None, Some(window)) => profile.findings.ledger.hold(window, now, levels),
        (None, None) => profile.findings.ledger.settle(now, levels),
    };
    if let Some(previous) = previous {
        let level = profile.findings.ledger.level();
        verdict.transitions.push(transition_of(profile, now, previous, level));
    }
}

fn answer(engine: &Engine, profile: &mut Profile, observation: &Observation, ask: Ask) {
    let time = observation.time();
    if is_held(engine, profile, observation, &ask) {
        return;
    }
    let ledger = &mut profile.findings.ledger;
    match ask {
        Ask::Renew(cause, weight) => ledger.renew(&cause, weight, time),
        Ask::Lower(cause, bits) => ledger.lower(&cause, bits),
        Ask::Remediate(cause) => drop(ledger.remediate_cause(&cause, time)),
        Ask::RemediateKey(key) => drop(ledger.remediate_key(&key)),
        Ask::Note(oddity) => profile.findings.oddities.note(oddity),
        Ask::Doubt(kind) => profile.doubts.push(Doubt { kind, day: time.day() }),
        Ask::Quarantine(property, value, cause) => {
            let cutoff = time.plus(-crate::detect::ALLOWED_DISORDER).day();
            let before = profile.habits.withdraw(property, value, cutoff);
            profile.changed.habits |= before.is_some();
            profile.findings.quarantine.hold(property, value, &cause, time.day(), before);
        }
    }
}

/// Whether what is asked for would let something count that is expected.
fn is_held(engine: &Engine, profile: &Profile, observation: &Observation, ask: &Ask) -> bool {
    let expected = |kind: &str| profile.expected(&engine.expected, &Suspicion::of(kind, observation)).is_some();
    match ask {
        Ask::Renew(cause, _) => {
            let entry = profile.findings.ledger.find(cause, observation.time());
            entry.is_some_and(|(entry, _)| expected(&entry.risk_event_type))
        }
        Ask::Note(_) | Ask::Doubt(_) => engine.expected.knows_place(observation),
        Ask::Lower(..) | Ask::Remediate(_) | Ask::RemediateKey(_) | Ask::Quarantine(..) => false,
    }
}

/// An administrator's word, on what stood when it was said. *Dismiss* means "true but harmless" and does not teach;
/// *confirm safe* does.
fn decree(
    profile: &mut Profile,
    verdict: event::Verdict,
    (said, now): (EventTime, EventTime),
    levels: &Levels,
) -> RiskLevel {
    let findings = &mut profile.findings;
    match verdict {
        event::Verdict::ConfirmCompromised => {
            findings.quarantine.clear();
            findings.ledger.pin(said, now)
        }
        event::Verdict::Dismiss => {
            let word = (RiskStatus::Dismissed, RiskDetail::AdminDismissedAllRiskForServicePrincipal);
            findings.ledger.clear(said, now, levels, word)
        }
        event::Verdict::ConfirmSafe => {
            let cutoff = said.plus(-crate::detect::ALLOWED_DISORDER).day();
            profile.changed.habits |= findings.quarantine.promote_all(&mut profile.habits, cutoff);
            let word = (RiskStatus::ConfirmedSafe, RiskDetail::AdminConfirmedServicePrincipalSafe);
            findings.ledger.clear(said, now, levels, word)
        }
    }
}

/// The risk state goes out whenever something was detected or changed; what a person needs beside it is told as it stands
/// after the event.
fn conclude(engine: &Engine, profile: &Profile, now: EventTime, verdict: &mut Verdict) {
    if verdict.detections.is_empty() && verdict.transitions.is_empty() {
        return;
    }
    let situation = situation_of(engine, profile);
    for detection in &mut verdict.detections {
        detection.impact = profile.head.impact;
        detection.situation = situation.clone();
    }
    verdict.risk_state = Some(risk_state_of(profile, now, situation));
}

fn situation_of(engine: &Engine, profile: &Profile) -> Situation {
    let head = &profile.head;
    let Ownership { owners, sponsors, managers } = head.ownership.and(&head.of_application);
    Situation {
        owners,
        sponsors,
        managers,
        last_change: head.last_change.clone(),
        reach: Reach::of(&head.grants, |grant| engine.reference.impact(grant)),
    }
}

/// What hangs on a credential that was removed since has lost its ground, whichever record came first.
fn entry_of(profile: &Profile, finding: &Finding, detection: &Detection) -> Entry {
    let since = detection.activity_time;
    let held = detection.expected.is_some();
    let removed = finding.ground.as_ref().and_then(|key| profile.credentials.find(key)?.removed);
    Entry {
        cause: finding.cause.clone(),
        detection: detection.id,
        risk_event_type: finding.risk_event_type.into(),
        weight: if held { 0.0 } else { finding.weight },
        since,
        half_life_hours: finding.half_life_hours,
        key: finding.ground.clone(),
        ends: finding.ends,
        fate: if removed.is_some_and(|removed| removed >= since) { risk::Fate::Remediated } else { risk::Fate::Stands },
        held: if held { finding.weight } else { 0.0 },
        lowered: false,
    }
}

/// Derives an id from tenant, principal and what names the thing.
fn derive_id(profile: &Profile, parts: &[&dyn std::fmt::Display]) -> Uuid {
    let mut name = format!("{}|{}", profile.head.tenant, profile.head.id);
    for part in parts {
        #[expect(clippy::let_underscore_must_use, reason = "writing to a string can't fail")]
        let _ = write!(name, "|{part}");
    }
    Uuid::new_v5(&NAMESPACE, name.as_bytes())
}

fn detection_of(
    engine: &Engine,
    profile: &Profile,
    observation: &Observation,
    finding: &Finding,
    now: EventTime,
) -> Detection {
    let mut parts: Vec<&dyn std::fmt::Display> = vec![&finding.risk_event_type];
    parts.extend(finding.identity.iter().map(|id| id as &dyn std::fmt::Display));
    let mut facts = finding.facts.clone();
    facts.sort_by(|a, b| b.bits.total_cmp(&a.bits));
    Detection {
        id: derive_id(profile, &parts),
        tenant: profile.head.tenant.clone(),
        principal: event::PrincipalId(profile.head.id.clone()),
        kind: profile.head.kind,
        name: profile.head.name.clone(),
        app: profile.head.app.clone(),
        risk_event_type: finding.risk_event_type,
        level: engine.scoring.levels.level(100.0 * finding.weight, RiskLevel::None),
        status: RiskStatus::AtRisk,
        detail: RiskDetail::None,
        activity: finding.activity,
        request: finding.request.clone(),
        correlation: finding.correlation.clone(),
        place: finding.place.clone(),
        activity_time: observation.time(),
        detected_time: now,
        keys: finding.keys.clone(),
        evidence: Evidence {
            facts,
            total_bits: finding.total_bits.map(|bits| sum_as_told(bits, &finding.facts)),
            active_days: finding.active_days.map(|days| days.round() as u32),
            event_ids: finding.identity.clone(),
            cause: finding.cause.clone(),
            weight: (finding.weight * 1e4).round() as f32 / 1e4,
        },
        explanation: finding.explanation.clone(),
        impact: profile.head.impact,
        situation: Situation::default(),
        actions: crate::detect::actions(finding.risk_event_type),
        expected: None,
    }
}

/// The sum of the evidence in tenths of bits, as its parts are told: rounded parts must add up before the reader's eyes.
fn sum_as_told(bits: f64, facts: &[Fact]) -> f32 {
    const ROUNDING: f64 = 0.05;
    let sum: f64 = facts.iter().map(|fact| f64::from(fact.bits)).sum();
    let is_same = (sum - bits).abs() <= ROUNDING * (facts.len() + 1) as f64;
    (if is_same { sum } else { bits } * 10.0).round() as f32 / 10.0
}

/// Two decimals are what a person reads; more would only show the machine's rounding.
fn rounded(score: f64) -> f64 {
    (score * 100.0).round() / 100.0
}

fn transition_of(profile: &Profile, time: EventTime, previous: RiskLevel, level: RiskLevel) -> Transition {
    let ledger = &profile.findings.ledger;
    let score = rounded(ledger.score(time));
    Transition {
        id: derive_id(profile, &[&"transition", &time, &previous.as_str(), &level.as_str(), &score]),
        tenant: profile.head.tenant.clone(),
        principal: event::PrincipalId(profile.head.id.clone()),
        app: profile.head.app.clone(),
        name: profile.head.name.clone(),
        time,
        previous_level: previous,
        level,
        status: ledger.status(),
        detail: ledger.detail(),
        score,
        impact: profile.head.impact,
        causes: ledger.contributions(time).into_iter().map(|line| line.detection_id).collect(),
    }
}

fn risk_state_of(profile: &Profile, now: EventTime, situation: Situation) -> RiskState {
    let ledger = &profile.findings.ledger;
    let score = rounded(ledger.score(now));
    let mut contributions = ledger.contributions(now);
    for line in &mut contributions {
        line.weight = (line.weight * 1e4).round() / 1e4;
        line.current_weight = (line.current_weight * 1e4).round() / 1e4;
    }
    round_shares(&mut contributions, score);
    RiskState {
        tenant: profile.head.tenant.clone(),
        principal: event::PrincipalId(profile.head.id.clone()),
        kind: profile.head.kind,
        app: profile.head.app.clone(),
        name: profile.head.name.clone(),
        enabled: profile.head.enabled,
        level: ledger.level(),
        status: ledger.status(),
        detail: ledger.detail(),
        updated: ledger.updated().max(now),
        score,
        impact: profile.head.impact,
        actions: actions_of(&contributions),
        contributions,
        situation,
    }
}

/// What to do about the lines that make a score, the greatest first.
fn actions_of(lines: &[risk::Contribution]) -> Vec<&'static str> {
    let mut told = Vec::new();
    for action in lines.iter().flat_map(|line| crate::detect::actions(&line.risk_event_type)) {
        if told.len() < RiskState::ACTIONS && !told.contains(action) {
            told.push(*action);
        }
    }
    told
}

/// Rounds the shares so that they still add up to the score: each is cut to hundredths, and the hundredths left over go
/// to the shares that lost most.
fn round_shares(lines: &mut [risk::Contribution], score: f64) {
    let hundredths = |share: f64| (share * 100.0).floor();
    let left = (score * 100.0).round() - lines.iter().map(|line| hundredths(line.share)).sum::<f64>();
    let mut by_loss: Vec<usize> = (0..lines.len()).collect();
    let losses: Vec<f64> = lines.iter().map(|line| line.share * 100.0 - hundredths(line.share)).collect();
    let loss = |at: &usize| losses.get(*at).copied().unwrap_or_default();
    by_loss.sort_by(|a, b| loss(b).total_cmp(&loss(a)).then(a.cmp(b)));
    by_loss.truncate(left.max(0.0) as usize);
    for (at, line) in lines.iter_mut().enumerate() {
        line.share = (hundredths(line.share) + f64::from(u8::from(by_loss.contains(&at)))) / 100.0;
    }
}

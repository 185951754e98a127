//! A person, or an agent's user account: knows Microsoft's word on its risk, the agents that sign in for it and what it
//! changes in the directory, and tells them of each other.

use super::administrator::Administrator;
use crate::event::{Body, Event, EventId, EventTime, Place, PrincipalId, SignIn, TenantId, UserRisk, UserRiskGrade};
use crate::observation::{EntityKey, Observation, OnBehalf, Role};
use compact_str::CompactString;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// The last word on one detection, or on the user as a whole.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Word {
    risk: UserRisk,
    said: EventTime,
}

/// A sign-in for the user.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Use {
    id: EventId,
    time: EventTime,
    /// When it was taken in: bounds its time wherever it goes.
    ingested: EventTime,
    place: Place,
    resource: Option<CompactString>,
}

/// An agent that signs in for the user.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Acting {
    principal: PrincipalId,
    last: Use,
    /// How grave the user's risk was when the agent was last told of it.
    told: Option<UserRiskGrade>,
}

/// A user.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct User {
    words: Vec<Word>,
    /// The newest time at which Microsoft cleared the user as a whole: what was said before no longer counts.
    swept: Option<EventTime>,
    /// When the last of the risk went.
    cleared: Option<EventTime>,
    agents: Vec<Acting>,
    administrator: Administrator,
}

impl User {
    const WORDS: usize = 16;
    /// The agent that has not signed in for longest is given up first.
    const AGENTS: usize = 64;

    pub(super) fn fold(&mut self, observation: &Observation) -> Vec<Observation> {
        match &observation.event.body {
            Body::UserRisk(risk) => {
                let was_at_risk = self.standing().is_some();
                self.hear(risk, observation.time());
                if was_at_risk && self.standing().is_none() {
                    self.cleared = self.cleared.max(Some(observation.time()));
                }
                self.tell(observation)
            }
            Body::SignIn(sign_in) if sign_in.succeeded() => self.note(sign_in, observation).into_iter().collect(),
            Body::DirectoryChange(change) => {
                let risk = self.risk_at(observation.time());
                self.administrator.pass_on(change, observation, risk).into_iter().collect()
            }
            _ => Vec::new(),
        }
    }

    /// The words that hold the user at risk.
    fn accusing(&self) -> impl Iterator<Item = &Word> {
        let counts = |word: &&Word| word.risk.grade.is_some() && self.swept.is_none_or(|swept| word.said > swept);
        self.words.iter().filter(counts)
    }

    /// The gravest word that stands.
    fn standing(&self) -> Option<&Word> {
        self.accusing().max_by_key(|word| (word.risk.grade, word.said))
    }

    /// Since when the user is at risk.
    fn since(&self) -> Option<EventTime> {
        self.accusing().map(|word| word.risk.since).min()
    }

    /// How grave the risk is in which the user stood at a time.
    fn risk_at(&self, time: EventTime) -> Option<UserRiskGrade> {
        self.since().filter(|since| time >= *since)?;
        self.standing()?.risk.grade
    }

    fn hear(&mut self, risk: &UserRisk, said: EventTime) {
        if risk.detection.is_none() && risk.grade.is_none() {
            self.swept = self.swept.max(Some(said));
        }
        let swept = self.swept;
        self.words.retain(|word| swept.is_none_or(|swept| word.said > swept));
        let word = Word { risk: risk.clone(), said };
        match self.words.iter_mut().find(|known| known.risk.detection == risk.detection) {
            Some(known) if known.said <= said => *known = word,
            Some(_) => {}
            None => self.words.push(word),
        }
        if self.words.len() > Self::WORDS {
            let least = self.words.iter().enumerate().min_by_key(|(at, word)| (word.risk.grade, word.said, *at));
            if let Some((at, _)) = least {
                self.words.remove(at);
            }
        }
    }

    /// Microsoft has said something: agents that have signed in since learn of a graver risk, and of its end; and whoever
    /// was changed since learns of a graver risk.
    fn tell(&mut self, observation: &Observation) -> Vec<Observation> {
        let Some((word, since)) = self.standing().cloned().zip(self.since()) else {
            let told = self.agents.iter_mut().filter_map(|agent| agent.told.take().map(|_| &agent.principal));
            return told.map(|principal| to(principal, Role::OfUser, observation)).collect();
        };
        let (grade, cleared) = (word.risk.grade, self.cleared);
        let mut derived = Vec::new();
        for agent in self.agents.iter_mut().filter(|agent| agent.last.time >= since && agent.told < grade) {
            agent.told = grade;
            derived.extend(passed_on(&agent.principal, &agent.last, &word, cleared, observation));
        }
        derived.extend(grade.into_iter().flat_map(|grade| self.administrator.tell(grade, since, observation)));
        derived
    }

    /// An agent has signed in for the user.
    fn note(&mut self, sign_in: &SignIn, observation: &Observation) -> Option<Observation> {
        let last = Use {
            id: observation.event.id.clone(),
            time: observation.time(),
            ingested: observation.ingested,
            place: sign_in.place.clone(),
            resource: sign_in.resource_name.clone(),
        };
        let grade = self.risk_at(last.time);
        let at_risk = self.standing().filter(|_| grade.is_some()).cloned();
        if let Some(agent) = self.agents.iter_mut().find(|agent| agent.principal == sign_in.principal) {
            agent.told = agent.told.max(grade);
            if (last.time, &last.id) > (agent.last.time, &agent.last.id) {
                agent.last = last.clone();
            }
        } else {
            self.agents.push(Acting { principal: sign_in.principal.clone(), last: last.clone(), told: grade });
            self.bound_agents();
        }
        passed_on(&sign_in.principal, &last, &at_risk?, self.cleared, observation)
    }

    fn bound_agents(&mut self) {
        if self.agents.len() > Self::AGENTS {
            let oldest = self.agents.iter().enumerate().min_by_key(|(at, agent)| (agent.last.time, *at));
            if let Some((at, _)) = oldest {
                self.agents.remove(at);
            }
        }
    }

    pub(super) fn memory(&self) -> usize {
        self.words.len() * size_of::<Word>() + self.agents.len() * size_of::<Acting>() + self.administrator.memory()
    }
}

/// The sign-in, as its agent is told that its user is at risk: an event of the sign-in's id and time, so that it is the
/// same whichever of the two came first.
fn passed_on(
    principal: &PrincipalId,
    sign_in: &Use,
    word: &Word,
    cleared: Option<EventTime>,
    by: &Observation,
) -> Option<Observation> {
    let on_behalf =
        OnBehalf { grade: word.risk.grade?, cleared, place: sign_in.place.clone(), resource: sign_in.resource.clone() };
    let event = Event {
        id: sign_in.id.clone(),
        tenant: by.tenant.clone(),
        time: sign_in.time,
        body: Body::UserRisk(Box::new(word.risk.clone())),
        signals: Vec::new(),
    };
    let ingested = by.ingested.max(sign_in.ingested);
    Some(Observation { event: Arc::new(event), ingested, ..to(principal, Role::ForUser(Box::new(on_behalf)), by) })
}

fn to(principal: &PrincipalId, role: Role, by: &Observation) -> Observation {
    let tenant: &TenantId = &by.tenant;
    Observation {
        entity: EntityKey::principal(tenant, principal),
        id: principal.0.clone(),
        tenant: tenant.clone(),
        role,
        ingested: by.ingested,
        event: Arc::clone(&by.event),
    }
}

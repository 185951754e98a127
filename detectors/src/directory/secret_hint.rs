//! The first characters of client secrets, or the thumbprint of a certificate: know whose credentials have them. Three
//! characters agree by chance, too; thumbprints never do.

use super::own_repository::OwnRepository;
use super::waiting::WaitingRoom;
use crate::event::{AppId, Body, CredentialKind, EventTime, InventoryApplication, KeyId};
use crate::observation::{Attribution, Confidence, EntityKey, Observation, Role};
use compact_str::CompactString;
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Candidate {
    app: AppId,
    key: KeyId,
    expires: Option<EventTime>,
    own: OwnRepository,
}

/// All credentials whose secret begins alike, or that have the same certificate.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct SecretHint {
    hint: Option<CompactString>,
    candidates: Vec<Candidate>,
    waiting: WaitingRoom,
}

/// The length of a thumbprint; hints have three characters.
const THUMBPRINT: usize = 40;

impl Candidate {
    /// Three characters agree by chance; that they do in the application's own repository does not.
    fn has_own(&self, leak: &Observation) -> bool {
        let Body::CodeFinding(finding) = &leak.event.body else { return false };
        finding.repository.as_deref().is_some_and(|name| self.own.is(name))
    }

    /// A leak as the application is told of it.
    fn pass_on(&self, leak: Observation, confidence: Confidence) -> Observation {
        Observation {
            entity: EntityKey::application(&self.app),
            id: self.app.0.clone(),
            role: Role::Owner(Box::new(Attribution {
                confidence,
                app: self.app.clone(),
                key: Some(self.key.clone()),
                expires: self.expires,
                removed: None,
            })),
            ..leak
        }
    }
}

/// A certificate may serve several applications: its key is a key to them all.
fn to_all(candidates: &[Candidate]) -> (Vec<&Candidate>, Confidence) {
    (candidates.iter().collect(), Confidence::Matched)
}

/// Of a hint, only a single candidate is worth a (weak) word: several would accuse the innocent, unless the repository is
/// one's own.
fn to_one<'a>(candidates: &'a [Candidate], leak: &Observation) -> (Vec<&'a Candidate>, Confidence) {
    let own: Vec<&Candidate> = candidates.iter().filter(|one| one.has_own(leak)).collect();
    match (own.as_slice(), candidates) {
        ([_], _) => (own, Confidence::Matched),
        ([], [one]) => (vec![one], Confidence::Low),
        _ => (Vec::new(), Confidence::Low),
    }
}

impl SecretHint {
    /// Beyond this many the hint tells nothing.
    const CAPACITY: usize = 64;

    pub(super) fn fold(&mut self, observation: &Observation) -> Vec<Observation> {
        match &observation.event.body {
            Body::InventoryApplication(entry) => self.learn(entry, &observation.id),
            Body::CodeFinding(_) => self.waiting.admit(observation),
            _ => {}
        }
        let is_thumbprint = observation.id.to_string().len() == THUMBPRINT;
        if self.candidates.is_empty() {
            return Vec::new();
        }
        let candidates = &self.candidates;
        self.waiting.pass_on(observation, |leak| {
            let (owners, confidence) = if is_thumbprint { to_all(candidates) } else { to_one(candidates, leak) };
            (owners.into_iter().map(|one| one.pass_on(leak.clone(), confidence)).collect(), Some(confidence))
        })
    }

    fn learn(&mut self, listed: &InventoryApplication, hint: &crate::event::Id) {
        let text = hint.to_string();
        self.hint = Some(text.as_str().into());
        self.candidates.retain(|known| known.app != listed.app);
        let alike = listed.credentials.iter().filter(|one| match one.kind {
            CredentialKind::Secret => one.hint.as_deref() == Some(text.as_str()),
            _ => one.thumbprint.as_deref() == Some(text.as_str()),
        });
        for credential in alike {
            if self.candidates.len() < Self::CAPACITY {
                self.candidates.push(Candidate {
                    app: listed.app.clone(),
                    key: credential.key.clone(),
                    expires: credential.end,
                    own: OwnRepository::of(listed),
                });
            }
        }
    }

    pub(super) fn memory(&self) -> usize {
        self.candidates.len() * size_of::<Candidate>() + self.waiting.memory()
    }
}

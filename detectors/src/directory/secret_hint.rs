//! The first characters of client secrets: know whose secrets begin so. Agreement alone happens by chance.

use super::waiting::WaitingRoom;
use crate::event::{AppId, Body, CredentialKind, EventTime, KeyId};
use crate::observation::{Attribution, Confidence, EntityKey, Observation, Role};
use compact_str::CompactString;
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Candidate {
    app: AppId,
    key: KeyId,
    expires: Option<EventTime>,
}

/// All credentials whose secret begins alike.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct SecretHint {
    hint: Option<CompactString>,
    candidates: Vec<Candidate>,
    waiting: WaitingRoom,
}

impl SecretHint {
    /// Beyond this many the hint tells nothing.
    const CAPACITY: usize = 64;

    pub(super) fn fold(&mut self, observation: &Observation) -> Vec<Observation> {
        match &observation.event.body {
            Body::InventoryApplication(entry) => self.learn(&entry.app, &entry.credentials, &observation.id),
            Body::CodeFinding(_) => self.waiting.admit(observation),
            _ => {}
        }
        // Only a single candidate is worth a (weak) word: several would accuse the innocent.
        let [candidate] = self.candidates.as_slice() else { return Vec::new() };
        let candidate = candidate.clone();
        self.waiting
            .release(observation)
            .into_iter()
            .map(|waiting| Observation {
                entity: EntityKey::application(&candidate.app),
                id: candidate.app.0.clone(),
                role: Role::Owner(Box::new(Attribution {
                    confidence: Confidence::Low,
                    app: candidate.app.clone(),
                    key: Some(candidate.key.clone()),
                    expires: candidate.expires,
                    removed: None,
                })),
                ..waiting
            })
            .collect()
    }

    fn learn(&mut self, app: &AppId, credentials: &[crate::event::Credential], hint: &crate::event::Id) {
        let text = hint.to_string();
        self.hint = Some(text.as_str().into());
        self.candidates.retain(|known| known.app != *app);
        let alike = credentials
            .iter()
            .filter(|one| one.kind == CredentialKind::Secret && one.hint.as_deref() == Some(text.as_str()));
        for credential in alike {
            if self.candidates.len() < Self::CAPACITY {
                self.candidates.push(Candidate {
                    app: app.clone(),
                    key: credential.key.clone(),
                    expires: credential.end,
                });
            }
        }
    }

    pub(super) fn memory(&self) -> usize {
        self.candidates.len() * size_of::<Candidate>() + self.waiting.memory()
    }
}

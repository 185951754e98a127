//! The first characters of client secrets, or the thumbprint of a certificate: know whose credentials have them. Three
//! characters agree by chance, too; thumbprints never do.

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

/// All credentials whose secret begins alike, or that have the same certificate.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct SecretHint {
    hint: Option<CompactString>,
    candidates: Vec<Candidate>,
    waiting: WaitingRoom,
}

/// The length of a thumbprint at least; hints have three characters.
const THUMBPRINT: usize = 40;

impl Candidate {
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

impl SecretHint {
    /// Beyond this many the hint tells nothing.
    const CAPACITY: usize = 64;

    pub(super) fn fold(&mut self, observation: &Observation) -> Vec<Observation> {
        match &observation.event.body {
            Body::InventoryApplication(entry) => self.learn(&entry.app, &entry.credentials, &observation.id),
            Body::CodeFinding(_) => self.waiting.admit(observation),
            _ => {}
        }
        let is_thumbprint = observation.id.to_string().len() >= THUMBPRINT;
        match (self.candidates.is_empty(), self.candidates.as_slice(), is_thumbprint) {
            (true, _, _) => Vec::new(),
            // A certificate may serve several applications: its key is a key to them all.
            (_, sharing, true) => {
                let waiting = self.waiting.release(observation);
                let to_all =
                    |leak: Observation| sharing.iter().map(move |one| one.pass_on(leak.clone(), Confidence::Matched));
                waiting.into_iter().flat_map(to_all).collect()
            }
            (_, [candidate], false) => {
                let waiting = self.waiting.release(observation);
                waiting.into_iter().map(|leak| candidate.pass_on(leak, Confidence::Low)).collect()
            }
            // Only a single candidate is worth a (weak) word: several would accuse the innocent.
            (_, _, false) => Vec::new(),
        }
    }

    fn learn(&mut self, app: &AppId, credentials: &[crate::event::Credential], hint: &crate::event::Id) {
        let text = hint.to_string();
        self.hint = Some(text.as_str().into());
        self.candidates.retain(|known| known.app != *app);
        let alike = credentials.iter().filter(|one| match one.kind {
            CredentialKind::Secret => one.hint.as_deref() == Some(text.as_str()),
            _ => one.thumbprint.as_deref() == Some(text.as_str()),
        });
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

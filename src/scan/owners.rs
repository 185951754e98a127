//! Whose a secret is, by an inventory of applications.

use super::error::ScanError;
use super::finding::Finding;
use super::verify::{Standing, Verification};
use crate::decode::{self, Context, Limits, Outcome};
use compact_str::CompactString;
use picket_detectors::event::{AppId, Body, Credential, CredentialKind, KeyId, PrincipalId};
use picket_detectors::observation::Confidence;
use serde::{Serialize, Serializer};
use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What an inventory makes of what stands near a secret.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Belonging {
    /// The application.
    #[serde(rename = "app_id")]
    pub app: AppId,
    /// Its name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<CompactString>,
    /// Its service principals.
    pub principals: Vec<PrincipalId>,
    /// How sure that is.
    pub confidence: Step,
    /// The credential that begins like the secret, or has its thumbprint.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<KeyId>,
}

/// How sure it is whose a secret is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Step {
    /// By what stands near it and in the inventory.
    Named(Confidence),
    /// The issuer took it as that application's.
    Verified,
}

/// Applications by their ids.
#[derive(Debug, Default)]
pub struct Owners {
    applications: BTreeMap<AppId, Application>,
}

#[derive(Debug, Default)]
struct Application {
    name: Option<CompactString>,
    principals: Vec<PrincipalId>,
    credentials: Vec<Credential>,
}

impl Owners {
    /// Reads exports of applications and service principals.
    ///
    /// # Errors
    /// When a file can't be read, or holds no application.
    pub fn load(paths: &[PathBuf], context: &Context) -> Result<Self, ScanError> {
        let mut owners = Self::default();
        for path in paths {
            let before = owners.applications.len();
            owners.add(path, context)?;
            if owners.applications.len() == before {
                return Err(ScanError::NoInventory { path: path.clone() });
            }
        }
        Ok(owners)
    }

    fn add(&mut self, path: &Path, context: &Context) -> Result<(), ScanError> {
        let bytes = std::fs::read(path).map_err(|source| match source.kind() {
            std::io::ErrorKind::NotFound => ScanError::Missing { path: path.to_owned() },
            _ => ScanError::Unreadable { path: path.to_owned(), source },
        })?;
        let limits = Limits { value_bytes: usize::MAX, records: usize::MAX, ..context.limits };
        let context = Context { limits, ..context.clone() };
        decode::decode(&bytes, &context, &mut |decoded| {
            if let Outcome::Events(events) = decoded.outcome {
                events.into_iter().for_each(|event| self.learn(event.body));
            }
        });
        Ok(())
    }

    fn learn(&mut self, body: Body) {
        match body {
            Body::InventoryApplication(known) => {
                let application = self.applications.entry(known.app).or_default();
                application.name = known.name.or_else(|| application.name.take());
                application.credentials.extend(known.credentials);
            }
            Body::InventoryServicePrincipal(known) => {
                let Some(app) = known.app else { return };
                let application = self.applications.entry(app).or_default();
                application.name = application.name.take().or(known.name);
                application.credentials.extend(known.credentials);
                application.principals.push(known.principal);
            }
            Body::SignIn(_)
            | Body::DirectoryChange(_)
            | Body::ApiActivity(_)
            | Body::CodeFinding(_)
            | Body::RepositoryOpened(_)
            | Body::RepositoryAct(_)
            | Body::OfficeAct(_)
            | Body::MicrosoftRisk(_)
            | Body::UserRisk(_)
            | Body::Command(_)
            | Body::ExpectedChange(_)
            | Body::Tick
            | Body::Summary(_)
            | Body::Snapshot(_)
            | Body::Ownership(_)
            | Body::Fall(_)
            | Body::Spray(_) => {}
        }
    }

    /// Says on a finding whose it is, where that is known.
    pub fn name(&self, finding: &mut Finding) {
        finding.belongs = self.owner(finding).map(Arc::new);
    }

    /// Says on a finding that works whose it is: its issuer knows.
    pub fn confirm(&self, finding: &mut Finding) {
        let Some(Verification { result: Standing::Verified, app: Some(app), .. }) = &finding.verification else {
            return;
        };
        let known = self.applications.get(app);
        let key = finding.belongs.as_ref().filter(|before| before.app == *app).and_then(|before| before.key.clone());
        finding.belongs = Some(Arc::new(Belonging {
            app: app.clone(),
            name: known.and_then(|known| known.name.clone()),
            principals: known.map(|known| known.principals.clone()).unwrap_or_default(),
            confidence: Step::Verified,
            key,
        }));
    }

    fn owner(&self, finding: &Finding) -> Option<Belonging> {
        let hints = &finding.sighting.owner;
        let fits = |credential: &&Credential| {
            let begins_alike = hints.hint.is_some() && credential.hint == hints.hint;
            let has_thumbprint = |theirs: &CompactString| {
                credential.thumbprint.as_ref().is_some_and(|ours| ours.eq_ignore_ascii_case(theirs))
            };
            let thumbprints = [&hints.thumbprint, &hints.thumbprint_sha256];
            begins_alike || thumbprints.into_iter().flatten().any(has_thumbprint)
        };
        let key = |application: &Application| Some(application.credentials.iter().find(fits)?.key.clone());
        let named = || {
            let apps = hints.apps.iter().chain(&hints.unlabelled);
            apps.filter_map(|app| self.applications.get_key_value(app))
        };
        let matched = named().find_map(|(app, known)| Some((app, known, Confidence::Matched, Some(key(known)?))));
        let sure = |known: &Application| {
            let is_unknown = |one: &Credential| one.kind == CredentialKind::Secret && one.hint.is_none();
            let unlike = hints.hint.is_some() && !known.credentials.iter().any(is_unknown);
            if unlike { Confidence::Unlike } else { Confidence::Attributed }
        };
        let attributed = || named().next().map(|(app, known)| (app, known, sure(known), None));
        let (app, known, confidence, key) = matched.or_else(attributed).or_else(|| {
            // Nothing named: the first characters alone say little, and nothing at all if several begin so. A certificate
            // says all.
            let mut alike = self.applications.iter().filter_map(|(app, known)| Some((app, known, key(known)?)));
            match (alike.next(), alike.next()) {
                (Some((app, known, key)), _) if hints.thumbprint.is_some() => {
                    Some((app, known, Confidence::Matched, Some(key)))
                }
                (Some((app, known, key)), None) => Some((app, known, Confidence::Low, Some(key))),
                _ => None,
            }
        })?;
        let (name, principals) = (known.name.clone(), known.principals.clone());
        Some(Belonging { app: app.clone(), name, principals, confidence: Step::Named(confidence), key })
    }
}

impl fmt::Display for Belonging {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = |text: &str| text.chars().filter(|c| !c.is_control()).collect::<String>();
        write!(f, "application {}", shown(&self.app.0.to_string()))?;
        if let Some(name) = &self.name {
            write!(f, " \"{}\"", shown(name))?;
        }
        write!(f, " ({})", self.confidence.word())
    }
}

impl Step {
    fn word(self) -> &'static str {
        match self {
            Self::Named(Confidence::Low) => "low",
            Self::Named(Confidence::Unlike) => "unlike",
            Self::Named(Confidence::Attributed) => "attributed",
            Self::Named(Confidence::Matched) => "matched",
            Self::Verified => "verified",
        }
    }
}

impl Serialize for Step {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.word())
    }
}

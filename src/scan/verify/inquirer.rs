//! Asks about findings: who can answer, for whom, once a secret, not too fast, and on the record.

use super::Verifier;
use super::audit::{Asked, Audit};
use super::egress::Egress;
use super::entra::Entra;
use super::pace::Pace;
use super::target::Target;
use super::terms::Terms;
use super::verification::{Answer, Because, Standing, Verification};
use crate::clock::Stopwatch;
use crate::scan::error::ScanError;
use crate::scan::finding::Finding;
use picket_detectors::secrets::{ClearText, Fingerprint, Reason, Sureness};
use std::collections::BTreeMap;

/// The verifiers and what holds for all of them.
#[derive(Debug)]
pub struct Inquirer {
    verifiers: Vec<Box<dyn Verifier>>,
    egress: Egress,
    pace: Pace,
    audit: Audit,
    started: Stopwatch,
    /// What was answered; grows no faster than requests are sent.
    answered: BTreeMap<Fingerprint, Verification>,
}

impl Inquirer {
    /// With the verifiers that Picket has.
    ///
    /// # Errors
    /// When the terms allow nothing to be asked, or name no account, or it can't be written.
    pub fn new(terms: &Terms) -> Result<Self, ScanError> {
        Self::with(vec![Box::new(Entra::new(&terms.endpoint))], terms)
    }

    /// With these verifiers.
    ///
    /// # Errors
    /// As [`Inquirer::new`].
    pub fn with(verifiers: Vec<Box<dyn Verifier>>, terms: &Terms) -> Result<Self, ScanError> {
        if terms.hosts.is_empty() {
            return Err(ScanError::NobodyToAsk);
        }
        let egress = Egress::new(terms);
        if !egress.allows(&terms.endpoint) {
            return Err(ScanError::MayNotAsk { endpoint: terms.endpoint.clone() });
        }
        let audit = Audit::open(terms.audit.as_ref().ok_or(ScanError::NoAccount)?)?;
        Ok(Self {
            verifiers,
            egress,
            pace: Pace::new(terms.per_minute),
            audit,
            started: Stopwatch::start(),
            answered: BTreeMap::new(),
        })
    }

    /// The rules whose secrets are needed in clear.
    pub fn rules(&self) -> Vec<&'static str> {
        self.verifiers.iter().flat_map(|verifier| verifier.rules()).copied().collect()
    }

    /// Asks about a finding whose secret is at hand, and says on it what came of that. The secret is wiped.
    ///
    /// # Errors
    /// When the account can't be written.
    pub fn ask(&mut self, finding: &mut Finding) -> Result<(), ScanError> {
        let Some(secret) = finding.clear.take() else { return Ok(()) };
        let rule = finding.sighting.rule.as_str();
        let Some(at) = self.verifiers.iter().position(|verifier| verifier.rules().contains(&rule)) else {
            return Ok(());
        };
        let known = self.answered.get(&finding.sighting.fingerprint).cloned();
        let verification = match known {
            Some(known) => known,
            None => self.ask_for(at, finding, &secret)?,
        };
        weigh(&verification, finding);
        finding.verification = Some(verification);
        Ok(())
    }

    fn ask_for(&mut self, at: usize, finding: &Finding, secret: &ClearText) -> Result<Verification, ScanError> {
        let Some(verifier) = self.verifiers.get(at) else { return Err(ScanError::NobodyToAsk) };
        let target = match Target::of(finding) {
            Ok(target) => target,
            Err(reason) => {
                let (result, verifier) = (Standing::Unknown, verifier.name());
                return Ok(Verification { result, reason, verifier, tenant: None, app: None });
            }
        };
        let (rule, fingerprint) = (&finding.sighting.rule, finding.sighting.fingerprint);
        let asked = Asked { verifier: verifier.name(), target: &target, rule, fingerprint };
        let wait = self.pace.wait(self.started.elapsed());
        if !wait.is_zero() {
            std::thread::sleep(wait);
        }
        self.audit.ask(asked)?;
        self.pace.count(self.started.elapsed());
        let answer = judged(verifier.ask(&target, secret, &self.egress), &target);
        self.audit.answer(asked, answer)?;
        let verification = Verification {
            result: answer.standing,
            reason: answer.because,
            verifier: asked.verifier,
            tenant: Some(target.tenant.clone()),
            app: Some(target.app.clone()),
        };
        self.answered.insert(fingerprint, verification.clone());
        Ok(verification)
    }
}

/// A refusal kills only if nothing else could have been meant.
fn judged(answer: Answer, target: &Target) -> Answer {
    if answer.because == Because::SecretRefused && !target.is_sole {
        return Answer::unknown(Because::Ambiguous);
    }
    answer
}

/// What works is surely a secret, and what works no longer is worth a look when there is time.
fn weigh(verification: &Verification, finding: &mut Finding) {
    let sighting = &mut finding.sighting;
    match verification.result {
        Standing::Verified => sighting.confidence = Sureness::High,
        Standing::Dead => {
            sighting.confidence = Sureness::Low;
            if verification.reason == Because::Expired && !sighting.reasons.contains(&Reason::Expired) {
                sighting.reasons.push(Reason::Expired);
            }
        }
        Standing::Unknown => {}
    }
}

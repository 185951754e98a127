//! What was judged: Picket's outputs, or a rival's alerts, in one form.

use crate::truth::time;
use picket::pipeline::Judgement;
use picket::store::OutputKind;
use picket_detectors::event::EventTime;
use serde::Deserialize;
use std::collections::{BTreeMap, HashMap};
use std::error::Error;

/// All that one judge said of one world.
#[derive(Debug, Default)]
pub(crate) struct Judged {
    /// Rises to `medium` or above: by principal, in order.
    pub(crate) rises: HashMap<String, Vec<EventTime>>,
    /// Falls below `medium`.
    pub(crate) falls: HashMap<String, Vec<EventTime>>,
    /// Scores as they changed.
    pub(crate) scores: BTreeMap<String, Vec<(EventTime, f64)>>,
    /// Detections.
    pub(crate) detections: HashMap<String, Vec<Detection>>,
}

/// One detection, in short.
#[derive(Debug, Clone)]
pub(crate) struct Detection {
    pub(crate) at: EventTime,
    pub(crate) kind: String,
    pub(crate) weight: f64,
    /// The strongest evidence.
    pub(crate) facts: Vec<String>,
    pub(crate) total_bits: Option<f64>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Line {
    #[serde(default, alias = "agentId")]
    service_principal_id: String,
    #[serde(default)]
    id: String,
    #[serde(default)]
    date_time: String,
    #[serde(default)]
    risk_last_updated_date_time: String,
    #[serde(default)]
    detected_date_time: String,
    #[serde(default)]
    risk_level: String,
    #[serde(default)]
    previous_level: String,
    #[serde(default)]
    risk_event_type: String,
    #[serde(default)]
    score: f64,
    #[serde(default)]
    evidence: Option<Evidence>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Evidence {
    facts: Vec<Fact>,
    #[serde(default)]
    total_bits: Option<f64>,
    weight: f64,
}

#[derive(Deserialize)]
struct Fact {
    kind: String,
    bits: f64,
}

impl Judged {
    /// Takes in what a batch led to.
    pub(crate) fn take(&mut self, judgement: &Judgement) -> Result<(), Box<dyn Error>> {
        for output in &judgement.outputs {
            // What is told of several is told of each of them, too.
            if matches!(output.kind, OutputKind::DeadLetter | OutputKind::Incident) {
                continue;
            }
            let line: Line = serde_json::from_slice(&output.line)?;
            match output.kind {
                OutputKind::Transition => self.transition(line)?,
                OutputKind::RiskState => {
                    let at = time(&line.risk_last_updated_date_time)?;
                    self.scores.entry(line.id).or_default().push((at, line.score));
                }
                _ => self.detection(line)?,
            }
        }
        Ok(())
    }

    fn transition(&mut self, line: Line) -> Result<(), Box<dyn Error>> {
        let high = |level: &str| matches!(level, "medium" | "high");
        let at = time(&line.date_time)?;
        match (high(&line.previous_level), high(&line.risk_level)) {
            (false, true) => self.rises.entry(line.service_principal_id).or_default().push(at),
            (true, false) => self.falls.entry(line.service_principal_id).or_default().push(at),
            _ => {}
        }
        Ok(())
    }

    fn detection(&mut self, line: Line) -> Result<(), Box<dyn Error>> {
        let (mut facts, total_bits, weight) =
            line.evidence.map_or((Vec::new(), None, 0.0), |it| (it.facts, it.total_bits, it.weight));
        facts.sort_by(|a, b| b.bits.total_cmp(&a.bits));
        let facts = facts.iter().filter(|fact| fact.bits >= 0.5).take(4).map(|fact| fact.kind.clone()).collect();
        let at = time(&line.detected_date_time)?;
        let detection = Detection { at, kind: line.risk_event_type, weight, facts, total_bits };
        self.detections.entry(line.service_principal_id).or_default().push(detection);
        Ok(())
    }

    /// An alert of a rival: at most one a principal and day.
    pub(crate) fn alert(&mut self, principal: &str, at: EventTime) {
        let rises = self.rises.entry(principal.to_owned()).or_default();
        if rises.last().is_none_or(|last| last.day() != at.day()) {
            rises.push(at);
            self.falls.entry(principal.to_owned()).or_default().push(at.plus(EventTime::DAY));
        }
    }
}

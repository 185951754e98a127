//! The truth, as the simulator labels it.

use picket_detectors::event::EventTime;
use serde::Deserialize;
use std::collections::{BTreeMap, HashMap};
use std::error::Error;

/// What is true of one world.
#[derive(Debug, Default)]
pub(crate) struct Truth {
    pub(crate) principals: BTreeMap<String, Principal>,
    pub(crate) campaigns: Vec<Campaign>,
    /// Honest changes, by principal.
    pub(crate) changes: HashMap<String, Vec<(EventTime, String)>>,
    /// From app ids and application objects to principals.
    pub(crate) owners: HashMap<String, String>,
}

/// One principal.
#[derive(Debug)]
pub(crate) struct Principal {
    pub(crate) kind: String,
    pub(crate) born: EventTime,
}

/// One campaign.
#[derive(Debug, Clone)]
pub(crate) struct Campaign {
    pub(crate) id: String,
    pub(crate) kind: String,
    pub(crate) variant: String,
    pub(crate) workload: String,
    pub(crate) held_out: bool,
    pub(crate) cold_start: bool,
    pub(crate) principals: Vec<String>,
    pub(crate) at_risk: Vec<String>,
    pub(crate) first: EventTime,
    pub(crate) last: EventTime,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[derive(Default)]
struct Line {
    label: String,
    id: String,
    kind: String,
    variant: String,
    held_out: bool,
    cold_start: bool,
    principal_id: String,
    principal_ids: Vec<String>,
    at_risk: Vec<String>,
    workloads: Vec<String>,
    app_id: String,
    object_id: String,
    born: String,
    time: String,
    first_action: Option<String>,
    last_action: Option<String>,
}

impl Truth {
    /// Takes in one line of the labels.
    pub(crate) fn take(&mut self, line: &str) -> Result<(), Box<dyn Error>> {
        let line: Line = serde_json::from_str(line)?;
        match line.label.as_str() {
            "principal" => {
                for id in [line.app_id, line.object_id] {
                    self.owners.insert(id, line.principal_id.clone());
                }
                self.principals.insert(line.principal_id, Principal { kind: line.kind, born: time(&line.born)? });
            }
            "change" => {
                let change = (time(&line.time)?, line.kind);
                self.changes.entry(line.principal_id).or_default().push(change);
            }
            "egressMove" => {
                let at = time(&line.time)?;
                for principal in line.principal_ids {
                    self.changes.entry(principal).or_default().push((at, "egressMove".to_owned()));
                }
            }
            "lookAlike" => {
                // Nor can one that had nothing to leak.
                if let Some(first) = &line.first_action {
                    let at = time(first)?;
                    for principal in line.principal_ids {
                        self.changes.entry(principal).or_default().push((at, line.kind.clone()));
                    }
                }
            }
            _ => {
                // A campaign of which nothing reached the log can't be seen.
                if let (Some(first), Some(last)) = (&line.first_action, &line.last_action) {
                    self.campaigns.push(Campaign {
                        id: line.id.clone(),
                        kind: line.kind.clone(),
                        variant: line.variant.clone(),
                        workload: line.workloads.last().cloned().unwrap_or_default(),
                        held_out: line.held_out,
                        cold_start: line.cold_start,
                        principals: line.principal_ids.clone(),
                        at_risk: line.at_risk.clone(),
                        first: time(first)?,
                        last: time(last)?,
                    });
                }
            }
        }
        Ok(())
    }

    /// From when on a principal is fallen, if ever.
    pub(crate) fn fallen(&self) -> HashMap<&str, EventTime> {
        let mut fallen: HashMap<&str, EventTime> = HashMap::new();
        for campaign in &self.campaigns {
            for principal in campaign.principals.iter().chain(&campaign.at_risk) {
                let since = fallen.entry(principal).or_insert(campaign.first);
                *since = (*since).min(campaign.first);
            }
        }
        fallen
    }

    /// The last honest change of a principal within three days before a moment.
    pub(crate) fn change_before(&self, principal: &str, at: EventTime) -> &str {
        let changes = self.changes.get(principal).map_or(&[][..], Vec::as_slice);
        let near = |time: EventTime| (-EventTime::HOUR..3 * EventTime::DAY).contains(&at.since(time));
        changes
            .iter()
            .filter(|(time, _)| near(*time))
            .max_by_key(|(time, _)| *time)
            .map_or("no change", |(_, kind)| kind)
    }
}

/// An instant of the outputs or the labels.
pub(crate) fn time(text: &str) -> Result<EventTime, Box<dyn Error>> {
    let part = |from: usize, to: usize| -> Result<u32, Box<dyn Error>> {
        Ok(text.get(from..to).ok_or_else(|| format!("no time: {text}"))?.parse()?)
    };
    let micros = text.get(20..).map(|rest| rest.trim_end_matches('Z')).unwrap_or_default();
    let micros: u32 = format!("{micros:0<6}").get(..6).unwrap_or("0").parse()?;
    let year = i32::try_from(part(0, 4)?)?;
    EventTime::from_civil(year, part(5, 7)?, part(8, 10)?, part(11, 13)?, part(14, 16)?, part(17, 19)?, micros)
        .ok_or_else(|| format!("no time: {text}").into())
}

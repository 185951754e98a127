//! `picket report --incidents`: detections that have a network or a credential in common, told as one.

use super::outputs::read;
use super::print::{BOLD, DIM, level_style};
use crate::decode::parse_time;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::path::Path;

/// What is read of a detection; agents' detections name some members otherwise.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Detection {
    tenant_id: String,
    #[serde(alias = "agentId")]
    service_principal_id: String,
    #[serde(default, alias = "agentDisplayName")]
    service_principal_display_name: Option<String>,
    risk_event_type: String,
    risk_level: String,
    activity_date_time: String,
    #[serde(default)]
    incident_keys: Vec<String>,
}

/// Several principals that fell to the same thing.
#[derive(Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
struct Incident {
    tenant_id: String,
    first: String,
    last: String,
    risk_level: String,
    shared: BTreeSet<String>,
    principals: BTreeSet<String>,
    risk_event_types: BTreeSet<String>,
    detections: u64,
}

pub(super) fn report(folder: &Path, json: bool) -> anyhow::Result<String> {
    let incidents = incidents(read(folder, "risk-detections.ndjson", |one: &Detection| !one.incident_keys.is_empty())?);
    Ok(if json { format!("{}\n", serde_json::to_string(&incidents)?) } else { list(&incidents)? })
}

/// Groups detections that are linked by what they have in common; of one principal alone there is no incident.
fn incidents(mut detections: Vec<Detection>) -> Vec<Incident> {
    detections.sort_by_cached_key(|one| parse_time(&one.activity_date_time));
    let mut groups = Groups::of(detections.len());
    let mut latest = BTreeMap::<(&str, &str), usize>::new();
    for (at, one) in detections.iter().enumerate() {
        for key in &one.incident_keys {
            let before = latest.insert((&one.tenant_id, key), at);
            let linked = before.filter(|before| detections.get(*before).is_some_and(|other| is_near(other, one)));
            if let Some(before) = linked {
                groups.join(before, at);
            }
        }
    }
    let mut members = BTreeMap::<usize, Vec<&Detection>>::new();
    for (at, one) in detections.iter().enumerate() {
        members.entry(groups.root(at)).or_default().push(one);
    }
    let told = members.into_values().map(|members| incident(&members)).filter(|one| one.principals.len() > 1);
    let mut told: Vec<Incident> = told.collect();
    // The gravest first; of these the earliest.
    told.sort_by_cached_key(|one| LEVELS.iter().position(|level| *level == one.risk_level).unwrap_or(LEVELS.len()));
    told
}

/// From the gravest on.
const LEVELS: [&str; 3] = ["high", "medium", "low"];

fn is_near(earlier: &Detection, later: &Detection) -> bool {
    let times = parse_time(&earlier.activity_date_time).zip(parse_time(&later.activity_date_time));
    times.is_some_and(|(earlier, later)| later.since(earlier) <= picket_detectors::risk::Incident::WITHIN)
}

/// Members are in the order of time.
fn incident(members: &[&Detection]) -> Incident {
    let mut holders = BTreeMap::<&str, BTreeSet<&str>>::new();
    for one in members {
        for key in &one.incident_keys {
            holders.entry(key).or_default().insert(&one.service_principal_id);
        }
    }
    let time = |one: Option<&&Detection>| one.map(|one| one.activity_date_time.clone()).unwrap_or_default();
    let called = |one: &&Detection| match &one.service_principal_display_name {
        Some(name) => format!("{name} ({})", one.service_principal_id),
        None => one.service_principal_id.clone(),
    };
    let highest = LEVELS.into_iter().find(|level| members.iter().any(|one| one.risk_level == *level));
    // A principal whose name has changed is still one: its last name counts.
    let principals: BTreeMap<&str, String> =
        members.iter().map(|one| (&*one.service_principal_id, called(one))).collect();
    Incident {
        tenant_id: members.first().map(|one| one.tenant_id.clone()).unwrap_or_default(),
        first: time(members.first()),
        last: time(members.last()),
        risk_level: highest.unwrap_or("none").to_owned(),
        shared: holders.into_iter().filter(|(_, who)| who.len() > 1).map(|(key, _)| key.to_owned()).collect(),
        principals: principals.into_values().collect(),
        risk_event_types: members.iter().map(|one| one.risk_event_type.clone()).collect(),
        detections: members.len() as u64,
    }
}

fn list(incidents: &[Incident]) -> Result<String, std::fmt::Error> {
    let mut text = String::new();
    for one in incidents {
        let style = level_style(&one.risk_level);
        let join = |names: &BTreeSet<String>| -> String {
            names
                .iter()
                .map(String::as_str)
                .collect::<Vec<_>>()
                .join(", ")
                .chars()
                .filter(|c| !c.is_control())
                .collect()
        };
        writeln!(
            text,
            "{BOLD}{} principals{BOLD:#}  {style}{}{style:#}  {} to {}  {DIM}tenant {}{DIM:#}",
            one.principals.len(),
            one.risk_level,
            one.first,
            one.last,
            one.tenant_id
        )?;
        writeln!(text, "  in common    {}", join(&one.shared))?;
        writeln!(text, "  principals   {}", join(&one.principals))?;
        writeln!(text, "  {} detections  {}\n", one.detections, join(&one.risk_event_types))?;
    }
    writeln!(text, "{} incidents of several principals", incidents.len())?;
    Ok(text)
}

/// Which places belong together.
#[derive(Debug)]
struct Groups(Vec<usize>);

impl Groups {
    fn of(count: usize) -> Self {
        Self((0..count).collect())
    }

    /// The first place of the group; shortens the way to it.
    fn root(&mut self, at: usize) -> usize {
        let mut root = at;
        while let Some(&above) = self.0.get(root).filter(|above| **above != root) {
            root = above;
        }
        if let Some(above) = self.0.get_mut(at) {
            *above = root;
        }
        root
    }

    fn join(&mut self, one: usize, other: usize) {
        let (one, other) = (self.root(one), self.root(other));
        if let Some(above) = self.0.get_mut(one.max(other)) {
            *above = one.min(other);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn detection(principal: &str, day: u32, keys: &[&str]) -> Detection {
        serde_json::from_value(
            json!({"tenantId": "t", "servicePrincipalId": principal, "riskEventType": "suspiciousSignins",
            "riskLevel": "medium", "activityDateTime": format!("2026-03-{day:02}T00:00:00Z"), "incidentKeys": keys}),
        )
        .expect("a detection")
    }

    fn members(detections: &[Detection]) -> Vec<Vec<String>> {
        incidents(detections.to_vec()).into_iter().map(|one| one.principals.into_iter().collect()).collect()
    }

    #[test]
    fn what_has_a_network_or_a_credential_in_common_is_one_incident() {
        let chain = [
            detection("c", 4, &["credential:k"]),
            detection("a", 1, &["network:n"]),
            detection("b", 2, &["network:n", "credential:k"]),
            detection("d", 3, &["network:other"]),
        ];
        assert_eq!(members(&chain), [["a", "b", "c"]]);
        let one = incidents(chain.to_vec()).remove(0);
        assert_eq!(one.shared, ["credential:k", "network:n"].map(str::to_owned).into());
        assert_eq!((one.first.as_str(), one.detections), ("2026-03-01T00:00:00Z", 3));
    }

    #[test]
    fn one_principal_alone_or_weeks_apart_is_none() {
        assert!(members(&[detection("a", 1, &["network:n"]), detection("a", 2, &["network:n"])]).is_empty());
        assert!(members(&[detection("a", 1, &["network:n"]), detection("b", 20, &["network:n"])]).is_empty());
        let steps = [1, 7, 13].map(|day| detection(if day == 7 { "b" } else { "a" }, day, &["network:n"]));
        assert_eq!(members(&steps), [["a", "b"]], "each within a week of the one before");
    }

    #[test]
    fn tenants_are_apart() {
        let other = Detection { tenant_id: "u".to_owned(), ..detection("b", 1, &["network:n"]) };
        assert!(members(&[detection("a", 1, &["network:n"]), other]).is_empty());
    }
}

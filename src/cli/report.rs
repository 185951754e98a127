//! `picket report`: what administrators have said of each detector's detections.

use super::args::ReportArgs;
use super::incidents;
use super::outputs::read;
use super::print::{self, BOLD, DIM};
use crate::decode::parse_time;
use picket_detectors::event::EventTime;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::process::ExitCode;

/// What is read of a detection; agents' detections name some members otherwise.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Detection {
    tenant_id: String,
    #[serde(alias = "agentId")]
    service_principal_id: String,
    risk_event_type: String,
    activity_date_time: String,
    #[serde(default)]
    expected_change: Option<serde::de::IgnoredAny>,
}

/// What is read of a transition: an administrator's word is in its detail.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Transition {
    tenant_id: String,
    service_principal_id: String,
    date_time: String,
    risk_detail: String,
}

/// What became of a detection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Word {
    Compromised,
    Dismissed,
    Safe,
}

/// One detector's detections by what was said of them; they add up to `detections`.
#[derive(Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
struct Row {
    risk_event_type: String,
    detections: u64,
    confirmed_compromised: u64,
    dismissed: u64,
    confirmed_safe: u64,
    expected: u64,
    open: u64,
    /// Of those judged, the part that was no compromise; `null` where none was judged.
    false_positive_share: Option<f64>,
}

impl Row {
    fn count(&mut self, expected: bool, word: Option<Word>) {
        self.detections += 1;
        match word {
            _ if expected => self.expected += 1,
            Some(Word::Compromised) => self.confirmed_compromised += 1,
            Some(Word::Dismissed) => self.dismissed += 1,
            Some(Word::Safe) => self.confirmed_safe += 1,
            None => self.open += 1,
        }
        let no_compromise = self.dismissed + self.confirmed_safe;
        let judged = no_compromise + self.confirmed_compromised;
        self.false_positive_share =
            (judged > 0).then(|| (1_000.0 * no_compromise as f64 / judged as f64).round() / 1_000.0);
    }
}

pub(super) fn report(args: &ReportArgs) -> anyhow::Result<ExitCode> {
    if args.incidents {
        print::out(incidents::report(&args.folder, args.json)?.as_bytes())?;
        return Ok(ExitCode::SUCCESS);
    }
    let detections: Vec<Detection> = read(&args.folder, "risk-detections.ndjson", |_| true)?;
    let transitions: Vec<Transition> =
        read(&args.folder, "risk-transitions.ndjson", |one: &Transition| word(&one.risk_detail).is_some())?;
    let rows = rows(&detections, &transitions);
    let text = if args.json { format!("{}\n", serde_json::to_string(&rows)?) } else { table(&rows)? };
    print::out(text.as_bytes())?;
    Ok(ExitCode::SUCCESS)
}

fn word(detail: &str) -> Option<Word> {
    match detail {
        "adminConfirmedServicePrincipalCompromised" => Some(Word::Compromised),
        "adminDismissedAllRiskForServicePrincipal" => Some(Word::Dismissed),
        "adminConfirmedServicePrincipalSafe" => Some(Word::Safe),
        _ => None,
    }
}

/// A word is about what stood when it was said: the first one from a detection on is about it. (Confirming a compromise and
/// dismissing it when it is dealt with is a true detection.)
fn rows(detections: &[Detection], transitions: &[Transition]) -> Vec<Row> {
    let mut words = BTreeMap::<(&str, &str), Vec<(Option<EventTime>, Word)>>::new();
    for one in transitions {
        if let Some(word) = word(&one.risk_detail) {
            words
                .entry((&one.tenant_id, &one.service_principal_id))
                .or_default()
                .push((parse_time(&one.date_time), word));
        }
    }
    for words in words.values_mut() {
        words.sort_by_key(|(time, _)| *time);
    }
    let mut rows = BTreeMap::<&str, Row>::new();
    for one in detections {
        let of_it = words.get(&(&*one.tenant_id, &*one.service_principal_id)).map(Vec::as_slice).unwrap_or_default();
        let happened = parse_time(&one.activity_date_time);
        let said = of_it.iter().find(|(time, _)| *time >= happened).map(|(_, word)| *word);
        rows.entry(&one.risk_event_type).or_default().count(one.expected_change.is_some(), said);
    }
    let named = |(name, row): (&str, Row)| Row { risk_event_type: name.to_owned(), ..row };
    rows.into_iter().map(named).collect()
}

fn table(rows: &[Row]) -> Result<String, std::fmt::Error> {
    let mut text = String::new();
    writeln!(
        text,
        "{BOLD}{:<42} {:>10} {:>11} {:>9} {:>5} {:>8} {:>6} {:>16}{BOLD:#}",
        "riskEventType", "detections", "compromised", "dismissed", "safe", "expected", "open", "false positives"
    )?;
    for row in rows {
        let name: String = row.risk_event_type.chars().filter(|c| !c.is_control()).collect();
        let share = row.false_positive_share.map_or("-".to_owned(), |share| format!("{:.1} %", 100.0 * share));
        writeln!(
            text,
            "{name:<42} {:>10} {:>11} {:>9} {:>5} {:>8} {:>6} {share:>16}",
            row.detections, row.confirmed_compromised, row.dismissed, row.confirmed_safe, row.expected, row.open
        )?;
    }
    writeln!(text, "{DIM}false positives: dismissed and safe, of those that somebody judged{DIM:#}")?;
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn detection(principal: &str, day: u32, expected: bool) -> Detection {
        let mut line = json!({"tenantId": "t", "servicePrincipalId": principal, "riskEventType": "suspiciousSignins",
            "activityDateTime": format!("2026-03-{day:02}T00:00:00Z")});
        if expected {
            line["expectedChange"] = json!({"id": "w"});
        }
        serde_json::from_value(line).expect("a detection")
    }

    fn said(principal: &str, day: u32, detail: &str) -> Transition {
        serde_json::from_value(json!({"tenantId": "t", "servicePrincipalId": principal, "riskDetail": detail,
            "dateTime": format!("2026-03-{day:02}T12:00:00Z")}))
        .expect("a transition")
    }

    #[test]
    fn the_first_word_after_a_detection_is_about_it() {
        let detections = [
            detection("a", 1, false),
            detection("a", 5, false),
            detection("a", 9, false),
            detection("b", 1, false),
            detection("c", 1, true),
        ];
        let words = [
            said("a", 6, "adminConfirmedServicePrincipalCompromised"),
            said("a", 7, "adminDismissedAllRiskForServicePrincipal"),
            said("a", 2, "adminConfirmedServicePrincipalSafe"),
            said("b", 3, "none"),
        ];
        let expected = Row {
            risk_event_type: "suspiciousSignins".to_owned(),
            detections: 5,
            confirmed_compromised: 1,
            dismissed: 0,
            confirmed_safe: 1,
            expected: 1,
            open: 2,
            false_positive_share: Some(0.5),
        };
        assert_eq!(rows(&detections, &words), [expected]);
    }

    #[test]
    fn nothing_judged_is_no_share() {
        assert_eq!(rows(&[detection("a", 1, false)], &[])[0].false_positive_share, None);
    }
}

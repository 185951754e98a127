//! `picket explain`: a detection or a principal, from the output files.

use super::args::ExplainArgs;
use super::exit::UsageError;
use super::outputs::read;
use super::print::{self, BOLD, DIM, level_style};
use serde::Deserialize;
use std::fmt::Write;
use std::process::ExitCode;

/// What is read of a detection; agents' detections name some members otherwise.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Detection {
    id: String,
    #[serde(alias = "agentId")]
    service_principal_id: String,
    #[serde(default, alias = "agentDisplayName")]
    service_principal_display_name: Option<String>,
    #[serde(default)]
    app_id: Option<String>,
    tenant_id: String,
    risk_event_type: String,
    risk_level: String,
    activity_date_time: String,
    explanation: String,
    evidence: Evidence,
    #[serde(default)]
    recommended_actions: Vec<String>,
    #[serde(default)]
    expected_change: Option<ExpectedChange>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct ExpectedChange {
    initiated_by: String,
    reason: String,
    until: String,
}

/// What helps whoever looks at it; absent in what an older Picket wrote.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Situation {
    owners: Vec<String>,
    sponsors: Vec<String>,
    managers: Vec<String>,
    last_change: Option<LastChange>,
    reach: Reach,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct LastChange {
    date_time: String,
    activity: String,
    initiated_by: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
struct Reach {
    permissions: Vec<String>,
    more: u64,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Evidence {
    facts: Vec<Fact>,
    #[serde(default)]
    total_bits: Option<f64>,
    #[serde(default)]
    active_days: Option<u32>,
    cause: String,
    weight: f64,
    #[serde(default)]
    event_ids: Vec<serde_json::Value>,
}

#[derive(Debug, Deserialize)]
struct Fact {
    kind: String,
    observed: String,
    usual: String,
    bits: f64,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Principal {
    id: String,
    #[serde(default)]
    app_id: Option<String>,
    #[serde(default)]
    display_name: Option<String>,
    tenant_id: String,
    risk_level: String,
    risk_state: String,
    risk_last_updated_date_time: String,
    score: f64,
    impact: String,
    contributions: Vec<Contribution>,
    #[serde(flatten)]
    situation: Situation,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Contribution {
    cause: String,
    detection_id: String,
    risk_event_type: String,
    weight: f64,
    current_weight: f64,
    share: f64,
}

pub(super) fn explain(args: &ExplainArgs) -> anyhow::Result<ExitCode> {
    let sought = args.id.trim().to_lowercase();
    let is = |other: &str| other.to_lowercase() == sought;
    let is_any = |others: [Option<&String>; 2]| others.into_iter().flatten().any(|other| is(other));
    let mut principals: Vec<Principal> = read(&args.folder, "risky-principals.ndjson", |one: &Principal| {
        is(&one.id) || is_any([one.app_id.as_ref(), one.display_name.as_ref()])
    })?;
    let detections: Vec<Detection> = read(&args.folder, "risk-detections.ndjson", |one: &Detection| {
        is(&one.id)
            || is(&one.service_principal_id)
            || is_any([one.app_id.as_ref(), one.service_principal_display_name.as_ref()])
    })?;
    if let ([], [detection]) = (&*principals, &*detections) {
        let whose = detection.service_principal_id.clone();
        principals = read(&args.folder, "risky-principals.ndjson", |one: &Principal| one.id == whose)?;
    }
    if principals.is_empty() && detections.is_empty() {
        let unknown = format!(
            "nothing in {} has the id or name {}: the outputs hold findings and principals at risk alone, so a principal that stayed quiet \
             has nothing to explain",
            args.folder.display(),
            args.id
        );
        return Err(UsageError::from(unknown).into());
    }
    let mut text = String::new();
    for detection in &detections {
        write_detection(&mut text, detection)?;
    }
    for principal in last_of_each(principals) {
        write_principal(&mut text, &principal, &detections)?;
    }
    print::out(text.as_bytes())?;
    Ok(ExitCode::SUCCESS)
}

/// A run writes a line whenever a principal changes; the last one counts.
fn last_of_each(principals: Vec<Principal>) -> Vec<Principal> {
    let mut last = Vec::<Principal>::new();
    for principal in principals {
        last.retain(|old| (&old.id, &old.tenant_id) != (&principal.id, &principal.tenant_id));
        last.push(principal);
    }
    last
}

fn write_detection(text: &mut String, detection: &Detection) -> std::fmt::Result {
    let level = level_style(&detection.risk_level);
    let name = detection.service_principal_display_name.as_deref().unwrap_or("(no name)");
    let evidence = &detection.evidence;
    writeln!(
        text,
        "{BOLD}{}{BOLD:#}  {level}{}{level:#}  {DIM}{}{DIM:#}",
        detection.risk_event_type, detection.risk_level, detection.activity_date_time
    )?;
    writeln!(
        text,
        "  {} {DIM}{} of tenant {}{DIM:#}",
        plain(name),
        detection.service_principal_id,
        detection.tenant_id
    )?;
    writeln!(text, "  {}\n", plain(&detection.explanation))?;
    for fact in &evidence.facts {
        let usual = if fact.usual.is_empty() { String::new() } else { format!("usual: {}", plain(&fact.usual)) };
        writeln!(
            text,
            "  {:>+7.1} bits  {:<22} {}  {DIM}{usual}{DIM:#}",
            fact.bits,
            plain(&fact.kind),
            plain(&fact.observed)
        )?;
    }
    if let Some(total) = evidence.total_bits {
        writeln!(text, "  {BOLD}{total:>+7.1} bits{BOLD:#}  together; above 0 speaks for theft")?;
    }
    if let Some(days) = evidence.active_days {
        writeln!(text, "  judged against {days} days of activity")?;
    }
    writeln!(text, "  weight {:.2}, counted under {}", evidence.weight, plain(&evidence.cause))?;
    writeln!(text, "  {DIM}detection {}, made by {} event(s){DIM:#}", detection.id, evidence.event_ids.len())?;
    if let Some(window) = &detection.expected_change {
        writeln!(
            text,
            "  expected     {} says: {} {DIM}until {}{DIM:#}",
            plain(&window.initiated_by),
            plain(&window.reason),
            window.until
        )?;
    }
    write_actions(text, &detection.recommended_actions)?;
    writeln!(text)
}

fn write_actions(text: &mut String, actions: &[String]) -> std::fmt::Result {
    for (number, action) in (1..).zip(actions) {
        writeln!(text, "  {}{number}. {}", if number == 1 { "what to do   " } else { "             " }, plain(action))?;
    }
    Ok(())
}

/// Whom to ask, what happened last, what it may do.
fn write_situation(text: &mut String, situation: &Situation) -> std::fmt::Result {
    for (label, people) in
        [("owners", &situation.owners), ("sponsors", &situation.sponsors), ("managers", &situation.managers)]
    {
        if !people.is_empty() {
            writeln!(text, "  {label:<12} {}", plain(&people.join(", ")))?;
        }
    }
    if let Some(change) = &situation.last_change {
        let who = change.initiated_by.as_deref().map(|who| format!(" by {who}")).unwrap_or_default();
        writeln!(text, "  last change  {}{} {DIM}{}{DIM:#}", plain(&change.activity), plain(&who), change.date_time)?;
    }
    let reach = &situation.reach;
    if !reach.permissions.is_empty() {
        let more = if reach.more > 0 { format!(" and {} more", reach.more) } else { String::new() };
        writeln!(text, "  may use      {}{more}", plain(&reach.permissions.join(", ")))?;
    }
    Ok(())
}

fn write_principal(text: &mut String, principal: &Principal, told: &[Detection]) -> std::fmt::Result {
    let level = level_style(&principal.risk_level);
    let name = principal.display_name.as_deref().unwrap_or("(no name)");
    writeln!(
        text,
        "{BOLD}{}{BOLD:#}  {level}{}{level:#} ({}), impact {}  {DIM}since {}{DIM:#}",
        plain(name),
        principal.risk_level,
        principal.risk_state,
        principal.impact,
        principal.risk_last_updated_date_time
    )?;
    let product: Vec<String> =
        principal.contributions.iter().map(|one| format!("(1 - {:.3})", one.current_weight)).collect();
    for one in &principal.contributions {
        writeln!(
            text,
            "  {:>6.1}  {:<32} {}  {DIM}weight {:.3}, was {:.3}{DIM:#}",
            one.share,
            plain(&one.risk_event_type),
            plain(&one.cause),
            one.current_weight,
            one.weight
        )?;
        write_growth(text, one, told)?;
    }
    let sum = if product.is_empty() { "0".to_owned() } else { format!("100 x (1 - {})", product.join(" x ")) };
    writeln!(text, "  {BOLD}{:>6.1}{BOLD:#}  score = {sum}", principal.score)?;
    write_situation(text, &principal.situation)?;
    writeln!(text)
}

/// A cause that goes on is told anew only where it has become much stronger, and counts for more in between.
fn write_growth(text: &mut String, contribution: &Contribution, told: &[Detection]) -> std::fmt::Result {
    const VISIBLE: f64 = 0.0005;
    let detection = told.iter().find(|one| one.id == contribution.detection_id);
    let Some(then) = detection.map(|one| one.evidence.weight) else { return Ok(()) };
    if contribution.weight - then < VISIBLE {
        return Ok(());
    }
    writeln!(
        text,
        "          {DIM}{then:.3} when detection {} told of it; more of the same came since{DIM:#}",
        contribution.detection_id
    )
}

/// Names and texts come from input: nothing in them may steer the terminal.
fn plain(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).collect()
}

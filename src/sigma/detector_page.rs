//! The page of one detector: what it looks for, what its evidence says and weighs, and what to do. Made from what the
//! detector says of itself and the numbers in `rules/scoring.yaml`.

use super::catalogue::CatalogueError;
use picket_detectors::detect::{Descriptor, Evidence};
use serde_json::Value;

const ODDS: &str = "Every fact has bits: positive ones speak for theft, negative ones for honest change, and none for what \
    only tells. Numbers called `theft` and `honest` are how likely either shows it; the logarithm of their ratio, tempered \
    by what is known of the principal, is the evidence.";
const SCORING: &str = include_str!("../../rules/scoring.yaml");

/// A story that shows a detector at work, or quiet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Story {
    /// Its folder below `tests/scenarios`.
    pub folder: String,
    /// What happens.
    pub tells: String,
}

/// The page, in Markdown, with the stories that there are.
///
/// # Errors
/// Where the detector names a number that there is none of.
pub fn detector_page(detector: &Descriptor, stories: &[Story]) -> Result<String, CatalogueError> {
    let scoring: Value =
        serde_saphyr::from_str(SCORING).map_err(|error| CatalogueError::Unreadable(error.to_string()))?;
    let parts = [
        format!("# {}\n\n`{}`. {}", detector.title, detector.risk_event_type, detector.looks_for),
        about(detector),
        format!(
            "## Evidence\n\n{ODDS}\n\n| kind | says | weighed by |\n|---|---|---|\n{}",
            evidence(detector, &scoring)?
        ),
        score(detector, &scoring)?,
        format!("## Known false positives\n\n{}", bullets(detector.false_positives)),
        format!("## What makes it quiet\n\n{}", bullets(detector.quiet)),
        format!("## What to do\n\n{}", steps(detector.actions)),
        stories_in_words(stories),
    ];
    let parts: Vec<String> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    Ok(format!("{}\n", parts.join("\n\n")))
}

fn about(detector: &Descriptor) -> String {
    let inputs: Vec<String> = detector.inputs.iter().map(|input| format!("`{input}`")).collect();
    let techniques: Vec<String> = detector.attack.iter().map(|technique| technique_link(technique)).collect();
    let attack = if techniques.is_empty() { "none of its own".to_owned() } else { techniques.join(", ") };
    format!(
        "| | |\n|---|---|\n| reads | {} |\n| ATT&CK | {attack} |\n| since | {} |",
        inputs.join(", "),
        detector.since
    )
}

fn technique_link(technique: &str) -> String {
    format!("[{technique}](https://attack.mitre.org/techniques/{}/)", technique.replace('.', "/"))
}

fn evidence(detector: &Descriptor, scoring: &Value) -> Result<String, CatalogueError> {
    let row = |Evidence { kind, means, weighed_by }: &Evidence| {
        let numbers: Result<Vec<String>, CatalogueError> =
            weighed_by.iter().map(|path| Ok(format!("`{path}` {}", shown(find(detector, scoring, path)?)))).collect();
        Ok(format!("| `{kind}` | {means} | {} |", numbers?.join("<br>")))
    };
    let rows: Result<Vec<String>, CatalogueError> = detector.evidence.iter().map(row).collect();
    Ok(rows?.join("\n"))
}

/// The sections of numbers that make a weight of the evidence, as far as they are no map of maps.
fn score(detector: &Descriptor, scoring: &Value) -> Result<String, CatalogueError> {
    let mut rows = Vec::new();
    for section in detector.scored_by {
        let Some(numbers) = find(detector, scoring, section)?.as_object() else { continue };
        rows.extend(numbers.iter().map(|(name, value)| format!("| `{section}.{name}` | {} |", shown(value))));
    }
    if rows.is_empty() {
        return Ok("## Score\n\nIt forces the level.".to_owned());
    }
    let head =
        "## Score\n\nThe numbers stand in `rules/scoring.yaml`, each with its reason.\n\n| number | value |\n|---|---|";
    Ok(format!("{head}\n{}", rows.join("\n")))
}

fn find<'v>(detector: &Descriptor, scoring: &'v Value, path: &str) -> Result<&'v Value, CatalogueError> {
    let missing = || CatalogueError::NoSuchNumber { detector: detector.risk_event_type, number: path.to_owned() };
    path.split('.').try_fold(scoring, |at, key| at.get(key)).ok_or_else(missing)
}

/// A number, or the numbers of a map with their names.
fn shown(value: &Value) -> String {
    match value {
        Value::Object(map) => {
            let pairs: Vec<String> = map.iter().map(|(name, value)| format!("{name} {}", shown(value))).collect();
            format!("({})", pairs.join(", "))
        }
        Value::Number(number) => number.as_f64().map_or_else(|| number.to_string(), |number| number.to_string()),
        other => other.to_string(),
    }
}

fn bullets(lines: &[&str]) -> String {
    let lines: Vec<String> = lines.iter().map(|line| format!("- {line}")).collect();
    lines.join("\n")
}

fn steps(lines: &[&str]) -> String {
    let lines: Vec<String> = (1..).zip(lines).map(|(number, line)| format!("{number}. {line}")).collect();
    lines.join("\n")
}

fn stories_in_words(stories: &[Story]) -> String {
    if stories.is_empty() {
        return String::new();
    }
    let row = |story: &Story| {
        let outcome = if story.folder.contains("/attack-") { "told" } else { "no rise" };
        format!("| [`{0}`](../../tests/scenarios/{0}) | {outcome} | {1} |", story.folder, story.tells)
    };
    let rows: Vec<String> = stories.iter().map(row).collect();
    format!("## Stories\n\n| folder | | what happens |\n|---|---|---|\n{}", rows.join("\n"))
}

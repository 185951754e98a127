//! The page that says what Picket detects: its detectors, its rules, and what of the known ideas they cover. Made from the
//! registry, the rules and `rules/coverage.yaml`, so that it cannot say what is not so.

use super::rule::{Origin, Rule};
use picket_detectors::detect::DETECTORS;
use serde::Deserialize;
use std::fmt::Write;

const COVERAGE: &str = include_str!("../../rules/coverage.yaml");

/// Why the page can't be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CatalogueError {
    /// The coverage or the numbers are not the expected YAML.
    #[error("the shipped rules can't be read: {0}")]
    Unreadable(String),
    /// An idea names a detector or rule that there is none of.
    #[error("rules/coverage.yaml: {idea} names {name}, but there is no such detector or rule")]
    NoSuchName {
        /// The idea.
        idea: String,
        /// What it names.
        name: String,
    },
    /// A detector names a number that there is none of.
    #[error("{detector} names {number}, but there is no such number in rules/scoring.yaml")]
    NoSuchNumber {
        /// The detector.
        detector: &'static str,
        /// The number.
        number: String,
    },
    /// An idea that is neither covered nor excused, or both.
    #[error("rules/coverage.yaml: {0} needs either `by` or `not`")]
    Unsaid(String),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Section {
    section: String,
    ideas: Vec<Idea>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Idea {
    id: String,
    #[serde(rename = "idea")]
    words: String,
    #[serde(default)]
    by: Vec<String>,
    #[serde(default)]
    not: Option<String>,
    #[serde(default)]
    note: Option<String>,
}

/// The page, in Markdown.
///
/// # Errors
/// Where the coverage is wrong.
pub fn catalogue(rules: &[Rule]) -> Result<String, CatalogueError> {
    let own: Vec<&Rule> = rules.iter().filter(|rule| rule.origin == Origin::Picket).collect();
    let sections: Vec<Section> =
        serde_saphyr::from_str(COVERAGE).map_err(|error| CatalogueError::Unreadable(error.to_string()))?;
    let mut page = String::from(
        "# What Picket detects\n\nThis page is made by `picket rules catalogue`; a test compares it with what the program \
         would write. Change `rules/coverage.yaml`, the rules or the detectors, not this page.\n",
    );
    detectors(&mut page);
    list(&mut page, &own);
    let ideas = sections.iter().flat_map(|section| &section.ideas);
    let covered = ideas.clone().filter(|idea| idea.not.is_none()).count();
    line(&mut page, &format!("\n## Coverage\n\n{covered} of {} ideas are covered.", ideas.count()));
    for section in &sections {
        line(&mut page, &format!("\n### {}\n\n| idea | | covered by |\n|---|---|---|", section.section));
        for idea in &section.ideas {
            let by = explained(idea, &own)?;
            line(&mut page, &format!("| {} | {} | {by} |", idea.id, idea.words));
        }
    }
    Ok(page)
}

fn line(page: &mut String, text: &str) {
    #[expect(clippy::let_underscore_must_use, reason = "writing to a string can't fail")]
    let _ = writeln!(page, "{text}");
}

fn detectors(page: &mut String) {
    line(page, "\n## Detectors\n\n| riskEventType | | reads | ATT&CK |\n|---|---|---|---|");
    for detector in DETECTORS {
        let one = detector.descriptor();
        let (inputs, attack) = (one.inputs.join(", "), one.attack.join(", "));
        let link = format!("[`{0}`](detectors/{0}.md)", one.risk_event_type);
        line(page, &format!("| {link} | {} | {inputs} | {attack} |", one.title));
    }
}

fn list(page: &mut String, rules: &[&Rule]) {
    line(
        page,
        "\n## Rules\n\nA match becomes a `sigmaRuleMatch`, weighed by its level; informational ones are only counted.\n",
    );
    line(page, "| id | | level | ATT&CK |\n|---|---|---|---|");
    for rule in rules {
        let attack = rule.attack.join(", ");
        line(page, &format!("| {} | {} | {} | {attack} |", short(rule), rule.title, rule.level.as_str()));
    }
}

/// The last four digits tell Picket's rules apart.
fn short(rule: &Rule) -> &str {
    rule.id.get(rule.id.len().saturating_sub(4)..).unwrap_or_default()
}

fn explained(idea: &Idea, rules: &[&Rule]) -> Result<String, CatalogueError> {
    let mut words = match (&idea.not, idea.by.is_empty()) {
        (Some(reason), true) => format!("no: {reason}"),
        (None, false) => {
            let names: Result<Vec<String>, CatalogueError> =
                idea.by.iter().map(|name| named(idea, name, rules)).collect();
            names?.join("; ")
        }
        _ => return Err(CatalogueError::Unsaid(idea.id.clone())),
    };
    if let Some(note) = &idea.note {
        words.push_str(" (");
        words.push_str(note);
        words.push(')');
    }
    Ok(words)
}

fn named(idea: &Idea, name: &str, rules: &[&Rule]) -> Result<String, CatalogueError> {
    if DETECTORS.iter().any(|detector| detector.descriptor().risk_event_type == name) {
        return Ok(format!("`{name}`"));
    }
    let rule = rules.iter().find(|rule| short(rule) == name);
    let missing = || CatalogueError::NoSuchName { idea: idea.id.clone(), name: name.to_owned() };
    rule.map(|rule| format!("rule {name} *{}*", rule.title)).ok_or_else(missing)
}

//! No rule of one line tells thieves from honest people: not by software, address lists, error codes, names, endpoints,
//! or any other single value of any field of any record.

use crate::world::{WORLD, texts};
use picket::simulate::Stream;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Days on which each principal's records have one value in one field.
type Days = BTreeSet<(String, String)>;

/// One campaign: who, from which day to which.
struct Theft {
    principals: Vec<String>,
    first: String,
    last: String,
}

fn thefts() -> Vec<Theft> {
    let day = |value: &Value| value.as_str().and_then(|time| time.get(..10)).map(str::to_owned);
    let theft = |label: &Value| {
        Some(Theft {
            principals: texts(&label["principalIds"]).into_iter().map(str::to_owned).collect(),
            first: day(&label["firstAction"])?,
            last: day(&label["lastAction"])?,
        })
    };
    WORLD.labels("campaign").filter_map(theft).collect()
}

/// Numbers of single events, and what names one principal alone, are no rules.
fn is_a_rule(text: &str) -> bool {
    let looks_like_a_guid = text.len() >= 32 && text.bytes().filter(u8::is_ascii_hexdigit).count() > 24;
    let looks_like_a_time = text.len() > 18 && text.get(4..5) == Some("-") && text.get(10..11) == Some("T");
    !text.is_empty() && text.len() < 160 && !looks_like_a_guid && !looks_like_a_time
}

/// Calls `found` with every field and value of a record; ids in paths are taken out.
fn leaves(path: &str, value: &Value, found: &mut dyn FnMut(String)) {
    match value {
        Value::Object(fields) => fields.iter().for_each(|(key, value)| leaves(&format!("{path}.{key}"), value, found)),
        Value::Array(items) => items.iter().for_each(|value| leaves(path, value, found)),
        Value::String(text) if path.ends_with("requestUri") => {
            let parts = text.split('/').map(|part| if is_a_rule(part) { part } else { "*" });
            found(format!("{path} = {}", parts.collect::<Vec<_>>().join("/")));
        }
        Value::String(text) if is_a_rule(text) => found(format!("{path} = {text}")),
        Value::Number(number) => found(format!("{path} = {number}")),
        _ => {}
    }
}

/// Every rule of the form "this field has this value", with the days on which it would have alarmed.
fn rules() -> HashMap<String, Days> {
    let mut owners: HashMap<String, String> = HashMap::new();
    for label in WORLD.labels("principal") {
        let principal = label["principalId"].as_str().expect("an id");
        for key in ["principalId", "appId", "objectId"] {
            owners.insert(label[key].as_str().expect("an id").to_owned(), principal.to_owned());
        }
    }
    let mut rules: HashMap<String, Days> = HashMap::new();
    for stream in [Stream::ServicePrincipals, Stream::ManagedIdentities, Stream::Audit, Stream::GraphActivity] {
        for delivered in WORLD.of(stream) {
            let record: Value = serde_json::from_str(&delivered.line).expect("JSON");
            let properties = &record["properties"];
            let target = || {
                let ids = properties["targetResources"].as_array()?.iter().filter_map(|it| it["id"].as_str());
                ids.filter_map(|id| owners.get(id)).next()
            };
            let principal = properties["servicePrincipalId"].as_str().map(str::to_owned).or_else(|| target().cloned());
            let moment = ["createdDateTime", "activityDateTime", "timeGenerated"];
            let moment = moment.iter().find_map(|key| properties[key].as_str()).expect("a time");
            let Some(principal) = principal else { continue };
            let day = (principal, moment.get(..10).expect("a day").to_owned());
            let mut add = |rule: String| {
                rules.entry(rule).or_default().insert(day.clone());
            };
            add(format!("{stream:?}.hour = {}", moment.get(11..13).unwrap_or_default()));
            leaves(&format!("{stream:?}"), properties, &mut add);
        }
    }
    rules
}

/// Precision by days, recall by campaigns.
fn quality(days: &Days, thefts: &[Theft]) -> (f64, f64) {
    let of = |theft: &Theft, (principal, day): &(String, String)| {
        theft.principals.contains(principal) && (theft.first.as_str()..=theft.last.as_str()).contains(&day.as_str())
    };
    let right = days.iter().filter(|day| thefts.iter().any(|theft| of(theft, day))).count();
    let found = thefts.iter().filter(|theft| days.iter().any(|day| of(theft, day))).count();
    (right as f64 / days.len().max(1) as f64, found as f64 / thefts.len().max(1) as f64)
}

fn balance((precision, recall): (f64, f64)) -> f64 {
    2.0 * precision * recall / (precision + recall).max(f64::MIN_POSITIVE)
}

#[test]
fn no_single_value_of_any_field_tells_thieves_from_honest_people() {
    let thefts = thefts();
    assert!(thefts.len() > 30, "{} thefts", thefts.len());
    let mut ranked: BTreeMap<String, (f64, f64)> = BTreeMap::new();
    for (rule, days) in rules() {
        let (precision, recall) = quality(&days, &thefts);
        // What fits three thefts at most is chance, or one victim's name.
        if recall * thefts.len() as f64 > 3.5 {
            ranked.insert(rule, (precision, recall));
        }
    }
    let mut best: Vec<_> = ranked.into_iter().collect();
    best.sort_by(|(_, a), (_, b)| balance(*b).total_cmp(&balance(*a)));
    for (rule, (precision, recall)) in best.iter().take(12) {
        println!("{:.2} precision {precision:.2} recall {recall:.2}: {rule}", balance((*precision, *recall)));
    }
    let (rule, quality) = best.first().expect("some rule");
    assert!(balance(*quality) < 0.4, "{rule} gives thieves away: {quality:?}");
}

#[test]
fn lists_of_tools_networks_and_errors_score_badly() {
    const LISTS: [(&str, &[&str]); 4] = [
        ("tools", &["curl", "python-requests", "Postman", "PowerShell", "AZURECLI", "Go-http-client"]),
        (
            "rented networks",
            &[
                "Number = 14061",
                "Number = 24940",
                "Number = 16276",
                "Number = 20473",
                "Number = 63949",
                "Number = 51167",
                "Number = 53667",
                "Number = 9009",
                "Number = 60068",
                "Number = 212238",
                "Number = 39351",
                "Number = 62240",
            ],
        ),
        ("errors", &["errorCode = 7000215", "errorCode = 7000222", "errorCode = 700016"]),
        ("directory searches", &["/directoryRoles", "/roleAssignments", "/applications?", "/servicePrincipals?"]),
    ];
    let (rules, thefts) = (rules(), thefts());
    for (name, list) in LISTS {
        let fits =
            |rule: &str| list.iter().any(|part| rule.ends_with(part) || (!part.contains('=') && rule.contains(part)));
        let days: Days = rules.iter().filter(|(rule, _)| fits(rule)).flat_map(|(_, days)| days.clone()).collect();
        assert!(!days.is_empty(), "{name} are used");
        let quality = quality(&days, &thefts);
        println!("{name}: precision {:.2}, recall {:.2}", quality.0, quality.1);
        assert!(balance(quality) < 0.5, "{name}: {quality:?}");
    }
}

//! Changes that the configuration expects: a YAML list of windows, read at start.

use super::ConfigError;
use crate::decode::parse_time;
use compact_str::CompactString;
use picket_detectors::event::{EventTime, Id, Network, Window};
use picket_detectors::expectations::{Expectation, Expectations};
use serde::Deserialize;
use std::path::Path;

const KEY: &str = "rules.expected_changes";

/// One window as written.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    id: String,
    #[serde(default)]
    tenants: Vec<String>,
    #[serde(default)]
    principals: Vec<String>,
    #[serde(default)]
    risk_event_types: Vec<CompactString>,
    #[serde(default)]
    networks: Vec<String>,
    #[serde(default)]
    rules: Vec<CompactString>,
    from: String,
    until: String,
    author: CompactString,
    reason: CompactString,
}

/// Reads the file; without one nothing is expected.
pub(super) fn load_expected(path: Option<&Path>) -> Result<Expectations, ConfigError> {
    let Some(path) = path else { return Ok(Expectations::default()) };
    let wrong = |message: String| ConfigError::Named { key: KEY, path: path.to_owned(), message };
    let yaml = std::fs::read_to_string(path).map_err(|error| wrong(error.to_string()))?;
    parse(&yaml).map_err(wrong)
}

fn parse(yaml: &str) -> Result<Expectations, String> {
    let list: Vec<Written> = serde_saphyr::from_str(yaml).map_err(|error| error.to_string())?;
    let all = list.into_iter().map(expectation).collect::<Result<Vec<_>, _>>()?;
    Expectations::of(all).map_err(|error| error.to_string())
}

fn expectation(written: Written) -> Result<Expectation, String> {
    let id = Id::parse(&written.id).ok_or("an expected change has no id")?;
    let time = |text: &str| -> Result<EventTime, String> {
        parse_time(text).ok_or_else(|| format!("expected change {id}: write {text:?} like 2027-01-31T00:00:00Z"))
    };
    let ids = |names: &[String]| -> Result<Vec<Id>, String> {
        names
            .iter()
            .map(|name| Id::parse(name).ok_or_else(|| format!("expected change {id}: an id is blank")))
            .collect()
    };
    let (tenants, principals) = (ids(&written.tenants)?, ids(&written.principals)?);
    let (from, until) = (time(&written.from)?, time(&written.until)?);
    if written.author.trim().is_empty() || written.reason.trim().is_empty() {
        return Err(format!("expected change {id}: say who (author) and why (reason)"));
    }
    let network = |text: &String| {
        Network::parse(text).ok_or_else(|| format!("expected change {id}: write {text:?} like 203.0.113.0/24"))
    };
    let networks = written.networks.iter().map(network).collect::<Result<_, _>>()?;
    let Written { risk_event_types, rules, author, reason, .. } = written;
    let window = Window { id, said: from, from, until, risk_event_types, author, reason };
    Ok(Expectation { tenants, principals, networks, rules, window })
}

#[cfg(test)]
mod tests {
    use super::*;

    const DRILL: &str = "
- id: spring-drill
  tenants: [11111111-1111-4111-8111-111111111111]
  risk_event_types: [suspiciousSignins]
  networks: [203.0.113.0/24]
  rules: [5b0f6a02-7f3f-4a0b-9c51-0c6a1e1d0201]
  from: 2026-03-01T00:00:00Z
  until: 2026-03-08T00:00:00Z
  author: secops@example.org
  reason: penetration test
";

    #[test]
    fn two_changes_of_one_id_are_refused() {
        let error = parse(&DRILL.repeat(2)).expect_err("twice");
        assert!(error.contains("spring-drill") && error.contains("twice"), "{error}");
    }

    #[test]
    fn a_window_is_read_and_must_end_and_have_an_author() {
        assert_ne!(parse(DRILL), Ok(Expectations::default()));
        for (old, new, said) in [
            ("2026-03-08", "2027-03-08", "within 366 days"),
            ("2026-03-08", "soon", "write"),
            ("suspiciousSignins", "suspiciousSignin", "there is no detection suspiciousSignin"),
            ("author: secops@example.org", "author: ''", "say who"),
            ("  until: 2026-03-08T00:00:00Z\n", "", "until"),
            ("reason:", "reasons:", "reasons"),
            ("203.0.113.0/24", "the office", "like 203.0.113.0/24"),
        ] {
            let error = parse(&DRILL.replace(old, new)).expect_err(new);
            assert!(error.contains(said), "{new}: {error}");
        }
    }
}

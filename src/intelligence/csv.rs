//! CSV with a header. The column of the indicator is `indicator`, `value`, `ip`, `ioc`, `network`, `cidr`, `address`,
//! `asn`, `domain` or `app_id`; `confidence`, `source`, `until` (`valid_until`, `expires`), `from` (`valid_from`) and
//! `label` (`description`, `comment`) may stand beside it.

use super::error::ComplaintReason;
use super::indicator::{Indicator, Subject};
use super::read::{Desk, confidence, time};

const VALUE: &[&str] =
    &["indicator", "value", "ip", "ioc", "network", "cidr", "address", "asn", "domain", "app_id", "ip_address"];
const CONFIDENCE: &[&str] = &["confidence", "confidence_level", "score"];
const SOURCE: &[&str] = &["source", "feed"];
const UNTIL: &[&str] = &["until", "valid_until", "expires", "expiration", "expiry"];
const FROM: &[&str] = &["from", "valid_from"];
const LABEL: &[&str] = &["label", "description", "comment", "threat", "name"];

/// Whether a first line is a header.
pub(super) fn is_header(line: &str) -> bool {
    let names = cells(line);
    names.len() > 1 && column(&names, VALUE).is_some()
}

struct Columns {
    value: Option<usize>,
    asn: bool,
    confidence: Option<usize>,
    source: Option<usize>,
    until: Option<usize>,
    from: Option<usize>,
    label: Option<usize>,
}

impl Columns {
    fn of(names: &[String]) -> Self {
        let at = |known| column(names, known);
        let value = at(VALUE);
        let asn = value.and_then(|at| names.get(at)).is_some_and(|name| name.eq_ignore_ascii_case("asn"));
        Self {
            value,
            asn,
            confidence: at(CONFIDENCE),
            source: at(SOURCE),
            until: at(UNTIL),
            from: at(FROM),
            label: at(LABEL),
        }
    }
}

fn column(names: &[String], known: &[&str]) -> Option<usize> {
    // In the order of preference, not of the columns.
    known.iter().find_map(|wanted| names.iter().position(|name| name.trim().eq_ignore_ascii_case(wanted)))
}

pub(super) fn read(text: &str, desk: &mut Desk<'_>) {
    let mut lines = (1..).zip(text.lines()).filter(|(_, line)| !line.trim().is_empty() && !line.starts_with('#'));
    let Some((_, header)) = lines.next() else { return };
    let columns = Columns::of(&cells(header));
    let usual = desk.usual();
    for (number, line) in lines {
        match row(&cells(line), &columns, &usual) {
            Ok(indicator) => desk.take(indicator),
            Err(reason) => desk.complain(Some(number), reason),
        }
    }
}

fn row(cells: &[String], columns: &Columns, usual: &Indicator) -> Result<Indicator, ComplaintReason> {
    let cell = |at: Option<usize>| {
        let text = cells.get(at?)?.trim();
        (!text.is_empty()).then_some(text)
    };
    let value = cell(columns.value).ok_or(ComplaintReason::Malformed("row with an indicator"))?;
    let subject = match value.parse() {
        Ok(number) if columns.asn => Subject::Asn(number),
        _ => Subject::parse(value)?,
    };
    Ok(Indicator {
        subject,
        source: cell(columns.source).map_or_else(|| usual.source.clone(), Into::into),
        confidence: cell(columns.confidence).map_or(Ok(usual.confidence), confidence)?,
        label: cell(columns.label).map(Into::into),
        from: cell(columns.from).map(time).transpose()?,
        until: cell(columns.until).map(time).transpose()?,
    })
}

/// The cells of a line; quotes may hold commas, and two quotes are one.
pub(crate) fn cells(line: &str) -> Vec<String> {
    let mut cells = vec![String::new()];
    let mut quoted = false;
    let mut characters = line.chars().peekable();
    while let Some(c) = characters.next() {
        let Some(cell) = cells.last_mut() else { break };
        match c {
            '"' if quoted && characters.peek() == Some(&'"') => {
                characters.next();
                cell.push('"');
            }
            '"' => quoted = !quoted,
            ',' if !quoted => cells.push(String::new()),
            c => cell.push(c),
        }
    }
    cells
}

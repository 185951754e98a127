//! For people: two lines a finding.

use super::{Report, confidence};
use crate::scan::finding::Finding;
use anstyle::{AnsiColor, Style};
use picket_detectors::secrets::Sureness;
use std::io::{self, Write};

/// Two lines a finding, coloured; the writer takes the colours out where nobody sees them.
#[derive(Debug, Default)]
pub struct Text;

impl Report for Text {
    fn finding(&mut self, finding: &Finding, out: &mut dyn Write) -> io::Result<()> {
        let (sighting, span) = (&finding.sighting, finding.span);
        let style = style(sighting.confidence);
        let dim = Style::new().dimmed();
        let place = format!("{}:{}:{}", plain(&finding.path), span.line, span.column);
        let (title, redacted) = (&sighting.title, plain(&sighting.redacted));
        writeln!(out, "{place}: {style}{}{style:#} {title}: {redacted}", confidence(finding))?;
        let mut facts = vec![format!("rule {}", sighting.rule), format!("fingerprint {}", sighting.fingerprint)];
        facts.extend(finding.commit.as_ref().map(|commit| format!("commit {}", commit.id)));
        facts.extend(owner(finding));
        facts.extend(finding.verification.as_ref().map(|verification| plain(&verification.to_string())));
        writeln!(out, "    {dim}{}{dim:#}", facts.join(", "))
    }
}

fn style(confidence: Sureness) -> Style {
    match confidence {
        Sureness::High => AnsiColor::Red.on_default().bold(),
        Sureness::Medium => AnsiColor::Yellow.on_default().bold(),
        Sureness::Low => AnsiColor::Cyan.on_default(),
    }
}

/// The most telling word on whose it is.
fn owner(finding: &Finding) -> Option<String> {
    if let Some(belonging) = &finding.belongs {
        return Some(belonging.to_string());
    }
    let hints = &finding.sighting.owner;
    let named = [("account", &hints.account), ("host", &hints.host), ("project", &hints.project)];
    let named = named.iter().find_map(|(name, value)| Some(format!("{name} {}", plain(value.as_ref()?))));
    // A client id near another vendor's secret is a neighbour's.
    let is_entras = matches!(&*finding.sighting.provider, "Microsoft" | "Any");
    let app = hints.apps.first().filter(|_| is_entras).map(|app| format!("application {}", plain(&app.0.to_string())));
    app.or(named)
}

/// Text from outside without what a terminal would obey.
fn plain(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { char::REPLACEMENT_CHARACTER } else { c }).collect()
}

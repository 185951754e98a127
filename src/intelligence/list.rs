//! Plain lists: one indicator a line, `#` and `;` begin what is said of it.
//!
//! `# source: NAME`, `# confidence: 80` and `# until: TIME` on lines of their own hold for the lines after them.

use super::error::ComplaintReason;
use super::indicator::{Indicator, Subject};
use super::read::{Desk, confidence, time};

pub(super) fn read(text: &str, desk: &mut Desk<'_>) {
    let mut usual = desk.usual();
    for (number, line) in (1..).zip(text.lines()) {
        let line = line.trim();
        if let Some(comment) = line.strip_prefix('#') {
            if let Err(reason) = direct(comment, &mut usual) {
                desk.complain(Some(number), reason);
            }
            continue;
        }
        let (entry, label) = line.split_once(['#', ';']).unwrap_or((line, ""));
        if entry.trim().is_empty() {
            continue;
        }
        match Subject::parse(entry) {
            Ok(subject) => {
                let label = Some(label.trim()).filter(|label| !label.is_empty()).map(Into::into);
                desk.take(Indicator { subject, label, ..usual.clone() });
            }
            Err(reason) => desk.complain(Some(number), reason),
        }
    }
}

/// What a comment says of the lines after it.
fn direct(comment: &str, usual: &mut Indicator) -> Result<(), ComplaintReason> {
    let Some((name, value)) = comment.split_once(':') else { return Ok(()) };
    match name.trim().to_ascii_lowercase().as_str() {
        "source" => usual.source = value.trim().into(),
        "confidence" => usual.confidence = confidence(value)?,
        "until" => usual.until = Some(time(value)?),
        _ => {}
    }
    Ok(())
}

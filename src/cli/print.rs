//! Printing: results to standard output, errors to standard error.

use anstyle::{AnsiColor, Style};
use std::io::{self, Write};

/// Prints bytes to standard output.
pub(super) fn out(bytes: &[u8]) -> io::Result<()> {
    let mut stdout = anstream::stdout().lock();
    stdout.write_all(bytes)?;
    stdout.flush()
}

/// Prints an error to standard error, where there is one.
pub(super) fn error(message: &str) {
    let style = AnsiColor::Red.on_default().bold();
    let line = format!("{style}error:{style:#} {message}\n");
    let _nobody_listens = anstream::stderr().lock().write_all(line.as_bytes()).is_err();
}

/// Prints a warning to standard error, where there is one.
pub(super) fn warning(message: &str) {
    let style = AnsiColor::Yellow.on_default().bold();
    let line = format!("{style}warning:{style:#} {message}\n");
    let _nobody_listens = anstream::stderr().lock().write_all(line.as_bytes()).is_err();
}

/// Prints a line to standard error, where there is one.
pub(super) fn note(message: &str) {
    let _nobody_listens = anstream::stderr().lock().write_all(format!("{message}\n").as_bytes()).is_err();
}

/// For headings.
pub(super) const BOLD: Style = Style::new().bold();
/// For what matters less.
pub(super) const DIM: Style = Style::new().dimmed();

/// The colour of a risk level.
pub(super) fn level_style(level: &str) -> Style {
    match level {
        "high" => AnsiColor::Red.on_default().bold(),
        "medium" => AnsiColor::Yellow.on_default().bold(),
        "low" => AnsiColor::Cyan.on_default(),
        _ => Style::new(),
    }
}

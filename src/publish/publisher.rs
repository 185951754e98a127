//! The publishing loop: follows the commits through the outbox.

use super::{NdjsonFiles, PublishError};
use crate::pipeline::{Committed, Control};
use crate::store::{OutputKind, Store};
use std::io::{self, Write};

/// Whether detections are printed as well.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Echo {
    /// Files only.
    Off,
    /// Detections go to standard output, one JSON line each, once they are in their file.
    Detections,
}

/// Outputs that are published together.
const GROUP: usize = 8192;

/// Publishes until there are no more commits and everything committed is published, or a stage fails.
///
/// # Errors
/// When a file, standard output or the store fails.
pub fn publish_until_end(
    mut files: NdjsonFiles,
    store: &Store,
    committed: &Committed,
    control: &Control,
    echo: Echo,
) -> Result<NdjsonFiles, PublishError> {
    let mut echo = Echoing { echo };
    loop {
        // Asked before publishing: what is committed until then is published below.
        let ended = committed.has_ended();
        publish_group_wise(&mut files, store, committed.next_output(), &mut echo)?;
        if ended || control.has_failed() {
            return Ok(files);
        }
        committed.wait();
    }
}

/// Publishes what an earlier process has committed and not published.
///
/// # Errors
/// When a file or the store fails.
pub fn publish_waiting(files: &mut NdjsonFiles, store: &Store, until: u64) -> Result<(), PublishError> {
    publish_group_wise(files, store, until, &mut Echoing { echo: Echo::Off })
}

fn publish_group_wise(
    files: &mut NdjsonFiles,
    store: &Store,
    until: u64,
    echo: &mut Echoing,
) -> Result<(), PublishError> {
    while files.next() < until {
        let mut published = Vec::new();
        let mut echoed = Vec::new();
        for entry in store.outbox_from(files.next()).take(GROUP) {
            let entry = entry?;
            if entry.sequence >= until {
                break;
            }
            files.add(&entry);
            published.push(entry.sequence);
            if entry.kind == OutputKind::Detection {
                echoed.extend_from_slice(&entry.line);
                echoed.push(b'\n');
            }
        }
        if published.is_empty() {
            return Ok(());
        }
        files.flush(store, &published)?;
        echo.print(&echoed)?;
    }
    Ok(())
}

struct Echoing {
    echo: Echo,
}

impl Echoing {
    /// A reader that has seen enough is no error; the files go on.
    fn print(&mut self, lines: &[u8]) -> Result<(), PublishError> {
        if self.echo == Echo::Off || lines.is_empty() {
            return Ok(());
        }
        let mut stdout = io::stdout().lock();
        match stdout.write_all(lines).and_then(|()| stdout.flush()) {
            Ok(()) => Ok(()),
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {
                self.echo = Echo::Off;
                Ok(())
            }
            Err(source) => Err(PublishError::Stdout { source }),
        }
    }
}

//! Indicators in use, and their reload when their files change.

use super::error::Complaint;
use super::read::{Reading, read};
use super::seen;
use super::table::Table;
use crate::decode::{Mark, MarkHolder};
use picket_detectors::event::Event;
use std::path::PathBuf;
use std::sync::{Arc, PoisonError, RwLock};

/// The indicators in use. Events are held against one table after the other, never against half of a new one.
#[derive(Debug)]
pub struct Indicators {
    paths: Vec<PathBuf>,
    current: RwLock<Arc<Table>>,
}

impl Indicators {
    /// Reads files and folders; what can't be taken is told.
    pub fn open(paths: Vec<PathBuf>) -> (Self, Vec<Complaint>) {
        let Reading { indicators, complaints } = read(&paths);
        (Self { paths, current: RwLock::new(Arc::new(Table::new(indicators))) }, complaints)
    }

    /// The table in use.
    pub fn current(&self) -> Arc<Table> {
        Arc::clone(&self.current.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// The paths that matter.
    pub fn paths(&self) -> &[PathBuf] {
        &self.paths
    }

    /// Reads the files anew. A file that can't be read any more leaves the old table in use.
    ///
    /// # Errors
    /// Why the old table stays.
    pub fn reload(&self) -> Result<(usize, Vec<Complaint>), Complaint> {
        let Reading { indicators, complaints } = read(&self.paths);
        if let Some(unreadable) = complaints.iter().find(|complaint| complaint.line.is_none()) {
            return Err(unreadable.clone());
        }
        let table = Table::new(indicators);
        let count = table.len();
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(table);
        Ok((count, complaints))
    }
}

impl MarkHolder for Indicators {
    fn current(&self) -> Arc<dyn Mark> {
        self.current()
    }
}

impl Mark for Table {
    fn mark(&self, _record: &[u8], event: &mut Event) {
        if !self.is_empty() {
            seen::mark(self, event);
        }
    }
}

//! Rules in use, and their reload when the operator's files change.

use super::error::Refusal;
use super::load::{Loaded, load, read_folders};
use super::overrides::{Overrides, OverridesError};
use super::set::RuleSet;
use crate::decode::{Mark, MarkHolder};
use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::{Arc, PoisonError, RwLock};

/// Where an operator's rules are.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RuleFiles {
    /// Folders and files of rules.
    pub folders: Vec<PathBuf>,
    /// What is changed of rules.
    pub overrides: Option<PathBuf>,
}

impl RuleFiles {
    /// Reads the overrides; without a file there are none.
    ///
    /// # Errors
    /// When they can't be used.
    pub fn overrides(&self) -> Result<Overrides, OverridesError> {
        self.overrides.as_deref().map(Overrides::read).transpose().map(Option::unwrap_or_default)
    }

    /// Loads them beside Picket's own rules.
    ///
    /// # Errors
    /// When the overrides can't be used.
    pub fn load(&self) -> Result<Loaded, OverridesError> {
        let overrides = self.overrides()?;
        let (sources, unreadable) = read_folders(&self.folders);
        let Loaded { rules, refused } = load(&sources, &overrides);
        Ok(Loaded { rules, refused: unreadable.into_iter().chain(refused).collect() })
    }
}

/// The rules in use. Records are held against one set after the other, never against half of a new one.
#[derive(Debug)]
pub struct Rules {
    files: RuleFiles,
    current: RwLock<Arc<RuleSet>>,
    refused: RwLock<Vec<Refusal>>,
}

/// Why new rules are not taken into use.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReloadError {
    /// The overrides can't be used.
    #[error(transparent)]
    Overrides(#[from] OverridesError),
    /// Something is refused that was not refused before.
    #[error("{0}{more}", more = and_more(*.1))]
    Refused(Refusal, usize),
}

fn and_more(refused: usize) -> String {
    if refused > 0 { format!(" (and {refused} more)") } else { String::new() }
}

impl Rules {
    /// Loads the rules; what is refused is kept with its reason.
    ///
    /// # Errors
    /// When the overrides can't be used.
    pub fn open(files: RuleFiles) -> Result<Self, OverridesError> {
        let Loaded { rules, refused } = files.load()?;
        Ok(Self { files, current: RwLock::new(Arc::new(rules)), refused: RwLock::new(refused) })
    }

    /// The set in use.
    pub fn current(&self) -> Arc<RuleSet> {
        Arc::clone(&self.current.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// What is not in use, and why.
    pub fn refused(&self) -> Vec<Refusal> {
        self.refused.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The paths that matter.
    pub fn paths(&self) -> Vec<PathBuf> {
        self.files.folders.iter().chain(&self.files.overrides).cloned().collect()
    }

    /// Loads the files anew. The old set stays if anything is refused that was not refused before.
    ///
    /// # Errors
    /// Why the old set stays.
    pub fn reload(&self) -> Result<usize, ReloadError> {
        let Loaded { rules, refused } = self.files.load()?;
        let before: BTreeSet<String> = self.refused().iter().map(ToString::to_string).collect();
        let mut news = refused.iter().filter(|one| !before.contains(&one.to_string()));
        if let Some(first) = news.next() {
            return Err(ReloadError::Refused(first.clone(), news.count()));
        }
        let count = rules.rules().len();
        *self.refused.write().unwrap_or_else(PoisonError::into_inner) = refused;
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(rules);
        Ok(count)
    }
}

impl MarkHolder for Rules {
    fn current(&self) -> Arc<dyn Mark> {
        self.current()
    }
}

//! Git repositories, read by our own means: no git program, no configuration of the machine.
//!
//! A history is a list of commits, oldest first. Of each commit those files are searched, whole, that it added or
//! changed, and what the file's former version held already is left out: so a finding names the commit that brought it,
//! and sees all that stands around it. Staged files are compared with `HEAD` in the same way.

mod bundle;
mod changes;
mod clean;
mod history;
mod inspect;
mod staged;

pub use bundle::Unbundled;
pub use history::History;
pub use inspect::{GitInspector, GitShared};

use super::error::ScanError;
use super::finding::Finding;
use super::order::Outcome;
use super::run::Source;
use gix::{ObjectId, ThreadSafeRepository};
use picket_detectors::secrets::Fingerprint;
use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

/// Objects larger than this are not read, whatever they are: a few bytes of a pack can stand for as many as one likes.
const LARGEST_OBJECT: usize = 256 << 20;

/// Opens a repository by its folder, its work tree or any folder in that.
///
/// # Errors
/// When there is none.
pub fn open(path: &Path) -> Result<ThreadSafeRepository, ScanError> {
    if !path.exists() {
        return Err(ScanError::Missing { path: path.to_owned() });
    }
    let limit = format!("gitoxide.objects.allocLimit={LARGEST_OBJECT}");
    let options = gix::open::Options::isolated().config_overrides([limit]);
    let found = gix::discover::upwards(path).map(|(found, _)| found.into_repository_and_work_tree_directories().0);
    ThreadSafeRepository::open_opts(found.unwrap_or_else(|_| path.to_owned()), options)
        .map_err(|source| ScanError::NoRepository { path: path.to_owned(), source: Box::new(source) })
}

/// A piece of work in a repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GitWork {
    /// What a commit changed.
    Commit(ObjectId),
    /// A file that changed.
    Change(Change),
}

/// A file's new version, and its former ones.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// Its path in the repository.
    path: Arc<str>,
    /// The new version.
    blob: ObjectId,
    /// The former version, if there was one.
    former: Option<ObjectId>,
}

/// A fixed list of work.
#[derive(Debug)]
pub struct GitSource {
    work: std::vec::IntoIter<GitWork>,
}

impl Source for GitSource {
    type Item = GitWork;

    fn next_batch(&mut self, batch: &mut Vec<GitWork>) {
        const BATCH: usize = 8;
        batch.extend(self.work.by_ref().take(BATCH));
    }
}

/// Keeps of each secret in each file the first finding only: branches bring the same change more than once.
#[derive(Debug, Default)]
pub struct FirstFindings {
    seen: BTreeSet<(Fingerprint, Arc<str>)>,
}

impl FirstFindings {
    /// Drops what was seen before.
    pub fn retain(&mut self, outcome: &mut Outcome) {
        let seen = &mut self.seen;
        let mut is_first = |finding: &Finding| seen.insert((finding.sighting.fingerprint, Arc::clone(&finding.path)));
        outcome.findings.retain(|finding| is_first(finding));
    }
}

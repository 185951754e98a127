//! Which commits to read.

use super::{GitSource, GitWork};
use crate::scan::ScanError;
use gix::revision::walk::Sorting;
use gix::traverse::commit::simple::CommitTimeOrder;
use gix::{ObjectId, Repository};
use std::path::{Path, PathBuf};

/// Commits to read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum History {
    /// Those of all branches, tags and other references.
    Whole,
    /// Those that `HEAD` has and this revision has not.
    Since(String),
}

impl History {
    /// The commits, oldest first.
    ///
    /// # Errors
    /// When the revision names no commit, or a commit can't be read.
    pub fn commits(&self, repository: &Repository, path: &Path) -> Result<GitSource, ScanError> {
        let damaged = |source| ScanError::DamagedRepository { path: path.to_owned(), source: Box::new(source) };
        let (tips, hidden) = match self {
            Self::Whole => (tips(repository).map_err(damaged)?, Vec::new()),
            Self::Since(revision) => {
                let head = repository.head_id().map(gix::Id::detach).map_err(damaged)?;
                (vec![head], vec![named(repository, revision, path)?])
            }
        };
        let walk = repository
            .rev_walk(tips)
            .sorting(Sorting::ByCommitTime(CommitTimeOrder::NewestFirst))
            .with_hidden(hidden)
            .use_commit_graph(false)
            .all()
            .map_err(damaged)?;
        let mut work = Vec::new();
        for commit in walk {
            work.push(GitWork::Commit(commit.map_err(damaged)?.id));
        }
        work.reverse();
        Ok(GitSource { work: work.into_iter() })
    }
}

/// What every reference leads to, as far as that is a commit.
fn tips(repository: &Repository) -> gix::Result<Vec<ObjectId>> {
    let mut tips = Vec::new();
    if let Ok(head) = repository.head_id() {
        tips.push(head.detach());
    }
    for reference in repository.references()?.all()? {
        let mut reference = reference?;
        match reference.peel_to_id() {
            Ok(id) => tips.push(id.detach()),
            // A name for a branch that is not there.
            Err(_) if reference.target().try_id().is_none() => {}
            Err(error) => return Err(error),
        }
    }
    tips.sort_unstable();
    tips.dedup();
    let mut commits = Vec::new();
    for tip in tips {
        // A tag may name anything; what it names must be there.
        if repository.find_header(tip)?.kind().is_commit() {
            commits.push(tip);
        }
    }
    Ok(commits)
}

fn named(repository: &Repository, revision: &str, path: &Path) -> Result<ObjectId, ScanError> {
    let unknown = || ScanError::UnknownRevision { path: PathBuf::from(path), revision: revision.to_owned() };
    let id = repository.rev_parse_single(revision).map_err(|_| unknown())?;
    let commit = id.object().map_err(|_| unknown())?.peel_to_commit().map_err(|_| unknown())?;
    Ok(commit.id)
}

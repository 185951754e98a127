//! One worker's eye on a repository.

use super::changes::changes_of;
use super::clean::CleanBlobs;
use super::{Change, GitWork};
use crate::scan::finding::Commit;
use crate::scan::inspect::{Inspector, Label};
use crate::scan::{Notice, Outcome, Trouble};
use compact_str::CompactString;
use gix::diff::tree::State;
use gix::{ObjectId, Repository, ThreadSafeRepository};
use picket_detectors::secrets::Fingerprint;
use std::collections::BTreeSet;
use std::sync::Arc;

/// Blobs larger than this are passed over: git gives them whole only, and memory has a bound.
const LARGEST: u64 = 64 << 20;

/// What the message of a commit is shown as.
const MESSAGE: &str = "(commit message)";

/// Searches what commits changed.
#[derive(Debug)]
pub struct GitInspector {
    repository: Repository,
    inspector: Inspector,
    clean: Arc<CleanBlobs>,
    state: Walk,
}

/// Buffers of a walk through trees.
#[derive(Default)]
struct Walk(State);

impl std::fmt::Debug for Walk {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Walk").finish_non_exhaustive()
    }
}

/// What the workers on one repository share.
#[derive(Debug)]
pub struct GitShared {
    repository: ThreadSafeRepository,
    clean: Arc<CleanBlobs>,
}

impl GitShared {
    /// Of this repository.
    pub fn new(repository: ThreadSafeRepository) -> Self {
        Self { repository, clean: Arc::default() }
    }
}

impl GitInspector {
    /// One worker's.
    pub fn new(shared: &GitShared, inspector: Inspector) -> Self {
        let repository = shared.repository.to_thread_local();
        Self { repository, inspector, clean: Arc::clone(&shared.clean), state: Walk::default() }
    }

    /// Does a piece of work. What can't be read is noted.
    pub fn work(&mut self, work: &GitWork, outcome: &mut Outcome) {
        let (name, done) = match work {
            GitWork::Commit(id) => (format!("commit {id}").into(), self.commit(*id, outcome)),
            GitWork::Change(change) => (Arc::clone(&change.path), self.change(change, None, outcome)),
        };
        if let Err(error) = done {
            outcome.notices.push(Notice { path: name, trouble: Trouble::Damaged(Box::new(error)) });
        }
    }

    fn commit(&mut self, id: ObjectId, outcome: &mut Outcome) -> gix::Result<()> {
        let repository = self.repository.clone();
        let commit = repository.find_commit(id)?;
        let described = Arc::new(describe(&commit)?);
        let label = Label { path: MESSAGE.into(), commit: Some(Arc::clone(&described)) };
        self.inspector.bytes(commit.message_raw()?, &label, outcome);
        for change in changes_of(&commit, &mut self.state.0)? {
            if let Err(error) = self.change(&change, Some(&described), outcome) {
                // The rest of the commit may be whole.
                let path = format!("{} in commit {id}", change.path).into();
                outcome.notices.push(Notice { path, trouble: Trouble::Damaged(Box::new(error)) });
            }
        }
        Ok(())
    }

    /// Searches a file's new version for what its former one did not hold.
    fn change(&mut self, change: &Change, commit: Option<&Arc<Commit>>, outcome: &mut Outcome) -> gix::Result<()> {
        if self.clean.knows(&change.blob) {
            return Ok(());
        }
        let label = Label { path: Arc::clone(&change.path), commit: commit.cloned() };
        let mut found = Outcome::default();
        self.blob(change.blob, &label, &mut found)?;
        if found.findings.is_empty() {
            if self.clean.add(change.blob) {
                outcome.append(found);
            }
            return Ok(());
        }
        if let Some(former) = change.former {
            let mut before = Outcome::default();
            self.blob(former, &label, &mut before)?;
            let known: BTreeSet<Fingerprint> =
                before.findings.iter().map(|finding| finding.sighting.fingerprint).collect();
            found.findings.retain(|finding| !known.contains(&finding.sighting.fingerprint));
        }
        outcome.append(found);
        Ok(())
    }

    fn blob(&mut self, id: ObjectId, label: &Label, outcome: &mut Outcome) -> gix::Result<()> {
        let size = self.repository.find_header(id)?.size();
        if size > LARGEST {
            outcome.notices.push(Notice { path: Arc::clone(&label.path), trouble: Trouble::TooLarge { size } });
            return Ok(());
        }
        let blob = self.repository.find_object(id)?;
        self.inspector.bytes(&blob.data, label, outcome);
        Ok(())
    }
}

fn describe(commit: &gix::Commit<'_>) -> gix::Result<Commit> {
    const LONGEST: usize = 200;
    let author = commit.author()?;
    let cut = |text: &gix::bstr::BStr| -> CompactString { text.to_string().chars().take(LONGEST).collect() };
    let written = author.time().ok().and_then(|time| jiff::Timestamp::from_second(time.seconds).ok());
    Ok(Commit {
        id: commit.id.to_string().into(),
        author: cut(author.name),
        email: cut(author.email),
        date: written.map(|time| time.to_string().into()).unwrap_or_default(),
    })
}

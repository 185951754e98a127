//! Opening the store, with every doubt spoken out.

use super::mark::Mark;
use super::{StoreError, keys};
use fjall::{Database, Keyspace, KeyspaceCreateOptions};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

/// The newest format this program reads, and the one it writes.
const FORMAT: u32 = 1;
const FORMAT_KEY: &str = "format";
const COMMIT_KEY: &str = "commit";

/// Whether a commit waits for the disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Durability {
    /// A commit is synced before it counts.
    Synced,
    /// Nothing is synced: for a store that is thrown away if the process dies.
    Temporary,
}

/// How to open a store.
#[derive(Debug, Clone, Copy)]
pub struct StoreOptions {
    /// Whether a commit waits for the disk.
    pub durability: Durability,
    /// Memory for blocks read from disk.
    pub cache_bytes: u64,
}

impl Default for StoreOptions {
    fn default() -> Self {
        Self { durability: Durability::Synced, cache_bytes: 64 << 20 }
    }
}

/// The open store. Shared between threads; one thread commits, others read or write keyspaces of their own.
pub struct Store {
    pub(super) database: Database,
    pub(super) state: Keyspace,
    pub(super) outbox: Keyspace,
    pub(super) due: Keyspace,
    pub(super) risk: Keyspace,
    pub(super) meta: Keyspace,
    pub(super) inbox: Keyspace,
    pub(super) durability: Durability,
    pub(super) mark: Mark,
    /// The number of the last commit.
    pub(super) commits: AtomicU64,
    pub(super) path: PathBuf,
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Store").field("path", &self.path).field("commits", &self.commits()).finish_non_exhaustive()
    }
}

impl Store {
    /// Opens the store in a folder, or makes one if the folder holds none.
    ///
    /// # Errors
    /// When it is in use, newer than this program, corrupt, behind its last acknowledged commit, or not accessible.
    pub fn open(path: &Path, options: StoreOptions) -> Result<Self, StoreError> {
        let folder = |source| StoreError::Folder { path: path.to_owned(), source };
        std::fs::create_dir_all(path).map_err(folder)?;
        let (mark, marked) = Mark::open(path).map_err(folder)?;
        let database = open_database(path, options)?;
        let keyspace = |name: &str| {
            database.keyspace(name, KeyspaceCreateOptions::default).map_err(|source| corrupt(path, &source))
        };
        let store = Self {
            state: keyspace("state")?,
            outbox: keyspace("outbox")?,
            due: keyspace("due")?,
            risk: keyspace("risk")?,
            meta: keyspace("meta")?,
            inbox: keyspace("inbox")?,
            durability: options.durability,
            mark,
            commits: AtomicU64::new(0),
            path: path.to_owned(),
            database,
        };
        store.check_format()?;
        store.check_commits(marked)?;
        Ok(store)
    }

    /// The folder it is in.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The number of the last commit.
    pub fn commits(&self) -> u64 {
        self.commits.load(Ordering::Acquire)
    }

    /// The sequence number that the next accepted body shall have.
    ///
    /// # Errors
    /// When the store fails.
    pub fn next_inbox(&self) -> Result<u64, StoreError> {
        let done = self.meta_number("inbox.done")?;
        let Some(guard) = self.inbox.last_key_value() else { return Ok(done) };
        let key = guard.key().map_err(StoreError::read)?;
        let last = keys::sequence(&key).ok_or(StoreError::BadValue { keyspace: "inbox" })?;
        Ok(done.max(last + 1))
    }

    fn check_format(&self) -> Result<(), StoreError> {
        let Some(bytes) = self.meta(FORMAT_KEY)? else {
            if self.state.first_key_value().is_some() || self.outbox.first_key_value().is_some() {
                return Err(StoreError::Corrupt { path: self.path.clone(), detail: "it names no format".to_owned() });
            }
            let mut batch = self.batch();
            batch.meta(FORMAT_KEY, &FORMAT.to_be_bytes());
            return batch.commit();
        };
        let found = bytes.try_into().map(u32::from_be_bytes).map_err(|_| StoreError::BadValue { keyspace: "meta" })?;
        if found > FORMAT {
            return Err(StoreError::Newer { path: self.path.clone(), found, known: FORMAT });
        }
        Ok(())
    }

    fn check_commits(&self, marked: u64) -> Result<(), StoreError> {
        let found = self.meta_number(COMMIT_KEY)?;
        if found < marked {
            return Err(StoreError::LostCommits { path: self.path.clone(), found, marked });
        }
        self.commits.store(found, Ordering::Release);
        Ok(())
    }

    /// The name of the meta value that numbers commits.
    pub(super) const fn commit_key() -> &'static str {
        COMMIT_KEY
    }
}

/// The storage engine asserts some of what it reads, so damaged files can make it panic.
fn open_database(path: &Path, options: StoreOptions) -> Result<Database, StoreError> {
    let opened =
        std::panic::catch_unwind(|| Database::builder(path).cache_size(options.cache_bytes).worker_threads(1).open());
    match opened {
        Ok(Ok(database)) => Ok(database),
        Ok(Err(fjall::Error::Locked)) => Err(StoreError::Locked { path: path.to_owned() }),
        Ok(Err(fjall::Error::Io(source))) if is_access(&source) => {
            Err(StoreError::Folder { path: path.to_owned(), source })
        }
        Ok(Err(source)) => Err(corrupt(path, &source)),
        Err(_) => {
            Err(StoreError::Corrupt { path: path.to_owned(), detail: "the storage engine gave up on it".to_owned() })
        }
    }
}

fn is_access(error: &std::io::Error) -> bool {
    use std::io::ErrorKind;
    matches!(
        error.kind(),
        ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem | ErrorKind::StorageFull | ErrorKind::NotADirectory
    )
}

fn corrupt(path: &Path, source: &fjall::Error) -> StoreError {
    StoreError::Corrupt { path: path.to_owned(), detail: source.to_string() }
}

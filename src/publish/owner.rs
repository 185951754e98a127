//! Whose an output folder is. A run's files are cut to what its store says, so they must be that store's files.

use super::PublishError;
use crate::clock;
use crate::store::{OutputKind, Store};
use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};

/// Names the store that a folder's files belong to.
const MARKER: &str = ".picket-run";
/// The store's own name of itself.
const NAME: &str = "outputs.owner";

/// Makes the folder the store's, unless it is another's.
pub(super) fn claim(folder: &Path, store: &Store) -> Result<(), PublishError> {
    let marker = folder.join(MARKER);
    let failed = |source| PublishError::File { path: marker.clone(), source };
    let known = store.meta(NAME)?;
    let found = read(&marker)?;
    let foreign = match (&known, &found) {
        (Some(known), Some(found)) => known != found,
        (None, Some(_)) => true,
        // The files of a store that never wrote any can't be its own.
        (None, None) => holds_outputs(folder),
        (Some(_), None) => false,
    };
    if foreign {
        return Err(PublishError::Foreign { path: folder.to_owned() });
    }
    if found.is_some() {
        return Ok(());
    }
    let name = match known {
        Some(known) => known,
        None => name_store(store)?,
    };
    let mut file = File::create(&marker).map_err(failed)?;
    file.write_all(&name).and_then(|()| file.sync_all()).map_err(failed)
}

/// Refuses a folder that is some run's: what replaces its files would be cut by that run.
pub(super) fn refuse_claimed(folder: &Path) -> Result<(), PublishError> {
    match read(&folder.join(MARKER))? {
        Some(_) => Err(PublishError::Foreign { path: folder.to_owned() }),
        None => Ok(()),
    }
}

fn read(marker: &PathBuf) -> Result<Option<Vec<u8>>, PublishError> {
    match std::fs::read(marker) {
        Ok(name) => Ok(Some(name)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(PublishError::File { path: marker.clone(), source }),
    }
}

fn holds_outputs(folder: &Path) -> bool {
    let length = |kind: OutputKind| std::fs::metadata(folder.join(kind.file_name())).map_or(0, |found| found.len());
    OutputKind::ALL.into_iter().any(|kind| length(kind) > 0)
}

/// A name that no other store has: of the moment, the process and the place.
fn name_store(store: &Store) -> Result<Vec<u8>, PublishError> {
    let origin = format!("{} {} {}", clock::now().micros(), std::process::id(), store.path().display());
    let name = blake3::hash(origin.as_bytes()).to_hex().as_bytes().to_vec();
    let mut batch = store.batch();
    batch.meta(NAME, &name);
    batch.commit()?;
    Ok(name)
}

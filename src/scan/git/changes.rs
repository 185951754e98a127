//! Which files a commit changed.

use super::Change;
use gix::bstr::{BStr, BString, ByteSlice};
use gix::diff::tree::visit::Action;
use gix::diff::tree::{State, Visit, visit};
use gix::objs::TreeRefIter;
use gix::{Commit, ObjectId, Tree};
use std::collections::VecDeque;

/// The files that a commit added or changed, in the order of their paths. A merge changes what none of its parents has
/// as it is.
pub(super) fn changes_of(commit: &Commit<'_>, state: &mut State) -> gix::Result<Vec<Change>> {
    let tree = commit.tree()?;
    let mut parents = Vec::new();
    for parent in commit.parent_ids() {
        match parent.try_object()? {
            Some(parent) => parents.push(parent.try_into_commit()?.tree()?),
            // Where a shallow clone ends, everything is new.
            None if commit.repo.is_shallow()? => {}
            None => parents.push(parent.object()?.try_into_commit()?.tree()?),
        }
    }
    let (first, others) = match parents.split_first() {
        Some((first, others)) => (Some(first), others),
        None => (None, &[][..]),
    };
    let mut changes = between(first, &tree, state)?;
    for other in others {
        let mut kept = Vec::new();
        for change in changes {
            let theirs = other.lookup_entry_by_path(&*change.path)?;
            if theirs.is_none_or(|entry| entry.object_id() != change.blob) {
                kept.push(change);
            }
        }
        changes = kept;
    }
    changes.sort_by(|one, other| one.path.cmp(&other.path));
    Ok(changes)
}

fn between(former: Option<&Tree<'_>>, tree: &Tree<'_>, state: &mut State) -> gix::Result<Vec<Change>> {
    let empty = Vec::new();
    let former = former.map_or(&empty, |former| &former.data);
    let kind = tree.id.kind();
    let (old, new) = (TreeRefIter::from_bytes(former, kind), TreeRefIter::from_bytes(&tree.data, kind));
    let mut seen = Seen::default();
    match gix::diff::tree(old, new, state, &tree.repo.objects, &mut seen) {
        Ok(()) | Err(gix::diff::tree::Error::Cancelled) => Ok(seen.changes),
        Err(gix::diff::tree::Error::Failure(error)) => Err(error),
    }
}

/// Keeps track of the path, and of the blobs that are new.
#[derive(Default)]
struct Seen {
    queue: VecDeque<BString>,
    path: BString,
    changes: Vec<Change>,
}

impl Seen {
    fn push(&mut self, component: &BStr) {
        if !component.is_empty() {
            if !self.path.is_empty() {
                self.path.push(b'/');
            }
            self.path.extend_from_slice(component);
        }
    }

    fn pop(&mut self) {
        let end = self.path.rfind_byte(b'/').unwrap_or(0);
        self.path.truncate(end);
    }

    fn add(&mut self, blob: ObjectId, former: Option<ObjectId>) {
        self.changes.push(Change { path: self.path.to_str_lossy().into(), blob, former });
    }
}

impl Visit for Seen {
    fn pop_front_tracked_path_and_set_current(&mut self) {
        self.path = self.queue.pop_front().unwrap_or_default();
    }

    fn push_back_tracked_path_component(&mut self, component: &BStr) {
        self.push(component);
        self.queue.push_back(self.path.clone());
    }

    fn push_path_component(&mut self, component: &BStr) {
        self.push(component);
    }

    fn pop_path_component(&mut self) {
        self.pop();
    }

    fn visit(&mut self, change: visit::Change) -> Action {
        match change {
            visit::Change::Addition { entry_mode, oid, .. } if entry_mode.is_blob() => self.add(oid, None),
            visit::Change::Modification { entry_mode, oid, previous_oid, previous_entry_mode }
                if entry_mode.is_blob() && oid != previous_oid =>
            {
                self.add(oid, previous_entry_mode.is_blob().then_some(previous_oid));
            }
            visit::Change::Addition { .. } | visit::Change::Modification { .. } | visit::Change::Deletion { .. } => {}
        }
        Action::Continue(())
    }
}

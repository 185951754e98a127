//! Git bundles: bytes as they are, or a pack made of them whose checksums are right, so that deltas, trees and commits
//! are reached.

use flate2::Compression;
use flate2::write::ZlibEncoder;
use gix::ObjectId;
use gix::objs::Kind;
use picket::scan::git::{GitInspector, GitShared, History, Unbundled};
use picket::scan::{Inspector, Outcome, Source};
use picket_detectors::secrets::{FingerprintKey, Scanner};
use std::io::Write;
use std::path::PathBuf;
use std::sync::{Arc, LazyLock};

static SCANNER: LazyLock<Scanner> = LazyLock::new(|| Scanner::shipped(FingerprintKey::default()));
/// One file, written anew for each run.
static FILE: LazyLock<PathBuf> = LazyLock::new(|| tempfile::tempdir().expect("a folder").keep().join("history.bundle"));

/// Searches the bundle: the rest of the bytes as they are if the first is even, else made of them.
pub fn bundles(bytes: &[u8]) {
    let Some((choice, rest)) = bytes.split_first() else { return };
    let bundle = if choice % 2 == 0 { rest.to_vec() } else { Script::default().follow(rest) };
    std::fs::write(&*FILE, bundle).expect("writes");
    if !Unbundled::is_bundle(&FILE) {
        return;
    }
    let searched = Unbundled::open(&FILE).and_then(|unbundled| {
        let repository = unbundled.repository();
        let mut source = History::Whole.commits(&repository.to_thread_local(), &FILE)?;
        let shared = GitShared::new(repository);
        let mut inspector = GitInspector::new(&shared, Inspector::new(SCANNER.clone(), Arc::default()));
        let mut outcome = Outcome::default();
        let mut batch = Vec::new();
        loop {
            source.next_batch(&mut batch);
            if batch.is_empty() {
                return Ok(outcome);
            }
            for work in batch.drain(..) {
                inspector.work(&work, &mut outcome);
            }
        }
    });
    match searched {
        Ok(outcome) => outcome.notices.iter().for_each(|notice| drop(notice.to_string())),
        Err(error) => drop(error.to_string()),
    }
}

/// Makes a pack by instructions: what kind of object, how many bytes, and those.
#[derive(Default)]
struct Script {
    pack: Vec<u8>,
    /// Every object's place in the pack, and its id where that is known.
    entries: Vec<(usize, Option<ObjectId>)>,
    tip: Option<ObjectId>,
}

impl Script {
    fn follow(mut self, mut rest: &[u8]) -> Vec<u8> {
        self.pack = b"PACK\0\0\0\x02\0\0\0\0".to_vec();
        while let [kind, length, data @ ..] = rest {
            let (data, after) = data.split_at(data.len().min(usize::from(*length)));
            self.entry(*kind, data);
            rest = after;
        }
        let count = u32::try_from(self.entries.len()).expect("few");
        self.pack[8..12].copy_from_slice(&count.to_be_bytes());
        let mut hasher = gix::hash::hasher(gix::hash::Kind::Sha1);
        hasher.update(&self.pack);
        let checksum = hasher.try_finalize().expect("no collision");
        let tip = self.tip.unwrap_or(ObjectId::null(gix::hash::Kind::Sha1));
        let mut bundle = format!("# v2 git bundle\n{tip} refs/heads/main\n\n").into_bytes();
        bundle.extend_from_slice(&self.pack);
        bundle.extend_from_slice(checksum.as_slice());
        bundle
    }

    fn entry(&mut self, kind: u8, data: &[u8]) {
        match kind % 8 {
            0 => self.object(kind, Kind::Blob, data),
            1 => self.object(kind, Kind::Tree, &self.tree(data)),
            2 => self.object(kind, Kind::Commit, &self.commit(data)),
            3 => self.object(kind, Kind::Tree, data),
            4 => self.object(kind, Kind::Commit, data),
            5 => self.object(kind, Kind::Tag, data),
            6 => self.offset_delta(kind, data),
            _ => self.id_delta(kind, data),
        }
    }

    /// Members: which object, of what mode, and a name up to a line feed.
    fn tree(&self, data: &[u8]) -> Vec<u8> {
        const MODES: [&str; 6] = ["100644", "100755", "40000", "120000", "160000", "7"];
        let mut tree = Vec::new();
        for member in data.split(|byte| *byte == b'\n') {
            let [which, mode, name @ ..] = member else { continue };
            tree.extend_from_slice(MODES[usize::from(*mode) % MODES.len()].as_bytes());
            tree.push(b' ');
            tree.extend_from_slice(name);
            tree.push(0);
            tree.extend_from_slice(self.id(*which).as_slice());
        }
        tree
    }

    /// The tree, a parent, whether there is one, and the message.
    fn commit(&self, data: &[u8]) -> Vec<u8> {
        let [tree, parent, has_parent, message @ ..] = data else { return data.to_vec() };
        let parent = if has_parent % 2 == 1 { format!("parent {}\n", self.id(*parent)) } else { String::new() };
        let who = "A <a@example.org> 1777885200 +0000";
        let mut commit = format!("tree {}\n{parent}author {who}\ncommitter {who}\n\n", self.id(*tree)).into_bytes();
        commit.extend_from_slice(message);
        commit
    }

    /// The id of an object that came before, or of one that is not there.
    fn id(&self, which: u8) -> ObjectId {
        let at = usize::from(which).checked_rem(self.entries.len());
        let known = at.and_then(|at| self.entries[at].1);
        known.unwrap_or(ObjectId::null(gix::hash::Kind::Sha1))
    }

    fn object(&mut self, kind: u8, of: Kind, data: &[u8]) {
        let id = gix::objs::compute_hash(gix::hash::Kind::Sha1, of, data).expect("no collision");
        self.entries.push((self.pack.len(), Some(id)));
        if of == Kind::Commit {
            self.tip = Some(id);
        }
        let code = match of {
            Kind::Commit => 1,
            Kind::Tree => 2,
            Kind::Blob => 3,
            Kind::Tag => 4,
        };
        self.write(kind, code, &[], data);
    }

    /// A delta on an object a way back: how far, and the delta itself.
    fn offset_delta(&mut self, kind: u8, data: &[u8]) {
        let Some((which, delta)) = data.split_first() else { return };
        let Some(at) = usize::from(*which).checked_rem(self.entries.len()) else { return };
        let mut back = self.pack.len() - self.entries[at].0;
        let mut distance = vec![(back & 0x7f) as u8];
        while back > 0x7f {
            back = (back >> 7) - 1;
            distance.insert(0, 0x80 | (back & 0x7f) as u8);
        }
        self.entries.push((self.pack.len(), None));
        self.write(kind, 6, &distance, delta);
    }

    fn id_delta(&mut self, kind: u8, data: &[u8]) {
        let Some((which, delta)) = data.split_first() else { return };
        let base = self.id(*which);
        self.entries.push((self.pack.len(), None));
        self.write(kind, 7, base.as_slice(), delta);
    }

    /// Kind and length, what stands between, and the data compressed. With a high kind the length is a lie.
    fn write(&mut self, kind: u8, code: u8, between: &[u8], data: &[u8]) {
        let mut length = if kind < 128 { data.len() as u64 } else { u64::from(kind) << (kind % 32) };
        let mut byte = (code << 4) | (length & 0xf) as u8;
        length >>= 4;
        while length > 0 {
            self.pack.push(byte | 0x80);
            byte = (length & 0x7f) as u8;
            length >>= 7;
        }
        self.pack.push(byte);
        self.pack.extend_from_slice(between);
        let mut encoder = ZlibEncoder::new(&mut self.pack, Compression::none());
        encoder.write_all(data).expect("memory can be written");
        encoder.finish().expect("memory can be written");
    }
}

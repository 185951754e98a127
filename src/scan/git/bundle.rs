//! Git bundles: a history in one file.
//!
//! A text header names the references and what the receiver must have already; a pack follows. It is unpacked into a
//! bare repository in a temporary folder, and read from there.

use crate::scan::ScanError;
use gix::{ObjectId, ThreadSafeRepository};
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;
use std::sync::atomic::AtomicBool;

const SIGNATURES: [&str; 2] = ["# v2 git bundle", "# v3 git bundle"];

/// The longest line of a header, and the most lines.
const LONGEST_LINE: u64 = 64 << 10;
const MOST_LINES: usize = 1_000_000;

/// A bundle as a repository; the folder goes when this does.
#[derive(Debug)]
pub struct Unbundled {
    repository: ThreadSafeRepository,
    _folder: tempfile::TempDir,
}

impl Unbundled {
    /// Whether a file is a bundle, by its first bytes.
    pub fn is_bundle(path: &Path) -> bool {
        let mut head = Vec::new();
        let read = File::open(path).and_then(|file| file.take(16).read_to_end(&mut head));
        read.is_ok() && SIGNATURES.iter().any(|signature| head.starts_with(signature.as_bytes()))
    }

    /// Unpacks a bundle.
    ///
    /// # Errors
    /// When it is cut off or damaged, or needs commits that it does not hold.
    pub fn open(path: &Path) -> Result<Self, ScanError> {
        let unreadable = |source| ScanError::Unreadable { path: path.to_owned(), source };
        let broken = |source: gix::Error| {
            if source.is_resource_exhausted() {
                return ScanError::LargeObject { path: path.to_owned(), limit: super::LARGEST_OBJECT };
            }
            ScanError::DamagedRepository { path: path.to_owned(), source: Box::new(source) }
        };
        let mut reader = BufReader::with_capacity(1 << 20, File::open(path).map_err(unreadable)?);
        let tips = references(&mut reader).map_err(unreadable)?;
        let folder = tempfile::tempdir().map_err(unreadable)?;
        lay_out(folder.path(), &tips).map_err(unreadable)?;
        let repository = super::open(folder.path())?;
        let pack = folder.path().join("objects").join("pack");
        gix_pack::Bundle::write_to_directory(
            &mut reader,
            Some(&pack),
            &mut gix::progress::Discard,
            &AtomicBool::new(false),
            Some(&repository.to_thread_local().objects),
            gix::hash::Kind::Sha1,
            gix_pack::bundle::write::Options {
                thread_limit: Some(1),
                alloc_limit_bytes: Some(super::LARGEST_OBJECT),
                ..Default::default()
            },
        )
        .map_err(broken)?;
        Ok(Self { repository: super::open(folder.path())?, _folder: folder })
    }

    /// The repository.
    pub fn repository(&self) -> ThreadSafeRepository {
        self.repository.clone()
    }
}

/// Reads the header: the commits that references lead to.
fn references(reader: &mut impl BufRead) -> io::Result<Vec<ObjectId>> {
    let broken = || io::Error::new(io::ErrorKind::InvalidData, "the header of the bundle is cut off or garbled");
    let mut tips = Vec::new();
    for number in 0..MOST_LINES {
        let mut line = Vec::new();
        reader.take(LONGEST_LINE).read_until(b'\n', &mut line)?;
        let line = line.strip_suffix(b"\n").ok_or_else(broken)?;
        match line.first() {
            None => return Ok(tips),
            // The signature; capabilities of the third version; what the receiver should have.
            _ if number == 0 => {}
            Some(b'@') if line.starts_with(b"@object-format=") && !line.ends_with(b"=sha1") => return Err(broken()),
            Some(b'@' | b'-') => {}
            Some(_) => {
                let id = line.split(|byte| *byte == b' ').next().and_then(|hex| ObjectId::from_hex(hex).ok());
                tips.push(id.ok_or_else(broken)?);
            }
        }
    }
    Err(broken())
}

/// The files that make a folder a repository.
fn lay_out(folder: &Path, tips: &[ObjectId]) -> io::Result<()> {
    std::fs::create_dir_all(folder.join("objects").join("pack"))?;
    let heads = folder.join("refs").join("heads");
    std::fs::create_dir_all(&heads)?;
    std::fs::write(folder.join("config"), "[core]\n\trepositoryformatversion = 0\n\tbare = true\n")?;
    for (number, tip) in tips.iter().enumerate() {
        std::fs::write(heads.join(number.to_string()), format!("{tip}\n"))?;
    }
    std::fs::write(folder.join("HEAD"), "ref: refs/heads/0\n")
}

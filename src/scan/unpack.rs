//! One worker's eye on what lies in archives.

use super::archive::{Budget, Kind, Metered, Tar};
use super::inspect::{Inspector, Label};
use super::notice::{Notice, Trouble};
use super::order::Outcome;
use std::fs::File;
use std::io::{self, BufReader, Cursor, Read, Seek};
use std::sync::Arc;
use zeroize::Zeroizing;

/// A zip file in another archive is read into memory, if it is not larger than this: its list of contents is at its end.
const LARGEST_INNER_ZIP: u64 = 32 << 20;

/// The memory that a zstd stream may ask for, as a power of two.
const ZSTD_WINDOW: u32 = 25;

/// The longest name of a member that is shown.
const LONGEST_NAME: usize = 1_000;

/// Where a document comes from, as far as archives care.
pub(super) enum Container<'a> {
    /// It is a file of its own.
    File(&'a File),
    /// It is a stream that begins and ends once, of about this size.
    Stream {
        /// In bytes.
        size: u64,
    },
    /// It lies in an archive.
    Archive(Budget),
}

impl Container<'_> {
    /// What may be spent on an archive found here.
    fn budget(&self) -> io::Result<Budget> {
        match self {
            Self::File(file) => Budget::of(file.metadata()?.len()).inside(),
            Self::Stream { size } => Budget::of(*size).inside(),
            Self::Archive(budget) => budget.inside(),
        }
    }
}

impl Inspector {
    /// Searches what lies in an archive. What is broken in it is noted, and never fails.
    pub(super) fn unpack(
        &mut self,
        kind: Kind,
        reader: &mut dyn Read,
        label: &Label,
        container: &Container<'_>,
        outcome: &mut Outcome,
    ) -> io::Result<()> {
        let unpacked = container.budget().and_then(|budget| match (kind, container) {
            (Kind::Gzip, _) => {
                let plain = flate2::bufread::MultiGzDecoder::new(BufReader::new(reader));
                self.member(&mut Metered::new(plain, &budget), label, &budget, outcome)
            }
            (Kind::Zstd, _) => {
                let mut plain = zstd::stream::read::Decoder::new(reader)?;
                plain.window_log_max(ZSTD_WINDOW)?;
                self.member(&mut Metered::new(plain, &budget), label, &budget, outcome)
            }
            (Kind::Tar, _) => self.tar(reader, label, &budget, outcome),
            (Kind::Zip, Container::File(file)) => self.zip(*file, label, &budget, outcome),
            (Kind::Zip, _) => {
                let mut whole = Zeroizing::new(Vec::new());
                reader.take(LARGEST_INNER_ZIP + 1).read_to_end(&mut whole)?;
                if whole.len() as u64 > LARGEST_INNER_ZIP {
                    let trouble = Trouble::TooLarge { size: whole.len() as u64 };
                    outcome.notices.push(Notice { path: Arc::clone(&label.path), trouble });
                    return Ok(());
                }
                self.zip(Cursor::new(&**whole), label, &budget, outcome)
            }
        });
        match (unpacked, container) {
            (Ok(()), _) => Ok(()),
            // Whoever reads the outer archive must know that there is no use in going on.
            (Err(error), Container::Archive(_)) if Budget::is_spent(&error) => Err(error),
            (Err(error), _) => {
                outcome.notices.push(Notice { path: Arc::clone(&label.path), trouble: Trouble::Archive(error) });
                Ok(())
            }
        }
    }

    fn member(
        &mut self,
        reader: &mut dyn Read,
        label: &Label,
        budget: &Budget,
        outcome: &mut Outcome,
    ) -> io::Result<()> {
        self.document(reader, label, &Container::Archive(budget.clone()), outcome)
    }

    fn tar(&mut self, reader: &mut dyn Read, label: &Label, budget: &Budget, outcome: &mut Outcome) -> io::Result<()> {
        let mut tar = Tar::new(reader);
        while let Some(name) = tar.next_file()? {
            budget.member()?;
            let inner = within(label, &name);
            let searched = self.member(&mut tar, &inner, budget, outcome);
            note_broken_member(searched, &inner, outcome)?;
        }
        Ok(())
    }

    fn zip(
        &mut self,
        reader: impl Read + Seek,
        label: &Label,
        budget: &Budget,
        outcome: &mut Outcome,
    ) -> io::Result<()> {
        let mut zip = zip::ZipArchive::new(reader)?;
        for index in 0..zip.len() {
            budget.member()?;
            let mut inner = within(label, &index.to_string());
            let searched = zip.by_index(index).map_err(io::Error::from).and_then(|member| {
                inner = within(label, &member.name()?);
                if member.is_file() {
                    self.member(&mut Metered::new(member, budget), &inner, budget, outcome)
                } else {
                    Ok(())
                }
            });
            note_broken_member(searched, &inner, outcome)?;
        }
        Ok(())
    }
}

/// A broken member is noted; a budget that is spent ends the archive.
fn note_broken_member(searched: io::Result<()>, label: &Label, outcome: &mut Outcome) -> io::Result<()> {
    match searched {
        Err(error) if Budget::is_spent(&error) => Err(error),
        Err(error) => {
            outcome.notices.push(Notice { path: Arc::clone(&label.path), trouble: Trouble::Archive(error) });
            Ok(())
        }
        Ok(()) => Ok(()),
    }
}

/// The label of what lies in an archive.
fn within(label: &Label, name: &str) -> Label {
    let name: String = name.chars().take(LONGEST_NAME).collect();
    let path = format!("{}!{}", label.path, name.trim_start_matches("./"));
    Label { path: path.into(), commit: label.commit.clone() }
}

//! How much an archive may become.

use std::cell::Cell;
use std::fmt;
use std::io::{self, Read};
use std::rc::Rc;

/// What any archive may expand to, however small it is.
const ALWAYS: u64 = 64 << 20;

/// What it may expand to for each of its bytes: text in the wild packs to a tenth, logs to a fiftieth.
const RATIO: u64 = 200;

/// How deep archives may lie in one another: a compressed layer in an image in a compressed tar, and one to spare.
const DEPTH: u32 = 5;

/// How many members are searched.
const MEMBERS: u64 = 1_000_000;

/// What is left to spend on one file that was found to be an archive, and on all archives in it.
#[derive(Debug, Clone)]
pub(in crate::scan) struct Budget {
    bytes: Rc<Cell<u64>>,
    members: Rc<Cell<u64>>,
    depth: u32,
}

/// Which limit was reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::scan) enum Limit {
    Bytes,
    Members,
    Depth,
}

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bytes => write!(f, "it expands to more than {RATIO} times its size; the rest was not searched"),
            Self::Members => write!(f, "it holds more than {MEMBERS} files; the rest was not searched"),
            Self::Depth => write!(f, "archives lie in it more than {DEPTH} deep; those were not searched"),
        }
    }
}

impl std::error::Error for Limit {}

impl Budget {
    /// For a file of this size.
    pub(in crate::scan) fn of(size: u64) -> Self {
        let bytes = size.saturating_mul(RATIO).saturating_add(ALWAYS);
        Self { bytes: Rc::new(Cell::new(bytes)), members: Rc::new(Cell::new(MEMBERS)), depth: 0 }
    }

    /// For what lies in an archive.
    pub(in crate::scan) fn inside(&self) -> io::Result<Self> {
        if self.depth >= DEPTH {
            return Err(io::Error::other(Limit::Depth));
        }
        Ok(Self { depth: self.depth + 1, ..self.clone() })
    }

    /// Spends a member.
    pub(in crate::scan) fn member(&self) -> io::Result<()> {
        let left = self.members.get().checked_sub(1).ok_or_else(|| io::Error::other(Limit::Members))?;
        self.members.set(left);
        Ok(())
    }

    /// Whether an error says that a limit of this whole file was reached, so that there is no use in going on.
    pub(in crate::scan) fn is_spent(error: &io::Error) -> bool {
        let limit = error.get_ref().and_then(|inner| inner.downcast_ref::<Limit>());
        matches!(limit, Some(Limit::Bytes | Limit::Members))
    }
}

/// Counts what comes out of a decompressor, and ends when the budget does.
pub(in crate::scan) struct Metered<R> {
    inner: R,
    budget: Budget,
}

impl<R: Read> Metered<R> {
    pub(in crate::scan) fn new(inner: R, budget: &Budget) -> Self {
        Self { inner, budget: budget.clone() }
    }
}

impl<R: Read> Read for Metered<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(into)?;
        let left = self.budget.bytes.get().checked_sub(read as u64);
        self.budget.bytes.set(left.unwrap_or(0));
        left.map(|_| read).ok_or_else(|| io::Error::other(Limit::Bytes))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_budget_is_shared_by_all_that_lies_in_an_archive() {
        let budget = Budget::of(1);
        let inside = budget.inside().expect("one deep");
        let zeros = |length| io::repeat(0).take(length);
        io::copy(&mut Metered::new(zeros(ALWAYS), &budget), &mut io::sink()).expect("within the budget");
        let error = io::copy(&mut Metered::new(zeros(RATIO + 1), &inside), &mut io::sink()).expect_err("beyond it");
        assert!(Budget::is_spent(&error), "{error}");
        let deepest = (0..DEPTH).try_fold(Budget::of(1), |budget, _| budget.inside()).expect("deep");
        assert!(!Budget::is_spent(&deepest.inside().expect_err("too deep")), "others go on");
    }
}

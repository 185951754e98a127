//! Reads a document in windows of bounded size, whatever the length of its lines.
//!
//! A window holds a *core*, which is searched for where secrets begin, and some text on both sides of it, so that a
//! secret at its edge is seen whole and with what stands around it. Cores follow one another without gap or overlap and
//! are cut at line ends where there are any.

use std::io::{self, Read};
use std::ops::Range;
use zeroize::Zeroizing;

/// The longest core.
pub(super) const CORE: usize = 2 << 20;

/// The text on either side of a core: more than the longest private key with the names around it.
pub(super) const MARGIN: usize = 64 << 10;

/// A document under the window. Its buffer is made once and wiped at the end.
#[derive(Debug)]
pub(super) struct Window {
    buffer: Zeroizing<Vec<u8>>,
    /// How much of the buffer is text.
    filled: usize,
    core: Range<usize>,
    ended: bool,
    core_limit: usize,
    margin: usize,
}

impl Window {
    pub(super) fn new() -> Self {
        Self::with_sizes(CORE, MARGIN)
    }

    fn with_sizes(core_limit: usize, margin: usize) -> Self {
        let buffer = Zeroizing::new(vec![0; core_limit + 2 * margin]);
        Self { buffer, filled: 0, core: 0..0, ended: false, core_limit, margin }
    }

    /// Begins a new document and gives its first window. Short documents are seen whole.
    pub(super) fn begin(&mut self, reader: &mut dyn Read) -> io::Result<()> {
        (self.filled, self.core, self.ended) = (0, 0..0, false);
        self.fill(reader)
    }

    /// Moves on to the next window; false at the end of the document.
    pub(super) fn advance(&mut self, reader: &mut dyn Read) -> io::Result<bool> {
        if self.ended && self.core.end == self.filled {
            return Ok(false);
        }
        let kept = self.core.end.saturating_sub(self.margin);
        self.buffer.copy_within(kept..self.filled, 0);
        self.filled -= kept;
        self.core = self.core.end - kept..self.core.end - kept;
        self.fill(reader)?;
        Ok(!self.core.is_empty())
    }

    /// All the text in the window.
    pub(super) fn text(&self) -> &[u8] {
        self.buffer.get(..self.filled).unwrap_or_default()
    }

    /// The core's place in it.
    pub(super) fn core(&self) -> Range<usize> {
        self.core.clone()
    }

    /// Whether the whole document is in this window.
    pub(super) fn is_whole(&self) -> bool {
        self.ended && self.core == (0..self.filled)
    }

    fn fill(&mut self, reader: &mut dyn Read) -> io::Result<()> {
        while !self.ended && self.filled < self.buffer.len() {
            let read = read_some(reader, self.buffer.get_mut(self.filled..).unwrap_or_default())?;
            self.filled += read;
            self.ended = read == 0;
        }
        self.core.end = if self.ended && self.filled - self.core.start <= self.core_limit + self.margin {
            self.filled
        } else {
            self.cut()
        };
        Ok(())
    }

    /// Where the core ends: after the last line end of its second half, else anywhere.
    fn cut(&self) -> usize {
        let latest = self.core.start + self.core_limit;
        let middle = self.core.start + self.core_limit / 2;
        let half = self.buffer.get(middle..latest).unwrap_or_default();
        memchr::memrchr(b'\n', half).map_or(latest, |at| middle + at + 1)
    }
}

/// Reads, and tries again when a signal came between.
pub(super) fn read_some(reader: &mut dyn Read, into: &mut [u8]) -> io::Result<usize> {
    loop {
        match reader.read(into) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            other => return other,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Gives what it has in pieces of a few bytes.
    struct Drip<'a>(&'a [u8], usize);

    impl Read for Drip<'_> {
        fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
            let length = self.1.min(into.len()).min(self.0.len());
            into[..length].copy_from_slice(&self.0[..length]);
            self.0 = &self.0[length..];
            Ok(length)
        }
    }

    proptest! {
        #[test]
        fn cores_follow_one_another_and_margins_show_what_is_around(
            text in prop::collection::vec(prop_oneof![9 => b'a'..=b'z', 1 => Just(b'\n')], 0..400),
            piece in 1_usize..40,
        ) {
            let mut window = Window::with_sizes(40, 10);
            let mut reader = Drip(&text, piece);
            let (mut seen, mut more) = (Vec::new(), true);
            window.begin(&mut reader).expect("reads");
            while more {
                let core = window.core();
                let before = &seen[seen.len().saturating_sub(10)..];
                prop_assert!(window.text()[..core.start].ends_with(before), "the margin before");
                let after = &text[seen.len() + core.len()..];
                let shown = &window.text()[core.end..];
                prop_assert!(after.starts_with(shown) && (shown.len() >= 10 || shown.len() == after.len()));
                seen.extend_from_slice(&window.text()[core]);
                more = window.advance(&mut reader).expect("reads");
            }
            prop_assert_eq!(seen, text);
        }
    }

    #[test]
    fn what_fits_is_seen_whole() {
        let mut window = Window::with_sizes(40, 10);
        for (length, whole) in [(0, true), (1, true), (40, true), (50, true), (51, false), (100, false)] {
            window.begin(&mut &*vec![b'x'; length]).expect("reads");
            assert_eq!(window.is_whole(), whole, "{length}");
        }
    }
}

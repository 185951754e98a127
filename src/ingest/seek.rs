//! Looks for the end of what is damaged: where its brackets close after all, or where the next element begins.

use super::outline::Outlines;

/// What a search came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Found {
    /// The damage ends before this byte.
    At(usize),
    /// More bytes are needed.
    Needs,
}

/// What of the buffer is of no more use.
#[derive(Debug, Clone, Copy)]
pub(super) struct Discard {
    /// So many bytes.
    pub(super) searched: usize,
    /// Whether their beginning is the damage's, which nobody has seen yet.
    pub(super) is_letter: bool,
}

/// A search under way. The buffer begins with the damage until its beginning is given away.
#[derive(Debug)]
pub(super) struct Seek {
    searched: usize,
    /// The last byte, and the last that was no white space.
    last: u8,
    last_solid: u8,
    brackets: Option<Brackets>,
    gave_letter: bool,
}

impl Seek {
    /// From this byte on.
    pub(super) fn at(from: usize) -> Self {
        Self { searched: from, last: b' ', last_solid: b' ', brackets: None, gave_letter: false }
    }

    /// In a value whose grammar broke: its brackets may be right nevertheless.
    pub(super) fn in_value(value: &[u8]) -> Self {
        Self { brackets: value.first().and_then(|first| Brackets::within(*first)), ..Self::at(1) }
    }

    /// In what follows on a beginning that was given away.
    pub(super) fn after_letter() -> Self {
        Self { gave_letter: true, ..Self::at(0) }
    }

    /// Whether the damage's beginning was given away.
    pub(super) fn gave_letter(&self) -> bool {
        self.gave_letter
    }

    /// Searches what was not searched yet; `is_all` if nothing follows on the buffer.
    pub(super) fn go_on(&mut self, buffer: &[u8], outlines: &Outlines, by_line: bool, is_all: bool) -> Found {
        while let Some(&byte) = buffer.get(self.searched) {
            let at = self.searched;
            if byte == b'\n' && by_line {
                return Found::At(at);
            }
            if byte == b'{' && self.last_solid != b':' {
                let ahead = buffer.get(at..).unwrap_or_default();
                if self.last == b'\n' {
                    return Found::At(at);
                }
                if ahead.len() < Outlines::LOOK && !is_all {
                    return Found::Needs;
                }
                if outlines.know(ahead) {
                    return Found::At(at);
                }
            }
            self.searched += 1;
            self.last = byte;
            if !byte.is_ascii_whitespace() {
                self.last_solid = byte;
            }
            match self.brackets.as_mut().map(|brackets| brackets.next(byte)) {
                Some(Balance::Closed) => return Found::At(self.searched),
                Some(Balance::Lost) => self.brackets = None,
                Some(Balance::Open) | None => {}
            }
        }
        Found::Needs
    }

    /// What may be forgotten once more than `limit` bytes were searched, or the letter was given away.
    pub(super) fn discards(&mut self, limit: usize) -> Option<Discard> {
        let searched = self.searched;
        if searched == 0 || (!self.gave_letter && searched <= limit) {
            return None;
        }
        self.searched = 0;
        Some(Discard { searched, is_letter: !std::mem::replace(&mut self.gave_letter, true) })
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Balance {
    Open,
    Closed,
    Lost,
}

/// The brackets of a value whose first byte, an opening one, was passed.
#[derive(Debug)]
struct Brackets {
    /// What will close those that are open.
    open: Vec<u8>,
    in_text: bool,
    escaped: bool,
}

impl Brackets {
    /// More are lost count of.
    const DEEPEST: usize = 64 << 10;

    fn within(first: u8) -> Option<Self> {
        let open = vec![closing(first)?];
        Some(Self { open, in_text: false, escaped: false })
    }

    fn next(&mut self, byte: u8) -> Balance {
        match byte {
            b'\n' if self.in_text => return Balance::Lost,
            _ if self.escaped => self.escaped = false,
            b'\\' if self.in_text => self.escaped = true,
            b'"' => self.in_text = !self.in_text,
            b'}' | b']' if !self.in_text => {
                if self.open.pop() != Some(byte) {
                    return Balance::Lost;
                }
                if self.open.is_empty() {
                    return Balance::Closed;
                }
            }
            _ if !self.in_text => self.open.extend(closing(byte)),
            _ => {}
        }
        if self.open.len() > Self::DEEPEST { Balance::Lost } else { Balance::Open }
    }
}

fn closing(byte: u8) -> Option<u8> {
    match byte {
        b'{' => Some(b'}'),
        b'[' => Some(b']'),
        _ => None,
    }
}

//! Cuts a document that is too long to be held into the elements of its lists, as they stream by.
//!
//! A list, an envelope (`{"records":[…]}`, `{"value":[…]}` with other members around), or any number of documents after one
//! another: each element, and each document that holds no list of records, is a piece. What is damaged is a piece of its
//! own, which ends where its brackets say, or where the next element begins as earlier ones did. Where the pieces
//! begin and end follows from the bytes alone, never from how they were read; a restart relies on that.

use super::follow::{Follow, Manner, Seen};
use super::input::Input;
use super::seek::{Found, Seek};
use super::{Piece, outline::Outlines, reader::Tail};
use bytes::Bytes;
use std::io::{self, Read};

/// What became of the document.
#[derive(Debug)]
pub(super) enum Cut {
    /// The next piece.
    Piece(Piece),
    /// The document's line has ended, or the input before the document did: this is left of it, if anything.
    Ended(Option<Piece>),
    /// Nothing more is there for now.
    Waits,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Open {
    List,
    Envelope,
}

/// What is followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// An element or a document.
    Value,
    /// What comes in an envelope behind its list.
    Rest,
}

#[derive(Debug)]
enum Doing {
    Between,
    /// The buffer begins with the value; so much of it was followed.
    Following(Follow, Kind, usize),
    /// The value was longer than the limit; its beginning was given away.
    Passing(Follow, Kind),
    Seeking(Seek),
}

/// How many lists and envelopes may be open: as many as decoding opens.
const LEVELS: usize = 8;
/// How much of a document's beginning is kept for the letter that says that it was cut off.
const OPENING: usize = 256;

/// A document on its way.
#[derive(Debug)]
pub(super) struct Cutter {
    doing: Doing,
    open: Vec<Open>,
    outlines: Outlines,
    by_line: bool,
    limit: usize,
    /// Where the document begins.
    document: u64,
    /// How its beginning reads, up to its first list.
    opening: Bytes,
    /// Whether brackets may be missing, so that what is left over says nothing.
    damaged: bool,
}

impl Cutter {
    /// Cuts the document that begins at `document`, and ends with its line if it is one line; pieces longer than
    /// `limit` are cut off.
    pub(super) fn new(document: u64, by_line: bool, limit: usize) -> Self {
        let (doing, open, opening) = (Doing::Between, Vec::new(), Bytes::new());
        Self { doing, open, outlines: Outlines::default(), by_line, limit, document, opening, damaged: false }
    }

    /// Where the document begins.
    pub(super) fn document(&self) -> u64 {
        self.document
    }

    /// The next piece.
    pub(super) fn next<R: Read>(&mut self, input: &mut Input<R>, tail: Tail) -> io::Result<Cut> {
        loop {
            let cut = match std::mem::replace(&mut self.doing, Doing::Between) {
                Doing::Between => self.between(input, tail)?,
                Doing::Following(follow, kind, followed) => self.follow(input, tail, follow, kind, followed)?,
                Doing::Passing(follow, kind) => self.pass(input, tail, follow, kind)?,
                Doing::Seeking(seek) => self.seek(input, tail, seek)?,
            };
            if let Some(cut) = cut {
                return Ok(cut);
            }
        }
    }

    fn between<R: Read>(&mut self, input: &mut Input<R>, tail: Tail) -> io::Result<Option<Cut>> {
        let is_between = |byte: &u8| byte.is_ascii_whitespace() || *byte == b',';
        let skipped = input.buffer.iter().position(|byte| !is_between(byte) || (self.by_line && *byte == b'\n'));
        input.take(skipped.unwrap_or(input.buffer.len()));
        let Some(&byte) = input.buffer.first() else {
            return Ok(match (input.fill()?, tail) {
                (true, _) => None,
                (false, Tail::Unfinished) => Some(Cut::Waits),
                (false, Tail::Value) => Some(Cut::Ended(self.cut_off(input))),
            });
        };
        match byte {
            b'\n' => {
                let cut_off = self.cut_off(input);
                input.take(1);
                return Ok(Some(Cut::Ended(cut_off)));
            }
            b']' | b'}' => return Ok(self.close(input, byte)),
            b':' => self.doing = Doing::Seeking(Seek::at(0)),
            b'[' if self.has_room() => {
                self.opens(input, 1);
                self.open.push(Open::List);
            }
            _ => self.doing = Doing::Following(Follow::value(self.manner()), Kind::Value, 0),
        }
        Ok(None)
    }

    fn close<R: Read>(&mut self, input: &mut Input<R>, byte: u8) -> Option<Cut> {
        let offset = input.offset();
        let bytes = input.take(1);
        match (self.open.last(), byte) {
            (Some(Open::List), b']') => {
                self.open.pop();
                if self.open.last() == Some(&Open::Envelope) {
                    self.doing = Doing::Following(Follow::rest_of_object(self.manner()), Kind::Rest, 0);
                }
                None
            }
            _ if self.damaged => None,
            _ => Some(Cut::Piece(Piece { bytes, offset })),
        }
    }

    fn follow<R: Read>(
        &mut self,
        input: &mut Input<R>,
        tail: Tail,
        mut follow: Follow,
        kind: Kind,
        followed: usize,
    ) -> io::Result<Option<Cut>> {
        let most = input.buffer.len().min(self.limit + 1);
        let seen = follow.feed(input.buffer.get(followed..most).unwrap_or_default());
        match seen {
            Seen::End(at) => return Ok(self.ends(input, kind, followed + at)),
            Seen::List(at) => {
                self.opens(input, followed + at + 1);
                if kind == Kind::Value {
                    self.open.push(Open::Envelope);
                }
                self.open.push(Open::List);
            }
            Seen::Broken(at) => self.breaks(input, kind, followed + at),
            Seen::More if most > self.limit => {
                let offset = input.offset();
                let piece = Piece { bytes: input.take(most), offset };
                self.doing = Doing::Passing(follow.without_lists(), kind);
                return Ok(Some(Cut::Piece(piece)));
            }
            Seen::More => {
                if input.fill()? {
                    self.doing = Doing::Following(follow, kind, most);
                } else if tail == Tail::Unfinished {
                    self.doing = Doing::Following(follow, kind, most);
                    return Ok(Some(Cut::Waits));
                } else if follow.may_end() {
                    return Ok(self.ends(input, kind, most));
                } else {
                    self.breaks(input, kind, most);
                }
            }
        }
        Ok(None)
    }

    /// What is followed goes wrong here. Perhaps it began well, as the next element does.
    fn breaks<R: Read>(&mut self, input: &Input<R>, kind: Kind, at: usize) {
        let seen = input.buffer.get(..at).unwrap_or_default();
        self.doing = Doing::Seeking(match kind {
            Kind::Rest => Seek::at(0),
            Kind::Value => {
                self.outlines.learn(seen);
                Seek::in_value(seen)
            }
        });
    }

    /// What is followed ends here.
    fn ends<R: Read>(&mut self, input: &mut Input<R>, kind: Kind, len: usize) -> Option<Cut> {
        let offset = input.offset();
        let bytes = input.take(len);
        match kind {
            Kind::Rest => {
                self.open.pop();
                None
            }
            Kind::Value => {
                self.outlines.learn(&bytes);
                Some(Cut::Piece(Piece { bytes, offset }))
            }
        }
    }

    fn pass<R: Read>(
        &mut self,
        input: &mut Input<R>,
        tail: Tail,
        mut follow: Follow,
        kind: Kind,
    ) -> io::Result<Option<Cut>> {
        match follow.feed(&input.buffer) {
            Seen::End(at) => {
                input.take(at);
                if kind == Kind::Rest {
                    self.open.pop();
                }
            }
            Seen::Broken(at) | Seen::List(at) => {
                input.take(at);
                self.damaged = true;
                self.doing = Doing::Seeking(Seek::after_letter());
            }
            Seen::More => {
                input.take(input.buffer.len());
                let goes_on = input.fill()?;
                self.doing = Doing::Passing(follow, kind);
                if !goes_on {
                    self.damaged = true;
                    return Ok(Some(if tail == Tail::Value { Cut::Ended(None) } else { Cut::Waits }));
                }
            }
        }
        Ok(None)
    }

    fn seek<R: Read>(&mut self, input: &mut Input<R>, tail: Tail, mut seek: Seek) -> io::Result<Option<Cut>> {
        loop {
            let at_end = match seek.go_on(&input.buffer, &self.outlines, self.by_line, false) {
                Found::At(at) => return Ok(self.found(input, &seek, at)),
                Found::Needs => !input.fill()?,
            };
            if at_end && tail == Tail::Unfinished {
                self.doing = Doing::Seeking(seek);
                return Ok(Some(Cut::Waits));
            }
            if at_end {
                let at = match seek.go_on(&input.buffer, &self.outlines, self.by_line, true) {
                    Found::At(at) => at,
                    Found::Needs => input.buffer.len(),
                };
                return Ok(self.found(input, &seek, at));
            }
            if let Some(discard) = seek.discards(self.limit) {
                let offset = input.offset();
                let mut bytes = input.take(discard.searched);
                bytes.truncate(self.limit + 1);
                self.damaged = true;
                self.doing = Doing::Seeking(seek);
                return Ok(discard.is_letter.then_some(Cut::Piece(Piece { bytes, offset })));
            }
        }
    }

    /// The damage ends here: what it was is a piece, unless it was given away.
    fn found<R: Read>(&mut self, input: &mut Input<R>, seek: &Seek, at: usize) -> Option<Cut> {
        let offset = input.offset();
        let mut bytes = input.take(at);
        if seek.gave_letter() {
            return None;
        }
        if bytes.len() > self.limit {
            bytes.truncate(self.limit + 1);
        } else {
            let is_content = |byte: &u8| !byte.is_ascii_whitespace() && *byte != b',';
            bytes.truncate(bytes.iter().rposition(is_content).map_or(0, |last| last + 1));
        }
        self.damaged |= !bytes.is_empty();
        (!bytes.is_empty()).then_some(Cut::Piece(Piece { bytes, offset }))
    }

    /// A list opens behind so many bytes.
    fn opens<R: Read>(&mut self, input: &mut Input<R>, len: usize) {
        let opening = input.take(len);
        if self.open.is_empty() {
            // A copy: a slice would hold the whole block.
            self.opening = Bytes::copy_from_slice(opening.get(..OPENING).unwrap_or(&opening));
        }
    }

    /// Whether one more envelope with its list may open. Where brackets are missing, old ones count no more.
    fn has_room(&mut self) -> bool {
        if self.damaged && self.open.len() + 2 > LEVELS {
            self.open.clear();
        }
        self.open.len() + 2 <= LEVELS
    }

    fn manner(&mut self) -> Manner {
        Manner { by_line: self.by_line, lists: self.has_room() }
    }

    /// The letter that says that a list was never closed, unless something else said so.
    fn cut_off<R: Read>(&self, input: &Input<R>) -> Option<Piece> {
        let is_silent = self.open.is_empty() || self.damaged;
        (!is_silent).then(|| Piece { bytes: self.opening.clone(), offset: input.offset() })
    }
}

#[cfg(test)]
mod tests;

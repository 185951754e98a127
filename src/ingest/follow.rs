//! Follows one JSON value through its bytes, a block at a time: where it ends, where its grammar breaks, and where in it
//! a list of records opens.
//!
//! Knows brackets, strings, commas and colons, but not what a number or a word may be: that is for decoding to judge.

use memchr::memchr3;

/// What was seen in a block. Positions count from the block's beginning.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Seen {
    /// The value goes on after the block.
    More,
    /// The value ends before this byte.
    End(usize),
    /// This byte can't stand here.
    Broken(usize),
    /// The list of an envelope's records opens with this byte.
    List(usize),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Expect {
    Value,
    ValueOrEnd,
    Name,
    NameOrEnd,
    Colon,
    CommaOrEnd,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Within {
    Nothing,
    Text,
    Escape,
    Word,
}

/// How the bytes are to be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Manner {
    /// Whether a line's end breaks the value.
    pub(super) by_line: bool,
    /// Whether to tell where the list of an envelope opens.
    pub(super) lists: bool,
}

/// One value on its way.
#[derive(Debug)]
pub(super) struct Follow {
    /// The brackets that will close what is open.
    open: Vec<u8>,
    expect: Expect,
    within: Within,
    /// The beginning of the last name in the outermost object.
    name: Vec<u8>,
    manner: Manner,
}

/// Deeper than any record may be, and little memory.
const DEEPEST: usize = 1_024;
/// The lists that make an object an envelope: of Azure Monitor, and of a page of Graph.
const LISTS: [&[u8]; 2] = [b"records", b"value"];
const LONGEST_LIST: usize = 7;

impl Follow {
    /// A value from its first byte on.
    pub(super) fn value(manner: Manner) -> Self {
        Self { open: Vec::new(), expect: Expect::Value, within: Within::Nothing, name: Vec::new(), manner }
    }

    /// An object from behind one of its members on.
    pub(super) fn rest_of_object(manner: Manner) -> Self {
        Self { open: vec![b'}'], expect: Expect::CommaOrEnd, ..Self::value(manner) }
    }

    /// The same value from now on, whatever lists it holds.
    pub(super) fn without_lists(mut self) -> Self {
        self.manner.lists = false;
        self
    }

    /// Whether a value that needs no end, a number or a word, is under way.
    pub(super) fn may_end(&self) -> bool {
        self.within == Within::Word && self.open.is_empty()
    }

    /// Follows the value through its next bytes.
    pub(super) fn feed(&mut self, bytes: &[u8]) -> Seen {
        let mut at = 0;
        while let Some(&byte) = bytes.get(at) {
            let seen = match self.within {
                Within::Text => self.text(bytes, &mut at),
                Within::Escape => self.escape(byte, &mut at),
                Within::Word => self.word(byte, &mut at),
                Within::Nothing => self.bare(byte, &mut at),
            };
            if let Some(seen) = seen {
                return seen;
            }
        }
        Seen::More
    }

    fn text(&mut self, bytes: &[u8], at: &mut usize) -> Option<Seen> {
        let rest = bytes.get(*at..).unwrap_or_default();
        let found = memchr3(b'"', b'\\', b'\n', rest);
        let length = found.unwrap_or(rest.len());
        self.keep_name(rest.get(..length).unwrap_or_default());
        *at += length;
        match rest.get(length)? {
            b'"' => {
                *at += 1;
                self.within = Within::Nothing;
                if self.expect == Expect::Colon { None } else { self.ended(*at) }
            }
            b'\\' => {
                *at += 1;
                self.keep_name(b"\\");
                self.within = Within::Escape;
                None
            }
            _ => Some(Seen::Broken(*at)),
        }
    }

    fn escape(&mut self, byte: u8, at: &mut usize) -> Option<Seen> {
        if byte == b'\n' {
            return Some(Seen::Broken(*at));
        }
        self.within = Within::Text;
        *at += 1;
        None
    }

    fn word(&mut self, byte: u8, at: &mut usize) -> Option<Seen> {
        if byte.is_ascii_whitespace() || b",:[]{}\"".contains(&byte) {
            self.within = Within::Nothing;
            return self.ended(*at);
        }
        *at += 1;
        None
    }

    fn bare(&mut self, byte: u8, at: &mut usize) -> Option<Seen> {
        use Expect::{Colon, CommaOrEnd, Name, NameOrEnd, Value, ValueOrEnd};
        let here = *at;
        *at += 1;
        match (self.expect, byte) {
            (_, b'\n') if self.manner.by_line => return Some(Seen::Broken(here)),
            (_, space) if space.is_ascii_whitespace() => {}
            (Value | ValueOrEnd, b'[') if self.opens_records() => return Some(Seen::List(here)),
            (Value | ValueOrEnd, b'{' | b'[') => {
                if self.open.len() >= DEEPEST {
                    return Some(Seen::Broken(here));
                }
                self.open.push(if byte == b'{' { b'}' } else { b']' });
                self.expect = if byte == b'{' { NameOrEnd } else { ValueOrEnd };
            }
            (ValueOrEnd | NameOrEnd | CommaOrEnd, b']' | b'}') if self.open.last() == Some(&byte) => {
                self.open.pop();
                return self.ended(*at);
            }
            (Name | NameOrEnd, b'"') => {
                self.name.clear();
                (self.within, self.expect) = (Within::Text, Colon);
            }
            (Colon, b':') => self.expect = Value,
            (CommaOrEnd, b',') => self.expect = if self.open.last() == Some(&b'}') { Name } else { Value },
            (Value | ValueOrEnd, b'"') => (self.within, self.expect) = (Within::Text, CommaOrEnd),
            (Value | ValueOrEnd, b']' | b'}' | b',' | b':') | (Name | NameOrEnd | Colon | CommaOrEnd, _) => {
                return Some(Seen::Broken(here));
            }
            (Value | ValueOrEnd, _) => (self.within, self.expect) = (Within::Word, CommaOrEnd),
        }
        None
    }

    /// A value has ended: perhaps the one that is followed.
    fn ended(&mut self, at: usize) -> Option<Seen> {
        self.expect = Expect::CommaOrEnd;
        self.open.is_empty().then_some(Seen::End(at))
    }

    fn keep_name(&mut self, text: &[u8]) {
        if self.manner.lists && self.open.len() == 1 && self.expect == Expect::Colon {
            let room = (LONGEST_LIST + 1).saturating_sub(self.name.len());
            self.name.extend_from_slice(text.get(..room).unwrap_or(text));
        }
    }

    fn opens_records(&self) -> bool {
        let is_list = |list: &&[u8]| list.eq_ignore_ascii_case(&self.name);
        self.manner.lists && self.open.as_slice() == b"}" && LISTS.iter().any(is_list)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(text: &str) -> Seen {
        Follow::value(Manner { by_line: true, lists: true }).feed(text.as_bytes())
    }

    #[test]
    fn a_value_ends_breaks_or_opens_a_list_where_its_grammar_says() {
        for (text, expected) in [
            (r#"{"a":[1,{"b":"]}\""}]} "#, Seen::End(22)),
            (r#"{"a":"b"},"#, Seen::End(9)),
            ("[],", Seen::End(2)),
            ("12,", Seen::End(2)),
            (r#""a\"b" "#, Seen::End(6)),
            (r#"{"a":{"b":1},{"#, Seen::Broken(13)),
            (r#"{"a":"b,"c":1}"#, Seen::Broken(9)),
            (r#"{"a":[1}"#, Seen::Broken(7)),
            (r#"{"a":1,}"#, Seen::Broken(7)),
            ("{\"a\":\n1}", Seen::Broken(5)),
            ("{\"a\":\"b\nc\"}", Seen::Broken(7)),
            (r#"{"a":1,"Records" : [1"#, Seen::List(19)),
            (r#"{"@odata.context":{"value":[1]},"value":[1"#, Seen::List(40)),
            (r#"{"a":{"records":[1"#, Seen::More),
            (r#"{"records":{"a":["#, Seen::More),
        ] {
            assert_eq!(seen(text), expected, "{text}");
        }
    }

    #[test]
    fn what_is_nested_too_deep_is_broken() {
        assert_eq!(seen(&"[".repeat(DEEPEST + 5)), Seen::Broken(DEEPEST));
    }
}

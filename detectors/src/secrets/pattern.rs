//! A rule's pattern, bounded: where it may look, what may stand beside what it finds.

use super::boundary::{ByteSet, ends_here, starts_here};
use super::rule::RuleError;
use super::sighting::OwnerHints;
use compact_str::CompactString;
use regex::bytes::{Captures, Regex, RegexBuilder};
use regex_syntax::hir::literal::{ExtractKind, Extractor};
use regex_syntax::hir::{Class, ClassBytes, Hir, HirKind};
use std::ops::Range;
use std::sync::OnceLock;

/// The longest match of a pattern without an upper bound.
const LONGEST: usize = 4096;

/// The most memory that a compiled pattern may take.
const SIZE_LIMIT: usize = 1 << 20;

/// The deepest nesting of a pattern.
const NEST_LIMIT: u32 = 40;

/// A pattern, compiled when it is first needed.
#[derive(Debug)]
pub(super) struct Pattern {
    source: String,
    compiled: OnceLock<Option<Regex>>,
    /// The longest text that it can match.
    pub(super) longest: usize,
    /// The shortest one.
    shortest: usize,
    /// The bytes of which every match consists; `None` if it also looks at what stands beside a match.
    alphabet: Option<ByteSet>,
    /// Bytes with which the secret could go on.
    continues: ByteSet,
    /// Every match begins with one of the keywords.
    pub(super) begins_with_keyword: bool,
    /// It is only asked of one place: matches that begin elsewhere are not looked for.
    anchored: bool,
    /// It has no groups: all of a match is the secret.
    is_whole: bool,
}

/// What a pattern found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Match {
    /// All of it.
    pub(super) whole: Range<usize>,
    /// The secret.
    pub(super) secret: Range<usize>,
    /// What its groups say of the owner.
    pub(super) owner: OwnerHints,
}

impl Pattern {
    /// Reads a pattern and measures it. The keywords are those that lead to it.
    pub(super) fn new(source: &str, keywords: &[String], any_case: bool) -> Result<Self, CompactString> {
        let hir = regex_syntax::ParserBuilder::new()
            .unicode(false)
            .utf8(false)
            .nest_limit(NEST_LIMIT)
            .build()
            .parse(source)
            .map_err(|error| CompactString::from(error.to_string().lines().last().unwrap_or("no pattern")))?;
        let properties = hir.properties();
        let Some(shortest @ 1..) = properties.minimum_len() else {
            return Err("the pattern matches nothing at all: give it a least length".into());
        };
        let mut alphabet = ByteSet::default();
        every(&hir, &mut alphabet);
        let mut continues = ByteSet::WORD;
        trailing(&hir, &mut continues);
        let begins_with_keyword = begins_with(&hir, keywords, any_case);
        let anchored = begins_with_keyword || keywords.is_empty();
        let source = longest_first(source);
        Ok(Self {
            source: if anchored { format!(r"\A(?:{source})") } else { source },
            compiled: OnceLock::new(),
            longest: properties.maximum_len().unwrap_or(LONGEST).min(LONGEST),
            shortest,
            alphabet: properties.look_set().is_empty().then_some(alphabet),
            continues,
            begins_with_keyword,
            anchored,
            is_whole: properties.explicit_captures_len() == 0,
        })
    }

    /// The pattern, compiled; `None` if it is too large, which [`Pattern::compile`] tells.
    fn regex(&self) -> Option<&Regex> {
        self.compiled.get_or_init(|| self.compile().ok()).as_ref()
    }

    /// Compiles it, to see whether it can be.
    pub(super) fn compile(&self) -> Result<Regex, regex::Error> {
        RegexBuilder::new(&self.source).unicode(false).size_limit(SIZE_LIMIT).dfa_size_limit(SIZE_LIMIT).build()
    }

    /// The match that begins where a keyword or a value stands.
    pub(super) fn at(&self, text: &[u8], at: usize, open: bool) -> Option<Match> {
        let end = text.len().min(at + self.longest + 1);
        let window = text.get(at..end)?;
        debug_assert!(self.anchored, "patterns that may begin before their keyword are looked for within a window");
        if self.is_whole {
            // Most places fail here already, and need no pattern for that.
            if !starts_here(text, at) {
                return None;
            }
            let whole = at..at + self.regex()?.find(window)?.end();
            let is_bounded = open || ends_here(text, whole.end, &self.continues);
            return is_bounded.then(|| Match { secret: whole.clone(), whole, owner: OwnerHints::default() });
        }
        let captures = self.regex()?.captures(window)?;
        self.matched(text, at, &captures, open)
    }

    /// Where the matches around a keyword could stand; `None` if there is no room for one.
    pub(super) fn window(&self, text: &[u8], keyword: &Range<usize>) -> Option<Range<usize>> {
        let start = keyword.start.saturating_sub(self.longest);
        let end = text.len().min(keyword.end + self.longest);
        let Some(alphabet) = &self.alphabet else { return Some(start..end) };
        let (before, after) = (text.get(start..keyword.start)?, text.get(keyword.end..end)?);
        let before = before.iter().rev().take_while(|byte| alphabet.contains(**byte)).count();
        let after = after.iter().take_while(|byte| alphabet.contains(**byte)).count();
        let window = keyword.start - before..keyword.end + after;
        (window.len() >= self.shortest).then_some(window)
    }

    /// The matches within a window of the text.
    pub(super) fn within(&self, text: &[u8], window: Range<usize>, open: bool, mut found: impl FnMut(Match)) {
        let Some(regex) = self.regex() else { return };
        let Some(visible) = text.get(window.clone()) else { return };
        for captures in regex.captures_iter(visible) {
            if let Some(matched) = self.matched(text, window.start, &captures, open) {
                found(matched);
            }
        }
    }

    fn matched(&self, text: &[u8], offset: usize, captures: &Captures<'_>, open: bool) -> Option<Match> {
        let whole = captures.get(0)?;
        let first = || (1..captures.len()).find_map(|group| captures.get(group));
        let secret = captures.name("secret").or_else(first).unwrap_or(whole);
        let range = |found: regex::bytes::Match<'_>| offset + found.start()..offset + found.end();
        let (whole, secret) = (range(whole), range(secret));
        let is_bounded = (whole.start != secret.start || starts_here(text, secret.start))
            && (open || whole.end != secret.end || ends_here(text, secret.end, &self.continues));
        is_bounded.then(|| Match { whole, secret, owner: owner(captures) })
    }
}

/// What named groups say of the owner.
fn owner(captures: &Captures<'_>) -> OwnerHints {
    let group = |name| captures.name(name).map(|found| CompactString::from_utf8_lossy(found.as_bytes()));
    OwnerHints {
        account: group("account"),
        host: group("host"),
        key_id: group("id"),
        project: group("project"),
        ..OwnerHints::default()
    }
}

/// The bytes that may stand anywhere in a match.
fn every(hir: &Hir, into: &mut ByteSet) {
    match hir.kind() {
        HirKind::Class(Class::Bytes(class)) => insert(class, into),
        HirKind::Class(Class::Unicode(_)) => (0..=u8::MAX).for_each(|byte| into.insert(byte)),
        HirKind::Literal(literal) => literal.0.iter().for_each(|byte| into.insert(*byte)),
        HirKind::Repetition(repetition) => every(&repetition.sub, into),
        HirKind::Capture(capture) => every(&capture.sub, into),
        HirKind::Concat(parts) | HirKind::Alternation(parts) => parts.iter().for_each(|part| every(part, into)),
        HirKind::Empty | HirKind::Look(_) => {}
    }
}

fn insert(class: &ClassBytes, into: &mut ByteSet) {
    class.iter().for_each(|range| (range.start()..=range.end()).for_each(|byte| into.insert(byte)));
}

/// The bytes of which the end of a pattern is made.
fn trailing(hir: &Hir, into: &mut ByteSet) {
    match hir.kind() {
        HirKind::Class(Class::Bytes(class)) => insert(class, into),
        HirKind::Repetition(repetition) => trailing(&repetition.sub, into),
        HirKind::Capture(capture) => trailing(&capture.sub, into),
        HirKind::Concat(parts) => {
            if let Some(last) = parts.iter().rev().find(|part| !matches!(part.kind(), HirKind::Look(_))) {
                trailing(last, into);
            }
        }
        HirKind::Alternation(parts) => parts.iter().for_each(|part| trailing(part, into)),
        HirKind::Class(Class::Unicode(_)) | HirKind::Empty | HirKind::Literal(_) | HirKind::Look(_) => {}
    }
}

/// The pattern with the longest of its alternatives first: `[a-z]{32}|[a-z]{64}` would stop after 32 letters of 64 and take
/// them for a part of something longer.
fn longest_first(source: &str) -> String {
    let mut parts = alternatives(source);
    let longest = |part: &&str| {
        let hir = regex_syntax::ParserBuilder::new().unicode(false).utf8(false).build().parse(part);
        std::cmp::Reverse(hir.map_or(0, |hir| hir.properties().maximum_len().unwrap_or(usize::MAX)))
    };
    // A flag (`(?i)`) counts from where it stands on.
    if parts.len() > 1 && !source.contains("(?i)") {
        parts.sort_by_cached_key(longest);
    }
    parts.join("|")
}

/// The alternatives of which a pattern consists.
fn alternatives(source: &str) -> Vec<&str> {
    let (mut depth, mut in_class, mut escaped) = (0_usize, false, false);
    let is_bar = |c: char| {
        let is_plain = !std::mem::take(&mut escaped);
        match c {
            '\\' if is_plain => escaped = true,
            '[' if is_plain => in_class = true,
            ']' if is_plain => in_class = false,
            '(' if is_plain && !in_class => depth += 1,
            ')' if is_plain && !in_class => depth = depth.saturating_sub(1),
            '|' => return is_plain && !in_class && depth == 0,
            _ => {}
        }
        false
    };
    source.split(is_bar).collect()
}

fn begins_with(hir: &Hir, keywords: &[String], any_case: bool) -> bool {
    let prefixes = Extractor::new().kind(ExtractKind::Prefix).extract(hir);
    let is_keyword = |prefix: &[u8]| {
        keywords.iter().any(|keyword| {
            prefix.get(..keyword.len()).is_some_and(|head| {
                if any_case { head.eq_ignore_ascii_case(keyword.as_bytes()) } else { head == keyword.as_bytes() }
            })
        })
    };
    prefixes
        .literals()
        .is_some_and(|literals| !literals.is_empty() && literals.iter().all(|literal| is_keyword(literal.as_bytes())))
}

/// Says which rule of which file has a bad pattern.
pub(super) fn error(file: &str, rule: &str, reason: &str) -> RuleError {
    RuleError::Pattern { file: file.into(), rule: rule.into(), reason: reason.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_reaches_as_far_as_the_bytes_of_a_match_do() {
        let window = |source: &str, text: &str| {
            let at = text.find("key").expect("a keyword");
            Pattern::new(source, &["key".to_owned()], false).expect("a pattern").window(text.as_bytes(), &(at..at + 3))
        };
        let near = "[a-z]{0,20}_key_[0-9]{4,6}";
        assert_eq!(window(near, "say: my_key_12345!"), Some(5..17));
        assert_eq!(window(near, "my key_12345"), Some(3..12));
        assert_eq!(window(near, "_key_12!"), None, "too short");
        assert_eq!(
            window("[a-z]{2}_key_[0-9]{4}", "abcdefghijklmnop_key_12345678901234"),
            Some(6..31),
            "as long as it gets"
        );
        assert_eq!(window(r"\b[a-z]{2}_key_[0-9]{4}", "G:ab_key_1234"), Some(0..13), "it looks beside itself");
    }

    #[test]
    fn the_longest_alternative_that_ends_where_the_word_ends_is_found() {
        let pattern = Pattern::new("[a-z]{4}|key-(?:[a-z]{6}|[|a-z]{2})|[a-z]{8}", &[], false).expect("a pattern");
        for (text, end) in [("abcd", 4), ("abcdefgh", 8), ("key-ab", 6), ("key-abcdef", 10)] {
            assert_eq!(pattern.at(text.as_bytes(), 0, false).map(|found| found.secret), Some(0..end), "{text}");
        }
        assert_eq!(pattern.at(b"abcdef", 0, false), None);
    }
}

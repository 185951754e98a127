//! Rules of other scanners, matched as they do it: the pattern runs over the whole text once a keyword occurs in it.

use super::entropy;
use super::rule::gitleaks::{Allowlist, Conditions};
use regex::bytes::{Regex, RegexBuilder};
use std::ops::Range;

/// The most memory that a compiled pattern may take; such files hold larger ones than ours.
const SIZE_LIMIT: usize = 10 << 20;

/// A pattern with its conditions.
#[derive(Debug)]
pub(super) struct Foreign {
    regex: Regex,
    group: Option<usize>,
    path: Option<Regex>,
    allowed: Vec<Allowed>,
    entropy: f64,
}

#[derive(Debug)]
struct Allowed {
    regexes: Vec<Regex>,
    looks_at: Target,
    stopwords: Vec<String>,
    paths: Vec<Regex>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Target {
    Secret,
    Match,
    Line,
}

impl Foreign {
    /// Compiles a rule.
    pub(super) fn new(pattern: &str, entropy: f64, conditions: &Conditions) -> Result<Self, regex::Error> {
        Ok(Self {
            regex: compile(pattern)?,
            group: conditions.group,
            path: conditions.path.as_deref().map(compile).transpose()?,
            allowed: conditions.allowlists.iter().map(Allowed::new).collect::<Result<_, _>>()?,
            entropy,
        })
    }

    /// The secrets in a text.
    pub(super) fn find(&self, text: &[u8], path: Option<&str>, mut found: impl FnMut(Range<usize>)) {
        let path = path.unwrap_or_default().as_bytes();
        let is_elsewhere = self.path.as_ref().is_some_and(|wanted| !wanted.is_match(path));
        if is_elsewhere || self.allowed.iter().any(|allowed| allowed.paths.iter().any(|regex| regex.is_match(path))) {
            return;
        }
        for captures in self.regex.captures_iter(text) {
            let first = || (1..captures.len()).find_map(|group| captures.get(group));
            let chosen = self.group.map_or_else(first, |group| captures.get(group));
            let (Some(whole), Some(secret)) = (captures.get(0), chosen.or_else(|| captures.get(0))) else { continue };
            let is_random = self.entropy <= 0.0 || entropy::bits_per_char(secret.as_bytes()) > self.entropy;
            let allows = |allowed: &Allowed| allowed.allows(text, secret.as_bytes(), &whole);
            if is_random && !secret.as_bytes().is_empty() && !self.allowed.iter().any(allows) {
                found(secret.range());
            }
        }
    }
}

impl Allowed {
    fn new(list: &Allowlist) -> Result<Self, regex::Error> {
        let compiled = |sources: &[String]| sources.iter().map(|source| compile(source)).collect::<Result<_, _>>();
        let looks_at = match list.target.as_deref() {
            Some("match") => Target::Match,
            Some("line") => Target::Line,
            _ => Target::Secret,
        };
        Ok(Self {
            regexes: compiled(&list.regexes)?,
            looks_at,
            stopwords: list.stopwords.clone(),
            paths: compiled(&list.paths)?,
        })
    }

    fn allows(&self, text: &[u8], secret: &[u8], whole: &regex::bytes::Match<'_>) -> bool {
        let target = match self.looks_at {
            Target::Secret => secret,
            Target::Match => whole.as_bytes(),
            Target::Line => line(text, &whole.range()),
        };
        let lower = secret.to_ascii_lowercase();
        self.regexes.iter().any(|regex| regex.is_match(target))
            || self
                .stopwords
                .iter()
                .any(|word| memchr::memmem::find(&lower, word.to_ascii_lowercase().as_bytes()).is_some())
    }
}

fn line<'a>(text: &'a [u8], span: &Range<usize>) -> &'a [u8] {
    let start =
        text.get(..span.start).and_then(|before| memchr::memrchr(b'\n', before)).map_or(0, |newline| newline + 1);
    let end =
        text.get(span.end..).and_then(|after| memchr::memchr(b'\n', after)).map_or(text.len(), |at| span.end + at);
    text.get(start..end).unwrap_or_default()
}

/// Bytes, not characters, as all rules here.
fn compile(source: &str) -> Result<Regex, regex::Error> {
    RegexBuilder::new(source).unicode(false).size_limit(SIZE_LIMIT).dfa_size_limit(SIZE_LIMIT).build()
}

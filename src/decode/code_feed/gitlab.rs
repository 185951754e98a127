//! GitLab's hooks, of a project or of the whole system: `push`; the rest is ignored by name.

use super::github::{Text, keep};
use super::parse;
use super::push::{Commit, Search};
use crate::decode::{Context, Outcome, Reason};
use compact_str::{CompactString, format_compact};
use picket_detectors::event::Exposure;
use serde::Deserialize;

#[derive(Deserialize)]
struct Hook<'a> {
    #[serde(borrow)]
    object_kind: Option<Text<'a>>,
    #[serde(borrow)]
    event_name: Option<Text<'a>>,
    #[serde(borrow)]
    project: Option<Project<'a>>,
    #[serde(borrow)]
    commits: Option<Vec<Commit<'a>>>,
}

#[derive(Deserialize)]
struct Project<'a> {
    #[serde(borrow)]
    path_with_namespace: Option<Text<'a>>,
    visibility_level: Option<u32>,
}

impl Project<'_> {
    /// 0 is private, 10 internal, 20 public.
    fn exposure(&self) -> Exposure {
        match self.visibility_level {
            Some(20) => Exposure::Public,
            Some(_) => Exposure::Internal,
            None => Exposure::Unknown,
        }
    }
}

/// Decodes a hook.
pub(super) fn decode(record: &[u8], context: &Context) -> Result<Outcome, Reason> {
    const LONGEST_NAME: usize = 40;
    let hook: Hook<'_> = parse(record)?;
    let name = hook.event_name.as_ref().or(hook.object_kind.as_ref()).map_or("", |name| &*name.0);
    if !matches!(name, "push" | "tag_push") {
        let name: CompactString =
            name.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '_').take(LONGEST_NAME).collect();
        return Ok(Outcome::Ignored(format_compact!("gitlab.{name}")));
    }
    let project = hook.project.as_ref();
    let repository = keep(project.and_then(|project| project.path_with_namespace.as_ref()));
    let exposure = project.map(Project::exposure).unwrap_or_default();
    let mut search = Search::new("gitlab.push", &context.scrubber, repository, exposure);
    let commits = hook.commits.as_deref().unwrap_or_default();
    for commit in commits {
        search.commit(commit);
    }
    search.outcome(commits.iter().rev().find_map(Commit::time), "push")
}

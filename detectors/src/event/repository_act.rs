//! What is done in and to repositories, and to the organisations that hold them.

use super::{Agent, Place};
use compact_str::CompactString;
use serde::{Deserialize, Serialize};

/// Somebody did something in or to a repository, or a workflow of it ran.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct RepositoryAct {
    /// What, as the host's audit log calls it: `protected_branch.destroy`.
    pub action: CompactString,
    /// `owner/name` of the repository; none where it was done to the organisation.
    pub repository: Option<CompactString>,
    /// The organisation.
    pub organization: Option<CompactString>,
    /// Who did it.
    pub actor: Option<CompactString>,
    /// Whether that is a program.
    pub bot: bool,
    /// Whom it was done to.
    pub member: Option<CompactString>,
    /// The role or permission that was given.
    pub role: Option<CompactString>,
    /// Who can see the repository from now on: public, internal or private.
    pub visibility: Option<CompactString>,
    /// The app, ruleset or branch that it is about.
    pub subject: Option<CompactString>,
    /// The workflow that ran: `owner/name/.github/workflows/ci.yml`.
    pub workflow: Option<CompactString>,
    /// What made it run.
    pub trigger: Option<CompactString>,
    /// It ran for code of another repository.
    pub of_fork: bool,
    /// Names of the secrets that it was given.
    pub secrets: Vec<CompactString>,
    /// Where from.
    pub place: Place,
    /// With what software.
    pub agent: Agent,
}

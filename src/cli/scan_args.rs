//! The flags of `picket scan`.

use clap::{ArgGroup, Args, ValueEnum};
use picket_detectors::secrets::Sureness;
use std::path::PathBuf;

/// `picket scan`
#[derive(Debug, Args)]
#[command(
    group = ArgGroup::new("what").required(true).args(["paths", "stdin", "git"]),
    after_help = "\
Exit codes:
  0  nothing found at or above --fail-on (or the findings were written to a baseline)
  1  findings at or above --fail-on
  2  wrong usage, configuration, rules or baseline
  3  failed while running; or nothing was found, but some files could not be read

Findings come in the order of paths, lines and columns, whatever --jobs. Columns count characters from 1; the end column
is one past the last. A secret itself is never written: only a preview and a keyed fingerprint (see --key-file).

A comment `picket:allow` on a finding's line, or alone on the line above, allows it; so do the marks of other scanners
(gitleaks:allow, kingfisher:ignore, trufflehog:ignore, pragma: allowlist secret). Files that .gitignore or
.picketignore name are passed over, unless they are named on the command line.

Examples:
  picket scan .                                       everything below this folder
  picket scan . --format sarif > picket.sarif
  picket scan . --write-baseline picket.baseline      accept what there is ...
  picket scan . --baseline picket.baseline            ... and report what is new
  picket scan --git . --since origin/main             what a branch brings
  picket scan --git . --staged --fail-on medium       before a commit
  picket scan . --verify --verify-host login.microsoftonline.com --verify-audit asked.ndjson --only-verified
                                                      only what still works"
)]
pub(super) struct ScanArgs {
    /// Files and folders to search.
    #[arg(value_name = "PATH")]
    pub(super) paths: Vec<PathBuf>,
    /// Search standard input.
    #[arg(long)]
    pub(super) stdin: bool,
    /// Search the history of a repository (a folder, or a bundle): what each commit of every reference brought.
    #[arg(long, value_name = "REPO")]
    pub(super) git: Option<PathBuf>,
    /// Of the history, only the commits that HEAD has and REV has not.
    #[arg(long, value_name = "REV", conflicts_with = "staged")]
    pub(super) since: Option<String>,
    /// Not the history, but what is staged for the next commit.
    #[arg(long)]
    pub(super) staged: bool,
    /// More rules: files of Picket's rules (YAML), or a gitleaks configuration (TOML).
    #[arg(long, value_name = "FILE", num_args = 1..)]
    pub(super) rules: Vec<PathBuf>,
    /// How findings are written.
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub(super) format: Format,
    /// Leave out the secrets that this file names.
    #[arg(long, value_name = "FILE")]
    pub(super) baseline: Option<PathBuf>,
    /// Write every secret found to this file, for --baseline.
    #[arg(long, value_name = "FILE")]
    pub(super) write_baseline: Option<PathBuf>,
    /// End with exit code 1 if anything of this confidence or above was found.
    #[arg(long, value_name = "LEVEL", default_value = "low")]
    pub(super) fail_on: Level,
    /// Inventory export (Graph JSON of applications and service principals): says whose a credential is.
    #[arg(long, value_name = "FILE")]
    pub(super) inventory: Vec<PathBuf>,
    /// Search files too that .gitignore and its like name.
    #[arg(long)]
    pub(super) no_ignore: bool,
    /// Threads; 0 means one a core.
    #[arg(long, value_name = "N", default_value_t = 0, value_parser = clap::value_parser!(u16).range(..=512))]
    jobs: u16,
    /// A file with the text that keys fingerprints, so that nobody without it can test guesses.
    #[arg(long, value_name = "FILE")]
    pub(super) key_file: Option<PathBuf>,
    #[command(flatten)]
    pub(super) asking: VerifyArgs,
}

/// The flags of `--verify`.
#[derive(Debug, Args)]
#[command(next_help_heading = "Verification")]
pub(super) struct VerifyArgs {
    /// Ask Entra whether the client secrets found still work, by requesting a token with each. Only hosts that are allowed
    /// are asked (--verify-host), once a secret, and every request is accounted for (--verify-audit).
    #[arg(long)]
    pub(super) verify: bool,
    /// A host that may be asked, such as login.microsoftonline.com.
    #[arg(long, value_name = "HOST", requires = "verify")]
    pub(super) verify_host: Vec<String>,
    /// Account for every request in this file (NDJSON, appended to).
    #[arg(long, value_name = "FILE", requires = "verify")]
    pub(super) verify_audit: Option<PathBuf>,
    /// Report only what was verified to work.
    #[arg(long, requires = "verify")]
    pub(super) only_verified: bool,
}

impl ScanArgs {
    /// How many threads search.
    pub(super) fn jobs(&self) -> usize {
        match self.jobs {
            0 => std::thread::available_parallelism().map_or(1, Into::into),
            jobs => jobs.into(),
        }
    }
}

/// How findings are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// For people.
    Text,
    /// NDJSON: one object a finding.
    Json,
    /// SARIF 2.1.0.
    Sarif,
    /// Annotations of GitHub workflows.
    Github,
    /// GitLab's secret-detection report.
    Gitlab,
}

/// A confidence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Level {
    /// Anything.
    Low,
    /// Most of these are secrets.
    Medium,
    /// Distinctive or proven.
    High,
}

impl Level {
    pub(super) fn sureness(self) -> Sureness {
        match self {
            Self::Low => Sureness::Low,
            Self::Medium => Sureness::Medium,
            Self::High => Sureness::High,
        }
    }
}

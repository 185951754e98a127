//! Commands and flags.

use clap::{Args, Parser, Subcommand, ValueEnum};
use std::net::SocketAddr;
use std::path::PathBuf;

const AFTER_HELP: &str = "\
Exit codes:
  0  done
  1  findings at or above --fail-on
  2  wrong usage or configuration
  3  failed while running; what was committed stays, and a restart goes on there

Settings come from defaults, then --config FILE, then PICKET__SECTION__KEY variables, then flags.
See `picket config show --origin`.";

/// Finds workload identities that were taken over, and says so within a second.
///
/// Picket watches the sign-ins, directory changes and API calls of service principals, managed identities and agents,
/// learns what each of them normally does, and raises risk detections when that breaks.
#[derive(Debug, Parser)]
#[command(name = "picket", version, after_help = AFTER_HELP, max_term_width = 100)]
pub(super) struct Cli {
    #[command(flatten)]
    pub(super) common: Common,
    #[command(subcommand)]
    pub(super) command: Command,
}

/// Flags of every command.
#[derive(Debug, Args)]
pub(super) struct Common {
    /// Configuration file (TOML).
    #[arg(long, value_name = "FILE", global = true)]
    pub(super) config: Option<PathBuf>,
    /// What to log to standard error: a level, or a filter such as `picket=debug,warn`.
    #[arg(long, value_name = "LEVEL", global = true)]
    pub(super) log_level: Option<String>,
    /// How log lines look: text or json.
    #[arg(long, value_name = "FORMAT", global = true)]
    pub(super) log_format: Option<String>,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Watch: take in records as they come, and write detections as they arise.
    Run(RunArgs),
    /// Judge history: read files of exported logs, write what would have been detected.
    Replay(ReplayArgs),
    /// Find credentials in files, and say whose they are.
    Scan(super::scan_args::ScanArgs),
    /// Show the story of a small made-up tenant: what is learned, what fires, and why.
    Demo(DemoArgs),
    /// Explain a detection or a principal: the evidence, and the sum that makes the score.
    Explain(ExplainArgs),
    /// Count each detector's detections by what administrators said of them: the false positives among them.
    Report(ReportArgs),
    /// Make up a tenant's logs, with thefts in them and the truth beside them.
    Simulate(SimulateArgs),
    /// Look at the observations topic (Kafka).
    Observations {
        /// What to do with it.
        #[command(subcommand)]
        command: ObservationsCommand,
    },
    /// Check, list and try the rules.
    Rules {
        /// What to do with them.
        #[command(subcommand)]
        command: RulesCommand,
    },
    /// Check or show the configuration.
    Config {
        /// What to do with it.
        #[command(subcommand)]
        command: ConfigCommand,
    },
    /// Print a completion script for a shell.
    Completions {
        /// The shell.
        shell: clap_complete::Shell,
    },
}

/// `picket run`
#[expect(clippy::struct_excessive_bools, reason = "each is a flag that stands alone")]
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  picket run                                    take records by POST http://127.0.0.1:8080/v1/ingest
  picket run --once --out out/ today.ndjson     read a file, then end; a restart goes on where it was
  tail -F signins.ndjson | picket run --stdin --stdout
  picket run --config picket.toml --roles route,score     on Kafka; start as many as there is work for")]
pub(super) struct RunArgs {
    /// Files to read, plain, gzip or zstd; of folders those named .json, .jsonl, .ndjson or .log. One after the other:
    /// what lies far back in time by then counts as late. For exports of the past use `picket replay`, which merges them.
    #[arg(value_name = "FILE")]
    pub(super) files: Vec<PathBuf>,
    /// Inventory export (Graph JSON of applications and service principals), read first.
    #[arg(long, value_name = "FILE")]
    pub(super) inventory: Vec<PathBuf>,
    /// Run on Kafka (see `[kafka]` of the configuration) in these roles: route, score.
    #[arg(long, value_name = "ROLES", value_delimiter = ',', conflicts_with_all = ["files", "stdin", "follow", "once"])]
    pub(super) roles: Vec<String>,
    /// Folder of the store.
    #[arg(long, value_name = "DIR")]
    pub(super) data: Option<PathBuf>,
    /// Folder of the output files.
    #[arg(long, value_name = "DIR")]
    pub(super) out: Option<PathBuf>,
    /// Address to serve metrics, health and the inbox on; port 0 picks one.
    #[arg(long, value_name = "ADDR")]
    pub(super) listen: Option<SocketAddr>,
    /// End when the files and standard input have ended; serves HTTP only with --listen.
    #[arg(long)]
    pub(super) once: bool,
    /// Go on reading files that grow, are replaced by others of their name, or are new in a folder (compressed ones at the next start).
    #[arg(long, conflicts_with = "once")]
    pub(super) follow: bool,
    /// Read standard input too.
    #[arg(long)]
    pub(super) stdin: bool,
    /// Print detections to standard output too.
    #[arg(long)]
    pub(super) stdout: bool,
    #[command(flatten)]
    pub(super) tuning: Tuning,
}

/// `picket replay`
#[derive(Debug, Args)]
#[command(after_help = "\
Files of several categories are merged by the times of their events: their order on the command line changes nothing.
The same files give the same outputs, byte for byte. DIR gets risk-detections.ndjson, risky-principals.ndjson (one line a
principal, as it stands at the end), risk-transitions.ndjson, incidents.ndjson and dead-letters.ndjson; old ones are
replaced.

Examples:
  picket replay signins.ndjson audit.json.gz --inventory apps.json --out out/
  picket replay logs/ --out out/ --fail-on high")]
pub(super) struct ReplayArgs {
    /// Files of exported logs, plain, gzip or zstd; of folders those named .json, .jsonl, .ndjson or .log.
    #[arg(value_name = "FILE", required_unless_present_any = ["observations", "stdin"])]
    pub(super) files: Vec<PathBuf>,
    /// Read standard input, too.
    #[arg(long)]
    pub(super) stdin: bool,
    /// Observations that `picket observations dump` wrote, instead of logs: judged as they stand, in their order.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["files", "stdin", "inventory"])]
    pub(super) observations: Option<PathBuf>,
    /// Inventory export (Graph JSON of applications and service principals), read first.
    #[arg(long, value_name = "FILE")]
    pub(super) inventory: Vec<PathBuf>,
    /// Folder of the output files.
    #[arg(long, value_name = "DIR")]
    pub(super) out: PathBuf,
    /// Print the summary as one JSON object.
    #[arg(long)]
    pub(super) json: bool,
    /// Keep the store in DIR, so that `picket run --data DIR` goes on from what was learned.
    #[arg(long, value_name = "DIR")]
    pub(super) state: Option<PathBuf>,
    /// End with exit code 1 if any principal came to this level.
    #[arg(long, value_name = "LEVEL")]
    pub(super) fail_on: Option<FailOn>,
    #[command(flatten)]
    pub(super) tuning: Tuning,
}

/// Flags of the commands that judge.
#[derive(Debug, Args)]
pub(super) struct Tuning {
    /// Threads that decode and judge; 0 means one a core.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(..=512))]
    pub(super) threads: Option<u32>,
    /// Records that are judged and committed together, at most.
    #[arg(long, value_name = "N")]
    pub(super) batch_records: Option<u32>,
    /// The tenant of records that name none.
    #[arg(long, value_name = "ID")]
    pub(super) tenant: Option<String>,
}

/// A risk level to fail on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum FailOn {
    /// Low or above.
    Low,
    /// Medium or above.
    Medium,
    /// High.
    High,
}

/// `picket demo`
#[derive(Debug, Args)]
pub(super) struct DemoArgs {
    /// Keep the generated logs and the outputs in DIR.
    #[arg(long, value_name = "DIR")]
    pub(super) keep: Option<PathBuf>,
}

/// `picket simulate`
#[derive(Debug, Args)]
#[command(after_help = "\
DIR gets logs/*.ndjson in the shapes in which Azure Monitor and GitHub send them, inventory.ndjson, and labels.ndjson with
the truth: every principal's kind, honest changes, and campaigns with their principals, times and events.
The same flags give the same bytes.

Examples:
  picket simulate --seed 1 --principals 2000 --days 45 --out sim/
  picket replay sim/logs --inventory sim/inventory.ndjson --out sim/out/
  picket simulate --seed 7 --principals 100000 --events 100000000 --campaigns none --out load/")]
pub(super) struct SimulateArgs {
    /// Another seed gives another tenant.
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub(super) seed: u64,
    /// Principals, in tenants of a thousand.
    #[arg(long, value_name = "N", default_value_t = 1_000)]
    pub(super) principals: usize,
    /// Days; 45, or as many as --events takes.
    #[arg(long, value_name = "N")]
    pub(super) days: Option<u32>,
    /// Campaigns: all, none, or their names, separated by commas.
    #[arg(long, value_name = "LIST", default_value = "all", value_delimiter = ',')]
    pub(super) campaigns: Vec<String>,
    /// The first day.
    #[arg(long, value_name = "DATE", default_value = "2026-03-02")]
    pub(super) start: String,
    /// End after so many records.
    #[arg(long, value_name = "N")]
    pub(super) events: Option<u64>,
    /// One principal makes nearly all sign-ins.
    #[arg(long)]
    pub(super) scanner: bool,
    /// Folder to write to.
    #[arg(long, value_name = "DIR")]
    pub(super) out: PathBuf,
}

/// `picket explain`
#[derive(Debug, Args)]
pub(super) struct ExplainArgs {
    /// Id of a detection, or id, app id or display name of a principal.
    pub(super) id: String,
    /// Folder of the output files.
    #[arg(long = "in", value_name = "DIR", default_value = "picket-out")]
    pub(super) folder: PathBuf,
}

/// `picket report`
#[derive(Debug, Args)]
pub(super) struct ReportArgs {
    /// Folder of the output files.
    #[arg(long = "in", value_name = "DIR", default_value = "picket-out")]
    pub(super) folder: PathBuf,
    /// List incidents instead: principals that fell to one network or one credential within a week.
    #[arg(long)]
    pub(super) incidents: bool,
    /// Print a JSON list.
    #[arg(long)]
    pub(super) json: bool,
}

/// `picket config`
#[derive(Debug, Subcommand)]
pub(super) enum ConfigCommand {
    /// Say whether the configuration is valid.
    Check,
    /// Print every setting as TOML.
    Show {
        /// Say where each value came from.
        #[arg(long)]
        origin: bool,
    },
    /// Print the JSON schema of the configuration file.
    Schema,
}

/// `picket rules`
#[derive(Debug, Subcommand)]
pub(super) enum RulesCommand {
    /// Say whether all rules load and Picket's own match their examples; exit code 2 if not.
    Check {
        /// Files and folders of rules besides those of the configuration.
        #[arg(value_name = "RULES")]
        paths: Vec<PathBuf>,
    },
    /// Print every rule with its id, level and state.
    List {
        /// Files and folders of rules besides those of the configuration.
        #[arg(value_name = "RULES")]
        paths: Vec<PathBuf>,
        /// Print a JSON object a line.
        #[arg(long)]
        json: bool,
    },
    /// Print what the rules match in files of logs; nothing is judged or kept.
    Test {
        /// Files of exported logs, plain, gzip or zstd, and folders of them.
        #[arg(value_name = "FILE", required = true)]
        files: Vec<PathBuf>,
        /// Files and folders of rules besides those of the configuration.
        #[arg(long, value_name = "RULES")]
        rules: Vec<PathBuf>,
    },
    /// Print which MITRE ATT&CK techniques the detectors and rules cover.
    Coverage {
        /// Write a layer for the ATT&CK Navigator to FILE.
        #[arg(long, value_name = "FILE")]
        navigator: Option<PathBuf>,
    },
    /// Print the page of detectors, rules and covered ideas in Markdown, or that of one detector.
    Catalogue {
        /// A detector, by its riskEventType.
        #[arg(value_name = "DETECTOR")]
        detector: Option<String>,
    },
    /// Print the fields that rules may read besides those of the record.
    Fields,
}

/// `picket observations`
#[derive(Debug, Subcommand)]
pub(super) enum ObservationsCommand {
    /// Write every committed observation, up to the topic's end as of now, to a file for `picket replay --observations`.
    Dump {
        /// The file.
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
    },
}

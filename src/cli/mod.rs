//! The command line.

mod args;
mod config;
#[cfg(feature = "failpoints")]
mod crash;
mod demo;
mod engine;
mod exit;
mod explain;
mod incidents;
mod kafka;
mod outputs;
mod print;
mod progress;
mod replay;
mod report;
mod rules;
mod run;
mod scan;
mod scan_args;
mod scan_progress;
mod simulate;
mod story_line;
mod summary;
mod tenants;
mod watch;

use args::{Cli, Command};
use clap::{CommandFactory, Parser};
use std::process::ExitCode;

/// Runs the command that the process was started with.
pub fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return exit::usage(&error),
    };
    #[cfg(feature = "failpoints")]
    let _fail_points = crash::setup();
    exit::code(dispatch(cli))
}

fn dispatch(cli: Cli) -> anyhow::Result<ExitCode> {
    let common = cli.common;
    match cli.command {
        Command::Run(args) => run::run(&common, args),
        Command::Replay(args) => replay::replay(&common, &args),
        Command::Demo(args) => demo::demo(args.keep.as_deref()),
        Command::Scan(args) => scan::scan(&common, &args),
        Command::Explain(args) => explain::explain(&args),
        Command::Report(args) => report::report(&args),
        Command::Simulate(args) => simulate::simulate(&args),
        Command::Observations { command } => kafka::observations(&common, &command),
        Command::Rules { command } => rules::rules(&common, &command),
        Command::Config { command } => config::config(&common, &command),
        Command::Completions { shell } => {
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut Cli::command(), "picket", &mut script);
            print::out(&script)?;
            Ok(ExitCode::SUCCESS)
        }
    }
}

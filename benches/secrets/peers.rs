//! Other scanners, as they are run over a folder: all rules, no checks over the network, on so many threads.

use std::path::Path;
use std::process::Command;

/// One scanner.
pub(crate) struct Peer {
    pub(crate) name: &'static str,
    arguments: fn(&str, usize) -> Vec<String>,
}

pub(crate) const PEERS: [Peer; 5] = [
    Peer {
        name: "kingfisher",
        arguments: |folder, threads| {
            let threads = threads.to_string();
            let flags = ["scan", folder, "--no-validate", "--no-update-check", "--git-history", "none"];
            words(&[&flags[..], &["--format", "jsonl", "--jobs", &threads]].concat())
        },
    },
    Peer {
        name: "betterleaks",
        arguments: |folder, threads| {
            let threads = threads.to_string();
            words(&[folder, "--no-banner", "--no-color", "--jsonl", "--log-level", "error", "--jobs", &threads])
        },
    },
    Peer { name: "gitleaks", arguments: |folder, _| words(&["dir", folder, "--no-banner", "--log-level", "error"]) },
    Peer { name: "ripsecrets", arguments: |folder, _| words(&[folder]) },
    Peer {
        name: "detect-secrets",
        arguments: |folder, threads| words(&["-c", &threads.to_string(), "scan", "--all-files", folder]),
    },
];

fn words(words: &[&str]) -> Vec<String> {
    words.iter().map(ToString::to_string).collect()
}

impl Peer {
    /// The command, held to so many cores; `None` where the scanner is not installed.
    pub(crate) fn command(&self, folder: &Path, cores: usize) -> Option<Command> {
        let is_installed =
            std::env::split_paths(&std::env::var_os("PATH")?).any(|place| place.join(self.name).is_file());
        let mut command = on_cores(cores, self.name);
        command.args((self.arguments)(folder.to_str()?, cores));
        is_installed.then_some(command)
    }
}

/// A command held to so many cores.
pub(crate) fn on_cores(cores: usize, program: &str) -> Command {
    let mut command = Command::new("taskset");
    command.args(["-c", &format!("0-{}", cores - 1), program]);
    command
}

/// `picket scan` of a path, on so many cores.
pub(crate) fn picket(path: &Path, cores: usize) -> Command {
    let mut command = on_cores(cores, env!("CARGO_BIN_EXE_picket"));
    command.arg("scan").arg(path).args(["--no-ignore", "--format", "json", "--jobs", &cores.to_string()]);
    command
}

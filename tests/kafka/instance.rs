//! An instance of Picket: the program itself, in a process that can be killed.

use crate::wait;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;

/// A running instance. It is killed when it is dropped.
pub(crate) struct Instance {
    child: Child,
    folder: PathBuf,
}

impl Instance {
    /// Starts it with this configuration and these variables in its environment.
    pub(crate) fn start(folder: &Path, config: &str, variables: &[(&str, &str)]) -> Self {
        std::fs::create_dir_all(folder).expect("a folder");
        std::fs::write(folder.join("picket.toml"), config).expect("written");
        drop(std::fs::remove_file(folder.join("http.addr")));
        let log = std::fs::File::options().append(true).create(true).open(folder.join("log")).expect("a log");
        let child = Command::new(env!("CARGO_BIN_EXE_picket"))
            .args(["run", "--listen", "127.0.0.1:0", "--log-level", "info,picket=debug,fjall=warn,lsm_tree=warn"])
            .arg("--config")
            .arg(folder.join("picket.toml"))
            .arg("--data")
            .arg(folder)
            .envs(variables.iter().copied())
            .stdin(Stdio::null())
            .stdout(log.try_clone().expect("a log"))
            .stderr(log)
            .spawn()
            .expect("started");
        Self { child, folder: folder.to_owned() }
    }

    /// Waits until it is connected, assigned and restored.
    pub(crate) fn ready(mut self) -> Self {
        wait::until("the instance is ready", || {
            let ended = self.child.try_wait().expect("a child");
            assert!(ended.is_none(), "the instance ended: {}", self.log());
            self.is_ready()
        });
        self
    }

    /// What it says of itself under `/readyz`.
    pub(crate) fn is_ready(&self) -> bool {
        self.page("/readyz").is_some_and(|page| page.starts_with("HTTP/1.1 200"))
    }

    /// One page of its own.
    pub(crate) fn page(&self, path: &str) -> Option<String> {
        let address = std::fs::read_to_string(self.folder.join("http.addr")).ok()?;
        let mut stream = TcpStream::connect(address.trim()).ok()?;
        stream.set_read_timeout(Some(Duration::from_secs(5))).ok()?;
        write!(stream, "GET {path} HTTP/1.1\r\nHost: picket\r\nConnection: close\r\n\r\n").ok()?;
        let mut page = String::new();
        stream.read_to_string(&mut page).ok()?;
        Some(page)
    }

    /// Kills it at once: SIGKILL.
    pub(crate) fn kill(mut self) {
        self.child.kill().expect("killed");
        self.child.wait().expect("ended");
    }

    /// Sends it a signal by name.
    pub(crate) fn signal(&self, name: &str) {
        let status = Command::new("kill").args(["-s", name, &self.child.id().to_string()]).status();
        assert!(status.expect("kill runs").success());
    }

    /// Waits until it ends by itself; gives how, and its log.
    pub(crate) fn ended(mut self) -> (ExitStatus, String) {
        let status = wait::until_some("the instance has ended", || self.child.try_wait().expect("a child"));
        (status, self.log())
    }

    /// Asks it to end, waits until it has, and gives its log.
    pub(crate) fn stop(self) -> String {
        self.signal("TERM");
        let (status, log) = self.ended();
        assert!(status.success(), "it ended with {status}:\n{log}");
        log
    }

    pub(crate) fn log(&self) -> String {
        std::fs::read_to_string(self.folder.join("log")).unwrap_or_default()
    }
}

impl Drop for Instance {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
        if std::thread::panicking() {
            let log = self.log();
            let tail: Vec<_> = log.lines().rev().take(60).collect();
            println!("--- log of {}", self.folder.display());
            tail.iter().rev().for_each(|line| println!("{line}"));
        }
    }
}

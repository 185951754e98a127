//! The program under test, as a process.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

/// The program with its arguments, cut off from the environment's settings.
pub(crate) fn picket<S: AsRef<std::ffi::OsStr>>(args: impl IntoIterator<Item = S>) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_picket"));
    command.args(args).env_remove("FAILPOINTS").env("NO_COLOR", "1").stdin(Stdio::null());
    command
}

/// Runs to the end and expects an exit code.
pub(crate) fn expect_code(command: &mut Command, code: i32) -> Output {
    let output = command.output().expect("starts");
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(code), "{command:?}\n{stderr}");
    output
}

/// Standard output of a finished run.
pub(crate) fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).expect("UTF-8")
}

/// Standard error of a finished run.
pub(crate) fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).expect("UTF-8")
}

/// The output files by name.
pub(crate) fn outputs(folder: &Path) -> BTreeMap<&'static str, Vec<u8>> {
    let names = ["risk-detections", "risky-principals", "risk-transitions", "incidents", "dead-letters"];
    let read = |name| std::fs::read(folder.join(format!("{name}.ndjson"))).expect("an output file");
    names.into_iter().map(|name| (name, read(name))).collect()
}

/// Compares output files, and names those that differ instead of printing them.
pub(crate) fn assert_same(found: &Path, expected: &Path, context: &str) {
    let (found, expected) = (outputs(found), outputs(expected));
    let different: Vec<_> =
        expected.iter().filter(|(name, bytes)| found[*name] != **bytes).map(|(name, _)| name).collect();
    assert!(different.is_empty(), "{context}: {different:?} differ");
}

/// Writes lines to a file.
pub(crate) fn write_lines(path: &Path, lines: impl IntoIterator<Item = String>) -> PathBuf {
    let mut text = String::new();
    for line in lines {
        text.push_str(&line);
        text.push('\n');
    }
    std::fs::write(path, text).expect("writes");
    path.to_owned()
}

/// Waits for a condition; no sleep decides what a test sees.
pub(crate) fn eventually<T>(what: &str, mut condition: impl FnMut() -> Option<T>) -> T {
    let began = Instant::now();
    while began.elapsed() < Duration::from_mins(1) {
        if let Some(value) = condition() {
            return value;
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    panic!("{what} did not come true within a minute");
}

/// A running program that serves HTTP; killed when dropped.
pub(crate) struct Running {
    pub(crate) child: Child,
    pub(crate) address: String,
}

impl Running {
    /// Starts `picket run` on a port of its own choice and waits until it is ready.
    pub(crate) fn start(data: &Path, out: &Path, args: &[&str]) -> Self {
        let listen = ["--listen", "127.0.0.1:0"];
        let mut command = picket(["run"]);
        command.arg("--data").arg(data).arg("--out").arg(out).args(listen).args(args);
        Self::spawn(command, data)
    }

    /// Starts a command that serves HTTP.
    pub(crate) fn spawn(mut command: Command, data: &Path) -> Self {
        let file = data.join("http.addr");
        if file.exists() {
            std::fs::remove_file(&file).expect("removes");
        }
        let child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().expect("starts");
        let mut running = Self { child, address: String::new() };
        running.address = eventually("serving", || {
            let ended = running.child.try_wait().expect("waits");
            assert!(ended.is_none(), "ended early: {ended:?} {}", running.log());
            std::fs::read_to_string(&file).ok().filter(|text| !text.is_empty())
        });
        eventually("ready", || (running.request("GET", "/readyz", &[], b"").0 == 200).then_some(()));
        running
    }

    /// Sends one request on a connection of its own; gives status, head and body.
    pub(crate) fn request(&self, method: &str, path: &str, headers: &[&str], body: &[u8]) -> (u16, String, String) {
        request(&self.address, method, path, headers, body).expect("an answer")
    }

    /// Posts records.
    pub(crate) fn post(&self, body: &[u8]) -> u16 {
        self.request("POST", "/v1/ingest", &[], body).0
    }

    /// Sends a signal by its name.
    pub(crate) fn signal(&self, name: &str) {
        let status = Command::new("kill").arg(format!("-{name}")).arg(self.child.id().to_string()).status();
        assert!(status.expect("kill starts").success());
    }

    /// Ends it by SIGTERM and gives the exit code.
    pub(crate) fn terminate(mut self) -> Option<i32> {
        self.signal("TERM");
        self.child.wait().expect("ends").code()
    }

    fn log(&mut self) -> String {
        use std::io::Read;
        let mut log = String::new();
        if let Some(stderr) = &mut self.child.stderr {
            stderr.read_to_string(&mut log).expect("reads");
        }
        log
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _gone = self.child.kill();
        let _gone = self.child.wait();
    }
}

/// A minimal HTTP client: one request, one connection.
pub(crate) fn request(
    address: &str,
    method: &str,
    path: &str,
    headers: &[&str],
    body: &[u8],
) -> std::io::Result<(u16, String, String)> {
    use std::io::{Read, Write};
    let mut stream = std::net::TcpStream::connect(address)?;
    stream.set_read_timeout(Some(Duration::from_mins(1)))?;
    let length = body.len();
    let mut head =
        format!("{method} {path} HTTP/1.1\r\nHost: picket\r\nConnection: close\r\nContent-Length: {length}\r\n");
    for header in headers {
        head.push_str(header);
        head.push_str("\r\n");
    }
    head.push_str("\r\n");
    stream.write_all(head.as_bytes())?;
    // A server that refuses by the head alone may hang up on the body.
    let _refused_early = stream.write_all(body);
    let mut answer = Vec::new();
    let _reset_after_answer = stream.read_to_end(&mut answer);
    let text = String::from_utf8_lossy(&answer).into_owned();
    let (head, body) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
    let status = head.split(' ').nth(1).and_then(|code| code.parse().ok());
    let status = status.ok_or_else(|| std::io::Error::other(format!("no answer: {text:?}")))?;
    Ok((status, head.to_owned(), body.to_owned()))
}

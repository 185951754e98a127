//! From the answer 202 to the detection in the published file, at a steady rate of records over HTTP.
//!
//! The rate is kept by the clock whatever the answers take. Among the records are sign-ins of thieves; each is timed from
//! the moment its 202 was read to the moment its detection stands, synced, in `risk-detections.ndjson`.

use crate::child::peak_of;
use crate::corpus::{Corpus, Keys, Principal, Random, SignIn};
use crate::runs::{Cores, corpus, folder, on_cores, once};
use std::collections::HashMap;
use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, Error, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use std::time::{Duration, Instant};

const RECORDS_A_SECOND: u64 = 5_000;
const RECORDS_A_BODY: u64 = 10;
const SECONDS: u64 = 30;
const CONNECTIONS: u64 = 4;
/// One body of so many holds a thief's sign-in.
const BODIES_A_THEFT: u64 = 20;
const PRINCIPALS: usize = 2_000;
/// What is learned before: sign-ins over days.
const HISTORY: (u64, u64) = (200_000, 10);
const LATE: Duration = Duration::from_secs(20);

type Moments = HashMap<String, Instant>;

/// Prints the distribution of the latency.
pub(crate) fn measure() -> io::Result<()> {
    let file = corpus(Keys::Uniform(PRINCIPALS), HISTORY.0, HISTORY.1)?;
    once(&file, Cores(2), &[])?;
    let work = folder()?.join("work");
    let server = Server::start(&work)?;
    println!("latency: {RECORDS_A_SECOND} records a second in bodies of {RECORDS_A_BODY}, for {SECONDS} seconds");
    let ended = AtomicBool::new(false);
    let (sent, refused, seen) = thread::scope(|scope| {
        let watcher = scope.spawn(|| watch(&work.join("out/risk-detections.ndjson"), &ended));
        let (report, reports) = channel();
        for connection in 0..CONNECTIONS {
            let (address, report) = (server.address.clone(), report.clone());
            scope.spawn(move || drive(connection, &address, &report));
        }
        drop(report);
        let gathered = gather(&reports);
        thread::sleep(Duration::from_secs(2));
        ended.store(true, Ordering::Release);
        let seen = watcher.join().map_err(|_| Error::other("the watching thread failed"))??;
        gathered.map(|(sent, refused)| (sent, refused, seen))
    })?;
    let peak = server.stop()?;
    print(&sent, refused, &seen, peak);
    Ok(())
}

fn print(sent: &Moments, refused: u64, seen: &Moments, peak: u64) {
    let mut waits: Vec<f64> = sent
        .iter()
        .filter_map(|(id, answered)| Some(seen.get(id)?.saturating_duration_since(*answered).as_secs_f64() * 1e3))
        .collect();
    waits.sort_by(f64::total_cmp);
    let at = |part: f64| waits.get((waits.len().saturating_sub(1) as f64 * part) as usize).copied().unwrap_or_default();
    println!("  {} thefts accepted, {} detected, {refused} bodies not accepted", sent.len(), waits.len());
    println!(
        "  from 202 to the detection: median {:.1} ms, p90 {:.1} ms, p99 {:.1} ms, most {:.1} ms; {} MiB at most",
        at(0.5),
        at(0.9),
        at(0.99),
        at(1.0),
        peak >> 20
    );
}

/// `picket run` with its inbox, going on from what the history taught.
struct Server {
    child: Child,
    address: String,
}

impl Server {
    fn start(work: &Path) -> io::Result<Self> {
        let file = work.join("data/http.addr");
        let mut command: Command = on_cores(Cores(2), env!("CARGO_BIN_EXE_picket"));
        command.args(["run", "--listen", "127.0.0.1:0", "--log-level", "warn"]);
        command.arg("--data").arg(work.join("data")).arg("--out").arg(work.join("out"));
        let child = command.stdout(Stdio::null()).spawn()?;
        let started = Instant::now();
        loop {
            let address = fs::read_to_string(&file).unwrap_or_default();
            if !address.is_empty() && TcpStream::connect(&address).is_ok() {
                return Ok(Self { child, address });
            }
            if started.elapsed() > LATE {
                return Err(Error::other("picket run does not answer"));
            }
            thread::sleep(Duration::from_millis(10));
        }
    }

    /// Stops it as an operator would; gives the most memory it held.
    fn stop(mut self) -> io::Result<u64> {
        let peak = peak_of(self.child.id());
        Command::new("kill").arg(self.child.id().to_string()).status()?;
        self.child.wait()?;
        Ok(peak)
    }
}

/// What came of one body: when it was answered, and the id of the theft in it.
enum Sent {
    Accepted(Option<String>, Instant),
    Refused,
}

fn gather(reports: &Receiver<io::Result<Sent>>) -> io::Result<(Moments, u64)> {
    let (mut sent, mut refused) = (Moments::new(), 0);
    for report in reports {
        match report? {
            Sent::Accepted(Some(id), answered) => drop(sent.insert(id, answered)),
            Sent::Accepted(None, _) => {}
            Sent::Refused => refused += 1,
        }
    }
    Ok((sent, refused))
}

/// One connection: its share of the bodies, each at its time.
fn drive(connection: u64, address: &str, report: &Sender<io::Result<Sent>>) {
    let run = || -> io::Result<()> {
        let mut stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(LATE))?;
        let bodies = RECORDS_A_SECOND * SECONDS / RECORDS_A_BODY;
        let share = bodies / CONNECTIONS;
        let gap = Duration::from_secs(SECONDS) / u32::try_from(bodies).unwrap_or(1);
        let mut records = Corpus::new(Keys::Uniform(PRINCIPALS), u64::MAX, 0);
        let mut random = Random(connection + 1);
        let started = Instant::now();
        for body in 0..share {
            let number = body * CONNECTIONS + connection;
            let (text, theft) = body_of(number, &mut records, &mut random);
            let at = started + gap * u32::try_from(number).unwrap_or(u32::MAX);
            thread::sleep(at.saturating_duration_since(Instant::now()));
            let accepted = post(&mut stream, &text)?;
            let sent = if accepted { Sent::Accepted(theft, Instant::now()) } else { Sent::Refused };
            if report.send(Ok(sent)).is_err() {
                break;
            }
        }
        Ok(())
    };
    if let Err(error) = run() {
        let _nobody_listens = report.send(Err(error)).is_err();
    }
}

/// Honest sign-ins of the day after the history, and now and then a thief's.
fn body_of(number: u64, records: &mut Corpus, random: &mut Random) -> (Vec<u8>, Option<String>) {
    let second = HISTORY.1 * 86_400 + 3_600 + number / 100;
    let thief = number.is_multiple_of(BODIES_A_THEFT).then(|| {
        let mut victims = (0..PRINCIPALS as u64).map(Principal::new).filter(|victim| !victim.is_managed());
        let victim = victims.nth((number / BODIES_A_THEFT) as usize).unwrap_or(Principal::new(0));
        SignIn::theft(victim, second, random)
    });
    let mut text = Vec::new();
    let honest = RECORDS_A_BODY - u64::from(thief.is_some());
    for _ in 0..honest {
        let principal = Principal::new(records.draw());
        text.extend_from_slice(&SignIn::honest(principal, second, random).line(60));
        text.push(b'\n');
    }
    if let Some(thief) = &thief {
        text.extend_from_slice(&thief.line(60));
        text.push(b'\n');
    }
    (text, thief.map(|thief| thief.id()))
}

/// Posts a body over the open connection; true if the answer is 202.
fn post(stream: &mut TcpStream, body: &[u8]) -> io::Result<bool> {
    let head = format!("POST /v1/ingest HTTP/1.1\r\nhost: localhost\r\ncontent-length: {}\r\n\r\n", body.len());
    stream.write_all(&[head.as_bytes(), body].concat())?;
    let mut answer = BufReader::new(stream);
    let (mut status, mut line, mut length) = (String::new(), String::new(), 0);
    answer.read_line(&mut status)?;
    loop {
        line.clear();
        if answer.read_line(&mut line)? == 0 {
            return Err(Error::other("the connection was closed"));
        }
        if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().unwrap_or(0);
        }
        if line.trim().is_empty() {
            break;
        }
    }
    io::copy(&mut answer.take(length), &mut io::sink())?;
    Ok(status.contains(" 202 "))
}

/// Notes when each sign-in's detection appears in the file.
fn watch(path: &Path, ended: &AtomicBool) -> io::Result<Moments> {
    let mut file = open(path)?;
    let (mut seen, mut text) = (Moments::new(), Vec::new());
    let skipped = file.read_to_end(&mut text)?;
    text.drain(..skipped);
    loop {
        let read = file.read_to_end(&mut text)?;
        let now = Instant::now();
        while let Some(end) = text.iter().position(|byte| *byte == b'\n') {
            let line: Vec<u8> = text.drain(..=end).collect();
            let line = String::from_utf8_lossy(&line);
            let id = line.split_once(r#""requestId":""#).and_then(|(_, rest)| rest.split('"').next());
            // A later detection may name the same sign-in: the old place goes on.
            if let Some(id) = id {
                seen.entry(id.to_owned()).or_insert(now);
            }
        }
        if read == 0 && ended.load(Ordering::Acquire) {
            return Ok(seen);
        }
        thread::sleep(Duration::from_millis(1));
    }
}

fn open(path: &Path) -> io::Result<File> {
    let path: PathBuf = path.to_owned();
    File::open(&path).map_err(|error| Error::other(format!("{}: {error}", path.display())))
}

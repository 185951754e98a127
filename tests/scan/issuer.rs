//! An issuer of tokens on this machine: answers every request alike, and remembers what it was asked.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

/// What it answers.
#[derive(Debug, Clone)]
pub(crate) struct Reply {
    status: u16,
    location: Option<String>,
    body: String,
    manner: Manner,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Manner {
    Answers,
    HangsUp,
    Waits,
}

impl Reply {
    pub(crate) fn json(status: u16, body: &str) -> Self {
        Self { status, location: None, body: body.to_owned(), manner: Manner::Answers }
    }

    pub(crate) fn redirect(status: u16, to: &str) -> Self {
        Self { location: Some(to.to_owned()), ..Self::json(status, "{}") }
    }

    /// Hangs up without a word.
    pub(crate) fn silent() -> Self {
        Self { manner: Manner::HangsUp, ..Self::json(0, "") }
    }

    /// Keeps the connection and says nothing.
    pub(crate) fn never() -> Self {
        Self { manner: Manner::Waits, ..Self::json(0, "") }
    }
}

/// What it was asked.
#[derive(Debug, Clone)]
pub(crate) struct Request {
    pub(crate) line: String,
    pub(crate) body: String,
}

/// The issuer; ends when dropped.
pub(crate) struct Issuer {
    address: SocketAddr,
    requests: Arc<Mutex<Vec<Request>>>,
    ended: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Issuer {
    pub(crate) fn start(reply: Reply) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("an address");
        let (requests, ended) = (Arc::<Mutex<Vec<Request>>>::default(), Arc::<AtomicBool>::default());
        let (heard, end) = (Arc::clone(&requests), Arc::clone(&ended));
        let thread = std::thread::spawn(move || {
            let mut kept = Vec::new();
            for connection in listener.incoming().map_while(Result::ok) {
                if end.load(Ordering::SeqCst) {
                    return;
                }
                if reply.manner == Manner::Waits {
                    kept.push(connection);
                    continue;
                }
                if let Some(request) = read(&connection) {
                    heard.lock().expect("unbroken").push(request);
                    if reply.manner == Manner::Answers {
                        answer(connection, &reply);
                    }
                }
            }
        });
        Self { address, requests, ended, thread: Some(thread) }
    }

    pub(crate) fn address(&self) -> String {
        format!("http://{}", self.address)
    }

    pub(crate) fn requests(&self) -> Vec<Request> {
        self.requests.lock().expect("unbroken").clone()
    }
}

impl Drop for Issuer {
    fn drop(&mut self) {
        self.ended.store(true, Ordering::SeqCst);
        let _woken = TcpStream::connect(self.address);
        if let Some(thread) = self.thread.take() {
            thread.join().expect("it ends");
        }
    }
}

/// Reads a request with a length; `None` if it breaks off.
fn read(connection: &TcpStream) -> Option<Request> {
    let mut reader = BufReader::new(connection);
    let mut lines = Vec::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok().filter(|read| *read > 0)?;
        match line.trim_end() {
            "" => break,
            line => lines.push(line.to_owned()),
        }
    }
    let length =
        lines.iter().find_map(|line| line.to_ascii_lowercase().strip_prefix("content-length:")?.trim().parse().ok());
    let mut body = vec![0; length.unwrap_or(0)];
    reader.read_exact(&mut body).ok()?;
    Some(Request { line: lines.first()?.clone(), body: String::from_utf8(body).ok()? })
}

fn answer(mut connection: TcpStream, reply: &Reply) {
    let location = reply.location.as_ref().map_or_else(String::new, |to| format!("Location: {to}\r\n"));
    let (status, length) = (reply.status, reply.body.len());
    let head = format!(
        "HTTP/1.1 {status} Said\r\nContent-Type: application/json\r\n{location}Content-Length: {length}\r\n\r\n"
    );
    let _hung_up = connection.write_all((head + &reply.body).as_bytes());
}

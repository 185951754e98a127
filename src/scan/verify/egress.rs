//! The only way out: POST requests to the hosts that the operator named.

use super::terms::{Terms, host, is_safe};
use super::verification::Because;
use super::wiping::WipingConnector;
use std::collections::BTreeSet;
use std::io::Read;
use ureq::http::Uri;
use ureq::unversioned::resolver::DefaultResolver;
use ureq::unversioned::transport::{Connector, RustlsConnector, TcpConnector};
use ureq::{Agent, Error};
use zeroize::Zeroizing;

/// The longest answer that is read. Tokens with many claims have a few kilobytes.
const LONGEST_ANSWER: usize = 64 << 10;

/// Sends to allowed hosts, follows no redirect, uses no proxy, keeps no connection.
#[derive(Debug)]
pub struct Egress {
    agent: Agent,
    hosts: BTreeSet<String>,
}

/// An answer, whatever its status.
pub struct Reply {
    /// The status.
    pub status: u16,
    /// The body, as far as it is read; wiped when dropped.
    pub body: Zeroizing<Vec<u8>>,
}

impl std::fmt::Debug for Reply {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Reply").field("status", &self.status).finish_non_exhaustive()
    }
}

/// Why nothing was sent, or no answer came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Refusal {
    /// The host is not on the list, or somebody on the way could listen.
    #[error("the address is not one that secrets may be sent to")]
    NotAllowed,
    /// No answer in time.
    #[error("no answer came in time")]
    TimedOut,
    /// No connection, or no trusted one.
    #[error("the host could not be reached, or its certificate is not trusted")]
    Unreachable,
    /// The answer is no HTTP, or breaks off.
    #[error("the answer could not be read")]
    Unreadable,
}

impl From<Refusal> for Because {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::NotAllowed => Self::NotAllowed,
            Refusal::TimedOut => Self::TimedOut,
            Refusal::Unreachable => Self::Unreachable,
            Refusal::Unreadable => Self::Unreadable,
        }
    }
}

impl Egress {
    /// To the hosts of these terms.
    pub fn new(terms: &Terms) -> Self {
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .proxy(None)
            .max_idle_connections(0)
            .user_agent(concat!("picket/", env!("CARGO_PKG_VERSION")))
            .timeout_global(Some(terms.timeout))
            .build();
        let connector = ().chain(TcpConnector::default()).chain(RustlsConnector::default()).chain(WipingConnector);
        let agent = Agent::with_parts(config, connector, DefaultResolver::default());
        Self { agent, hosts: terms.hosts.iter().map(|host| host.to_ascii_lowercase()).collect() }
    }

    /// Whether an address may be sent to.
    pub fn allows(&self, url: &str) -> bool {
        url.parse::<Uri>().is_ok_and(|uri| self.is_allowed(&uri))
    }

    fn is_allowed(&self, uri: &Uri) -> bool {
        is_safe(uri) && host(uri).is_some_and(|host| self.hosts.contains(&host.to_ascii_lowercase()))
    }

    /// Sends a form.
    ///
    /// # Errors
    /// When the address is not allowed, or no answer came.
    pub fn post_form(&self, url: &str, form: &[u8]) -> Result<Reply, Refusal> {
        let uri: Uri = url.parse().map_err(|_| Refusal::NotAllowed)?;
        if !self.is_allowed(&uri) {
            return Err(Refusal::NotAllowed);
        }
        let request = self.agent.post(uri).header("content-type", "application/x-www-form-urlencoded");
        let mut response = request.header("accept", "application/json").send(form).map_err(|error| refusal(&error))?;
        // Made as large as it may get, so that no copy is left behind by growing.
        let mut body = Zeroizing::new(Vec::with_capacity(LONGEST_ANSWER));
        let mut reader = response.body_mut().as_reader().take(LONGEST_ANSWER as u64);
        read_to_end(&mut reader, &mut body)?;
        Ok(Reply { status: response.status().as_u16(), body })
    }
}

/// Reads into what is allocated already.
fn read_to_end(reader: &mut impl Read, body: &mut Vec<u8>) -> Result<(), Refusal> {
    let mut piece = Zeroizing::new([0; 4096]);
    loop {
        let read =
            super::super::window::read_some(reader, piece.as_mut_slice()).map_err(|error| match error.kind() {
                std::io::ErrorKind::TimedOut => Refusal::TimedOut,
                _ => Refusal::Unreadable,
            })?;
        if read == 0 {
            return Ok(());
        }
        body.extend_from_slice(piece.get(..read).unwrap_or_default());
    }
}

/// The error without its text, which may quote what was sent.
fn refusal(error: &Error) -> Refusal {
    match error {
        Error::Timeout(_) => Refusal::TimedOut,
        Error::Io(error) if error.kind() == std::io::ErrorKind::TimedOut => Refusal::TimedOut,
        Error::Protocol(_) | Error::LargeResponseHeader(..) => Refusal::Unreadable,
        _ => Refusal::Unreachable,
    }
}

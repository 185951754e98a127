//! On what terms issuers are asked, as the operator sets them.

use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;
use ureq::http::Uri;

/// What the operator allows.
#[derive(Debug, Clone)]
pub struct Terms {
    /// The hosts that may be asked; nobody, if it is empty.
    pub hosts: Vec<String>,
    /// Where Entra issues tokens.
    pub endpoint: String,
    /// Requests a minute, at most.
    pub per_minute: usize,
    /// How long a request may take, from looking up the host to the end of the answer.
    pub timeout: Duration,
    /// The file that accounts for every request.
    pub audit: Option<PathBuf>,
}

/// Whether text is an address that secrets may be sent to: over TLS, or to this machine.
pub fn is_endpoint(text: &str) -> bool {
    let Ok(uri) = text.parse::<Uri>() else { return false };
    let is_plain = uri.query().is_none() && uri.authority().is_some_and(|authority| !authority.as_str().contains('@'));
    is_plain && is_safe(&uri)
}

/// Whether nobody on the way can listen.
pub(super) fn is_safe(uri: &Uri) -> bool {
    match (uri.scheme_str(), host(uri)) {
        (Some("https"), Some(_)) => true,
        (Some("http"), Some(host)) => host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback()),
        _ => false,
    }
}

/// The host of an address, without the brackets of IPv6.
pub(super) fn host(uri: &Uri) -> Option<&str> {
    let host = uri.host()?;
    let bare = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(host);
    Some(bare).filter(|host| !host.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_go_over_tls_or_stay_on_this_machine() {
        let cases = [
            ("https://login.microsoftonline.com", true),
            ("https://login.microsoftonline.us/", true),
            ("http://127.0.0.1:8080", true),
            ("http://[::1]:8080", true),
            ("http://login.microsoftonline.com", false),
            ("http://localhost:8080", false),
            ("http://127.0.0.1.example.org", false),
            ("https://user@login.microsoftonline.com", false),
            ("https://login.microsoftonline.com/?to=", false),
            ("login.microsoftonline.com", false),
            ("ftp://login.microsoftonline.com", false),
            ("", false),
        ];
        for (text, expected) in cases {
            assert_eq!(is_endpoint(text), expected, "{text}");
        }
    }
}

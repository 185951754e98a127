//! Tokens for the `OAUTHBEARER` login, fetched in Rust so that librdkafka needs no HTTP client of its own.

use crate::clock;
use crate::config::kafka::Token;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rdkafka::client::OAuthToken;
use serde::Deserialize;
use std::process::{Command, Stdio};

/// What is assumed of a token that names no end.
const DEFAULT_LIFETIME_MS: i64 = 5 * 60 * 1_000;

/// Why there is no token. Never quotes what was read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TokenError {
    /// The mechanism asks for a token, but none is configured.
    #[error("no source of tokens is configured: set kafka.token")]
    NoSource,
    /// The file can't be read.
    #[error("can't read the token file {}", path.display())]
    File {
        /// The file.
        path: std::path::PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The command is empty or can't be started.
    #[error("can't run the token command {program}")]
    Command {
        /// Its first word.
        program: String,
        /// Why.
        source: std::io::Error,
    },
    /// The command failed.
    #[error("the token command {program} ended with {status}")]
    Status {
        /// Its first word.
        program: String,
        /// How it ended.
        status: std::process::ExitStatus,
    },
    /// What came is no token.
    #[error("what the token source gave is not a JSON web token")]
    NotAToken,
}

/// The claims that librdkafka wants to know.
#[derive(Deserialize)]
struct Claims {
    sub: Option<String>,
    exp: Option<f64>,
}

/// Fetches a token from its source.
pub(crate) fn fetch(source: Option<&Token>) -> Result<OAuthToken, TokenError> {
    let text = match source.ok_or(TokenError::NoSource)? {
        Token::File(path) => {
            std::fs::read_to_string(path).map_err(|source| TokenError::File { path: path.clone(), source })?
        }
        Token::Command(words) => run(words)?,
    };
    describe(text.trim())
}

fn run(words: &[String]) -> Result<String, TokenError> {
    let (program, arguments) = words.split_first().ok_or(TokenError::NoSource)?;
    let output = Command::new(program)
        .args(arguments)
        .stdin(Stdio::null())
        .output()
        .map_err(|source| TokenError::Command { program: program.clone(), source })?;
    if !output.status.success() {
        return Err(TokenError::Status { program: program.clone(), status: output.status });
    }
    String::from_utf8(output.stdout).map_err(|_| TokenError::NotAToken)
}

/// Reads who the token is for and when it ends; the signature is the broker's business.
fn describe(token: &str) -> Result<OAuthToken, TokenError> {
    let payload = token.split('.').nth(1).ok_or(TokenError::NotAToken)?;
    let payload = URL_SAFE_NO_PAD.decode(payload.trim_end_matches('=')).map_err(|_| TokenError::NotAToken)?;
    let claims: Claims = serde_json::from_slice(&payload).map_err(|_| TokenError::NotAToken)?;
    let end = claims.exp.map_or_else(|| clock::now().micros() / 1_000 + DEFAULT_LIFETIME_MS, |s| (s * 1_000.0) as i64);
    Ok(OAuthToken {
        token: token.to_owned(),
        principal_name: claims.sub.unwrap_or_else(|| "picket".to_owned()),
        lifetime_ms: end,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unsecured(claims: &str) -> String {
        format!("{}.{}.", URL_SAFE_NO_PAD.encode(r#"{"alg":"none"}"#), URL_SAFE_NO_PAD.encode(claims))
    }

    #[test]
    fn a_token_says_whose_it_is_and_when_it_ends() {
        let token = describe(&unsecured(r#"{"sub":"scorer","exp":2000000000}"#)).expect("a token");
        assert_eq!(token.principal_name, "scorer");
        assert_eq!(token.lifetime_ms, 2_000_000_000_000);
    }

    #[test]
    fn a_command_prints_the_token() {
        let token = unsecured(r#"{"sub":"by-command","exp":2000000000}"#);
        let source = Token::Command(vec!["echo".to_owned(), token.clone()]);
        assert_eq!(fetch(Some(&source)).expect("a token").token, token);
    }

    #[test]
    fn what_is_no_token_is_named_without_quoting_it() {
        for text in ["", "one", "a.b", "a.!!.c", "a.bm9wZQ.c"] {
            let error = describe(text).err().expect("no token");
            assert_eq!(error.to_string(), "what the token source gave is not a JSON web token");
        }
        let failing = Token::Command(vec!["false".to_owned()]);
        assert!(matches!(fetch(Some(&failing)), Err(TokenError::Status { .. })));
    }
}

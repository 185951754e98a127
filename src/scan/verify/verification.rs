//! What came of asking.

use picket_detectors::event::{AppId, TenantId};
use serde::{Serialize, Serializer};
use std::fmt;

/// How a credential stands with its issuer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Standing {
    /// It works.
    Verified,
    /// It works no longer.
    Dead,
    /// Nobody can say.
    Unknown,
}

/// Why it is said to stand so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Because {
    /// The issuer gave a token for it.
    TokenIssued,
    /// The issuer knows no such secret of the application: removed, or never there.
    SecretRefused,
    /// It has expired.
    Expired,
    /// No application stands near it.
    NoApplication,
    /// No tenant stands near it.
    NoTenant,
    /// The nearest application or tenant does not know it, but others stand near, too.
    Ambiguous,
    /// The issuer's error code, which says nothing of the secret (`AADSTS…`).
    Code(u32),
    /// An HTTP status that says nothing of the secret.
    Status(u16),
    /// The issuer pointed elsewhere, and nobody goes there.
    Redirected,
    /// The host is not among those that may be asked.
    NotAllowed,
    /// No answer came in time.
    TimedOut,
    /// The issuer could not be reached, or is not who it says.
    Unreachable,
    /// The answer makes no sense.
    Unreadable,
}

impl fmt::Display for Because {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TokenIssued => f.write_str("token-issued"),
            Self::SecretRefused => f.write_str("secret-refused"),
            Self::Expired => f.write_str("expired"),
            Self::NoApplication => f.write_str("no-application-near-it"),
            Self::NoTenant => f.write_str("no-tenant-near-it"),
            Self::Ambiguous => f.write_str("refused-but-ambiguous"),
            Self::Code(code) => write!(f, "AADSTS{code}"),
            Self::Status(status) => write!(f, "http-{status}"),
            Self::Redirected => f.write_str("redirected"),
            Self::NotAllowed => f.write_str("host-not-allowed"),
            Self::TimedOut => f.write_str("timed-out"),
            Self::Unreachable => f.write_str("unreachable"),
            Self::Unreadable => f.write_str("unreadable-answer"),
        }
    }
}

impl Serialize for Because {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// An issuer's answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Answer {
    /// How the credential stands.
    pub standing: Standing,
    /// Why.
    pub because: Because,
}

impl Answer {
    /// The credential works.
    pub const WORKS: Self = Self { standing: Standing::Verified, because: Because::TokenIssued };

    /// It works no longer.
    pub fn dead(because: Because) -> Self {
        Self { standing: Standing::Dead, because }
    }

    /// Nobody can say.
    pub fn unknown(because: Because) -> Self {
        Self { standing: Standing::Unknown, because }
    }
}

/// What is told of a finding that was asked about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Verification {
    /// How it stands.
    pub result: Standing,
    /// Why.
    pub reason: Because,
    /// Who asked.
    pub verifier: &'static str,
    /// The tenant that was asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tenant: Option<TenantId>,
    /// The application that the secret was tried for.
    #[serde(skip_serializing_if = "Option::is_none", rename = "app_id")]
    pub app: Option<AppId>,
}

impl fmt::Display for Verification {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.result {
            Standing::Verified => f.write_str("verified: it works")?,
            Standing::Dead => write!(f, "works no longer ({})", self.reason)?,
            Standing::Unknown => write!(f, "not verified ({})", self.reason)?,
        }
        match (&self.app, self.result) {
            (Some(app), Standing::Verified | Standing::Dead) => write!(f, " for application {}", app.0),
            _ => Ok(()),
        }
    }
}

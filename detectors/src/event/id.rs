//! Identifiers as Entra writes them.
//!
//! Nearly every identifier is a GUID and is kept as 16 bytes. What is not (shortened exports, other services) is kept
//! as text, cut to [`Id::MAX_TEXT`] characters, and gets a derived 16-byte key, so that state is always keyed alike.

use compact_str::CompactString;
use serde::{Deserialize, Serialize, Serializer};
use std::fmt;
use uuid::Uuid;

/// The namespace of every id that Picket derives (version 5).
pub const NAMESPACE: Uuid = Uuid::from_u128(0x8d3c_5b1e_70a4_5c0e_9b1f_1f5c_6a52_7e11);

/// One identifier: a GUID, or text that is none.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Deserialize)]
pub enum Id {
    /// The usual form.
    Guid(Uuid),
    /// Anything else, cut to [`Id::MAX_TEXT`] characters.
    Text(CompactString),
}

impl Id {
    /// The longest text kept of an identifier that is no GUID.
    pub const MAX_TEXT: usize = 128;

    /// Reads an identifier; blank text is no identifier.
    pub fn parse(text: &str) -> Option<Self> {
        if let Ok(guid) = Uuid::try_parse(text) {
            return Some(Self::Guid(guid));
        }
        let text = text.trim();
        if text.is_empty() {
            return None;
        }
        if let Ok(guid) = Uuid::try_parse(text) {
            return Some(Self::Guid(guid));
        }
        Some(Self::Text(text.chars().take(Self::MAX_TEXT).collect()))
    }

    /// The 16 bytes that state is keyed by.
    pub fn key(&self) -> Uuid {
        match self {
            Self::Guid(guid) => *guid,
            Self::Text(text) => Uuid::new_v5(&NAMESPACE, text.as_bytes()),
        }
    }

    /// Whether this is the all-zero GUID, which Entra writes for "none".
    pub fn is_nil(&self) -> bool {
        matches!(self, Self::Guid(guid) if guid.is_nil())
    }
}

impl Serialize for Id {
    /// Text for people (JSON), the variants for stores.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() {
            return serializer.collect_str(self);
        }
        match self {
            Self::Guid(guid) => serializer.serialize_newtype_variant("Id", 0, "Guid", guid),
            Self::Text(text) => serializer.serialize_newtype_variant("Id", 1, "Text", text),
        }
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Guid(guid) => guid.as_hyphenated().fmt(f),
            Self::Text(text) => f.write_str(text),
        }
    }
}

macro_rules! typed_id {
    ($(#[$doc:meta] $name:ident),* $(,)?) => {$(
        #[$doc]
        #[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub Id);

        impl $name {
            /// Reads the identifier; blank text is none.
            pub fn parse(text: &str) -> Option<Self> {
                Id::parse(text).map(Self)
            }

            /// The 16 bytes that state is keyed by.
            pub fn key(&self) -> Uuid {
                self.0.key()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    )*};
}

typed_id! {
    /// A directory (tenant).
    TenantId,
    /// A service principal's object id: the identity that signs in.
    PrincipalId,
    /// An application's client id, the same in every tenant.
    AppId,
    /// An object id of anything that is not (known to be) a service principal: an application object, a user, a role.
    ObjectId,
    /// The key id of one credential.
    KeyId,
    /// What a record says its own id is; the unit of deduplication.
    EventId,
}

impl TenantId {
    /// The tenant of records that name none.
    pub const UNKNOWN: Self = Self(Id::Guid(Uuid::nil()));
}

impl Default for TenantId {
    fn default() -> Self {
        Self::UNKNOWN
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_guid_is_read_whatever_its_case_and_printed_in_lower_case() {
        let id = Id::parse(" B0000000-0000-4000-8000-00000000000A ").expect("an id");
        assert_eq!(id.to_string(), "b0000000-0000-4000-8000-00000000000a");
    }

    #[test]
    fn other_text_is_kept_and_keyed() {
        let id = Id::parse("tenant-123").expect("an id");
        assert_eq!(id.to_string(), "tenant-123");
        assert_ne!(id.key(), Id::parse("tenant-124").expect("an id").key());
    }

    #[test]
    fn blank_text_is_no_id() {
        assert_eq!(Id::parse("  "), None);
    }
}

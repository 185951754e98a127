//! What GitHub's records have in common.

use compact_str::CompactString;
use picket_detectors::event::{EventTime, Exposure};
use serde::de::{Deserialize, Deserializer, Error, Visitor};
use std::borrow::Cow;
use std::fmt;

/// Text, borrowed where JSON has no escapes in it.
#[derive(Debug, Default, PartialEq, Eq, PartialOrd, Ord, serde::Deserialize)]
pub(super) struct Text<'a>(#[serde(borrow)] pub(super) Cow<'a, str>);

impl Text<'_> {
    /// The longest text an event keeps of a path or a URL.
    const MAX: usize = 1_024;

    /// Kept for an event: cut, and `None` if blank.
    pub(super) fn keep(&self) -> Option<CompactString> {
        let text = self.0.trim();
        (!text.is_empty()).then(|| text.chars().take(Self::MAX).collect())
    }
}

/// Keeps an optional text for an event.
pub(super) fn keep(text: Option<&Text<'_>>) -> Option<CompactString> {
    text.and_then(Text::keep)
}

/// A time as GitHub writes it: RFC 3339 text, or seconds since 1970 in `push`. What is neither is no time.
#[derive(Debug, Clone, Copy)]
pub(super) struct Moment(pub(super) Option<EventTime>);

impl Moment {
    /// RFC 3339, or as git writes it: `2026-03-01 10:00:00 +0000`.
    pub(super) fn read(text: &str) -> Self {
        let mut parts = text.split_whitespace();
        let time: Option<jiff::Timestamp> = match (parts.next(), parts.next(), parts.next()) {
            (Some(date), Some(time), Some(offset)) => format!("{date}T{time}{offset}").parse().ok(),
            _ => text.trim().parse().ok(),
        };
        Self(time.map(|time| EventTime::from_micros(time.as_microsecond())))
    }
}

/// The first that is known of several times.
pub(super) fn first(moments: &[Option<Moment>]) -> Option<EventTime> {
    moments.iter().flatten().find_map(|moment| moment.0)
}

impl<'de> Deserialize<'de> for Moment {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(MomentVisitor)
    }
}

struct MomentVisitor;

impl Visitor<'_> for MomentVisitor {
    type Value = Moment;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a time")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Moment, E> {
        Ok(Moment::read(text))
    }

    fn visit_u64<E: Error>(self, seconds: u64) -> Result<Moment, E> {
        let micros = i64::try_from(seconds).ok().and_then(|seconds| seconds.checked_mul(EventTime::SECOND));
        Ok(Moment(micros.map(EventTime::from_micros)))
    }

    fn visit_i64<E: Error>(self, seconds: i64) -> Result<Moment, E> {
        Ok(Moment(seconds.checked_mul(EventTime::SECOND).map(EventTime::from_micros)))
    }
}

/// A repository.
#[derive(Debug, serde::Deserialize)]
pub(super) struct Repository<'a> {
    #[serde(borrow)]
    pub(super) full_name: Option<Text<'a>>,
    #[serde(borrow)]
    visibility: Option<Text<'a>>,
    private: Option<bool>,
    pub(super) pushed_at: Option<Moment>,
    pub(super) updated_at: Option<Moment>,
}

impl Repository<'_> {
    /// Who can see it. `visibility` is the newer member and tells internal from private; both are not public.
    pub(super) fn exposure(&self) -> Exposure {
        match (self.visibility.as_ref().map(|text| &*text.0), self.private) {
            (Some("public"), _) | (None, Some(false)) => Exposure::Public,
            (Some("private" | "internal"), _) | (_, Some(true)) => Exposure::Internal,
            (Some(_), Some(false)) => Exposure::Public,
            (_, None) => Exposure::Unknown,
        }
    }
}

//! Event time: when something happened, by the record that tells of it.

use serde::{Deserialize, Serialize, Serializer};
use std::fmt;

/// An instant in microseconds since 1970-01-01T00:00:00Z; spans the years 1 to 9999 and beyond.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default, Deserialize)]
#[serde(transparent)]
pub struct EventTime(i64);

/// Microseconds in a second.
const SECOND: i64 = 1_000_000;

/// A day number since 1970-01-01.
pub type Day = i32;

impl EventTime {
    /// One second, as a difference of two times.
    pub const SECOND: i64 = SECOND;
    /// One minute, as a difference of two times.
    pub const MINUTE: i64 = 60 * SECOND;
    /// One hour, as a difference of two times.
    pub const HOUR: i64 = 3_600 * SECOND;
    /// One day, as a difference of two times.
    pub const DAY: i64 = 86_400 * SECOND;

    /// From microseconds since the epoch.
    pub const fn from_micros(micros: i64) -> Self {
        Self(micros)
    }

    /// Microseconds since the epoch.
    pub const fn micros(self) -> i64 {
        self.0
    }

    /// This time moved by a difference in microseconds; stays at the ends of the range.
    #[must_use]
    pub const fn plus(self, micros: i64) -> Self {
        Self(self.0.saturating_add(micros))
    }

    /// The difference `self - earlier` in microseconds.
    pub const fn since(self, earlier: Self) -> i64 {
        self.0.saturating_sub(earlier.0)
    }

    /// The first moment of a day (UTC).
    pub const fn start_of(day: Day) -> Self {
        Self((day as i64).saturating_mul(Self::DAY))
    }

    /// The day it falls on (UTC).
    pub fn day(self) -> Day {
        Day::try_from(self.0.div_euclid(Self::DAY)).unwrap_or(Day::MAX)
    }

    /// The hour since the epoch.
    pub const fn hour(self) -> i64 {
        self.0.div_euclid(Self::HOUR)
    }

    /// The hour of the day (UTC), 0 to 23.
    pub const fn hour_of_day(self) -> u8 {
        self.0.div_euclid(Self::HOUR).rem_euclid(24) as u8
    }

    /// The minute of the hour, 0 to 59.
    pub const fn minute_of_hour(self) -> u8 {
        self.0.div_euclid(Self::MINUTE).rem_euclid(60) as u8
    }

    /// From a date and a time of day in UTC; `None` outside the calendar.
    pub fn from_civil(
        year: i32,
        month: u32,
        day: u32,
        hour: u32,
        minute: u32,
        second: u32,
        micros: u32,
    ) -> Option<Self> {
        let in_range = (1..=9999).contains(&year)
            && (1..=12).contains(&month)
            && (1..=days_in_month(year, month)).contains(&day)
            && hour < 24
            && minute < 60
            && second <= 60
            && micros < 1_000_000;
        if !in_range {
            return None;
        }
        let seconds = days_from_civil(year, month, day) * 86_400
            + i64::from(hour) * 3_600
            + i64::from(minute) * 60
            + i64::from(second.min(59));
        Some(Self(seconds * SECOND + i64::from(micros)))
    }
}

fn days_in_month(year: i32, month: u32) -> u32 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days since 1970-01-01 in the proleptic Gregorian calendar, counted in eras of 400 years from 1 March.
fn days_from_civil(year: i32, month: u32, day: u32) -> i64 {
    let year = i64::from(year) - i64::from(month <= 2);
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let month_from_march = (i64::from(month) + 9) % 12;
    let day_of_year = (153 * month_from_march + 2) / 5 + i64::from(day) - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

fn civil_from_days(days: i64) -> (i64, i64, i64) {
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    (year_of_era + era * 400 + i64::from(month <= 2), month, day)
}

impl fmt::Display for EventTime {
    /// RFC 3339 in UTC, with as many fraction digits (0, 3 or 6) as the value needs.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = civil_from_days(self.0.div_euclid(Self::DAY));
        let seconds = self.0.rem_euclid(Self::DAY) / SECOND;
        write!(f, "{year:04}-{month:02}-{day:02}T{:02}:{:02}:{:02}", seconds / 3_600, seconds / 60 % 60, seconds % 60)?;
        match self.0.rem_euclid(SECOND) {
            0 => f.write_str("Z"),
            micros if micros % 1_000 == 0 => write!(f, ".{:03}Z", micros / 1_000),
            micros => write!(f, ".{micros:06}Z"),
        }
    }
}

impl Serialize for EventTime {
    /// Text for people (JSON), the bare number for stores.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() { serializer.collect_str(self) } else { serializer.serialize_i64(self.0) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn prints_as_few_fraction_digits_as_it_needs() {
        let at = |micros| EventTime::from_civil(2026, 5, 4, 10, 0, 2, micros).expect("a date").to_string();
        assert_eq!(at(0), "2026-05-04T10:00:02Z");
        assert_eq!(at(120_000), "2026-05-04T10:00:02.120Z");
        assert_eq!(at(7), "2026-05-04T10:00:02.000007Z");
    }

    #[test]
    fn knows_the_calendar() {
        assert_eq!(EventTime::from_civil(1970, 1, 1, 0, 0, 0, 0), Some(EventTime::from_micros(0)));
        assert_eq!(EventTime::from_civil(2024, 2, 29, 0, 0, 0, 0).map(EventTime::day), Some(19_782));
        assert_eq!(EventTime::from_civil(2023, 2, 29, 0, 0, 0, 0), None);
        assert_eq!(EventTime::from_civil(1601, 1, 1, 0, 0, 0, 0).expect("a date").to_string(), "1601-01-01T00:00:00Z");
    }

    proptest! {
        #[test]
        fn a_printed_day_is_the_day_it_came_from(days in -700_000_i64..2_900_000) {
            let (year, month, day) = civil_from_days(days);
            prop_assert_eq!(days_from_civil(year as i32, month as u32, day as u32), days);
        }
    }
}

//! Moments as records write them.

use picket_detectors::event::EventTime;
use std::fmt;

/// A moment with seven digits after the second, as Entra writes them, and without a zone.
#[derive(Debug, Clone, Copy)]
pub(super) struct Stamp(pub(super) EventTime);

impl fmt::Display for Stamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let micros = self.0.micros();
        let (day, rest) = (micros.div_euclid(EventTime::DAY), micros.rem_euclid(EventTime::DAY));
        let (year, month, day) = civil(day);
        let (seconds, fraction) = (rest / EventTime::SECOND, rest % EventTime::SECOND);
        let (hour, minute, second) = (seconds / 3_600, seconds / 60 % 60, seconds % 60);
        write!(f, "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{fraction:06}0")
    }
}

/// Year, month and day of a day since the epoch (the usual reckoning in 400-year eras that begin in March).
fn civil(day: i64) -> (i64, i64, i64) {
    let shifted = day + 719_468;
    let (era, of_era) = (shifted.div_euclid(146_097), shifted.rem_euclid(146_097));
    let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    (year + 400 * era + i64::from(month <= 2), month, day)
}

/// Monday is 0.
pub(super) fn weekday(time: EventTime) -> i64 {
    (time.micros().div_euclid(EventTime::DAY) + 3).rem_euclid(7)
}

/// Day of the month.
pub(super) fn day_of_month(time: EventTime) -> i64 {
    civil(time.micros().div_euclid(EventTime::DAY)).2
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_written_as_entra_does() {
        let text = |seconds: i64| Stamp(EventTime::from_micros(seconds * EventTime::SECOND + 123_456)).to_string();
        assert_eq!(text(0), "1970-01-01T00:00:00.1234560");
        assert_eq!(text(951_782_400), "2000-02-29T00:00:00.1234560");
        assert_eq!(text(1_772_409_600 + 3_661), "2026-03-02T01:01:01.1234560");
    }

    #[test]
    fn weekdays_are_counted_from_monday() {
        // 2026-03-02 was a Monday.
        assert_eq!(weekday(EventTime::from_micros(1_772_409_600 * EventTime::SECOND)), 0);
        assert_eq!(day_of_month(EventTime::from_micros(1_772_409_600 * EventTime::SECOND)), 2);
    }
}

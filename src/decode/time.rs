//! Times in all the forms that exports write.
//!
//! ISO 8601 (`T` or a space; no fraction or up to nine digits; `Z`, an offset, or nothing, which means UTC) and the
//! American form of some exports (`11/14/2025 1:48:53 AM`, `1/9/2007 10:41:00 AM +01:00`).

use picket_detectors::event::EventTime;

/// Reads a time; `None` for what is none.
pub fn parse(text: &str) -> Option<EventTime> {
    let mut cursor = Cursor { rest: text.trim().as_bytes() };
    let (first, length) = cursor.digits(4)?;
    match (length, cursor.next()?) {
        (4, b'-') => cursor.iso(first),
        (1 | 2, b'/') => cursor.american(first),
        _ => None,
    }
}

struct Cursor<'a> {
    rest: &'a [u8],
}

/// A time of day in UTC terms: hours, minutes, seconds, microseconds.
#[derive(Default)]
struct Clock(u32, u32, u32, u32);

impl Cursor<'_> {
    fn iso(mut self, year: u32) -> Option<EventTime> {
        let month = self.exactly_two()?;
        self.expect(b'-')?;
        let day = self.exactly_two()?;
        if self.rest.is_empty() {
            return civil(year, month, day, &Clock::default(), 0);
        }
        if !matches!(self.next()?, b'T' | b't' | b' ') {
            return None;
        }
        let clock = self.clock()?;
        let offset = self.offset()?;
        civil(year, month, day, &clock, offset)
    }

    fn american(mut self, month: u32) -> Option<EventTime> {
        let (day, _) = self.digits(2)?;
        self.expect(b'/')?;
        let (year, 4) = self.digits(4)? else { return None };
        if self.rest.is_empty() {
            return civil(year, month, day, &Clock::default(), 0);
        }
        self.expect(b' ')?;
        let mut clock = self.clock()?;
        self.spaces();
        if let [half @ (b'A' | b'a' | b'P' | b'p'), b'M' | b'm', rest @ ..] = self.rest {
            if !(1..=12).contains(&clock.0) {
                return None;
            }
            clock.0 = clock.0 % 12 + if half.eq_ignore_ascii_case(&b'p') { 12 } else { 0 };
            self.rest = rest;
        }
        let offset = self.offset()?;
        civil(year, month, day, &clock, offset)
    }

    /// `h:mm[:ss[.fraction]]`.
    fn clock(&mut self) -> Option<Clock> {
        let (hour, _) = self.digits(2)?;
        self.expect(b':')?;
        let minute = self.exactly_two()?;
        if !self.take(b':') {
            return Some(Clock(hour, minute, 0, 0));
        }
        let second = self.exactly_two()?;
        let micros = if self.take(b'.') { self.fraction()? } else { 0 };
        Some(Clock(hour, minute, second, micros))
    }

    /// Up to nine digits, cut to microseconds.
    fn fraction(&mut self) -> Option<u32> {
        let mut micros = 0;
        let mut count = 0;
        while let [digit @ b'0'..=b'9', rest @ ..] = self.rest {
            if count < 6 {
                micros = micros * 10 + u32::from(digit - b'0');
            }
            count += 1;
            self.rest = rest;
        }
        if count > 9 {
            return None;
        }
        for _ in count..6 {
            micros *= 10;
        }
        Some(micros)
    }

    /// `Z`, `±hh`, `±hhmm`, `±hh:mm` or nothing; seconds east of Greenwich.
    fn offset(mut self) -> Option<i64> {
        self.spaces();
        let east = match self.rest {
            [] | [b'Z' | b'z'] => return Some(0),
            [b'+', rest @ ..] => {
                self.rest = rest;
                1
            }
            [b'-', rest @ ..] => {
                self.rest = rest;
                -1
            }
            _ => return None,
        };
        let hours = self.exactly_two()?;
        self.take(b':');
        let minutes = if self.rest.is_empty() { 0 } else { self.exactly_two()? };
        let in_range = self.rest.is_empty() && hours < 24 && minutes < 60;
        in_range.then(|| east * i64::from(hours * 3_600 + minutes * 60))
    }

    fn digits(&mut self, most: usize) -> Option<(u32, usize)> {
        let mut number = 0;
        let mut count = 0;
        while let [digit @ b'0'..=b'9', rest @ ..] = self.rest {
            if count == most {
                break;
            }
            number = number * 10 + u32::from(digit - b'0');
            count += 1;
            self.rest = rest;
        }
        (count > 0).then_some((number, count))
    }

    fn exactly_two(&mut self) -> Option<u32> {
        let [tens @ b'0'..=b'9', ones @ b'0'..=b'9', rest @ ..] = self.rest else { return None };
        self.rest = rest;
        Some(u32::from(tens - b'0') * 10 + u32::from(ones - b'0'))
    }

    fn next(&mut self) -> Option<u8> {
        let (first, rest) = self.rest.split_first()?;
        self.rest = rest;
        Some(*first)
    }

    fn expect(&mut self, byte: u8) -> Option<()> {
        self.take(byte).then_some(())
    }

    fn take(&mut self, byte: u8) -> bool {
        let found = self.rest.first() == Some(&byte);
        if found {
            self.next();
        }
        found
    }

    fn spaces(&mut self) {
        while self.take(b' ') {}
    }
}

fn civil(year: u32, month: u32, day: u32, clock: &Clock, offset: i64) -> Option<EventTime> {
    let year = i32::try_from(year).ok()?;
    let local = EventTime::from_civil(year, month, day, clock.0, clock.1, clock.2, clock.3)?;
    Some(local.plus(-offset * EventTime::SECOND))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const CASES: &[(&str, &str)] = &[
        ("2022-02-08T06:22:28.3518405Z", "2022-02-08T06:22:28.351840Z"),
        ("2026-05-04T10:00:02.0000000+00:00", "2026-05-04T10:00:02Z"),
        ("2023-07-26 22:58:30.983201900", "2023-07-26T22:58:30.983201Z"),
        ("2026-05-04T10:00:02", "2026-05-04T10:00:02Z"),
        ("2026-05-04T12:00:02+02:00", "2026-05-04T10:00:02Z"),
        ("2026-05-04T10:00:02.12z", "2026-05-04T10:00:02.120Z"),
        ("11/14/2025 1:48:53 AM", "2025-11-14T01:48:53Z"),
        ("11/14/2025 12:48:53 AM", "2025-11-14T00:48:53Z"),
        ("11/14/2025 12:48:53 PM", "2025-11-14T12:48:53Z"),
        ("01/09/2007 09:41:00", "2007-01-09T09:41:00Z"),
        ("1/9/2007 10:41:00 AM +01:00", "2007-01-09T09:41:00Z"),
        ("1601-01-01T00:00:00Z", "1601-01-01T00:00:00Z"),
        ("9999-12-31T23:59:59.9999999Z", "9999-12-31T23:59:59.999999Z"),
        ("0001-01-01T00:00:00", "0001-01-01T00:00:00Z"),
        ("2026-05-04", "2026-05-04T00:00:00Z"),
    ];

    #[test]
    fn every_form_that_exports_write_is_read() {
        for (text, expected) in CASES {
            assert_eq!(parse(text).map(|time| time.to_string()).as_deref(), Some(*expected), "{text}");
        }
    }

    #[test]
    fn what_is_no_time_is_refused() {
        for text in [
            "",
            "now",
            "2026",
            "2026-13-01T00:00:00Z",
            "2026-02-30T00:00:00Z",
            "2026-05-04T25:00:00Z",
            "0000-01-01T00:00:00Z",
            "2026-05-04T10:00:02.0123456789Z",
            "2026-05-04T10:00:02 PST",
            "13/32/2025 1:00:00 AM",
            "11/14/2025 13:48:53 AM",
            "2026-05-04T10:00:02Z and more",
            "１2026-05-04",
            "99999-01-01T00:00:00Z",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn agrees_with_jiff_on_every_iso_time(
            seconds in -62_135_596_800_i64..=253_402_207_200,
            nanos in 0_u32..1_000_000_000,
            digits in 0_usize..=9,
            offset in -20_i32..=20,
            space: bool,
        ) {
            let instant = jiff::Timestamp::new(seconds, 0).expect("in range");
            let zone = jiff::tz::Offset::from_seconds(offset * 1_800).expect("in range");
            let local = zone.to_datetime(instant);
            let fraction: String = format!("{nanos:09}").chars().take(digits).collect();
            let fraction = if digits == 0 { String::new() } else { format!(".{fraction}") };
            let text = format!(
                "{:04}-{:02}-{:02}{}{:02}:{:02}:{:02}{fraction}{}{:02}:{:02}",
                local.year(), local.month(), local.day(), if space { ' ' } else { 'T' },
                local.hour(), local.minute(), local.second(),
                if offset < 0 { '-' } else { '+' }, (offset * 30).abs() / 60, (offset * 30).abs() % 60,
            );
            prop_assume!(local.year() >= 1);
            let expected: jiff::Timestamp = text.parse().expect("jiff reads it");
            let ours = parse(&text).expect("we read it");
            prop_assert_eq!(ours.micros(), expected.as_nanosecond().div_euclid(1_000) as i64, "{}", text);
        }
    }
}

//! When workloads sign in.

use super::kind::WorkloadKind;
use super::random::Random;
use super::stamp::{day_of_month, weekday};
use picket_detectors::event::EventTime;

/// A schedule.
#[derive(Debug, Clone)]
pub(super) enum Rhythm {
    /// At these minutes of each day, late by up to so many seconds.
    Daily { minutes: Vec<u16>, workdays: bool, jitter: u32 },
    /// At any time, mostly in the working hours of a zone.
    Working { mean_hours: f64, zone: i64 },
    /// At any time, day and night.
    Always { mean_hours: f64 },
    /// Whenever the token runs out: 60 to 90 minutes after the last.
    Renewal { minutes: u16 },
    /// Once a month.
    Monthly { day: i64, minute: u16 },
}

impl Rhythm {
    /// What a kind of workload does.
    pub(super) fn of(kind: WorkloadKind, zone: i64, random: &mut Random) -> Self {
        match kind {
            WorkloadKind::Cron => Self::daily(random),
            WorkloadKind::Service | WorkloadKind::MultiRegion | WorkloadKind::SystemIdentity => match random.below(4) {
                0 => Self::Always { mean_hours: random.between(1.0, 4.0) },
                1 => Self::daily(random),
                _ => Self::renewal(random),
            },
            WorkloadKind::Pipeline | WorkloadKind::FederatedPipeline => {
                Self::Working { mean_hours: random.between(0.6, 6.0), zone }
            }
            WorkloadKind::Person => Self::Working { mean_hours: random.between(4.0, 20.0), zone },
            WorkloadKind::Agent => Self::Working { mean_hours: random.between(0.7, 4.0), zone },
            WorkloadKind::Vendor | WorkloadKind::Daemon => match random.below(3) {
                0 => Self::Always { mean_hours: random.between(1.0, 5.0) },
                _ => Self::renewal(random),
            },
            WorkloadKind::Containers | WorkloadKind::UserIdentity => {
                Self::Always { mean_hours: random.between(0.6, 5.0) }
            }
            WorkloadKind::Dormant => Self::Always { mean_hours: random.between(300.0, 900.0) },
            WorkloadKind::Monthly => Self::Monthly { day: random.whole(1, 28), minute: random.below(1_440) as u16 },
            WorkloadKind::Scanner => Self::Always { mean_hours: 0.01 },
        }
    }

    fn daily(random: &mut Random) -> Self {
        let times = random.pick(&[1_usize, 1, 2, 2, 3, 4, 6, 8, 12, 24]);
        let start = random.below(1_440 / times) as u16;
        let minutes = (0..times).map(|n| start + (n * 1_440 / times) as u16).collect();
        Self::Daily { minutes, workdays: random.chance(0.25), jitter: random.pick(&[5_u32, 30, 120, 600]) }
    }

    fn renewal(random: &mut Random) -> Self {
        Self::Renewal { minutes: random.pick(&[55_u16, 60, 65, 75, 85, 120, 240]) }
    }

    /// The next time after one.
    pub(super) fn next(&self, after: EventTime, random: &mut Random) -> EventTime {
        match self {
            Self::Daily { minutes, workdays, jitter } => {
                let late = random.whole(0, i64::from(*jitter)) * EventTime::SECOND + random.whole(0, 999_999);
                next_of_day(minutes, *workdays, after).plus(late)
            }
            Self::Working { mean_hours, zone } => working(*mean_hours, *zone, after, random),
            Self::Always { mean_hours } => after.plus(hours(random.wait(*mean_hours))),
            Self::Renewal { minutes } => {
                let minutes = f64::from(*minutes) * random.between(1.0, 1.25);
                after.plus(hours(minutes / 60.0))
            }
            Self::Monthly { day, minute } => {
                let mut at = midnight(after).plus(i64::from(*minute) * EventTime::MINUTE + random.whole(0, 90_000_000));
                while at <= after || day_of_month(at) != *day {
                    at = at.plus(EventTime::DAY);
                }
                at
            }
        }
    }
}

fn hours(hours: f64) -> i64 {
    (hours * EventTime::HOUR as f64) as i64 + 1
}

fn midnight(time: EventTime) -> EventTime {
    EventTime::from_micros(time.micros().div_euclid(EventTime::DAY) * EventTime::DAY)
}

/// The next minute of the list that lies after the current one: what is late by jitter is not run twice.
fn next_of_day(minutes: &[u16], workdays: bool, after: EventTime) -> EventTime {
    let mut day = midnight(after);
    for _ in 0..9 {
        let runs = !workdays || weekday(day) < 5;
        let at = |minute: &u16| day.plus(i64::from(*minute) * EventTime::MINUTE);
        let later = minutes.iter().map(at).find(|at| at.since(after) > 0);
        if let Some(later) = later.filter(|_| runs) {
            return later;
        }
        day = day.plus(EventTime::DAY);
    }
    day
}

/// A memoryless process whose pace follows the hours of the day and the days of the week.
fn working(mean_hours: f64, zone: i64, after: EventTime, random: &mut Random) -> EventTime {
    let mut at = after;
    loop {
        at = at.plus(hours(random.wait(mean_hours * 0.4)));
        let local = at.plus(zone * EventTime::HOUR);
        let pace = match (weekday(local), local.hour_of_day()) {
            (5 | 6, _) => 0.06,
            (_, 8..=17) => 1.0,
            (_, 7 | 18..=20) => 0.3,
            _ => 0.04,
        };
        if random.chance(pace) {
            return at;
        }
    }
}

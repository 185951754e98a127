//! Values of risky episodes, kept apart from what is normal until someone says they are, or time does.

use super::habits::{Habits, Property};
use super::occasions::{Occasions, landmark};
use crate::event::Day;
use compact_str::CompactString;
use serde::{Deserialize, Serialize};

/// One value that is not trusted yet.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Quarantined {
    /// Of which property.
    pub property: Property,
    /// The value.
    pub value: u32,
    /// The cause of the episode that put it here.
    pub cause: CompactString,
    /// Days on which it was seen since.
    pub days: Occasions,
}

/// The second, bounded habit section.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Quarantine {
    values: Vec<Quarantined>,
}

impl Quarantine {
    /// How many values are kept; the one seen last on the oldest day is given up first (it then counts as never seen).
    const CAPACITY: usize = 64;
    /// After this many distinct days without corroboration a value becomes normal (design, *Quarantine*).
    const DAYS_TO_PROMOTION: u32 = 7;

    /// Whether nothing is held.
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// The value's entry, if it is held.
    pub fn find(&self, property: Property, value: u32) -> Option<&Quarantined> {
        self.values.iter().find(|held| held.property == property && held.value == value)
    }

    /// Whether a value is held for this cause.
    pub fn holds_for(&self, cause: &str) -> bool {
        self.values.iter().any(|held| held.cause == cause)
    }

    /// How many values of a property are held since a day.
    pub fn held_on(&self, property: Property, day: Day) -> usize {
        let since = |held: &&Quarantined| held.property == property && held.days.days().last() == Some(day);
        self.values.iter().filter(since).count()
    }

    /// Holds a value, or counts one more day of one held. `before` are days it was already counted on as normal.
    pub fn hold(&mut self, property: Property, value: u32, cause: &str, day: Day, before: Option<Occasions>) -> bool {
        let landmark = landmark(day);
        if let Some(held) = self.values.iter_mut().find(|held| held.property == property && held.value == value) {
            let earlier = cause < held.cause.as_str();
            if earlier {
                held.cause = cause.into();
            }
            return held.days.add(day, landmark) || earlier;
        }
        if self.values.len() >= Self::CAPACITY {
            self.drop_oldest();
        }
        let mut days = before.unwrap_or_default();
        days.add(day, landmark);
        self.values.push(Quarantined { property, value, cause: cause.into(), days });
        self.values.sort_by_key(|held| (held.property, held.value));
        true
    }

    fn drop_oldest(&mut self) {
        let oldest = self.values.iter().enumerate().min_by_key(|(at, held)| (held.days.newest(), *at));
        if let Some((at, _)) = oldest {
            self.values.remove(at);
        }
    }

    /// Moves values seen on enough distinct days before `cutoff` to the habits. True if something moved.
    pub fn promote_ripe(&mut self, habits: &mut Habits, cutoff: Day) -> bool {
        let ripe = |held: &Quarantined| {
            held.days.days().filter(|day| *day < cutoff).count() >= Self::DAYS_TO_PROMOTION as usize
        };
        self.promote(habits, ripe)
    }

    /// Moves everything to the habits (an administrator says it is safe), as known before `cutoff`: it must not alarm
    /// again today.
    pub fn promote_all(&mut self, habits: &mut Habits, cutoff: Day) -> bool {
        for held in &self.values {
            habits.learn(held.property, held.value, cutoff - 1);
        }
        self.promote(habits, |_| true)
    }

    fn promote(&mut self, habits: &mut Habits, ripe: impl Fn(&Quarantined) -> bool) -> bool {
        let count = self.values.len();
        self.values.retain(|held| {
            let keep = !ripe(held);
            if !keep {
                habits.learn_days(held.property, held.value, held.days);
            }
            keep
        });
        self.values.len() < count
    }

    /// Forgets everything (the compromise is confirmed: none of it was normal).
    pub fn clear(&mut self) {
        self.values.clear();
    }

    /// Roughly how much memory it takes.
    pub fn memory(&self) -> usize {
        self.values.len() * size_of::<Quarantined>()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seven_days_make_a_value_normal() {
        let (mut quarantine, mut habits) = (Quarantine::default(), Habits::default());
        habits.be_active(0);
        for day in 10..17 {
            quarantine.hold(Property::Network, 5, "episode", day, None);
            assert!(!quarantine.promote_ripe(&mut habits, day), "not before the seventh day is over");
        }
        assert!(quarantine.promote_ripe(&mut habits, 17));
        assert!(!habits.standing(Property::Network, 5, 17).is_new());
    }

    #[test]
    fn it_is_bounded() {
        let mut quarantine = Quarantine::default();
        for value in 0..1_000 {
            quarantine.hold(Property::Prefix, value, "episode", 1, None);
        }
        assert_eq!(quarantine.values.len(), Quarantine::CAPACITY);
    }
}

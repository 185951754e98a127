//! What is normal for a principal: which values each property takes, counted by occasions.

use super::occasions::{Occasions, cells_between, landmark};
use crate::event::Day;
use serde::{Deserialize, Serialize};

/// The properties that habits are kept of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Property {
    /// The autonomous system; a hosting provider's is split by country.
    Network,
    /// The country.
    Country,
    /// The city.
    City,
    /// The address prefix.
    Prefix,
    /// Client software and credential type together.
    Deployment,
    /// The API that tokens are asked for.
    Resource,
    /// The hour of the day (UTC).
    Hour,
    /// Who changes the credentials.
    Administrator,
    /// Where the credentials are changed from.
    AdministratorPrefix,
    /// The five minutes of the hour: when a schedule fires.
    Phase,
    /// How long it was silent before, as a power of two of days.
    Silence,
    /// Sign-ins in an hour, as a power of two.
    SignInRate,
    /// That it calls APIs at all (one value).
    Calling,
    /// The address prefix that APIs are called from.
    CallPrefix,
    /// What is called: method and endpoint.
    Endpoint,
    /// The software that calls.
    CallAgent,
    /// Calls in an hour, as a power of two.
    CallRate,
    /// That it changes the directory at all (one value).
    Acting,
    /// What it changes in the directory.
    Operation,
}

impl Property {
    /// All of them, in the order of their tables.
    pub const ALL: [Self; 19] = [
        Self::Network,
        Self::Country,
        Self::City,
        Self::Prefix,
        Self::Deployment,
        Self::Resource,
        Self::Hour,
        Self::Administrator,
        Self::AdministratorPrefix,
        Self::Phase,
        Self::Silence,
        Self::SignInRate,
        Self::Calling,
        Self::CallPrefix,
        Self::Endpoint,
        Self::CallAgent,
        Self::CallRate,
        Self::Acting,
        Self::Operation,
    ];

    /// How many values a table keeps; beyond that the least valuable is given up.
    const fn capacity(self) -> usize {
        match self {
            Self::Network | Self::City | Self::Resource | Self::CallPrefix | Self::Operation => 32,
            Self::Country | Self::Deployment | Self::Administrator | Self::AdministratorPrefix | Self::CallAgent => 16,
            Self::Prefix | Self::Endpoint => 64,
            Self::Hour | Self::SignInRate | Self::CallRate => 24,
            Self::Phase => 12,
            Self::Silence => 8,
            Self::Calling | Self::Acting => 1,
        }
    }

    /// Whether it cycles or counts: then one day may show many values, and none of them is news by itself.
    const fn is_measure(self) -> bool {
        matches!(self, Self::Hour | Self::Phase | Self::SignInRate | Self::CallRate)
    }

    /// What tells the days on which the property could have shown a value; `None` is any sign-in.
    const fn shown_by(self) -> Option<Self> {
        match self {
            Self::CallPrefix | Self::Endpoint | Self::CallAgent | Self::CallRate => Some(Self::Calling),
            Self::Operation => Some(Self::Acting),
            _ => None,
        }
    }

    const fn index(self) -> usize {
        self as usize
    }
}

/// What is known of one value on the day of a judgement.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Standing {
    /// Decayed days with this value; 0 if it is new.
    pub value_days: f64,
    /// Decayed days on which some value of the property was new.
    pub new_days: f64,
    /// Decayed days of activity.
    pub active_days: f64,
}

impl Standing {
    /// Whether the value was never seen before that day.
    pub fn is_new(&self) -> bool {
        self.value_days <= 0.0
    }

    /// P(new value) by this history, leaning on the prior `pi` with the strength of `kappa` days.
    pub fn chance_of_new(&self, pi: f64, kappa: f64) -> f64 {
        (kappa * pi + self.new_days) / (kappa + self.active_days)
    }

    /// How much being new, or being known, speaks for theft in bits: the chance of it under theft against this history.
    pub fn novelty_bits(&self, theft: f64, honest: f64, kappa: f64) -> f64 {
        let chance = self.chance_of_new(honest, kappa).clamp(1e-6, 1.0 - 1e-6);
        if self.is_new() { (theft / chance).log2() } else { ((1.0 - theft) / (1.0 - chance)).log2() }
    }
}

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
struct Table {
    /// Sorted by value.
    values: Vec<(u32, Occasions)>,
    /// Days on which a value was new, the first active day not counted.
    new_days: Occasions,
}

impl Table {
    fn find(&self, value: u32) -> Option<&Occasions> {
        let at = self.values.binary_search_by_key(&value, |(known, _)| *known).ok()?;
        self.values.get(at).map(|(_, days)| days)
    }

    fn add(&mut self, value: u32, day: Day, landmark: Day, capacity: usize) -> bool {
        match self.values.binary_search_by_key(&value, |(known, _)| *known) {
            Ok(at) => self.values.get_mut(at).is_some_and(|(_, days)| days.add(day, landmark)),
            Err(at) => {
                let mut days = Occasions::default();
                days.add(day, landmark);
                // Most tables hold one or two values: doubling from four would be most of a quiet principal's memory.
                if self.values.len() == self.values.capacity() {
                    self.values.reserve_exact(1 + self.values.len() / 2);
                }
                self.values.insert(at, (value, days));
                self.shrink_to(capacity);
                true
            }
        }
    }

    fn shrink_to(&mut self, capacity: usize) {
        while self.values.len() > capacity {
            let least = self.values.iter().enumerate().min_by_key(|(_, (value, days))| (days.value(), *value));
            let Some((at, _)) = least else { return };
            self.values.remove(at);
        }
    }

    fn remove(&mut self, value: u32) -> Option<Occasions> {
        let at = self.values.binary_search_by_key(&value, |(known, _)| *known).ok()?;
        Some(self.values.remove(at).1)
    }
}

/// The habits of one principal.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Habits {
    landmark: Day,
    /// Days with judged activity.
    active: Occasions,
    first_day: Option<Day>,
    tables: Vec<Table>,
}

impl Habits {
    /// The most new values a property may learn on one day: what one day can teach is capped, which bounds poisoning.
    const NEW_VALUES_A_DAY: usize = 8;

    /// Decayed active days before `cutoff`.
    pub fn active_days(&self, cutoff: Day) -> f64 {
        self.active.before(cutoff, self.landmark)
    }

    /// Days between the first active day and `cutoff`.
    pub fn span_days(&self, cutoff: Day) -> Day {
        self.first_day.map_or(0, |first| cutoff.saturating_sub(first).max(0))
    }

    /// What was known of a value before `cutoff`.
    pub fn standing(&self, property: Property, value: u32, cutoff: Day) -> Standing {
        let table = self.tables.get(property.index());
        let before = |days: Option<&Occasions>| days.map_or(0.0, |days| days.before(cutoff, self.landmark));
        Standing {
            value_days: before(table.and_then(|table| table.find(value))),
            new_days: before(table.map(|table| &table.new_days)),
            active_days: self.days_with(property, cutoff),
        }
    }

    /// Decayed days before `cutoff` on which the property could have shown a value.
    pub fn days_with(&self, property: Property, cutoff: Day) -> f64 {
        match property.shown_by() {
            Some(sign) => self.total(sign, cutoff),
            None => self.active_days(cutoff),
        }
    }

    /// Whether a value is counted on any day, today included.
    pub fn has_seen(&self, property: Property, value: u32) -> bool {
        self.tables.get(property.index()).is_some_and(|table| table.find(value).is_some())
    }

    /// How many values were first seen on a day.
    pub fn new_on(&self, property: Property, day: Day) -> usize {
        self.tables.get(property.index()).map_or(0, |table| table.learned_on(day))
    }

    /// The newest day before `cutoff` with a sign-in, as far back as days are told apart.
    pub fn last_active_day(&self, cutoff: Day) -> Option<Day> {
        self.active.days().find(|day| *day < cutoff)
    }

    /// Whether any value was known before `cutoff`.
    pub fn knows_any(&self, property: Property, cutoff: Day) -> bool {
        self.counters(property).any(|days| days.has_before(cutoff, self.landmark))
    }

    /// The decayed days of all values together before `cutoff`.
    pub fn total(&self, property: Property, cutoff: Day) -> f64 {
        Occasions::sum_before(self.counters(property), cutoff, self.landmark)
    }

    fn counters(&self, property: Property) -> impl Iterator<Item = &Occasions> {
        self.tables.get(property.index()).into_iter().flat_map(|table| &table.values).map(|(_, days)| days)
    }

    /// The values known before `cutoff` with their decayed days, most frequent first.
    pub fn known(&self, property: Property, cutoff: Day) -> Vec<(u32, f64)> {
        let mut known: Vec<(u32, f64)> = self
            .tables
            .get(property.index())
            .into_iter()
            .flat_map(|table| &table.values)
            .map(|(value, days)| (*value, days.before(cutoff, self.landmark)))
            .filter(|(_, days)| *days > 0.0)
            .collect();
        known.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        known
    }

    /// Marks a day as active. True if something changed.
    pub fn be_active(&mut self, day: Day) -> bool {
        self.rebase(day);
        let earlier = self.first_day.is_none_or(|first| day < first);
        if earlier {
            self.first_day = Some(day);
        }
        self.active.add(day, self.landmark) || earlier
    }

    /// Counts a value on a day. True if something changed.
    pub fn learn(&mut self, property: Property, value: u32, day: Day) -> bool {
        self.rebase(day);
        let first_day = self.first_day.is_none_or(|first| day <= first);
        let landmark = self.landmark;
        let table = self.table(property);
        let is_new = table.find(value).is_none();
        if is_new && table.learned_on(day) >= Self::NEW_VALUES_A_DAY && !property.is_measure() {
            return table.new_days.add(day, landmark);
        }
        let mut changed = table.add(value, day, landmark, property.capacity());
        if is_new && !first_day {
            changed |= table.new_days.add(day, landmark);
        }
        changed
    }

    /// Counts several days at once (promotion out of quarantine).
    pub fn learn_days(&mut self, property: Property, value: u32, days: Occasions) {
        for day in days.days() {
            self.learn(property, value, day);
        }
    }

    /// Takes a value away that was not known before `cutoff`, with the days it was counted on.
    pub fn withdraw(&mut self, property: Property, value: u32, cutoff: Day) -> Option<Occasions> {
        if !self.standing(property, value, cutoff).is_new() {
            return None;
        }
        self.table(property).remove(value)
    }

    fn table(&mut self, property: Property) -> &mut Table {
        if self.tables.len() <= property.index() {
            self.tables.reserve_exact(property.index().max(Property::Hour.index()) + 1 - self.tables.len());
            self.tables.resize(property.index() + 1, Table::default());
        }
        #[expect(clippy::indexing_slicing, reason = "resized to hold the index just above")]
        &mut self.tables[property.index()]
    }

    fn rebase(&mut self, day: Day) {
        if self.tables.is_empty() && self.first_day.is_none() {
            self.landmark = landmark(day);
            return;
        }
        let cells = cells_between(self.landmark, landmark(day));
        if cells == 0 {
            return;
        }
        self.landmark = landmark(day);
        self.active.rebase(cells);
        for table in &mut self.tables {
            table.new_days.rebase(cells);
            table.values.iter_mut().for_each(|(_, days)| days.rebase(cells));
        }
    }

    /// Roughly how much memory it takes.
    pub fn memory(&self) -> usize {
        size_of::<Self>()
            + self
                .tables
                .iter()
                .map(|table| size_of::<Table>() + table.values.capacity() * size_of::<(u32, Occasions)>())
                .sum::<usize>()
    }
}

impl Table {
    /// How many values were first and only seen on this day.
    fn learned_on(&self, day: Day) -> usize {
        self.values.iter().filter(|(_, days)| days.newest() == day && days.recent_days() == 1).count()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn steady(days: std::ops::Range<Day>) -> Habits {
        let mut habits = Habits::default();
        for day in days {
            habits.be_active(day);
            habits.learn(Property::Network, 7, day);
        }
        habits
    }

    #[test]
    fn a_steady_principal_does_not_expect_news() {
        let standing = steady(0..30).standing(Property::Network, 8, 30);
        assert!(standing.is_new());
        assert!(standing.chance_of_new(0.02, 3.0) < 0.01);
    }

    #[test]
    fn a_principal_of_many_networks_expects_news() {
        let mut habits = Habits::default();
        for day in 0..30 {
            habits.be_active(day);
            habits.learn(Property::Network, 1_000 + day as u32, day);
        }
        assert!(habits.standing(Property::Network, 8, 30).chance_of_new(0.02, 3.0) > 0.8);
    }

    #[test]
    fn what_is_learned_today_is_known_tomorrow() {
        let mut habits = steady(0..30);
        habits.be_active(30);
        habits.learn(Property::Network, 8, 30);
        assert!(habits.standing(Property::Network, 8, 30).is_new());
        assert!(!habits.standing(Property::Network, 8, 31).is_new());
    }

    #[test]
    fn one_day_teaches_only_so_many_values() {
        let mut habits = steady(0..3);
        habits.be_active(3);
        for value in 100..200 {
            habits.learn(Property::Network, value, 3);
        }
        assert_eq!(habits.known(Property::Network, 4).len(), 1 + Habits::NEW_VALUES_A_DAY);
    }

    #[test]
    fn a_value_can_be_withdrawn_on_its_first_day_only() {
        let mut habits = steady(0..3);
        habits.learn(Property::Network, 8, 3);
        assert!(habits.withdraw(Property::Network, 8, 3).is_some());
        assert!(habits.withdraw(Property::Network, 7, 3).is_none());
    }
}

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
    /// A rule that matches what it does.
    Rule,
    /// What is called, of what thieves go for.
    Sought,
    /// What is called and was refused.
    Refused,
    /// That workflows run in repositories that it trusts (one value).
    Building,
    /// A workflow that runs there.
    Workflow,
    /// Whose API is called.
    Api,
    /// Whether a managed identity calls from Azure or from outside.
    Ground,
    /// How many different things it touches in a day, as a power of two.
    Reach,
    /// The resource group or subscription that it works in.
    Scope,
    /// How many different things it changes in the directory in a day, as a power of two.
    ActReach,
    /// The user, group, site, mailbox or secret that a call touches.
    Object,
    /// How far from where they were issued its tokens are used.
    Carry,
    /// Whom federated credentials trust. No principal keeps it; its application tells the tenant.
    Trust,
    /// What is called, of what honest workloads hardly ever begin to call.
    Grave,
    /// Which systems issue what federated credentials trust. As [`Property::Trust`].
    TrustedSystem,
}

impl Property {
    /// All of them, in the order in which they are kept.
    pub const ALL: [Self; 34] = [
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
        Self::Rule,
        Self::Sought,
        Self::Refused,
        Self::Building,
        Self::Workflow,
        Self::Api,
        Self::Ground,
        Self::Reach,
        Self::Scope,
        Self::ActReach,
        Self::Object,
        Self::Carry,
        Self::Trust,
        Self::Grave,
        Self::TrustedSystem,
    ];

    /// How many values a table keeps; beyond that the least valuable is given up.
    const fn capacity(self) -> usize {
        match self {
            Self::Network
            | Self::City
            | Self::Resource
            | Self::CallPrefix
            | Self::Operation
            | Self::Rule
            | Self::Sought
            | Self::Refused
            | Self::Grave
            | Self::Workflow
            | Self::Scope
            | Self::Object => 32,
            Self::Country | Self::Deployment | Self::Administrator | Self::AdministratorPrefix | Self::CallAgent => 16,
            Self::Prefix | Self::Endpoint => 64,
            Self::Hour | Self::SignInRate | Self::CallRate | Self::Reach | Self::ActReach => 24,
            Self::Phase => 12,
            Self::Silence | Self::Api => 8,
            Self::Carry => 3,
            Self::Ground => 2,
            Self::Calling | Self::Acting | Self::Building | Self::Trust | Self::TrustedSystem => 1,
        }
    }

    /// Whether it cycles or counts: then one day may show many values, and none of them is news by itself.
    const fn is_measure(self) -> bool {
        matches!(self, Self::Hour | Self::Phase | Self::SignInRate | Self::CallRate | Self::Reach | Self::ActReach)
    }

    /// Under which property a tenant's principals share its values, if they do.
    pub const fn shared_as(self) -> Option<Self> {
        match self {
            Self::Network
            | Self::Country
            | Self::Prefix
            | Self::Deployment
            | Self::Administrator
            | Self::AdministratorPrefix
            | Self::Operation
            | Self::Rule
            | Self::Endpoint
            | Self::Api
            | Self::Trust
            | Self::TrustedSystem => Some(self),
            Self::CallPrefix => Some(Self::Prefix),
            _ => None,
        }
    }

    /// The days (decayed) on which a value must have been seen to be usual: enough that a visitor is none. What is done
    /// to a principal, or by it to the directory, happens rarely.
    const fn usual_after(self) -> f64 {
        match self {
            Self::Administrator | Self::AdministratorPrefix | Self::Operation | Self::Rule => 0.5,
            _ => 2.5,
        }
    }

    /// What tells the days on which the property could have shown a value; `None` is any sign-in.
    const fn shown_by(self) -> Option<Self> {
        match self {
            Self::CallPrefix
            | Self::Endpoint
            | Self::CallAgent
            | Self::CallRate
            | Self::Sought
            | Self::Refused
            | Self::Grave
            | Self::Api
            | Self::Ground
            | Self::Reach
            | Self::Scope
            | Self::Object
            | Self::Carry => Some(Self::Calling),
            Self::Operation | Self::ActReach => Some(Self::Acting),
            Self::Workflow => Some(Self::Building),
            _ => None,
        }
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

    /// However long nothing was new, of the prior this share is left: what has never changed for months changes one day.
    const LEAST_OF_PRIOR: f64 = 0.15;

    /// P(new value) by this history, leaning on the prior `pi` with the strength of `kappa` days.
    pub fn chance_of_new(&self, pi: f64, kappa: f64) -> f64 {
        let learned = (kappa * pi + self.restless_days()) / (kappa + self.active_days);
        learned.max(pi * Self::LEAST_OF_PRIOR)
    }

    /// The days with something new, as far as they speak of a principal that changes often: one change happens to one that
    /// hardly ever does, too.
    fn restless_days(&self) -> f64 {
        self.new_days * self.new_days / (1.0 + self.new_days)
    }

    /// How much being new, or being known, speaks for theft in bits: the chance of it under theft against this history.
    pub fn novelty_bits(&self, theft: f64, honest: f64, kappa: f64) -> f64 {
        let chance = self.chance_of_new(honest, kappa).clamp(1e-6, 1.0 - 1e-6);
        if self.is_new() { (theft / chance).log2() } else { ((1.0 - theft) / (1.0 - chance)).log2() }
    }
}

/// One value of one property.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
struct Known {
    property: Property,
    value: u32,
    days: Occasions,
    /// Whether the tenant was told that it is usual.
    told: bool,
}

impl Known {
    const fn key(&self) -> (Property, u32) {
        (self.property, self.value)
    }
}

/// The habits of one principal.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Habits {
    landmark: Day,
    /// Days with judged activity.
    active: Occasions,
    first_day: Option<Day>,
    /// Days on which a value was new, the first active day not counted; of properties that had any.
    new_days: Vec<(Property, Occasions)>,
    /// All values in one list, sorted by property and value: a judgement reads most of them.
    known: Vec<Known>,
}

impl Habits {
    /// The most new values a property may learn on one day: what one day can teach is capped, which bounds poisoning.
    const NEW_VALUES_A_DAY: usize = 8;
    /// How many values a first sign-in brings.
    const USUAL: usize = 8;

    /// Decayed active days before `cutoff`.
    pub fn active_days(&self, cutoff: Day) -> f64 {
        self.active.before(cutoff, self.landmark)
    }

    /// Days between the first active day and `cutoff`.
    pub fn span_days(&self, cutoff: Day) -> Day {
        self.first_day.map_or(0, |first| cutoff.saturating_sub(first).max(0))
    }

    /// The share of days before `cutoff` with activity, late days counting more.
    pub fn activity(&self, cutoff: Day) -> f64 {
        const OF_THE_NEXT_DAY: f64 = 0.977_159_968_434_245_9; // 2^(-1/30), as occasions fade
        let span = f64::from(self.span_days(cutoff).max(1));
        let most = OF_THE_NEXT_DAY * (1.0 - (-span / 30.0).exp2()) / (1.0 - OF_THE_NEXT_DAY);
        (self.active_days(cutoff) / most).min(1.0)
    }

    /// Decayed days before `cutoff` with this value.
    pub fn days_of(&self, property: Property, value: u32, cutoff: Day) -> f64 {
        self.find(property, value).map_or(0.0, |days| days.before(cutoff, self.landmark))
    }

    /// What was known of a value before `cutoff`.
    pub fn standing(&self, property: Property, value: u32, cutoff: Day) -> Standing {
        let new_days = self.new_days.iter().find(|(of, _)| *of == property).map(|(_, days)| days);
        Standing {
            value_days: self.days_of(property, value, cutoff),
            new_days: new_days.map_or(0.0, |days| days.before(cutoff, self.landmark)),
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
        self.place(property, value).is_ok()
    }

    /// How many values were first seen on a day.
    pub fn new_on(&self, property: Property, day: Day) -> usize {
        self.counters(property).filter(|days| days.newest() == day && days.recent_days() == 1).count()
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
        self.of(property).iter().map(|known| &known.days)
    }

    /// The values of one property.
    fn of(&self, property: Property) -> &[Known] {
        let start = self.known.partition_point(|known| known.property < property);
        let rest = self.known.get(start..).unwrap_or_default();
        let length = rest.iter().take_while(|known| known.property == property).count();
        rest.get(..length).unwrap_or_default()
    }

    fn place(&self, property: Property, value: u32) -> Result<usize, usize> {
        self.known.binary_search_by_key(&(property, value), Known::key)
    }

    fn find(&self, property: Property, value: u32) -> Option<&Occasions> {
        self.known.get(self.place(property, value).ok()?).map(|known| &known.days)
    }

    /// The values known before `cutoff` with their decayed days, most frequent first.
    pub fn known(&self, property: Property, cutoff: Day) -> Vec<(u32, f64)> {
        let days = |known: &Known| (known.value, known.days.before(cutoff, self.landmark));
        let mut known: Vec<(u32, f64)> = self.of(property).iter().map(days).filter(|(_, days)| *days > 0.0).collect();
        known.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        known
    }

    /// The day on which a value became usual, to be told to the tenant: once.
    pub fn adopt(&mut self, property: Property, value: u32) -> Option<Day> {
        let landmark = self.landmark;
        let known = self.place(property, value).ok().and_then(|at| self.known.get_mut(at))?;
        let newest = known.days.newest();
        let usual = !known.told && known.days.before(newest + 1, landmark) >= property.usual_after();
        known.told |= usual;
        usual.then_some(newest)
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
        let landmark = self.landmark;
        match self.place(property, value) {
            Ok(at) => self.known.get_mut(at).is_some_and(|known| known.days.add(day, landmark)),
            Err(at) => self.learn_new(at, property, value, day),
        }
    }

    fn learn_new(&mut self, at: usize, property: Property, value: u32, day: Day) -> bool {
        if !property.is_measure() && self.new_on(property, day) >= Self::NEW_VALUES_A_DAY {
            return self.note_new_day(property, day);
        }
        let mut days = Occasions::default();
        days.add(day, self.landmark);
        // Doubling would be most of a quiet principal's memory.
        if self.known.len() == self.known.capacity() {
            self.known.reserve_exact(Self::USUAL.max(self.known.len() / 2));
        }
        self.known.insert(at, Known { property, value, days, told: false });
        self.make_room(property);
        if self.first_day.is_some_and(|first| day > first) {
            self.note_new_day(property, day);
        }
        true
    }

    fn note_new_day(&mut self, property: Property, day: Day) -> bool {
        let landmark = self.landmark;
        if let Some((_, days)) = self.new_days.iter_mut().find(|(of, _)| *of == property) {
            return days.add(day, landmark);
        }
        let mut days = Occasions::default();
        days.add(day, landmark);
        self.new_days.reserve_exact(1);
        self.new_days.push((property, days));
        true
    }

    /// Gives up the least valuable value of a property that has too many.
    fn make_room(&mut self, property: Property) {
        let values = self.of(property);
        if values.len() <= property.capacity() {
            return;
        }
        let least = values.iter().min_by_key(|known| (known.days.value(), known.value)).map(Known::key);
        self.known.retain(|known| Some(known.key()) != least);
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
        let at = self.place(property, value).ok()?;
        Some(self.known.remove(at).days)
    }

    fn rebase(&mut self, day: Day) {
        if self.known.is_empty() && self.first_day.is_none() {
            self.landmark = landmark(day);
            return;
        }
        let cells = cells_between(self.landmark, landmark(day));
        if cells == 0 {
            return;
        }
        self.landmark = landmark(day);
        self.active.rebase(cells);
        self.new_days.iter_mut().for_each(|(_, days)| days.rebase(cells));
        self.known.iter_mut().for_each(|known| known.days.rebase(cells));
    }

    /// Roughly how much memory it takes.
    pub fn memory(&self) -> usize {
        size_of::<Self>()
            + self.new_days.capacity() * size_of::<(Property, Occasions)>()
            + self.known.capacity() * size_of::<Known>()
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

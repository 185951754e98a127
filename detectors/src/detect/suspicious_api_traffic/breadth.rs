//! How many values are new on the day of a call: looking around.

use super::super::Scene;
use super::super::episode::Factor;
use super::{endpoint_value, object_value, scope_value, standing};
use crate::event::ApiActivity;
use crate::profile::Property;
use crate::scoring::SuspiciousApiTraffic;
use compact_str::{CompactString, format_compact};

/// Values of a kind, of which few are new on an honest day.
pub(super) struct Kind {
    property: Property,
    pub(super) name: &'static str,
    words: &'static str,
    expected: fn(&SuspiciousApiTraffic) -> f64,
}

/// Of the endpoints that thieves go for, and of those that refuse it, fewer are many.
const OF_ENDPOINTS: [Kind; 3] = [
    Kind {
        property: Property::Endpoint,
        name: "breadth",
        words: "endpoints never called before",
        expected: |numbers| numbers.breadth_expected,
    },
    Kind {
        property: Property::Sought,
        name: "soughtBreadth",
        words: "endpoints that intruders look at never called before",
        expected: |numbers| numbers.sought_breadth_expected,
    },
    Kind {
        property: Property::Refused,
        name: "refusedBreadth",
        words: "endpoints that refused it never called before",
        expected: |numbers| numbers.refused_breadth_expected,
    },
];

const OF_SCOPES: Kind = Kind {
    property: Property::Scope,
    name: "scopeBreadth",
    words: "resource groups never worked in before",
    expected: |numbers| numbers.scope_breadth_expected,
};

const OF_OBJECTS: Kind = Kind {
    property: Property::Object,
    name: "objectBreadth",
    words: "users, sites or secrets never touched before",
    expected: |numbers| numbers.object_breadth_expected,
};

/// How many endpoints are new on the day, beside a new one: counted once, where it is the most.
pub(super) fn of_endpoints(scene: &Scene<'_>, call: &ApiActivity) -> Option<Factor> {
    let most = OF_ENDPOINTS.iter().max_by(|one, other| doublings(scene, one).total_cmp(&doublings(scene, other)))?;
    let (_, honest) = standing(scene, endpoint_value(call));
    factor(scene, most, endpoint_value(call), Property::Endpoint, honest)
}

/// How many resource groups, beside a new one.
pub(super) fn of_scopes(scene: &Scene<'_>, call: &ApiActivity) -> Option<Factor> {
    let honest = scene.engine.scoring.suspicious_api_traffic.honest_new.scope;
    factor(scene, &OF_SCOPES, scope_value(call)?, Property::Scope, honest)
}

/// How many users, sites or secrets, beside a new one.
pub(super) fn of_objects(scene: &Scene<'_>, call: &ApiActivity) -> Option<Factor> {
    let honest = scene.engine.scoring.suspicious_api_traffic.honest_new.object;
    factor(scene, &OF_OBJECTS, object_value(call)?, Property::Object, honest)
}

/// Who brings new ones on most of its days brings many of them.
fn factor(scene: &Scene<'_>, kind: &Kind, value: u32, property: Property, honest: f64) -> Option<Factor> {
    let numbers = &scene.engine.scoring.suspicious_api_traffic;
    let doublings = doublings(scene, kind);
    if doublings <= 0.0 {
        return None;
    }
    let standing = match property {
        Property::Endpoint => standing(scene, value).0,
        _ => scene.profile.habits.standing(property, value, scene.cutoff),
    };
    let steadiness = 1.0 - standing.chance_of_new(honest, scene.engine.scoring.habits.kappa_days);
    Some(Factor::bare(kind.name, doublings * steadiness * numbers.breadth_bits_a_doubling))
}

/// How often as many as expected doubles to those of the day.
fn doublings(scene: &Scene<'_>, kind: &Kind) -> f64 {
    let expected = (kind.expected)(&scene.engine.scoring.suspicious_api_traffic);
    (f64::from(new_today(scene, kind.property)) / expected).log2()
}

/// Values that were first seen on the day of the call, those held apart too.
pub(super) fn new_today(scene: &Scene<'_>, property: Property) -> u32 {
    let day = scene.time.day();
    let held = scene.profile.findings.quarantine.held_on(property, day);
    (scene.profile.habits.new_on(property, day) + held) as u32
}

/// What a factor of breadth has counted.
pub(super) fn in_words(scene: &Scene<'_>, factor: &Factor) -> Option<CompactString> {
    let kind = OF_ENDPOINTS.iter().chain([&OF_SCOPES, &OF_OBJECTS]).find(|kind| kind.name == factor.kind)?;
    Some(format_compact!("{} {} on one day", new_today(scene, kind.property), kind.words))
}

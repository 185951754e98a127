//! How many values are new on the day of a call: looking around.

use super::super::Scene;
use super::super::episode::Factor;
use super::{endpoint_value, grave_value, object_value, refused_value, scope_value, sought_value, standing};
use crate::event::ApiActivity;
use crate::profile::{Property, Standing};
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
const OF_ENDPOINTS: [Kind; 4] = [
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
        property: Property::Grave,
        name: "graveBreadth",
        words: "endpoints that honest workloads hardly ever begin to call never called before",
        expected: |numbers| numbers.grave_breadth_expected,
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
    let most = |one: &&Kind, other: &&Kind| doublings(scene, call, one).total_cmp(&doublings(scene, call, other));
    let most = OF_ENDPOINTS.iter().max_by(most)?;
    let (standing, honest) = standing(scene, endpoint_value(call));
    factor(scene, call, most, &standing, honest)
}

/// How many resource groups, beside a new one.
pub(super) fn of_scopes(scene: &Scene<'_>, call: &ApiActivity) -> Option<Factor> {
    let honest = scene.engine.scoring.suspicious_api_traffic.honest_new.scope;
    let standing = scene.profile.habits.standing(Property::Scope, scope_value(call)?, scene.cutoff);
    factor(scene, call, &OF_SCOPES, &standing, honest)
}

/// How many users, sites or secrets, beside a new one.
pub(super) fn of_objects(scene: &Scene<'_>, call: &ApiActivity) -> Option<Factor> {
    let honest = scene.engine.scoring.suspicious_api_traffic.honest_new.object;
    let standing = scene.profile.habits.standing(Property::Object, object_value(call)?, scene.cutoff);
    factor(scene, call, &OF_OBJECTS, &standing, honest)
}

/// Who brings new ones on most of its days brings many of them.
fn factor(scene: &Scene<'_>, call: &ApiActivity, kind: &Kind, standing: &Standing, honest: f64) -> Option<Factor> {
    let scoring = &scene.engine.scoring;
    let doublings = doublings(scene, call, kind);
    let steadiness = 1.0 - standing.chance_of_new(honest, scoring.habits.kappa_days);
    let bits = doublings * steadiness * scoring.suspicious_api_traffic.breadth_bits_a_doubling;
    (doublings > 0.0).then(|| Factor::bare(kind.name, bits))
}

/// How often as many as expected doubles to those of the day.
fn doublings(scene: &Scene<'_>, call: &ApiActivity, kind: &Kind) -> f64 {
    let expected = (kind.expected)(&scene.engine.scoring.suspicious_api_traffic);
    (f64::from(new_today(scene, call, kind.property)) / expected).log2()
}

/// Values that were first seen on the day of the call, those held apart and the call's own too.
pub(super) fn new_today(scene: &Scene<'_>, call: &ApiActivity, property: Property) -> u32 {
    let day = scene.time.day();
    let (habits, quarantine) = (&scene.profile.habits, &scene.profile.findings.quarantine);
    let is_first = |value: &u32| !habits.has_seen(property, *value) && quarantine.find(property, *value).is_none();
    let own = value(scene, call, property).filter(is_first);
    (habits.new_on(property, day) + quarantine.held_on(property, day)) as u32 + u32::from(own.is_some())
}

fn value(scene: &Scene<'_>, call: &ApiActivity, property: Property) -> Option<u32> {
    match property {
        Property::Endpoint => Some(endpoint_value(call)),
        Property::Sought => sought_value(scene.engine, call),
        Property::Grave => grave_value(scene.engine, call),
        Property::Refused => refused_value(call),
        Property::Scope => scope_value(call),
        Property::Object => object_value(call),
        _ => None,
    }
}

/// What a factor of breadth has counted.
pub(super) fn in_words(scene: &Scene<'_>, call: &ApiActivity, factor: &Factor) -> Option<CompactString> {
    let kind = OF_ENDPOINTS.iter().chain([&OF_SCOPES, &OF_OBJECTS]).find(|kind| kind.name == factor.kind)?;
    Some(format_compact!("{} {} on one day", new_today(scene, call, kind.property), kind.words))
}

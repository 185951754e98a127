//! What the topics hold, against an embedded replay of the observations topic.

use crate::feed::{self, Stories};
use crate::world::World;
use picket::store::OutputKind;
use std::collections::BTreeSet;

/// What the topics tell, by principal.
pub(crate) fn stories(world: &World) -> Stories {
    let mut stories = Stories::new();
    let topics = [
        ("risk-detections", OutputKind::Detection),
        ("risk-transitions", OutputKind::Transition),
        ("risky-principals", OutputKind::RiskState),
        ("incidents", OutputKind::Incident),
    ];
    for (topic, kind) in topics {
        for record in world.read(topic) {
            let key = String::from_utf8(record.key.clone()).expect("text");
            feed::tell(&mut stories, key, kind, record.value.expect("a value"));
        }
    }
    stories
}

/// The outputs are those of an embedded replay of the observations that were scored: nothing twice, nothing missing.
pub(crate) fn assert_exact(world: &World) {
    let expected = feed::replay(&world.scored());
    let told = stories(world);
    let ids: Vec<String> = world.read("risk-detections").iter().map(|record| record.json()["id"].to_string()).collect();
    assert_eq!(ids.len(), ids.iter().collect::<BTreeSet<_>>().len(), "a detection stands there twice");
    assert!(!ids.is_empty(), "nothing was detected");
    assert_eq!(told.keys().collect::<Vec<_>>(), expected.keys().collect::<Vec<_>>());
    for (key, story) in &expected {
        assert_eq!(told.get(key), Some(story), "principal {key}");
    }
}

/// No dead letter stands there twice.
pub(crate) fn assert_letters_once(world: &World) {
    let corrupt = world.read("dead-letters");
    let places: BTreeSet<_> = corrupt.iter().map(|record| record.value.clone()).collect();
    assert_eq!(places.len(), corrupt.len(), "a dead letter stands there twice");
}

//! Exactly once, whatever happens to the instances.

use crate::broker::Broker;
use crate::feed::{self, Stories};
use crate::wait;
use crate::world::World;
use picket::store::OutputKind;
use std::collections::BTreeSet;

/// What the topics tell, by principal.
fn stories(world: &World<'_>) -> Stories {
    let mut stories = Stories::new();
    let topics = [
        ("risk-detections", OutputKind::Detection),
        ("risk-transitions", OutputKind::Transition),
        ("risky-principals", OutputKind::RiskState),
    ];
    for (topic, kind) in topics {
        for record in world.read(topic) {
            let key = String::from_utf8(record.key.clone()).expect("text");
            feed::tell(&mut stories, key, kind, record.value.expect("a value"));
        }
    }
    stories
}

/// The outputs are those of an embedded replay of the observations topic: nothing twice, nothing missing.
fn assert_exact(world: &World<'_>) {
    let observations = world.read("observations");
    let expected = feed::replay(&observations);
    let told = stories(world);
    let ids: Vec<String> = world.read("risk-detections").iter().map(|record| record.json()["id"].to_string()).collect();
    assert_eq!(ids.len(), ids.iter().collect::<BTreeSet<_>>().len(), "a detection stands there twice");
    assert_eq!(told.keys().collect::<Vec<_>>(), expected.keys().collect::<Vec<_>>());
    for (key, story) in &expected {
        assert_eq!(told.get(key), Some(story), "principal {key}");
    }
    let corrupt = world.read("dead-letters");
    let places: BTreeSet<_> = corrupt.iter().map(|record| record.value.clone()).collect();
    assert_eq!(places.len(), corrupt.len(), "a dead letter stands there twice");
}

/// Observations with a record in between that is none.
fn mixed(numbers: std::ops::Range<u64>, principals: u64) -> Vec<(Vec<u8>, Vec<u8>)> {
    let mut records = feed::records(numbers.clone(), principals);
    records.extend(numbers.step_by(50).map(|number| (number.to_be_bytes().to_vec(), vec![1, 0xff])));
    records
}

#[test]
fn observations_become_verdicts_exactly_once() {
    let Some(broker) = Broker::shared() else { return };
    let world = World::new(broker, "simple");
    let instance = world.start("a", "score").ready();
    world.produce("observations", &mixed(0..2_000, 50));
    world.drained("score", "observations");
    instance.stop();
    assert_exact(&world);
    assert_eq!(world.read("dead-letters").len(), 40);
    assert!(!world.read("profiles").is_empty());
}

#[test]
fn one_instance_is_killed_and_another_joins_mid_run() {
    let Some(broker) = Broker::shared() else { return };
    let world = World::new(broker, "killed");
    let first = world.start("a", "score").ready();
    let second = world.start("b", "score").ready();
    for step in 0..6 {
        world.produce("observations", &mixed(step * 2_000..(step + 1) * 2_000, 200));
    }
    wait::until("some of it is scored", || world.position("score", "observations") > 2_000);
    first.kill();
    world.produce("observations", &mixed(12_000..14_000, 200));
    let third = world.start("c", "score");
    world.produce("observations", &mixed(14_000..18_000, 200));
    world.drained("score", "observations");
    second.stop();
    third.stop();
    assert_exact(&world);
}

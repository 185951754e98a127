//! What Picket refuses, and what it stops at without losing anything.

use crate::broker::Broker;
use crate::feed;
use crate::wait;
use crate::world::{PARTITIONS, World};
use picket_detectors::observation::EntityKind;

#[test]
fn unequal_partition_counts_are_refused() {
    let Some(broker) = Broker::shared() else { return };
    let world = World::new(broker, "unequal");
    world.create_with("profiles", PARTITIONS + 1, "compact");
    let (status, log) = world.start("a", "score").ended();
    assert_eq!(status.code(), Some(3));
    assert!(log.contains("must have equally many partitions"), "{log}");
}

#[test]
fn a_state_topic_that_is_not_compacted_is_refused() {
    let Some(broker) = Broker::shared() else { return };
    let world = World::new(broker, "policy");
    world.create_with("profiles", PARTITIONS, "delete");
    let (_, log) = world.start("a", "score").ended();
    assert!(log.contains("has cleanup.policy=delete, but must have compact"), "{log}");
}

#[test]
fn a_missing_topic_is_named() {
    let Some(broker) = Broker::shared() else { return };
    let mut world = World::new(broker, "missing");
    world.extra_topics = "create = false\n".to_owned();
    let (_, log) = world.start("a", "score").ended();
    assert!(log.contains("does not exist: create it, or set kafka.topics.create"), "{log}");
}

/// The partition stops with its state kept; the others go on.
#[test]
fn an_observation_of_a_newer_picket_stops_its_partition_only() {
    let Some(broker) = Broker::shared() else { return };
    let world = World::new(broker, "newer");
    let instance = world.start("a", "score").ready();
    let (key, mut value) = feed::record(&feed::observation(0, 1));
    value[0] = 200;
    world.produce("observations", &[(key, value)]);
    wait::until("the partition is stopped", || instance.log().contains("has version 200, this program reads up to 1"));
    world.produce("observations", &feed::records(0..200, 100));
    let stopped = world
        .read("observations")
        .iter()
        .find(|record| record.value.as_deref().is_some_and(|v| v[0] == 200))
        .map(|r| r.partition);
    let others = world.read("observations").iter().filter(|record| Some(record.partition) != stopped).count();
    wait::until("the others are scored", || world.read("risk-detections").len() == others);
    assert!(!instance.is_ready(), "it is ready although a partition is stopped");
    instance.stop();
    assert!(others > 0 && others < 200);
}

/// State of a newer Picket is never reset: not in the topic, not in the store.
#[test]
fn state_of_a_newer_picket_stops_its_partition_and_is_kept() {
    let Some(broker) = Broker::shared() else { return };
    let world = World::new(broker, "state");
    let first = world.start("a", "score").ready();
    world.produce("observations", &feed::records(0..100, 100));
    world.drained("score", "observations");
    first.stop();
    let observation = feed::observation(7, 100);
    assert_eq!(observation.entity.kind, EntityKind::Principal);
    let mut head = observation.entity.to_bytes().to_vec();
    head.push(0);
    world.produce("profiles", &[(head.clone(), vec![250, 1, 2, 3])]);
    // It is perhaps never ready: the first tick may stop the partition.
    let second = world.start("b", "score");
    world.produce("observations", &feed::records(100..200, 100));
    wait::until("the partition is stopped", || second.log().contains("the partition is stopped, its state is kept"));
    wait::until("the others are scored", || world.read("risk-detections").len() > 150);
    second.stop();
    let kept = world.read("profiles").into_iter().rfind(|record| record.key == head).and_then(|record| record.value);
    assert_eq!(kept, Some(vec![250, 1, 2, 3]));
}

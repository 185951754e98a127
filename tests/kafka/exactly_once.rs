//! Exactly once, whatever happens to the instances.

use crate::broker::Broker;
use crate::check::{assert_exact, assert_letters_once};
use crate::feed;
use crate::outsider::Outsider;
use crate::wait;
use crate::world::World;
use picket_detectors::profile::Property;

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
    assert_letters_once(&world);
    assert_eq!(world.read("dead-letters").len(), 40);
    assert!(!world.read("profiles").is_empty());
}

#[test]
fn one_instance_is_killed_and_another_joins_mid_run() {
    let Some(broker) = Broker::shared() else { return };
    let world = World::new(broker, "killed");
    let first = world.start("a", "score").ready();
    let second = world.start("b", "score").ready();
    world.produce("observations", &mixed(0..4_000, 400));
    wait::until("some of it is scored", || world.position("score", "observations") > 1_000);
    first.kill();
    world.produce("observations", &mixed(4_000..5_000, 400));
    let third = world.start("c", "score");
    world.produce("observations", &mixed(5_000..6_000, 400));
    world.drained("score", "observations");
    second.stop();
    third.stop();
    assert_exact(&world);
    assert_letters_once(&world);
}

#[test]
fn a_writer_is_killed_between_produce_and_commit() {
    let Some(broker) = Broker::shared() else { return };
    let world = World::new(broker, "halfway");
    let pause = [("FAILPOINTS", "kafka.score.produced=3*off->1*sleep(600000)")];
    let first = world.start_with("a", "score", &pause).ready();
    world.produce("observations", &mixed(0..3_000, 300));
    wait::until("a batch is written but not committed", || world.undecided("profiles"));
    let second = world.start("b", "score");
    first.kill();
    world.drained("score", "observations");
    second.stop();
    assert_exact(&world);
    assert_letters_once(&world);
}

/// It comes back with its own store and its own transactional id: nothing of the open transaction may be in either.
#[test]
fn a_writer_comes_back_after_it_was_killed_between_produce_and_commit() {
    let Some(broker) = Broker::shared() else { return };
    let world = World::new(broker, "itself");
    let pause = [("FAILPOINTS", "kafka.score.produced=2*off->1*sleep(600000)")];
    let halfway = world.start_with("a", "score", &pause).ready();
    world.produce("observations", &mixed(0..2_000, 200));
    wait::until("a batch is written but not committed", || {
        world.undecided("profiles") && halfway.log().contains("scored")
    });
    halfway.kill();
    // A panic closes the store in order, so all that was written to it is there: written to Kafka but not committed, then
    // committed in Kafka while the store knows nothing of it yet.
    for point in ["kafka.score.produced", "kafka.score.committed"] {
        let points = format!("{point}=1*off->1*panic");
        let (status, log) = world.start_with("a", "score", &[("FAILPOINTS", &points)]).ended();
        assert!(!status.success(), "the fail point was not reached:\n{log}");
    }
    let instance = world.start("a", "score");
    world.drained("score", "observations");
    instance.stop();
    assert_exact(&world);
    assert_letters_once(&world);
}

#[test]
fn a_zombie_is_fenced() {
    let Some(broker) = Broker::shared() else { return };
    let world = World::new(broker, "zombie");
    let pause = [("FAILPOINTS", "kafka.score.produced=2*off->1*sleep(2000)")];
    let zombie = world.start_with("a", "score", &pause).ready();
    world.produce("observations", &mixed(0..2_000, 200));
    wait::until("a batch is written but not committed", || world.undecided("profiles"));
    zombie.signal("STOP");
    let heir = world.start("b", "score").ready();
    world.drained("score", "observations");
    zombie.signal("CONT");
    wait::until("the zombie notices", || {
        let log = zombie.log();
        log.contains("a batch is taken back") || log.contains("begins anew")
    });
    world.produce("observations", &mixed(2_000..3_000, 200));
    world.drained("score", "observations");
    zombie.stop();
    heir.stop();
    assert_exact(&world);
    assert_letters_once(&world);
}

/// What `read_committed` sees ends at the first open transaction, and commits may lie behind it. A restore that took
/// that for the end would forget them.
#[test]
fn a_restore_waits_for_open_transactions() {
    let Some(broker) = Broker::shared() else { return };
    let world = World::new(broker, "pinned");
    let first = world.start("a", "score").ready();
    let mut outsider = Outsider::new(&world, "outsider");
    outsider.begin();
    outsider.write_everywhere("profiles");
    world.produce("observations", &mixed(0..500, 100));
    world.drained("score", "observations");
    first.stop();
    let second = world.start("b", "score");
    wait::until("it waits", || second.log().contains("an open transaction is waited for"));
    assert!(!second.is_ready(), "it is ready although a transaction is open");
    // The same events again: whoever forgot that they were seen detects them twice.
    world.produce("observations", &mixed(0..600, 100));
    outsider.abort();
    let second = second.ready();
    world.drained("score", "observations");
    second.stop();
    assert_exact(&world);
    assert_letters_once(&world);
    assert_eq!(world.read("risk-detections").len(), 600);
}

#[test]
fn what_was_aborted_is_never_seen() {
    let Some(broker) = Broker::shared() else { return };
    let world = World::new(broker, "aborted");
    let instance = world.start("a", "score").ready();
    let mut outsider = Outsider::new(&world, "outsider");
    outsider.begin();
    outsider.write("observations", &mixed(0..300, 50));
    outsider.abort();
    outsider.begin();
    outsider.write("observations", &mixed(300..600, 50));
    outsider.commit();
    outsider.begin();
    outsider.write("observations", &mixed(600..900, 50));
    outsider.abort();
    world.drained("score", "observations");
    instance.stop();
    assert_exact(&world);
    assert_letters_once(&world);
    assert_eq!(world.read("risk-detections").len(), 300);
}

#[test]
fn the_broker_is_restarted_under_load() {
    let Some(broker) = Broker::own(&[]) else { return };
    let world = World::new(&broker, "restarted");
    let instance = world.start("a", "score").ready();
    world.produce("observations", &mixed(0..3_000, 300));
    wait::until("some of it is scored", || world.position("score", "observations") > 500);
    broker.kill();
    broker.revive();
    world.produce("observations", &mixed(3_000..4_000, 300));
    world.drained("score", "observations");
    instance.stop();
    assert_exact(&world);
    assert_letters_once(&world);
}

/// What became due while nobody looked is told by ticks in the log, and a restart goes on from the local store.
#[test]
fn time_passes_by_ticks_in_the_log() {
    let Some(broker) = Broker::shared() else { return };
    let world = World::new(broker, "ticks");
    let first = world.start("a", "score").ready();
    world.produce("observations", &mixed(0..300, 100));
    world.drained("score", "observations");
    first.stop();
    let before = world.read("risk-transitions").len();
    let again = world.start("a", "score");
    let ticks = || world.read("observations").len() - 306;
    wait::until("there are ticks", || ticks() > 0);
    wait::until("risk has faded", || world.read("risk-transitions").len() > before);
    wait::until("all ticks are scored", || world.scored().len() >= world.read("observations").len());
    let log = again.stop();
    assert_exact(&world);
    assert!(
        log.lines().any(|line| line.contains("restoring") && !line.contains("from=0 ")),
        "it began from nothing:\n{log}"
    );
}

/// What principals of any partition tell is published into all of them, once.
#[test]
fn what_a_tenant_shares_is_told_to_every_partition() {
    let Some(broker) = Broker::shared() else { return };
    let world = World::new(broker, "tenant");
    let first = world.start("a", "score").ready();
    let told: Vec<_> = (0..4).map(|number| feed::record(&feed::summary(number))).collect();
    world.produce("observations", &told);
    world.produce("observations", &feed::records(0..60, 30));
    world.drained("score", "observations");
    first.stop();
    // What became due is looked for at once by who takes the partition.
    let again = world.start("b", "score");
    let snapshots = || {
        world
            .read("observations")
            .iter()
            .filter_map(|record| Some((record.partition, feed::snapshot(record)?)))
            .collect::<Vec<_>>()
    };
    let partitions = world.ends("observations").len();
    wait::until("every partition has a copy", || snapshots().len() >= partitions);
    wait::until("the copies are scored", || world.scored().len() >= world.read("observations").len());
    again.stop();
    for (stands_in, (is_for, snapshot)) in snapshots() {
        assert_eq!(stands_in, is_for);
        assert_eq!((snapshot.principals, snapshot.principals_with(Property::Prefix, 7)), (4, 4));
    }
    assert_eq!(snapshots().len(), partitions);
    assert_exact(&world);
}

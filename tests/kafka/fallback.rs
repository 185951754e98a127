//! Where there are no transactions.

use crate::broker::Broker;
use crate::check::stories;
use crate::feed;
use crate::wait;
use crate::world::World;
use std::collections::BTreeSet;

/// Outputs may repeat after a crash, with the same ids and the same content; nothing is missing, nothing else is there.
#[test]
fn without_transactions_repeats_are_the_same() {
    let Some(broker) = Broker::shared() else { return };
    let mut world = World::new(broker, "without");
    world.extra = "transactions = 'off'\n".to_owned();
    let die = [("FAILPOINTS", "kafka.score.outputs_flushed=3*off->1*sleep(600000)")];
    let first = world.start_with("a", "score", &die).ready();
    world.produce("observations", &feed::records(0..3_000, 300));
    let written = || world.read("risk-detections").len();
    wait::until("outputs are written, their state is not", || {
        written() > 0 && first.log().matches("scored").count() == 3
    });
    wait::until("the fourth batch's outputs are there", || {
        let before = written();
        before > 1_500 && before == written()
    });
    first.kill();
    let second = world.start("b", "score");
    world.drained("score", "observations");
    second.stop();
    let expected = feed::replay(&world.scored());
    let told = stories(&world);
    let unique = |lines: &[String]| lines.iter().cloned().collect::<BTreeSet<_>>();
    let mut repeats = 0;
    for (key, story) in &expected {
        let told = told.get(key).expect("a story");
        assert_eq!(unique(&told.detections), unique(&story.detections), "principal {key}");
        assert_eq!(unique(&told.transitions), unique(&story.transitions), "principal {key}");
        assert_eq!(told.risk, story.risk, "principal {key}");
        repeats += told.detections.len() - story.detections.len();
    }
    assert!(repeats > 0, "nothing repeats: the test proves nothing");
}

//! What is promised of determinism: replay, restart in mid-stream, duplicates, shuffling within the allowed disorder.

use crate::support::*;
use picket_detectors::event::{Actor, ActorKind, Agent, Id, KeyId, PrincipalId};
use picket_detectors::observation::{Confidence, Observation};
use proptest::prelude::*;

/// One random event of a day; places, keys and software are drawn from few values, so that they meet.
fn any_event(day: i64) -> impl Strategy<Value = Observation> {
    (0_i64..24 * 60, 0_u8..4, 0_u8..3, 0_u8..3, 0_u8..10).prop_map(move |(minute, place, key, agent, kind)| {
        let time = at(day, 0, minute);
        let key = [KEY, NEW_KEY, "third key"][usize::from(key)];
        match kind {
            0 => {
                let by = Actor { kind: ActorKind::Application, ..actor("an application") };
                credential_change(time, by, vec![secret(key)], vec![], |change| {
                    change.principal = PrincipalId::parse(JOB);
                })
            }
            1 => leak(time, Confidence::Matched, |_, owner| owner.key = KeyId::parse(key)),
            _ => sign_in(time, |one| {
                one.key = KeyId::parse(key);
                one.place = match place {
                    0 | 1 => home(),
                    2 => hideout(),
                    _ => self::place("192.0.2.9", 64_700, *b"BR", "Recife"),
                };
                one.agent = Agent::new(["azsdk-net-Identity/1.10", "curl/8", ""][usize::from(agent)]);
                one.resource = Id::parse(if place == 3 { GRAPH } else { STORAGE });
            }),
        }
    })
}

fn story() -> impl Strategy<Value = Vec<Observation>> {
    let days: Vec<_> = (30..34).map(|day| proptest::collection::vec(any_event(day), 0..12)).collect();
    days.prop_map(|days| {
        let mut story: Vec<_> = a_quiet_month().into_iter().chain(days.into_iter().flatten()).collect();
        story.sort_by(|a, b| (a.event.time, &a.event.id).cmp(&(b.event.time, &b.event.id)));
        story.dedup_by(|a, b| a.event.id == b.event.id);
        story
    })
}

/// Moves each observation by less than the allowed disorder in arrival.
fn shuffled(story: &[Observation], jitter: &[i64]) -> Vec<Observation> {
    let mut keyed: Vec<_> = story
        .iter()
        .enumerate()
        .map(|(n, one)| (one.event.time.plus(jitter[n % jitter.len()] * 1_000_000), n, one.clone()))
        .collect();
    keyed.sort_by_key(|(arrival, n, _)| (*arrival, *n));
    keyed.into_iter().map(|(_, _, one)| one).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn replaying_gives_the_same(story in story()) {
        prop_assert_eq!(World::run(&story), World::run(&story));
    }

    #[test]
    fn a_restart_after_any_event_changes_nothing(story in story(), every in 1_usize..40) {
        let mut world = World::new();
        for piece in story.chunks(every) {
            world.fold_all(piece);
            world.restart();
        }
        prop_assert_eq!(world.outcome, World::run(&story));
    }

    #[test]
    fn duplicates_change_nothing(story in story(), twice in proptest::collection::vec(any::<bool>(), 20)) {
        let doubled: Vec<_> = story
            .iter()
            .enumerate()
            .flat_map(|(n, one)| std::iter::repeat_n(one.clone(), 1 + usize::from(twice[n % twice.len()])))
            .collect();
        let (mut once, mut doubled) = (World::run(&story), World::run(&doubled));
        (once.duplicates, doubled.duplicates) = (0, 0);
        prop_assert_eq!(once, doubled);
    }

    #[test]
    fn shuffling_within_ten_minutes_changes_no_final_level_and_no_join(story in story(), jitter in proptest::collection::vec(0_i64..600, 7..31)) {
        let end = tick(at(34, 1, 0));
        let ordered = World::run(&[story.clone(), vec![end.clone()]].concat());
        let disordered = World::run(&[shuffled(&story, &jitter), vec![end]].concat());
        prop_assert_eq!(disordered.level(), ordered.level());
        let joins = |outcome: &Outcome| {
            let mut ids: Vec<_> = outcome.detections.iter().filter(|one| one.evidence.cause.ends_with(":used")).map(|one| one.id).collect();
            ids.sort();
            ids
        };
        prop_assert_eq!(joins(&disordered), joins(&ordered));
    }
}

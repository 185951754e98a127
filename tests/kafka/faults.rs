//! What a healthy broker does not show: errors injected by librdkafka's mock cluster.
//!
//! The mock knows the calls of transactions but not their meaning (aborted records stay visible, positions sent with a
//! transaction are dropped), so these tests look at what Picket does, not at what the cluster keeps.

use crate::feed;
use crate::wait;
use crate::world::{PARTITIONS, TOPICS, World};
use rdkafka::mocking::MockCluster;
use rdkafka::producer::DefaultProducerContext;
use rdkafka::types::{RDKafkaApiKey, RDKafkaRespErr};

fn world_on(cluster: &MockCluster<'_, DefaultProducerContext>, name: &str) -> World {
    let mut world = World::at(&cluster.bootstrap_servers(), name);
    "create = false\n".clone_into(&mut world.extra_topics);
    for topic in TOPICS.into_iter().chain(["in"]) {
        cluster.create_topic(&world.topic(topic), PARTITIONS, 1).expect("a topic");
    }
    world
}

#[test]
fn a_cluster_that_refuses_transactions_is_told_and_used_without() {
    let cluster = MockCluster::new(1).expect("a cluster");
    let world = world_on(&cluster, "refused");
    let refusal = RDKafkaRespErr::RD_KAFKA_RESP_ERR_TRANSACTIONAL_ID_AUTHORIZATION_FAILED;
    cluster.request_errors(RDKafkaApiKey::InitProducerId, &[refusal]);
    let instance = world.start("a", "score").ready();
    assert!(instance.log().contains("the cluster has no transactions"), "{}", instance.log());
    world.produce("observations", &feed::records(0..100, 10));
    wait::until("it scores", || world.read("risk-detections").len() >= 100);
    instance.stop();
}

#[test]
fn transactions_that_were_asked_for_are_insisted_on() {
    let cluster = MockCluster::new(1).expect("a cluster");
    let mut world = world_on(&cluster, "insisted");
    world.extra = "transactions = 'on'\n".to_owned();
    let refusal = RDKafkaRespErr::RD_KAFKA_RESP_ERR_TRANSACTIONAL_ID_AUTHORIZATION_FAILED;
    cluster.request_errors(RDKafkaApiKey::InitProducerId, &[refusal; 3]);
    let (status, log) = world.start("a", "score").ended();
    assert_eq!(status.code(), Some(3));
    assert!(log.contains("kafka.transactions is on, but the cluster refused to start one"), "{log}");
}

/// Each kind of error in each call of a transaction, and what must follow from it.
#[test]
fn each_kind_of_error_is_answered_as_it_must_be() {
    let cases = [
        ("retried", RDKafkaApiKey::EndTxn, RDKafkaRespErr::RD_KAFKA_RESP_ERR_COORDINATOR_LOAD_IN_PROGRESS, "scored"),
        (
            "taken-back",
            RDKafkaApiKey::TxnOffsetCommit,
            RDKafkaRespErr::RD_KAFKA_RESP_ERR_ILLEGAL_GENERATION,
            "a batch is taken back",
        ),
        ("fenced", RDKafkaApiKey::EndTxn, RDKafkaRespErr::RD_KAFKA_RESP_ERR_PRODUCER_FENCED, "begins anew"),
    ];
    for (name, call, error, answer) in cases {
        println!("{name}");
        let cluster = MockCluster::new(1).expect("a cluster");
        let world = world_on(&cluster, name);
        let instance = world.start("a", "score").ready();
        cluster.request_errors(call, &[error]);
        world.produce("observations", &feed::records(0..100, 10));
        wait::until(&format!("{name}: {answer}"), || instance.log().contains(answer));
        wait::until("it goes on", || world.read("risk-detections").len() >= 100);
        instance.stop();
    }
}

//! Topics: created or checked at start.

use super::client::{Admin, Cluster, GroupConsumer};
use super::error::KafkaFault;
use crate::config::kafka::{Kafka, Topics};
use rdkafka::admin::{AdminOptions, ConfigResource, NewTopic, ResourceSpecifier, TopicReplication};
use rdkafka::consumer::Consumer;
use rdkafka::types::RDKafkaErrorCode;
use std::future::Future;
use std::time::{Duration, Instant};

/// What becomes of old records of a topic.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Cleanup {
    /// The last record of each key stays.
    Compact,
    /// They go by age or size.
    Delete,
}

impl Cleanup {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Compact => "compact",
            Self::Delete => "delete",
        }
    }
}

/// The topics that are Picket's own, with their cleanup policy.
fn own(topics: &Topics) -> [(&str, Cleanup); 7] {
    [
        (&topics.observations, Cleanup::Delete),
        (&topics.profiles, Cleanup::Compact),
        (&topics.risk_detections, Cleanup::Delete),
        (&topics.risky_principals, Cleanup::Compact),
        (&topics.risk_transitions, Cleanup::Delete),
        (&topics.incidents, Cleanup::Delete),
        (&topics.dead_letters, Cleanup::Delete),
    ]
}

/// Creates what is missing (if it may), then checks policies and counts. Gives the number of observation partitions.
pub(crate) fn prepare(kafka: &Kafka, cluster: &Cluster, reader: &GroupConsumer) -> Result<usize, KafkaFault> {
    let topics = &kafka.topics;
    let patience = Duration::from_millis(u64::from(kafka.request_timeout_ms));
    // librdkafka's admin client never asks for tokens (its events are not served), so it can't log in by one.
    let admin = if cluster.has_tokens() { None } else { Some(cluster.admin()?) };
    match &admin {
        Some(admin) if topics.create => create_missing(kafka, admin, reader, patience)?,
        Some(_) => {}
        None => tracing::info!("logged in by token: topics must exist, their cleanup policy is not checked"),
    }
    if let Some(admin) = &admin {
        check_policies(kafka, topics, admin, patience)?;
    }
    for (topic, _) in own(topics) {
        partitions(reader, topic, patience)?;
    }
    let observations = partitions(reader, &topics.observations, patience)?;
    let profiles = partitions(reader, &topics.profiles, patience)?;
    if observations != profiles {
        return Err(KafkaFault::Partitions {
            observations: topics.observations.clone(),
            observation_partitions: observations,
            profiles: topics.profiles.clone(),
            profile_partitions: profiles,
        });
    }
    Ok(observations)
}

/// How many partitions a topic has.
pub(crate) fn partitions(reader: &GroupConsumer, topic: &str, patience: Duration) -> Result<usize, KafkaFault> {
    let metadata = reader.fetch_metadata(Some(topic), patience).map_err(KafkaFault::call("asking for a topic"))?;
    let count = metadata.topics().iter().filter(|found| found.name() == topic).map(|found| found.partitions().len());
    match count.sum() {
        0 => Err(KafkaFault::MissingTopic { topic: topic.to_owned() }),
        count => Ok(count),
    }
}

fn create_missing(kafka: &Kafka, admin: &Admin, reader: &GroupConsumer, patience: Duration) -> Result<(), KafkaFault> {
    let topics = &kafka.topics;
    let tombstones = (u64::from(kafka.tombstone_days) * 86_400_000).to_string();
    let inputs = topics.inputs.iter().filter(|name| kafka.input.is_none() && !name.starts_with('^'));
    let wanted = own(topics).into_iter().chain(inputs.map(|name| (name.as_str(), Cleanup::Delete)));
    let missing: Vec<_> = wanted.filter(|(topic, _)| partitions(reader, topic, patience).is_err()).collect();
    if missing.is_empty() {
        return Ok(());
    }
    let new: Vec<_> = missing
        .iter()
        .map(|(topic, cleanup)| {
            let topic = NewTopic::new(topic, topics.partitions, TopicReplication::Fixed(topics.replication))
                .set("cleanup.policy", cleanup.as_str());
            match cleanup {
                // Compaction happens soon enough that a restore stays short.
                Cleanup::Compact => topic
                    .set("min.cleanable.dirty.ratio", "0.3")
                    .set("segment.ms", "3600000")
                    .set("delete.retention.ms", &tombstones),
                Cleanup::Delete => topic,
            }
        })
        .collect();
    let options = AdminOptions::new().operation_timeout(Some(patience)).request_timeout(Some(patience));
    let results = wait(admin.create_topics(&new, &options))?.map_err(KafkaFault::call("creating topics"))?;
    // The controller has them before the brokers tell of them.
    let deadline = Instant::now() + patience;
    for (topic, _) in &missing {
        while partitions(reader, topic, patience).is_err() && Instant::now() < deadline {
            std::thread::sleep(Duration::from_millis(50));
        }
    }
    for result in results {
        match result {
            Ok(topic) => tracing::info!(topic, "created"),
            // Another instance was first.
            Err((_, RDKafkaErrorCode::TopicAlreadyExists)) => {}
            Err((topic, code)) => {
                tracing::error!(topic, "could not create the topic");
                return Err(KafkaFault::Call {
                    what: "creating a topic",
                    source: rdkafka::error::KafkaError::AdminOp(code),
                });
            }
        }
    }
    Ok(())
}

/// A local store that was away for longer than deletions are remembered must not be trusted.
fn check_tombstones(kafka: &Kafka, topic: &str, resource: &ConfigResource) {
    let kept = resource.get("delete.retention.ms").and_then(|entry| entry.value.as_deref()?.parse::<u64>().ok());
    let assumed = u64::from(kafka.tombstone_days) * 86_400_000;
    if let Some(kept) = kept.filter(|kept| *kept < assumed) {
        tracing::warn!(
            topic,
            kept,
            assumed,
            "delete.retention.ms is shorter than kafka.tombstone_days: lower the latter"
        );
    }
}

fn check_policies(kafka: &Kafka, topics: &Topics, admin: &Admin, patience: Duration) -> Result<(), KafkaFault> {
    let own = own(topics);
    let specifiers: Vec<_> = own.iter().map(|(topic, _)| ResourceSpecifier::Topic(topic)).collect();
    let options = AdminOptions::new().request_timeout(Some(patience));
    let resources = match wait(admin.describe_configs(&specifiers, &options))? {
        Ok(resources) => resources,
        Err(source) if source.rdkafka_error_code() == Some(RDKafkaErrorCode::OperationTimedOut) => {
            return Err(KafkaFault::Call { what: "reading topic settings", source });
        }
        Err(error) => {
            tracing::warn!(%error, "can't read the topics' cleanup policies: make sure that they are right");
            return Ok(());
        }
    };
    for ((topic, cleanup), resource) in own.into_iter().zip(resources) {
        let resource = match resource {
            Ok(resource) => resource,
            Err(RDKafkaErrorCode::UnknownTopicOrPartition) => {
                return Err(KafkaFault::MissingTopic { topic: topic.to_owned() });
            }
            // Event Hubs and brokers with strict rights don't tell; that is no reason not to start.
            Err(error) => {
                tracing::warn!(topic, %error, "can't read the topic's cleanup policy: make sure that it is {}", cleanup.as_str());
                continue;
            }
        };
        if topic == topics.profiles {
            check_tombstones(kafka, topic, &resource);
        }
        let found = resource.get("cleanup.policy").and_then(|entry| entry.value.clone()).unwrap_or_default();
        let fits = match cleanup {
            Cleanup::Compact => found == "compact",
            // Compaction would merge records of one key that are all needed.
            Cleanup::Delete => found == "delete",
        };
        if !fits && !found.is_empty() {
            return Err(KafkaFault::CleanupPolicy { topic: topic.to_owned(), found, expected: cleanup.as_str() });
        }
    }
    Ok(())
}

/// Waits for one of librdkafka's futures on this thread.
fn wait<T>(future: impl Future<Output = T>) -> Result<T, KafkaFault> {
    let runtime = tokio::runtime::Builder::new_current_thread().build().map_err(KafkaFault::Thread)?;
    Ok(runtime.block_on(future))
}

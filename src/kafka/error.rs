//! What can go wrong with Kafka, and what to do about it.

use rdkafka::error::KafkaError;
use std::path::PathBuf;

/// Why a Kafka role stopped or would not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum KafkaFault {
    /// No cluster is named.
    #[error("no Kafka cluster is named: set kafka.bootstrap")]
    NoBootstrap,
    /// librdkafka refuses a property. Its value is not shown, for it may be a password.
    #[error("Kafka property {name}: {reason}")]
    Property {
        /// The property's name.
        name: String,
        /// librdkafka's words.
        reason: String,
    },
    /// A file that a property or token refers to can't be read.
    #[error("can't read {} for the Kafka property {name}", path.display())]
    File {
        /// The property's name, or `token`.
        name: String,
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// An environment variable that a property refers to is missing.
    #[error("the environment variable {variable} for the Kafka property {name} is not set")]
    Env {
        /// The property's name.
        name: String,
        /// The variable.
        variable: String,
    },
    /// TLS, SCRAM or OAUTHBEARER without the feature.
    #[error("{what} needs a Picket built with the feature kafka-tls")]
    NoTls {
        /// What was asked for.
        what: String,
    },
    /// The cluster did not answer in time.
    #[error("no answer from Kafka ({what}) within {seconds} s")]
    Silent {
        /// What was asked.
        what: &'static str,
        /// How long it was waited for.
        seconds: u64,
    },
    /// The cluster has no transactions, and the configuration insists on them.
    #[error("kafka.transactions is on, but the cluster refused to start one")]
    NoTransactions(#[source] KafkaError),
    /// A topic is missing.
    #[error("topic {topic} does not exist: create it, or set kafka.topics.create")]
    MissingTopic {
        /// Its name.
        topic: String,
    },
    /// A topic has the wrong cleanup policy.
    #[error("topic {topic} has cleanup.policy={found}, but must have {expected}")]
    CleanupPolicy {
        /// Its name.
        topic: String,
        /// What it has.
        found: String,
        /// What it must have.
        expected: &'static str,
    },
    /// State goes to the partition of the same number as the observation's; that needs equal counts.
    #[error(
        "topics {observations} ({observation_partitions} partitions) and {profiles} ({profile_partitions}) must have equally many partitions"
    )]
    Partitions {
        /// The observations topic.
        observations: String,
        /// Its partitions.
        observation_partitions: usize,
        /// The state topic.
        profiles: String,
        /// Its partitions.
        profile_partitions: usize,
    },
    /// Any other failure of a call.
    #[error("Kafka: {what} failed")]
    Call {
        /// The call.
        what: &'static str,
        /// librdkafka's error.
        source: KafkaError,
    },
    /// A record could not be delivered.
    #[error("Kafka did not take a record for {topic}")]
    Delivery {
        /// Its topic.
        topic: String,
        /// librdkafka's error.
        source: KafkaError,
    },
    /// The local store failed.
    #[error("the local store failed")]
    Store(#[from] crate::store::StoreError),
    /// A batch can't be judged.
    #[error("a batch can't be judged")]
    Judge(#[source] Box<crate::pipeline::JudgeError>),
    /// An observation was written by a newer Picket; the partition stops.
    #[error(
        "observation at {partition}:{offset} has version {found}, this program reads up to {known}: run the newer Picket"
    )]
    ObservationVersion {
        /// The partition.
        partition: i32,
        /// The offset.
        offset: i64,
        /// Its version.
        found: u8,
        /// The newest that is known.
        known: u8,
    },
    /// A file of dumped observations can't be read or written.
    #[error("can't use the file of observations {}", path.display())]
    Dump {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The partitions went to others while a batch was under way.
    #[error("the assignment was lost while a batch was under way")]
    AssignmentLost,
    /// A record that must not be left out is too large.
    #[error("a record for {topic} is larger than Kafka takes: raise message.max.bytes of topic and producer")]
    TooLarge {
        /// Its topic.
        topic: String,
    },
    /// An observation has no binary form.
    #[error("an observation can't be encoded")]
    Encode(#[source] postcard::Error),
    /// A file of the data folder can't be used.
    #[error("can't use {}", path.display())]
    Data {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A worker panicked.
    #[error("the worker {role} panicked: this is a defect, please report it")]
    Panicked {
        /// Its role.
        role: &'static str,
    },
    /// A thread could not be started.
    #[error("can't start a thread")]
    Thread(#[source] std::io::Error),
}

impl KafkaFault {
    /// Whether trying again is no use: a person must change something.
    pub fn is_final(&self) -> bool {
        match self {
            Self::NoBootstrap
            | Self::Property { .. }
            | Self::File { .. }
            | Self::Env { .. }
            | Self::NoTls { .. }
            | Self::NoTransactions(_)
            | Self::MissingTopic { .. }
            | Self::CleanupPolicy { .. }
            | Self::Partitions { .. }
            | Self::Store(_)
            | Self::Judge(_)
            | Self::ObservationVersion { .. }
            | Self::TooLarge { .. }
            | Self::Encode(_)
            | Self::Data { .. }
            | Self::Panicked { .. }
            | Self::Dump { .. }
            | Self::Thread(_) => true,
            Self::Silent { .. } | Self::Call { .. } | Self::Delivery { .. } | Self::AssignmentLost => false,
        }
    }

    /// Wraps the error of a call.
    pub(crate) fn call(what: &'static str) -> impl FnOnce(KafkaError) -> Self {
        move |source| match source {
            // The value is left out: it may be a password.
            KafkaError::ClientConfig(_, reason, name, _) => Self::Property { name, reason },
            source => Self::Call { what, source },
        }
    }
}

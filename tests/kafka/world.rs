//! One test's corner of a broker: topics with a prefix of its own, instances of Picket, and what they wrote.

use crate::broker::Broker;
use crate::instance::Instance;
use crate::wait;
use rdkafka::ClientConfig;
use rdkafka::Message;
use rdkafka::admin::{AdminClient, AdminOptions, NewTopic, TopicReplication};
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::KafkaError;
use rdkafka::producer::{BaseRecord, Producer, ThreadedProducer};
use rdkafka::topic_partition_list::{Offset, TopicPartitionList};
use std::collections::BTreeMap;
use std::process::{Command, Output};
use std::time::Duration;
use tempfile::TempDir;

/// Partitions of every topic in these tests.
pub(crate) const PARTITIONS: i32 = 4;

/// Picket's own topics.
pub(crate) const TOPICS: [&str; 7] = [
    "observations",
    "profiles",
    "risk-detections",
    "risky-principals",
    "risk-transitions",
    "incidents",
    "dead-letters",
];

/// A record as it stands in a topic.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Stored {
    pub(crate) partition: i32,
    pub(crate) offset: i64,
    pub(crate) key: Vec<u8>,
    /// `None` is a tombstone.
    pub(crate) value: Option<Vec<u8>>,
}

impl Stored {
    /// The value as JSON.
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_slice(self.value.as_deref().unwrap_or_default()).expect("JSON")
    }
}

/// One test's corner of a broker.
pub(crate) struct World {
    /// `host:port` for the tests' own clients.
    bootstrap: String,
    /// `host:port` for instances, if another.
    door: Option<String>,
    prefix: String,
    pub(crate) folder: TempDir,
    /// Lines added to `[kafka]`.
    pub(crate) extra: String,
    /// Lines added to `[kafka.topics]`.
    pub(crate) extra_topics: String,
}

impl World {
    pub(crate) fn new(broker: &Broker, name: &str) -> Self {
        Self::at(broker.bootstrap(), name)
    }

    /// A corner of a broker that is reached under this address.
    pub(crate) fn at(bootstrap: &str, name: &str) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let unique = folder.path().file_name().and_then(|name| name.to_str()).unwrap_or("x").trim_start_matches('.');
        Self {
            bootstrap: bootstrap.to_owned(),
            door: None,
            prefix: format!("{name}-{unique}"),
            folder,
            extra: String::new(),
            extra_topics: String::new(),
        }
    }

    /// The full name of a topic.
    pub(crate) fn topic(&self, name: &str) -> String {
        format!("{}.{name}", self.prefix)
    }

    /// The group of a role.
    pub(crate) fn group(&self, role: &str) -> String {
        format!("{}-{role}", self.prefix)
    }

    /// The configuration of an instance.
    fn config(&self, roles: &str) -> String {
        let topics = TOPICS.map(|name| format!("{} = '{}'", name.replace('-', "_"), self.topic(name))).join("\n");
        let roles: Vec<String> = roles.split(',').map(|role| format!("'{role}'")).collect();
        format!(
            "[run]\nmode = 'kafka'\n[batch]\nrecords = 500\n[kafka]\nroles = [{}]\nbootstrap = '{}'\ngroup = '{}'\n\
             transaction_timeout_ms = 10000\nrequest_timeout_ms = 20000\n{}\n\
             [kafka.consumer]\n\"session.timeout.ms\" = 6000\n\"heartbeat.interval.ms\" = 1000\n\
             [kafka.topics]\ninputs = ['{}']\npartitions = {PARTITIONS}\n{topics}\n{}\n",
            roles.join(","),
            self.door.as_deref().unwrap_or(&self.bootstrap),
            self.prefix,
            self.extra,
            self.topic("in"),
            self.extra_topics,
        )
    }

    /// Starts an instance; `roles` is a list with commas.
    pub(crate) fn start(&self, name: &str, roles: &str) -> Instance {
        self.start_with(name, roles, &[])
    }

    /// Starts an instance with variables in its environment.
    pub(crate) fn start_with(&self, name: &str, roles: &str, variables: &[(&str, &str)]) -> Instance {
        Instance::start(&self.folder.path().join(name), &self.config(roles), variables)
    }

    /// Lets instances reach the broker under another address than the tests' own clients.
    pub(crate) fn instances_at(&mut self, bootstrap: &str) {
        self.door = Some(bootstrap.to_owned());
    }

    /// Where the tests' own clients reach the broker.
    pub(crate) fn bootstrap(&self) -> &str {
        &self.bootstrap
    }

    /// Creates a topic as Picket would.
    pub(crate) fn create(&self, topic: &str) {
        let compacted = ["profiles", "risky-principals"].contains(&topic);
        self.create_with(topic, PARTITIONS, if compacted { "compact" } else { "delete" });
    }

    /// Creates all topics as Picket would.
    pub(crate) fn create_all(&self) {
        for topic in TOPICS {
            self.create(topic);
        }
        self.create("in");
    }

    /// Creates a topic.
    pub(crate) fn create_with(&self, topic: &str, partitions: i32, policy: &str) {
        let admin: AdminClient<_> = self.client().create().expect("a client");
        let name = self.topic(topic);
        let new = NewTopic::new(&name, partitions, TopicReplication::Fixed(1)).set("cleanup.policy", policy);
        let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
        let results = runtime.block_on(admin.create_topics([&new], &AdminOptions::new())).expect("an answer");
        for result in results {
            result.expect("created");
        }
        wait::until("the topic is there", || {
            let consumer: BaseConsumer = self.client().create().expect("a consumer");
            let metadata = consumer.fetch_metadata(Some(&name), Duration::from_secs(5));
            metadata.is_ok_and(|metadata| metadata.topics().iter().all(|topic| !topic.partitions().is_empty()))
        });
    }

    /// Runs a command of the program with the configuration of an instance.
    pub(crate) fn command(&self, arguments: &[&str]) -> Output {
        let config = self.folder.path().join("command.toml");
        std::fs::write(&config, self.config("score")).expect("written");
        let mut command = Command::new(env!("CARGO_BIN_EXE_picket"));
        let output = command.args(arguments).arg("--config").arg(config).output().expect("it runs");
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        output
    }

    pub(crate) fn client(&self) -> ClientConfig {
        let mut config = ClientConfig::new();
        config.set("bootstrap.servers", &self.bootstrap);
        config
    }

    /// Writes records with keys and waits until they are there.
    pub(crate) fn produce(&self, topic: &str, records: &[(Vec<u8>, Vec<u8>)]) {
        let mut config = self.client();
        config.set("partitioner", "murmur2_random").set("enable.idempotence", "true").set("linger.ms", "5");
        let producer: ThreadedProducer<_> = config.create().expect("a producer");
        let topic = self.topic(topic);
        for (key, value) in records {
            wait::until("the queue has room", || {
                producer.send(BaseRecord::to(&topic).key(key.as_slice()).payload(value.as_slice())).is_ok()
            });
        }
        producer.flush(wait::PATIENCE).expect("delivered");
    }

    /// All committed records of a topic, up to its end as of now.
    pub(crate) fn read(&self, topic: &str) -> Vec<Stored> {
        read(&self.client(), &self.topic(topic), PARTITIONS)
    }

    /// The committed position of a role's group, summed over the partitions of a topic.
    pub(crate) fn position(&self, role: &str, topic: &str) -> i64 {
        let mut config = self.client();
        config.set("group.id", self.group(role));
        let consumer: BaseConsumer = config.create().expect("a consumer");
        let mut list = TopicPartitionList::new();
        for partition in 0..PARTITIONS {
            list.add_partition(&self.topic(topic), partition);
        }
        let Ok(found) = consumer.committed_offsets(list, Duration::from_secs(5)) else { return 0 };
        found.elements().iter().filter_map(|element| element.offset().to_raw()).map(|offset| offset.max(0)).sum()
    }

    /// Whether a topic holds records of a transaction that is not decided.
    pub(crate) fn undecided(&self, topic: &str) -> bool {
        let end = |isolation: &str| -> i64 {
            let mut config = self.client();
            config.set("isolation.level", isolation);
            let consumer: BaseConsumer = config.create().expect("a consumer");
            let watermarks = |p| consumer.fetch_watermarks(&self.topic(topic), p, Duration::from_secs(5));
            (0..PARTITIONS).filter_map(|partition| watermarks(partition).ok()).map(|(_, high)| high).sum()
        };
        end("read_uncommitted") > end("read_committed")
    }

    /// The observations that `score` has committed.
    pub(crate) fn scored(&self) -> Vec<Stored> {
        let mut config = self.client();
        config.set("group.id", self.group("score"));
        let consumer: BaseConsumer = config.create().expect("a consumer");
        let topic = self.topic("observations");
        let mut list = TopicPartitionList::new();
        list.add_partition_range(&topic, 0, PARTITIONS - 1);
        let found = consumer.committed_offsets(list, wait::PATIENCE).expect("positions");
        let is_scored = |record: &Stored| {
            let element = found.find_partition(&topic, record.partition);
            matches!(element.map(|element| element.offset()), Some(Offset::Offset(next)) if record.offset < next)
        };
        self.read("observations").into_iter().filter(is_scored).collect()
    }

    /// The last offset + 1 of committed records, by partition of a topic; markers excluded.
    pub(crate) fn ends(&self, topic: &str) -> BTreeMap<i32, i64> {
        let mut ends = BTreeMap::new();
        for record in self.read(topic) {
            let end = ends.entry(record.partition).or_insert(0);
            *end = (record.offset + 1).max(*end);
        }
        ends
    }

    /// Waits until a role has committed everything that is in a topic now. The transaction of a writer that was killed hides
    /// what stands behind it until the broker aborts it: only then it is known what the topic holds.
    pub(crate) fn drained(&self, role: &str, topic: &str) {
        wait::until(&format!("no transaction is open in {topic}"), || !self.undecided(topic));
        let ends = self.ends(topic);
        let mut config = self.client();
        config.set("group.id", self.group(role));
        let consumer: BaseConsumer = config.create().expect("a consumer");
        let topic = self.topic(topic);
        wait::until(&format!("{role} has read {topic}"), || {
            let mut list = TopicPartitionList::new();
            for partition in ends.keys() {
                list.add_partition(&topic, *partition);
            }
            let Ok(found) = consumer.committed_offsets(list, Duration::from_secs(5)) else { return false };
            ends.iter().all(|(partition, end)| {
                let element = found.find_partition(&topic, *partition);
                matches!(element.map(|element| element.offset()), Some(Offset::Offset(offset)) if offset >= *end)
            })
        });
    }
}

/// All committed records of a topic, up to its end as of now, partition by partition.
pub(crate) fn read(client: &ClientConfig, topic: &str, partitions: i32) -> Vec<Stored> {
    let mut config = client.clone();
    config
        .set("group.id", "reader")
        .set("enable.auto.commit", "false")
        .set("isolation.level", "read_committed")
        .set("enable.partition.eof", "true");
    let consumer: BaseConsumer = config.create().expect("a consumer");
    let mut list = TopicPartitionList::new();
    for partition in 0..partitions {
        list.add_partition_offset(topic, partition, Offset::Beginning).expect("an offset");
    }
    consumer.assign(&list).expect("assigned");
    let (mut records, mut open) = (Vec::new(), partitions);
    let deadline = std::time::Instant::now() + wait::PATIENCE;
    while open > 0 {
        assert!(std::time::Instant::now() < deadline, "{topic} does not end");
        match consumer.poll(Duration::from_millis(100)) {
            Some(Ok(message)) => records.push(Stored {
                partition: message.partition(),
                offset: message.offset(),
                key: message.key().unwrap_or_default().to_vec(),
                value: message.payload().map(<[u8]>::to_vec),
            }),
            Some(Err(KafkaError::PartitionEOF(_))) => open -= 1,
            // A topic that is not there yet is empty.
            Some(Err(KafkaError::MessageConsumption(rdkafka::types::RDKafkaErrorCode::UnknownTopicOrPartition))) => {
                return Vec::new();
            }
            Some(Err(_)) | None => {}
        }
    }
    records.sort();
    records
}

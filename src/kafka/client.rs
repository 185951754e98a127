//! Clients of librdkafka: sane defaults, then what the configuration says, then what exactness asks for.

use super::context::Context;
use super::error::KafkaFault;
use crate::config::kafka::{Kafka, Properties, Property, Token};
use rdkafka::ClientConfig;
use rdkafka::admin::AdminClient;
use rdkafka::config::FromClientConfigAndContext;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::producer::BaseProducer;
use secrecy::{ExposeSecret, SecretString};
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

pub(crate) type GroupConsumer = BaseConsumer<Context>;
pub(crate) type Writer = BaseProducer<Context>;
pub(crate) type Admin = AdminClient<Context>;

/// What every client starts from. Idle connections end before Azure's load balancers cut them at 240 s.
const COMMON: &[(&str, &str)] =
    &[("client.id", "picket"), ("metadata.max.age.ms", "180000"), ("connections.max.idle.ms", "180000")];

/// Bulk reading: memory is bounded by `queued.max.messages.kbytes`.
const CONSUMER: &[(&str, &str)] = &[
    ("auto.offset.reset", "earliest"),
    ("fetch.wait.max.ms", "100"),
    ("max.partition.fetch.bytes", "4194304"),
    ("queued.min.messages", "100000"),
    ("queued.max.messages.kbytes", "65536"),
    ("fetch.queue.backoff.ms", "20"),
    ("check.crcs", "false"),
];

/// Membership by the classic protocol; with `group.protocol=consumer` the broker owns these.
const CLASSIC: &[(&str, &str)] =
    &[("partition.assignment.strategy", "cooperative-sticky"), ("session.timeout.ms", "30000")];

/// Bulk writing. The linger is short because each commit waits for it once. Keys are placed as Java does.
const PRODUCER: &[(&str, &str)] = &[
    ("linger.ms", "5"),
    ("batch.size", "1000000"),
    ("batch.num.messages", "10000"),
    ("compression.type", "lz4"),
    ("queue.buffering.max.messages", "500000"),
    ("queue.buffering.max.kbytes", "262144"),
    ("partitioner", "murmur2_random"),
    ("request.timeout.ms", "30000"),
];

/// What exactness depends on is not for configuration.
const OWN: &[&str] = &[
    "group.id",
    "enable.auto.commit",
    "enable.auto.offset.store",
    "isolation.level",
    "transactional.id",
    "transaction.timeout.ms",
    "enable.idempotence",
    "acks",
    "partitioner",
];

/// How to reach one cluster: properties with their secrets read.
#[derive(Debug, Clone)]
pub struct Cluster {
    common: BTreeMap<String, SecretString>,
    consumer: BTreeMap<String, SecretString>,
    producer: BTreeMap<String, SecretString>,
    token: Option<Token>,
    group: String,
    transaction_timeout_ms: u32,
}

impl Cluster {
    /// The cluster of state and outputs.
    pub fn new(kafka: &Kafka) -> Result<Self, KafkaFault> {
        let mut common = resolve(&kafka.properties)?;
        if let Some(bootstrap) = &kafka.bootstrap {
            common.insert("bootstrap.servers".to_owned(), bootstrap.as_str().into());
        }
        Self {
            common,
            consumer: resolve(&kafka.consumer)?,
            producer: resolve(&kafka.producer)?,
            token: kafka.token.clone(),
            group: kafka.group.clone(),
            transaction_timeout_ms: kafka.transaction_timeout_ms,
        }
        .checked()
    }

    /// The cluster of the inputs, if it is another.
    pub fn of_input(kafka: &Kafka) -> Result<Option<Self>, KafkaFault> {
        let Some(input) = &kafka.input else { return Ok(None) };
        let mut common = resolve(&input.properties)?;
        common.insert("bootstrap.servers".to_owned(), input.bootstrap.as_str().into());
        Self {
            common,
            consumer: resolve(&kafka.consumer)?,
            producer: BTreeMap::new(),
            token: input.token.clone(),
            group: kafka.group.clone(),
            transaction_timeout_ms: kafka.transaction_timeout_ms,
        }
        .checked()
        .map(Some)
    }

    fn checked(self) -> Result<Self, KafkaFault> {
        if !self.common.contains_key("bootstrap.servers") {
            return Err(KafkaFault::NoBootstrap);
        }
        for name in self.common.keys().chain(self.consumer.keys()).chain(self.producer.keys()) {
            if OWN.contains(&name.as_str()) {
                let reason = "is set by Picket itself, exactness depends on it".to_owned();
                return Err(KafkaFault::Property { name: name.clone(), reason });
            }
        }
        if cfg!(not(feature = "kafka-tls")) {
            self.refuse_tls()?;
        }
        Ok(self)
    }

    fn refuse_tls(&self) -> Result<(), KafkaFault> {
        for name in ["security.protocol", "sasl.mechanism", "sasl.mechanisms"] {
            let value = self.common.get(name).map(|value| value.expose_secret().to_ascii_uppercase());
            if let Some(what) = value.filter(|value| ["SSL", "SCRAM", "OAUTHBEARER"].iter().any(|t| value.contains(t)))
                && what != "SASL_PLAINTEXT"
            {
                return Err(KafkaFault::NoTls { what: format!("{name}={what}") });
            }
        }
        Ok(())
    }

    /// Whether logins take tokens from [`Kafka::token`].
    pub(crate) const fn has_tokens(&self) -> bool {
        self.token.is_some()
    }

    /// A member of the consumer group `<group>-<role>`.
    pub(crate) fn consumer(&self, role: &str) -> Result<GroupConsumer, KafkaFault> {
        let mut config = self.reader();
        config.set("group.id", format!("{}-{role}", self.group)).set("isolation.level", "read_committed");
        if config.get("statistics.interval.ms").is_none() {
            config.set("statistics.interval.ms", "5000");
        }
        if config.get("group.protocol") != Some("consumer") {
            for (name, value) in CLASSIC {
                if config.get(name).is_none() {
                    config.set(*name, *value);
                }
            }
        }
        build(&config, Context::new(self.token.clone()), "creating a consumer")
    }

    /// A reader of committed records outside any group. librdkafka wants a group's name all the same; it never joins.
    pub(crate) fn committed_reader(&self) -> Result<GroupConsumer, KafkaFault> {
        let mut config = self.reader();
        config
            .set("group.id", format!("{}-restore", self.group))
            .set("isolation.level", "read_committed")
            .set("enable.partition.eof", "true")
            .set("auto.offset.reset", "error");
        remove_membership(&mut config);
        build(&config, Context::new(self.token.clone()), "creating a reader")
    }

    /// A client that asks for watermarks, open transactions included.
    pub(crate) fn uncommitted_reader(&self) -> Result<GroupConsumer, KafkaFault> {
        let mut config = self.reader();
        config.set("isolation.level", "read_uncommitted");
        remove_membership(&mut config);
        build(&config, Context::new(self.token.clone()), "creating a reader")
    }

    fn reader(&self) -> ClientConfig {
        let mut config = self.base(CONSUMER, &self.consumer);
        config.set("enable.auto.commit", "false").set("enable.auto.offset.store", "false");
        config
    }

    /// An idempotent writer; transactional if it is given an id. Remembers how far the tracked topic was written.
    pub(crate) fn writer(&self, transactional_id: Option<&str>, tracked: &str) -> Result<Writer, KafkaFault> {
        let mut config = self.base(PRODUCER, &self.producer);
        config.set("enable.idempotence", "true");
        if let Some(id) = transactional_id {
            config.set("transactional.id", id).set("transaction.timeout.ms", self.transaction_timeout_ms.to_string());
            // A record must not outlive its transaction.
            if config.get("message.timeout.ms").is_none() {
                config.set("message.timeout.ms", (self.transaction_timeout_ms * 9 / 10).to_string());
            }
        }
        build(&config, Context::new(self.token.clone()).tracking(tracked), "creating a producer")
    }

    pub(crate) fn admin(&self) -> Result<Admin, KafkaFault> {
        build(&self.base(&[], &BTreeMap::new()), Context::new(self.token.clone()), "creating an admin client")
    }

    fn base(&self, defaults: &[(&str, &str)], own: &BTreeMap<String, SecretString>) -> ClientConfig {
        let mut config = ClientConfig::new();
        for (name, value) in COMMON.iter().chain(defaults) {
            config.set(*name, *value);
        }
        for (name, value) in self.common.iter().chain(own) {
            config.set(name, value.expose_secret());
        }
        config
    }
}

fn remove_membership(config: &mut ClientConfig) {
    for name in ["group.protocol", "group.instance.id", "group.remote.assignor"] {
        config.remove(name);
    }
}

fn build<T: FromClientConfigAndContext<Context>>(
    config: &ClientConfig,
    context: Context,
    what: &'static str,
) -> Result<T, KafkaFault> {
    config.create_with_context(context).map_err(KafkaFault::call(what))
}

fn resolve(properties: &Properties) -> Result<BTreeMap<String, SecretString>, KafkaFault> {
    properties.0.iter().map(|(name, property)| Ok((name.clone(), read(name, property)?))).collect()
}

fn read(name: &str, property: &Property) -> Result<SecretString, KafkaFault> {
    match property {
        Property::Text(text) => Ok(text.secret().clone()),
        Property::Number(number) => Ok(number.to_string().into()),
        Property::Switch(switch) => Ok(switch.to_string().into()),
        Property::File { file } => std::fs::read_to_string(file)
            .map(|text| text.trim().into())
            .map_err(|source| KafkaFault::File { name: name.to_owned(), path: file.clone(), source }),
        Property::Env { env } => std::env::var(env)
            .map(Into::into)
            .map_err(|_| KafkaFault::Env { name: name.to_owned(), variable: env.clone() }),
    }
}

/// Waits until the cluster answers. Serves the client's events meanwhile: a token is fetched that way.
pub(crate) fn wait_for_cluster(reader: &GroupConsumer, patience: Duration) -> Result<(), KafkaFault> {
    let deadline = Instant::now() + patience;
    loop {
        if let Some(Err(error)) = reader.poll(Duration::from_millis(50)) {
            tracing::debug!(target: "picket::kafka", %error, "while waiting for the cluster");
        }
        if reader.fetch_metadata(Some("__picket-probe"), Duration::from_secs(1)).is_ok() {
            return Ok(());
        }
        if Instant::now() >= deadline {
            return Err(KafkaFault::Silent { what: "metadata", seconds: patience.as_secs() });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kafka(table: &str) -> Kafka {
        toml::from_str(table).expect("a table")
    }

    #[test]
    fn a_cluster_must_be_named() {
        assert!(matches!(Cluster::new(&Kafka::default()), Err(KafkaFault::NoBootstrap)));
        assert!(Cluster::new(&kafka("[properties]\n\"bootstrap.servers\" = 'x:1'")).is_ok());
    }

    #[test]
    fn what_exactness_depends_on_cannot_be_changed() {
        let error = Cluster::new(&kafka("bootstrap = 'x:1'\n[producer]\nacks = '0'")).expect_err("refused");
        assert_eq!(error.to_string(), "Kafka property acks: is set by Picket itself, exactness depends on it");
    }

    #[test]
    fn a_refused_property_is_named_without_its_value() {
        let cluster =
            Cluster::new(&kafka("bootstrap = 'x:1'\n[properties]\n\"no.such\" = 'made-up'")).expect("a cluster");
        let error = cluster.consumer("test").err().expect("refused").to_string();
        assert!(error.contains("no.such") && !error.contains("made-up"), "{error}");
    }

    #[test]
    fn a_missing_secret_is_named() {
        let table = "bootstrap = 'x:1'\n[properties]\n\"sasl.password\" = { env = 'PICKET_TEST_NO_SUCH_VARIABLE' }";
        assert!(matches!(Cluster::new(&kafka(table)), Err(KafkaFault::Env { .. })));
        let table = "bootstrap = 'x:1'\n[properties]\n\"sasl.password\" = { file = '/nowhere/at/all' }";
        assert!(matches!(Cluster::new(&kafka(table)), Err(KafkaFault::File { .. })));
    }

    #[test]
    fn the_newer_membership_protocol_gets_none_of_the_settings_that_the_broker_owns() {
        let cluster = Cluster::new(&kafka("bootstrap = 'x:1'\n[consumer]\n\"group.protocol\" = 'consumer'"));
        assert!(cluster.expect("a cluster").consumer("test").is_ok());
    }
}

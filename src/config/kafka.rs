//! The `[kafka]` table: where the cluster is, how to log in, what the topics are called.

use schemars::JsonSchema;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::PathBuf;

/// Everything about Kafka. Any property of librdkafka can be set under `properties`, `consumer` and `producer`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Kafka {
    /// `host:port`, several separated by commas. Short for the property `bootstrap.servers`.
    pub bootstrap: Option<String>,
    /// What this process does: `route`, `score` or both. Default both.
    pub roles: Vec<Role>,
    /// The name of this instance: stable over restarts, and no two living instances share it. Default: one is made up
    /// and kept in the data folder.
    pub instance: Option<String>,
    /// Properties of every client.
    pub properties: Properties,
    /// Properties of consumers; they win over `properties`.
    pub consumer: Properties,
    /// Properties of producers; they win over `properties`.
    pub producer: Properties,
    /// Where the `OAUTHBEARER` mechanism takes its token from.
    pub token: Option<Token>,
    /// Where the inputs are, if not in the same cluster (for instance Event Hubs).
    pub input: Option<Input>,
    /// The names and sizes of topics.
    pub topics: Topics,
    /// Prefix of the consumer groups and transactional ids. Default `picket`.
    pub group: String,
    /// Whether a batch is one transaction. Default `auto`: yes, if the cluster can.
    pub transactions: Transactions,
    /// How long the cluster waits for a writer that fell silent in a transaction, in milliseconds: also how long a
    /// take-over from a killed instance may wait. Default 30000.
    pub transaction_timeout_ms: u32,
    /// How long one request may take before the worker starts anew, in milliseconds. Default 30000.
    pub request_timeout_ms: u32,
    /// How many days the cluster keeps the marks of deleted state (`delete.retention.ms` of the state topic); a local
    /// store that was away for longer is filled anew. Default 1.
    pub tombstone_days: u32,
}

impl Default for Kafka {
    fn default() -> Self {
        Self {
            bootstrap: None,
            roles: vec![Role::Route, Role::Score],
            instance: None,
            properties: Properties::default(),
            consumer: Properties::default(),
            producer: Properties::default(),
            token: None,
            input: None,
            topics: Topics::default(),
            group: "picket".to_owned(),
            transactions: Transactions::Auto,
            transaction_timeout_ms: 30_000,
            request_timeout_ms: 30_000,
            tombstone_days: 1,
        }
    }
}

/// What a process does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Role {
    /// Inputs to observations.
    Route,
    /// Observations to verdicts.
    Score,
}

impl Role {
    /// The name in groups, transactional ids and metric labels.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Route => "route",
            Self::Score => "score",
        }
    }
}

/// Where the inputs are, if not in the same cluster. There `route` is at least once and `score` removes the repeats.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// `host:port`, several separated by commas.
    pub bootstrap: String,
    /// Properties of the consumer there; nothing is taken over from the other cluster's.
    #[serde(default)]
    pub properties: Properties,
    /// Where the `OAUTHBEARER` mechanism takes its token from.
    #[serde(default)]
    pub token: Option<Token>,
}

/// Whether a batch is one transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Transactions {
    /// If the cluster can; else as with `off`, and it says so.
    #[default]
    Auto,
    /// Yes, or refuse to start.
    On,
    /// No: outputs, then state, then offsets, each flushed before the next. Repeats carry the same ids.
    Off,
}

/// Properties of librdkafka, by name.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct Properties(pub BTreeMap<String, Property>);

/// The value of a property, or where to read it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Property {
    /// The value itself.
    Text(Shown),
    /// A number.
    Number(i64),
    /// `true` or `false`.
    Switch(bool),
    /// Read from a file; blanks around it are cut off.
    File {
        /// The file.
        file: PathBuf,
    },
    /// Read from an environment variable.
    Env {
        /// Its name.
        env: String,
    },
}

/// Text that may be a password: it is kept out of logs and of `config show`.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct Shown(#[schemars(with = "String")] SecretString);

impl Shown {
    /// The text as a secret.
    pub const fn secret(&self) -> &SecretString {
        &self.0
    }
}

impl PartialEq for Shown {
    fn eq(&self, other: &Self) -> bool {
        self.0.expose_secret() == other.0.expose_secret()
    }
}

impl From<&str> for Shown {
    fn from(text: &str) -> Self {
        Self(SecretString::from(text))
    }
}

impl Serialize for Shown {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str("(set)")
    }
}

impl From<&str> for Property {
    fn from(text: &str) -> Self {
        Self::Text(text.into())
    }
}

/// Where a token for `OAUTHBEARER` comes from. It is read anew before it expires.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "lowercase")]
pub enum Token {
    /// A file with the token (a JWT), as mounted by Kubernetes.
    File(PathBuf),
    /// A program and its arguments; it prints the token.
    Command(Vec<String>),
}

/// The names and sizes of topics.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Topics {
    /// What `route` reads. A name that begins with `^` is a regular expression.
    pub inputs: Vec<String>,
    /// Between `route` and `score`.
    pub observations: String,
    /// The state of every principal (compacted).
    pub profiles: String,
    /// Risk detections.
    pub risk_detections: String,
    /// The risk state of each principal (compacted): the feed for Conditional Access.
    pub risky_principals: String,
    /// Changes of risk state.
    pub risk_transitions: String,
    /// Several principals that fell to one network or credential.
    pub incidents: String,
    /// What could not be understood.
    pub dead_letters: String,
    /// Whether missing topics are created. Default true.
    pub create: bool,
    /// Partitions of the topics it creates. Default 12.
    pub partitions: i32,
    /// Copies of the topics it creates; -1 is the cluster's own default, which is ours too.
    pub replication: i32,
}

impl Default for Topics {
    fn default() -> Self {
        let inputs = ["signins", "audit", "graph-activity", "code-feed", "inventory", "commands"];
        Self {
            inputs: inputs.iter().map(|name| format!("picket.{name}")).collect(),
            observations: "picket.observations".to_owned(),
            profiles: "picket.profiles".to_owned(),
            risk_detections: "picket.risk-detections".to_owned(),
            risky_principals: "picket.risky-principals".to_owned(),
            risk_transitions: "picket.risk-transitions".to_owned(),
            incidents: "picket.incidents".to_owned(),
            dead_letters: "picket.dead-letters".to_owned(),
            create: true,
            partitions: 12,
            replication: -1,
        }
    }
}

/// A setting as `config show` may print it: text of librdkafka's properties is left out, for it may be a password.
pub fn printable(name: &str, value: &toml::Value) -> toml::Value {
    match (name, value) {
        ("kafka.properties" | "kafka.consumer" | "kafka.producer", toml::Value::Table(properties)) => {
            toml::Value::Table(properties.iter().map(|(name, value)| (name.clone(), without_text(value))).collect())
        }
        ("kafka.input", toml::Value::Table(input)) => {
            let inner = |key: &String, value| printable(&format!("kafka.{key}"), value);
            toml::Value::Table(input.iter().map(|(key, value)| (key.clone(), inner(key, value))).collect())
        }
        (_, value) => value.clone(),
    }
}

fn without_text(value: &toml::Value) -> toml::Value {
    match value {
        toml::Value::String(_) => toml::Value::String("(set)".to_owned()),
        value => value.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const EXAMPLE: &str = r#"
        bootstrap = "one:9092,two:9092"
        transactions = "off"
        [properties]
        "security.protocol" = "SASL_SSL"
        "sasl.password" = { env = "KAFKA_PASSWORD" }
        "ssl.key.password" = "made-up"
        [consumer]
        "fetch.min.bytes" = 65536
        [token]
        command = ["print-token", "--scope", "kafka"]
        [topics]
        partitions = 3
    "#;

    #[test]
    fn properties_are_text_numbers_or_references() {
        let kafka: Kafka = toml::from_str(EXAMPLE).expect("a table");
        assert_eq!(kafka.transactions, Transactions::Off);
        assert_eq!(kafka.topics.partitions, 3);
        assert_eq!(kafka.topics.observations, "picket.observations");
        assert!(
            matches!(kafka.properties.0.get("sasl.password"), Some(Property::Env { env }) if env == "KAFKA_PASSWORD")
        );
        assert!(matches!(kafka.consumer.0.get("fetch.min.bytes"), Some(Property::Number(65_536))));
        assert!(matches!(kafka.token, Some(Token::Command(words)) if words.len() == 3));
    }

    #[test]
    fn a_value_never_shows_when_the_configuration_is_printed() {
        let kafka: Kafka = toml::from_str(EXAMPLE).expect("a table");
        assert!(!format!("{kafka:?}").contains("made-up"));
        assert!(!serde_json::to_string(&kafka).expect("json").contains("made-up"));
    }

    #[test]
    fn no_password_is_shown() {
        let table: toml::Table =
            toml::from_str(&format!("bootstrap = 'x:1'\n{EXAMPLE}").replacen("bootstrap", "b", 1)).expect("a table");
        let shown = printable("kafka.properties", &table["properties"]).to_string();
        assert!(!shown.contains("made-up") && shown.contains("KAFKA_PASSWORD"), "{shown}");
        let input = toml::Value::Table(table);
        assert!(!printable("kafka.input", &input).to_string().contains("made-up"));
    }

    #[test]
    fn an_unknown_key_is_refused() {
        assert!(toml::from_str::<Kafka>("bootstrp = 'x'").is_err());
    }
}

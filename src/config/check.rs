//! The configuration as used: checked, typed, complete.

use super::detectors::check_detectors;
use super::expected::load_expected;
use super::{ConfigError, Kafka, Layers, RawConfig};
use crate::decode::Limits;
use crate::ingest::BatchLimits;
use crate::scan::verify::{Terms, is_endpoint};
use crate::sigma::RuleFiles;
use picket_detectors::detect::Modes;
use picket_detectors::event::TenantId;
use picket_detectors::expectations::Expectations;
use secrecy::SecretString;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::EnvFilter;

/// Where records come from and outputs go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Mode {
    /// One process with a store of its own.
    Embedded,
    /// Kafka topics and transactions.
    Kafka,
}

/// What makes time pass between events.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Clock {
    /// The wall clock if records come as they happen.
    Auto,
    /// The events' own times.
    Stream,
    /// The wall clock.
    Wall,
}

/// How log lines look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum LogFormat {
    /// For people.
    Text,
    /// For machines.
    Json,
}

/// What to read.
#[derive(Debug, Clone)]
pub struct Input {
    /// Files and folders.
    pub files: Vec<PathBuf>,
    /// Inventory exports, read first.
    pub inventory: Vec<PathBuf>,
    /// Go on reading files that grow.
    pub follow: bool,
    /// Read standard input too.
    pub stdin: bool,
    /// The tenant of records that name none.
    pub tenant: TenantId,
}

/// Where state is kept.
#[derive(Debug, Clone)]
pub struct StoreConfig {
    /// The folder.
    pub dir: PathBuf,
    /// Memory for blocks read from disk.
    pub cache_bytes: u64,
    /// Memory for the state of principals seen lately.
    pub state_bytes: usize,
}

/// What is served over HTTP.
#[derive(Debug, Clone)]
pub struct Serve {
    /// Where; `None` serves nothing.
    pub listen: Option<SocketAddr>,
    /// Accept records.
    pub inbox: bool,
    /// The longest body, before and after decompression.
    pub body_bytes: usize,
    /// Bytes of accepted bodies that may wait to be judged.
    pub backlog_bytes: u64,
    /// The token that requests to the inbox must bear.
    pub token: Option<SecretString>,
    /// The secret that webhooks are signed with.
    pub webhook_secret: Option<SecretString>,
}

/// What is logged.
#[derive(Debug, Clone)]
pub struct Log {
    /// A level or a filter.
    pub level: String,
    /// How lines look.
    pub format: LogFormat,
}

/// The whole configuration.
#[derive(Debug, Clone)]
pub struct Config {
    /// Where records come from and outputs go.
    pub mode: Mode,
    /// What makes time pass between events.
    pub clock: Clock,
    /// Threads that decode and judge; 0 means one a core.
    pub threads: usize,
    /// What to read.
    pub input: Input,
    /// How much is judged and committed together.
    pub batch: BatchLimits,
    /// Where state is kept.
    pub store: StoreConfig,
    /// The folder of the NDJSON files.
    pub publish_dir: PathBuf,
    /// Print detections to standard output too.
    pub stdout: bool,
    /// What is served over HTTP.
    pub serve: Serve,
    /// How large records may be.
    pub limits: Limits,
    /// The text that keys fingerprints of secrets.
    pub fingerprint_key: Option<SecretString>,
    /// On what terms issuers are asked whether found secrets work.
    pub verify: Terms,
    /// Sigma rules besides Picket's own.
    pub rules: RuleFiles,
    /// Files and folders of indicators of compromise.
    pub indicator_files: Vec<PathBuf>,
    /// Files that tell where addresses lie.
    pub geo_files: Vec<PathBuf>,
    /// Changes that are expected.
    pub expected: Expectations,
    /// How many alerts are wanted, in 1,000 principals a day.
    pub alerts_per_1000_principals_day: f64,
    /// Whether the findings of each detector count.
    pub modes: Modes,
    /// What is logged.
    pub log: Log,
    /// Kafka, where that is the mode.
    pub kafka: Kafka,
}

impl Config {
    /// Checks what the sources give together.
    ///
    /// # Errors
    /// The first value that makes no sense, with its key and where it was set.
    pub fn check(layers: &Layers) -> Result<Self, ConfigError> {
        let RawConfig {
            run,
            input,
            batch,
            store,
            publish,
            serve,
            limits,
            secrets,
            verify,
            rules,
            intelligence,
            geo,
            alerts,
            detectors,
            log,
            kafka,
        } = layers.raw()?;
        let rules = rules.unwrap_or_default();
        let expected_changes = rules.expected_changes.filter(|path| !path.as_os_str().is_empty());
        let secrets = secrets.unwrap_or_default();
        let (run, input, batch) = (run.unwrap_or_default(), input.unwrap_or_default(), batch.unwrap_or_default());
        let (store, publish) = (store.unwrap_or_default(), publish.unwrap_or_default());
        Ok(Self {
            mode: choose(layers, "run.mode", run.mode, &MODES)?,
            clock: choose(layers, "run.clock", run.clock, &CLOCKS)?,
            threads: check_threads(layers, run.threads.unwrap_or_default())?,
            input: check_input(layers, input)?,
            batch: check_batch(layers, &batch)?,
            store: StoreConfig {
                dir: folder(layers, "store.dir", store.dir)?,
                cache_bytes: store.cache_bytes.unwrap_or_default(),
                state_bytes: store.state_bytes.unwrap_or_default(),
            },
            publish_dir: folder(layers, "publish.dir", publish.dir)?,
            stdout: publish.stdout.unwrap_or_default(),
            serve: check_serve(layers, serve.unwrap_or_default())?,
            limits: check_limits(layers, &limits.unwrap_or_default())?,
            fingerprint_key: secret(
                "secrets.fingerprint_key_file",
                secrets.fingerprint_key_file,
                "secrets.fingerprint_key_env",
                secrets.fingerprint_key_env,
            )?,
            verify: check_verify(layers, verify.unwrap_or_default())?,
            rules: RuleFiles {
                folders: rules.folders.unwrap_or_default(),
                overrides: rules.overrides.filter(|path| !path.as_os_str().is_empty()),
            },
            indicator_files: intelligence.unwrap_or_default().files.unwrap_or_default(),
            geo_files: geo.unwrap_or_default().files.unwrap_or_default(),
            expected: load_expected(expected_changes.as_deref())?,
            alerts_per_1000_principals_day: check_alerts(layers, &alerts.unwrap_or_default())?,
            modes: check_detectors(layers, &detectors.unwrap_or_default())?,
            log: check_log(layers, log.unwrap_or_default())?,
            kafka: kafka.unwrap_or_default(),
        })
    }
}

fn check_threads(layers: &Layers, threads: usize) -> Result<usize, ConfigError> {
    const MOST: usize = 512;
    if threads > MOST {
        return Err(wrong(layers, "run.threads", &threads.to_string(), "512 at most, or 0 for one a core"));
    }
    Ok(threads)
}

fn folder(layers: &Layers, key: &'static str, path: Option<PathBuf>) -> Result<PathBuf, ConfigError> {
    path.filter(|path| !path.as_os_str().is_empty()).ok_or_else(|| wrong(layers, key, "", "a folder"))
}

const MODES: [(&str, Mode); 2] = [("embedded", Mode::Embedded), ("kafka", Mode::Kafka)];
const CLOCKS: [(&str, Clock); 3] = [("auto", Clock::Auto), ("stream", Clock::Stream), ("wall", Clock::Wall)];
const FORMATS: [(&str, LogFormat); 2] = [("text", LogFormat::Text), ("json", LogFormat::Json)];

fn check_input(layers: &Layers, raw: super::raw::RawInput) -> Result<Input, ConfigError> {
    let tenant = raw.tenant.unwrap_or_default();
    Ok(Input {
        files: raw.files.unwrap_or_default(),
        inventory: raw.inventory.unwrap_or_default(),
        follow: raw.follow.unwrap_or_default(),
        stdin: raw.stdin.unwrap_or_default(),
        tenant: TenantId::parse(&tenant).ok_or_else(|| wrong(layers, "input.tenant", &tenant, "a tenant id"))?,
    })
}

fn check_batch(layers: &Layers, raw: &super::raw::RawBatch) -> Result<BatchLimits, ConfigError> {
    Ok(BatchLimits {
        records: positive(layers, "batch.records", raw.records)?,
        bytes: positive(layers, "batch.bytes", raw.bytes)?,
        linger: Duration::from_millis(raw.linger_ms.unwrap_or_default()),
    })
}

fn check_limits(layers: &Layers, raw: &super::raw::RawLimits) -> Result<Limits, ConfigError> {
    Ok(Limits {
        value_bytes: positive(layers, "limits.value_bytes", raw.value_bytes)?,
        record_bytes: positive(layers, "limits.record_bytes", raw.record_bytes)?,
        records: positive(layers, "limits.records", raw.records)?,
        depth: positive(layers, "limits.depth", raw.depth)?,
    })
}

fn check_serve(layers: &Layers, raw: super::raw::RawServe) -> Result<Serve, ConfigError> {
    let listen = raw.listen.unwrap_or_default();
    let address = || listen.parse().map_err(|_| wrong(layers, "serve.listen", &listen, "an address and a port"));
    let listen = if listen.is_empty() { None } else { Some(address()?) };
    let token = secret("serve.token_file", raw.token_file, "serve.token_env", raw.token_env)?;
    let webhook_secret = secret(
        "serve.webhook_secret_file",
        raw.webhook_secret_file,
        "serve.webhook_secret_env",
        raw.webhook_secret_env,
    )?;
    Ok(Serve {
        listen,
        inbox: raw.inbox.unwrap_or_default(),
        body_bytes: positive(layers, "serve.body_bytes", raw.body_bytes)?,
        backlog_bytes: raw.backlog_bytes.unwrap_or_default(),
        token,
        webhook_secret,
    })
}

fn check_verify(layers: &Layers, raw: super::raw::RawVerify) -> Result<Terms, ConfigError> {
    let endpoint = raw.endpoint.unwrap_or_default();
    if !is_endpoint(&endpoint) {
        return Err(wrong(layers, "verify.endpoint", &endpoint, "an https address, or an http one of this machine"));
    }
    Ok(Terms {
        hosts: raw.hosts.unwrap_or_default(),
        endpoint,
        per_minute: positive(layers, "verify.per_minute", raw.per_minute)?,
        timeout: Duration::from_millis(positive(layers, "verify.timeout_ms", raw.timeout_ms)? as u64),
        audit: raw.audit_file.filter(|path| !path.as_os_str().is_empty()),
    })
}

/// A secret that is named by a file or, if not, by a variable. An empty one would let everybody in.
fn secret(
    file_key: &'static str,
    file: Option<PathBuf>,
    variable_key: &'static str,
    variable: Option<String>,
) -> Result<Option<SecretString>, ConfigError> {
    let file = file.filter(|path| !path.as_os_str().is_empty());
    let (key, read) = match (file, variable.unwrap_or_default()) {
        (Some(path), _) => {
            let read = std::fs::read_to_string(&path);
            (file_key, read.map_err(|error| format!("cannot read {}: {error}", path.display())))
        }
        (None, name) if name.is_empty() => return Ok(None),
        (None, name) => (variable_key, std::env::var(&name).map_err(|error| format!("{name}: {error}"))),
    };
    let wrong = |message| ConfigError::Secret { key, message };
    let text = zeroize::Zeroizing::new(read.map_err(wrong)?);
    match text.trim() {
        "" => Err(wrong("it is empty".to_owned())),
        text => Ok(Some(SecretString::from(text.to_owned()))),
    }
}

/// Beyond these, evidence would be asked for that no detector can give, or none at all.
fn check_alerts(layers: &Layers, raw: &super::raw::RawAlerts) -> Result<f64, ConfigError> {
    const KEY: &str = "alerts.per_1000_principals_day";
    match raw.per_1000_principals_day {
        Some(wanted) if (0.01..=100.0).contains(&wanted) => Ok(wanted),
        value => Err(wrong(layers, KEY, &value.unwrap_or_default().to_string(), "from 0.01 to 100")),
    }
}

fn check_log(layers: &Layers, raw: super::raw::RawLog) -> Result<Log, ConfigError> {
    let level = raw.level.unwrap_or_default();
    if level.parse::<EnvFilter>().is_err() || !names_a_level(&level) {
        return Err(wrong(layers, "log.level", &level, "a level or a filter"));
    }
    Ok(Log { level, format: choose(layers, "log.format", raw.format, &FORMATS)? })
}

/// A filter without any level is taken for the name of a module, and shows nothing of the others.
fn names_a_level(filter: &str) -> bool {
    filter.split([',', '=']).any(|part| !part.trim().is_empty() && part.trim().parse::<LevelFilter>().is_ok())
}

fn choose<T: Copy>(
    layers: &Layers,
    key: &'static str,
    text: Option<String>,
    choices: &[(&'static str, T)],
) -> Result<T, ConfigError> {
    let text = text.unwrap_or_default();
    let found = choices.iter().find(|(name, _)| *name == text);
    let expected = match key {
        "run.mode" => "\"embedded\" or \"kafka\"",
        "run.clock" => "\"auto\", \"stream\" or \"wall\"",
        _ => "\"text\" or \"json\"",
    };
    found.map(|(_, value)| *value).ok_or_else(|| wrong(layers, key, &text, expected))
}

fn positive(layers: &Layers, key: &'static str, value: Option<usize>) -> Result<usize, ConfigError> {
    match value {
        Some(value) if value > 0 => Ok(value),
        value => Err(wrong(layers, key, &value.unwrap_or_default().to_string(), "greater than 0")),
    }
}

fn wrong(layers: &Layers, key: &'static str, value: &str, expected: &'static str) -> ConfigError {
    ConfigError::Value { origin: layers.origin(key).to_string(), key, value: value.to_owned(), expected }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(key: [&str; 2], value: impl Into<toml::Value>) -> Result<Config, ConfigError> {
        Config::check(&Layers::defaults()?.flag("--x", &key, Some(value))?)
    }

    #[test]
    fn the_defaults_make_sense() {
        let config = Config::check(&Layers::defaults().expect("parses")).expect("valid");
        assert_eq!((config.mode, config.batch.records), (Mode::Embedded, 16_384));
    }

    #[test]
    fn values_that_make_no_sense_are_named_with_their_origin() {
        let errors = [
            check(["batch", "records"], 0),
            check(["run", "mode"], "cloud"),
            check(["serve", "listen"], "everywhere"),
            check(["log", "level"], "picket=loud"),
            check(["log", "level"], "loud"),
            check(["verify", "endpoint"], "http://login.microsoftonline.com"),
            check(["alerts", "per_1000_principals_day"], 0.0),
        ];
        let errors: Vec<_> = errors.map(|error| error.expect_err("makes no sense").to_string()).into();
        insta::assert_snapshot!(errors.join("\n"), @r#"
        flag --x: batch.records = "0" is not greater than 0
        flag --x: run.mode = "cloud" is not "embedded" or "kafka"
        flag --x: serve.listen = "everywhere" is not an address and a port
        flag --x: log.level = "picket=loud" is not a level or a filter
        flag --x: log.level = "loud" is not a level or a filter
        flag --x: verify.endpoint = "http://login.microsoftonline.com" is not an https address, or an http one of this machine
        flag --x: alerts.per_1000_principals_day = "0" is not from 0.01 to 100
        "#);
    }
}

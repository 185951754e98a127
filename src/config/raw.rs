//! The configuration as written: every field optional, nothing checked but names and types.

use super::Kafka;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::PathBuf;

macro_rules! section {
    ($(#[$doc:meta])* $name:ident { $($(#[$field_doc:meta])* $field:ident: $type:ty,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
        #[serde(deny_unknown_fields)]
        pub struct $name {
            $($(#[$field_doc])* pub $field: Option<$type>,)*
        }
    };
}

section! {
    /// Picket's configuration.
    RawConfig {
        /// How to run.
        run: RawRun,
        /// What to read.
        input: RawInput,
        /// How much is judged and committed together.
        batch: RawBatch,
        /// Where state is kept.
        store: RawStore,
        /// Where outputs go.
        publish: RawPublish,
        /// What is served over HTTP.
        serve: RawServe,
        /// How large records may be.
        limits: RawLimits,
        /// How found secrets are told apart.
        secrets: RawSecrets,
        /// Asking issuers whether found secrets work.
        verify: RawVerify,
        /// Sigma rules besides Picket's own.
        rules: RawRules,
        /// Indicators of compromise.
        intelligence: RawIntelligence,
        /// Where addresses lie that come without a place.
        geo: RawGeo,
        /// How many alerts are wanted.
        alerts: RawAlerts,
        /// What becomes of a detector's findings, by its riskEventType: `on`, `shadow` or `off`.
        detectors: BTreeMap<String, String>,
        /// What is logged.
        log: RawLog,
        /// Kafka.
        kafka: Kafka,
    }
}

section! {
    /// How to run.
    RawRun {
        /// `embedded` or `kafka`.
        mode: String,
        /// What makes time pass: `auto`, `stream` or `wall`.
        clock: String,
        /// Threads that decode and judge; 0 means one a core.
        threads: usize,
    }
}

section! {
    /// What to read.
    RawInput {
        /// Files and folders.
        files: Vec<PathBuf>,
        /// Inventory exports, read first.
        inventory: Vec<PathBuf>,
        /// Go on reading files that grow, are replaced or are new in a folder.
        follow: bool,
        /// Read standard input too.
        stdin: bool,
        /// The tenant of records that name none.
        tenant: String,
    }
}

section! {
    /// How much is judged and committed together.
    RawBatch {
        /// Values, at most.
        records: usize,
        /// Bytes, at most.
        bytes: usize,
        /// How long a batch waits for more, in milliseconds.
        linger_ms: u64,
    }
}

section! {
    /// Where state is kept.
    RawStore {
        /// The folder.
        dir: PathBuf,
        /// Memory for blocks read from disk, in bytes.
        cache_bytes: u64,
        /// Memory for the state of principals seen lately, in bytes.
        state_bytes: usize,
    }
}

section! {
    /// Where outputs go.
    RawPublish {
        /// The folder of the NDJSON files.
        dir: PathBuf,
        /// Print detections to standard output too.
        stdout: bool,
    }
}

section! {
    /// What is served over HTTP.
    RawServe {
        /// Address and port; port 0 picks one; empty serves nothing.
        listen: String,
        /// Accept records by `POST /v1/ingest`.
        inbox: bool,
        /// The longest body, before and after decompression, in bytes.
        body_bytes: usize,
        /// Bytes of accepted bodies that may wait to be judged.
        backlog_bytes: u64,
        /// A file with the token that requests must bear.
        token_file: PathBuf,
        /// An environment variable with that token.
        token_env: String,
        /// A file with the secret that webhooks are signed with.
        webhook_secret_file: PathBuf,
        /// An environment variable with that secret.
        webhook_secret_env: String,
    }
}

section! {
    /// How large records may be.
    RawLimits {
        /// The longest value, in bytes.
        value_bytes: usize,
        /// The longest record within a value, in bytes.
        record_bytes: usize,
        /// The most records within a value.
        records: usize,
        /// The deepest nesting.
        depth: usize,
    }
}

section! {
    /// How found secrets are told apart without keeping them.
    RawSecrets {
        /// A file with the text that keys fingerprints.
        fingerprint_key_file: PathBuf,
        /// An environment variable with that text.
        fingerprint_key_env: String,
    }
}

section! {
    /// Asking issuers whether found secrets work: only by `picket scan --verify`.
    RawVerify {
        /// The hosts that may be asked; nobody, if it is empty.
        hosts: Vec<String>,
        /// Where Entra issues tokens: over TLS, or on this machine.
        endpoint: String,
        /// Requests a minute, at most.
        per_minute: usize,
        /// How long a request may take, in milliseconds.
        timeout_ms: usize,
        /// The file that accounts for every request; empty for none, and then nobody is asked.
        audit_file: PathBuf,
    }
}

section! {
    /// Sigma rules besides Picket's own.
    RawRules {
        /// Files and folders of rules (`.yml`, `.yaml`); changes are taken up while running.
        folders: Vec<PathBuf>,
        /// A file that changes the state or weight of rules, or excepts records from them; empty for none.
        overrides: PathBuf,
        /// A file of expected changes, in which detections are told and do not count; empty for none.
        expected_changes: PathBuf,
    }
}

section! {
    /// Indicators of compromise.
    RawIntelligence {
        /// Files and folders: lists, CSV, Spamhaus DROP as JSON, STIX 2.1; changes are taken up while running.
        files: Vec<PathBuf>,
    }
}

section! {
    /// How many alerts are wanted.
    RawAlerts {
        /// Rises to `medium` without cause in 1,000 principals a day that may be looked at: 0.01 to 100.
        per_1000_principals_day: f64,
    }
}

section! {
    /// Where addresses lie that come without a place.
    RawGeo {
        /// Files: databases (`.mmdb`) and tables of ranges (CSV); changes are taken up while running.
        files: Vec<PathBuf>,
    }
}

section! {
    /// What is logged.
    RawLog {
        /// A level or a filter.
        level: String,
        /// `text` or `json`.
        format: String,
    }
}

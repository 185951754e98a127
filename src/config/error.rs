//! What can be wrong with a configuration.

use std::path::PathBuf;

/// Why the configuration can't be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// The file can't be read.
    #[error("cannot read the configuration {}: {source}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: std::io::Error,
    },
    /// The file is not TOML, or a name or a type in it is wrong.
    #[error("{}:{line}: {message}{}", path.display(), hint(suggestion.as_deref()))]
    Syntax {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// What is wrong, with the key.
        message: String,
        /// The nearest valid key.
        suggestion: Option<String>,
    },
    /// An environment variable or a flag names no setting, or its type is wrong.
    #[error("{origin}: {message}{}", hint(suggestion.as_deref()))]
    Override {
        /// The variable or flag.
        origin: String,
        /// What is wrong.
        message: String,
        /// The nearest valid key.
        suggestion: Option<String>,
    },
    /// A value is not one of those that make sense.
    #[error("{origin}: {key} = {value:?} is not {expected}")]
    Value {
        /// Where it was set.
        origin: String,
        /// The key, with its section.
        key: &'static str,
        /// What was set.
        value: String,
        /// What would make sense.
        expected: &'static str,
    },
    /// A file that is named can't be used.
    #[error("{key} = {path:?}: {message}")]
    Named {
        /// The key that names it.
        key: &'static str,
        /// The file.
        path: PathBuf,
        /// Why not.
        message: String,
    },
    /// A secret that is referred to can't be had.
    #[error("{key}: {message}")]
    Secret {
        /// The key that refers to it.
        key: &'static str,
        /// Why not. Never the secret.
        message: String,
    },
}

fn hint(suggestion: Option<&str>) -> String {
    suggestion.map(|name| format!("; did you mean `{name}`?")).unwrap_or_default()
}

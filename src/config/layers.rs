//! Putting the sources of configuration on top of each other, and remembering where each value came from.

use super::nearest::nearest;
use super::{ConfigError, RawConfig};
use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};
use toml::{Table, Value};

/// Where a value came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// It is built in.
    Default,
    /// A file, and the line in it.
    File(PathBuf, usize),
    /// An environment variable.
    Environment(String),
    /// A flag.
    Flag(&'static str),
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::File(path, line) => write!(f, "{}:{line}", path.display()),
            Self::Environment(name) => write!(f, "environment {name}"),
            Self::Flag(name) => write!(f, "flag {name}"),
        }
    }
}

/// The sources put together.
#[derive(Debug, Clone)]
pub struct Layers {
    table: Table,
    origins: BTreeMap<String, Origin>,
}

const PREFIX: &str = "PICKET__";
const DEFAULTS: &str = include_str!("defaults.toml");

impl Layers {
    /// The built-in defaults.
    ///
    /// # Errors
    /// Never, unless the program was built with broken defaults.
    pub fn defaults() -> Result<Self, ConfigError> {
        let mut layers = Self { table: Table::new(), origins: BTreeMap::new() };
        let defaults = parse(Path::new("(built in)"), DEFAULTS)?;
        layers.put(defaults, &|_, _| Origin::Default);
        Ok(layers)
    }

    /// Puts a file on top.
    ///
    /// # Errors
    /// When it can't be read, is not TOML, or has a key or type that is wrong.
    pub fn file(mut self, path: &Path) -> Result<Self, ConfigError> {
        let unreadable = |source| ConfigError::Unreadable { path: path.to_owned(), source };
        let text = std::fs::read_to_string(path).map_err(unreadable)?;
        let table = parse(path, &text)?;
        self.put(table, &|section, key| Origin::File(path.to_owned(), line_of(&text, section, key)));
        Ok(self)
    }

    /// Puts environment variables on top: those named `PICKET__SECTION__KEY`.
    ///
    /// # Errors
    /// When one of them names no setting, or has the wrong type.
    pub fn environment(mut self, variables: impl Iterator<Item = (String, String)>) -> Result<Self, ConfigError> {
        let mut variables: Vec<_> = variables.filter(|(name, _)| name.starts_with(PREFIX)).collect();
        variables.sort();
        for (name, text) in variables {
            let path = name.trim_start_matches(PREFIX).to_ascii_lowercase();
            let keys: Vec<_> = path.split("__").collect();
            self.set(&keys, value_of(&text), &Origin::Environment(name.clone()))?;
        }
        Ok(self)
    }

    /// Puts a flag on top, if it was given.
    ///
    /// # Errors
    /// When its value has the wrong type.
    pub fn flag(
        mut self,
        name: &'static str,
        keys: &[&str],
        value: Option<impl Into<Value>>,
    ) -> Result<Self, ConfigError> {
        if let Some(value) = value {
            self.set(keys, value.into(), &Origin::Flag(name))?;
        }
        Ok(self)
    }

    /// The values put together.
    ///
    /// # Errors
    /// When a value has the wrong type.
    pub fn raw(&self) -> Result<RawConfig, ConfigError> {
        self.table.clone().try_into().map_err(|error: toml::de::Error| ConfigError::Override {
            origin: "configuration".to_owned(),
            message: error.message().to_owned(),
            suggestion: None,
        })
    }

    /// Where the value of `section.key` came from.
    pub fn origin(&self, key: &str) -> &Origin {
        self.origins.get(key).unwrap_or(&Origin::Default)
    }

    /// Every `section.key` with its value and where it came from, in the order of their names.
    pub fn values(&self) -> impl Iterator<Item = (String, &Value, &Origin)> {
        let sections = self.table.iter().filter_map(|(section, keys)| Some((section, keys.as_table()?)));
        sections.flat_map(move |(section, keys)| {
            keys.iter().map(move |(key, value)| {
                let name = format!("{section}.{key}");
                let origin = self.origin(&name);
                (name, value, origin)
            })
        })
    }

    fn set(&mut self, keys: &[&str], value: Value, origin: &Origin) -> Result<(), ConfigError> {
        let mut nested = value;
        for key in keys.iter().rev() {
            nested = Value::Table(Table::from_iter([((*key).to_owned(), nested)]));
        }
        let Value::Table(table) = nested else { return Ok(()) };
        check(&table).map_err(|error| {
            let (message, suggestion) = explain(error.message());
            ConfigError::Override { origin: origin.to_string(), message, suggestion }
        })?;
        self.put(table, &|_, _| origin.clone());
        Ok(())
    }

    fn put(&mut self, table: Table, origin: &dyn Fn(&str, &str) -> Origin) {
        for (section, keys) in table {
            let Value::Table(keys) = keys else { continue };
            for key in keys.keys() {
                self.origins.insert(format!("{section}.{key}"), origin(&section, key));
            }
            let below = self.table.entry(section).or_insert_with(|| Value::Table(Table::new()));
            if let Value::Table(below) = below {
                lay(below, keys);
            }
        }
    }
}

/// Tables are joined; anything else is replaced.
fn lay(below: &mut Table, above: Table) {
    for (key, value) in above {
        match (below.get_mut(&key), value) {
            (Some(Value::Table(below)), Value::Table(above)) => lay(below, above),
            (_, value) => {
                below.insert(key, value);
            }
        }
    }
}

fn parse(path: &Path, text: &str) -> Result<Table, ConfigError> {
    toml::from_str::<RawConfig>(text).map_err(|error| syntax_error(path, text, &error))?;
    text.parse::<Table>().map_err(|error| syntax_error(path, text, &error))
}

fn check(table: &Table) -> Result<RawConfig, toml::de::Error> {
    table.clone().try_into()
}

fn syntax_error(path: &Path, text: &str, error: &toml::de::Error) -> ConfigError {
    let start = error.span().map_or(0, |span| span.start);
    let line = text.get(..start).unwrap_or_default().matches('\n').count() + 1;
    let (mut message, suggestion) = explain(error.message());
    let key = text.lines().nth(line - 1).and_then(|text| text.split_once('=')).map(|(key, _)| key.trim());
    if let Some(key) = key.filter(|key| !message.contains(key)) {
        message = format!("{key}: {message}");
    }
    ConfigError::Syntax { path: path.to_owned(), line, message, suggestion }
}

/// The line, from 1, that sets a key in a section; 0 where it is written in a way that is not looked for.
fn line_of(text: &str, section: &str, key: &str) -> usize {
    let mut within = "";
    for (line, number) in text.lines().zip(1..) {
        let line = line.trim();
        if let Some(name) = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            within = name.trim();
        } else if line.split_once('=').is_some_and(|(name, _)| {
            (within == section && name.trim() == key) || name.trim() == format!("{section}.{key}")
        }) {
            return number;
        }
    }
    0
}

/// Finds the nearest valid key in a message that lists all of them.
fn explain(message: &str) -> (String, Option<String>) {
    let message = message.trim().replace('\n', ", ");
    let Some((wrong, expected)) = message.strip_prefix("unknown field `").and_then(|rest| rest.split_once('`')) else {
        return (message, None);
    };
    let valid: Vec<&str> = expected.split('`').skip(1).step_by(2).collect();
    let suggestion = nearest(wrong, valid.iter().copied()).map(str::to_owned);
    let message = match suggestion {
        Some(_) => format!("unknown key `{wrong}`"),
        None => format!("unknown key `{wrong}`; valid keys are {}", valid.join(", ")),
    };
    (message, suggestion)
}

/// A variable's text as TOML where it is TOML (numbers, booleans, lists), else as plain text.
fn value_of(text: &str) -> Value {
    let document = format!("value = {text}");
    let parsed = document.parse::<Table>().ok().and_then(|mut table| table.remove("value"));
    parsed.unwrap_or_else(|| Value::String(text.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(text: &str) -> Result<Layers, ConfigError> {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("picket.toml");
        std::fs::write(&path, text).expect("writes");
        Layers::defaults()?.file(&path).map_err(|error| match error {
            ConfigError::Syntax { line, message, suggestion, .. } => {
                ConfigError::Syntax { path: "picket.toml".into(), line, message, suggestion }
            }
            other => other,
        })
    }

    #[test]
    fn mistakes_in_a_file_name_line_key_and_what_was_meant() {
        let cases = [
            ("[batch]\nrecords = 5\nlinger = 3\n", "picket.toml:3: unknown key `linger`; did you mean `linger_ms`?"),
            ("[bach]\n", "picket.toml:1: unknown key `bach`; did you mean `batch`?"),
            ("[batch]\nrecords = \"many\"\n", "picket.toml:2: records: invalid type: string \"many\", expected usize"),
        ];
        for (text, expected) in cases {
            assert_eq!(file(text).map(|_| ()).expect_err(text).to_string(), expected);
        }
    }

    #[test]
    fn later_sources_win_and_are_named() {
        let variables = [("PICKET__BATCH__RECORDS", "7"), ("PICKET__STORE__DIR", "elsewhere"), ("OTHER", "x")];
        let variables = variables.map(|(name, text)| (name.to_owned(), text.to_owned()));
        let layers = file("[batch]\nrecords = 5\nbytes = 9\n").expect("valid");
        let layers = layers.environment(variables.into_iter()).expect("valid");
        let layers = layers.flag("--records", &["batch", "records"], Some(8)).expect("valid");
        let batch = layers.raw().expect("valid").batch.expect("a section");
        assert_eq!((batch.records, batch.bytes, batch.linger_ms), (Some(8), Some(9), Some(10)));
        assert_eq!(layers.origin("batch.records"), &Origin::Flag("--records"));
        assert_eq!(layers.origin("store.dir"), &Origin::Environment("PICKET__STORE__DIR".to_owned()));
        assert_eq!(layers.origin("batch.linger_ms"), &Origin::Default);
    }

    #[test]
    fn a_variable_that_names_no_setting_is_refused() {
        let variables = [("PICKET__BATCH__RECORD".to_owned(), "7".to_owned())];
        let error = Layers::defaults().and_then(|layers| layers.environment(variables.into_iter()));
        let expected = "environment PICKET__BATCH__RECORD: unknown key `record`; did you mean `records`?";
        assert_eq!(error.expect_err("no such key").to_string(), expected);
    }
}

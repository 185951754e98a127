//! A real broker for the tests: the one that `KAFKA_BOOTSTRAP` names, or one of their own.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;
use tempfile::TempDir;

/// A broker that was started for the tests, or one that was there.
pub(crate) struct Broker {
    /// `None` if it was not started here.
    folder: Option<TempDir>,
    environment: BTreeMap<String, String>,
}

impl Broker {
    /// The broker that most tests share. `None`, after saying so, where none can be had.
    pub(crate) fn shared() -> Option<&'static Self> {
        static SHARED: OnceLock<Option<Broker>> = OnceLock::new();
        SHARED
            .get_or_init(|| match std::env::var("KAFKA_BOOTSTRAP") {
                Ok(bootstrap) => {
                    let environment = BTreeMap::from([("KAFKA_BOOTSTRAP".to_owned(), bootstrap)]);
                    Some(Self { folder: None, environment })
                }
                Err(_) => Self::start(&[]),
            })
            .as_ref()
    }

    /// A broker of one test's own, that it may stop and start.
    pub(crate) fn own(arguments: &[&str]) -> Option<Self> {
        Self::start(arguments)
    }

    fn start(arguments: &[&str]) -> Option<Self> {
        if let Some(missing) = missing() {
            println!("SKIPPED: no Kafka for this test: {missing}, and KAFKA_BOOTSTRAP is not set");
            return None;
        }
        let folder = tempfile::tempdir().expect("a temporary folder");
        let environment = launch(folder.path(), arguments);
        Some(Self { folder: Some(folder), environment })
    }

    /// `host:port` without login.
    pub(crate) fn bootstrap(&self) -> &str {
        self.get("KAFKA_BOOTSTRAP")
    }

    /// One of the values that `start` prints.
    pub(crate) fn get(&self, name: &str) -> &str {
        self.environment.get(name).unwrap_or_else(|| panic!("the broker was started without {name}"))
    }

    /// Kills it, as if the power failed.
    pub(crate) fn kill(&self) {
        run("stop", &["--dir", path(self.folder().path()), "--kill"]);
    }

    /// Starts it again, with its data and ports.
    pub(crate) fn revive(&self) {
        launch(self.folder().path(), &[]);
    }

    fn folder(&self) -> &TempDir {
        self.folder.as_ref().expect("a broker of the test's own")
    }
}

impl Drop for Broker {
    fn drop(&mut self) {
        if let Some(folder) = &self.folder {
            run("stop", &["--dir", path(folder.path()), "--kill"]);
        }
    }
}

/// What is missing for a broker of our own: Java, or both its class path and Maven to fetch it.
fn missing() -> Option<&'static str> {
    let there = |program: &str| Command::new(program).arg("-version").output().is_ok();
    let libs = target().join("kafka/libs");
    let fetched = std::fs::read_dir(libs).is_ok_and(|mut files| files.next().is_some());
    if !there("java") {
        Some("java is missing")
    } else if !fetched && !there("mvn") {
        Some("Kafka's class path is not in target/kafka/libs and mvn is missing")
    } else {
        None
    }
}

fn target() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("target"), PathBuf::from)
}

fn launch(folder: &Path, arguments: &[&str]) -> BTreeMap<String, String> {
    let follow = std::process::id().to_string();
    let mut all = vec!["--dir", path(folder), "--follow", &follow];
    all.extend(arguments);
    let output = run("start", &all);
    let text = String::from_utf8(output.stdout).expect("text");
    text.lines().filter_map(|line| line.split_once('=')).map(|(n, v)| (n.to_owned(), v.to_owned())).collect()
}

fn run(script: &str, arguments: &[&str]) -> Output {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("deploy/dev/kafka").join(script);
    let output = Command::new(&script).args(arguments).output().expect("the script runs");
    assert!(output.status.success(), "{}: {}", script.display(), String::from_utf8_lossy(&output.stderr));
    output
}

fn path(path: &Path) -> &str {
    path.to_str().expect("a path in UTF-8")
}

//! An instance of Picket in a process of its own, so that it can be killed.

use crate::wait;
use picket::config::kafka::Kafka;
use picket::decode;
use picket::ingest::BatchLimits;
use picket::kafka::{KafkaStatus, Role, RouteSetup, ScoreSetup, Shared};
use picket::store::{Durability, Store, StoreOptions};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// Says that this process is to be an instance, and where its configuration is.
const VARIABLE: &str = "PICKET_TEST_INSTANCE";

/// A running instance. It is killed when it is dropped.
pub(crate) struct Instance {
    child: Child,
    folder: PathBuf,
}

impl Instance {
    pub(crate) fn start(folder: &Path, name: &str, roles: &str, table: &str, variables: &[(&str, &str)]) -> Self {
        std::fs::create_dir_all(folder).expect("a folder");
        let config = format!("{name}\n{roles}\n{table}");
        std::fs::write(folder.join("config"), config).expect("written");
        drop(std::fs::remove_file(folder.join("ready")));
        drop(std::fs::remove_file(folder.join("stop")));
        let log = std::fs::File::options().append(true).create(true).open(folder.join("log")).expect("a log");
        let child = Command::new(std::env::current_exe().expect("this program"))
            .args(["--exact", "instance::is_an_instance_if_told_so", "--nocapture", "--test-threads=1"])
            .env(VARIABLE, folder)
            .envs(variables.iter().copied())
            .stdin(Stdio::null())
            .stdout(log.try_clone().expect("a log"))
            .stderr(log)
            .spawn()
            .expect("started");
        Self { child, folder: folder.to_owned() }
    }

    /// Waits until it is connected, assigned and restored.
    pub(crate) fn ready(mut self) -> Self {
        wait::until("the instance is ready", || {
            let ended = self.child.try_wait().expect("a child");
            assert!(ended.is_none(), "the instance ended: {}", self.log());
            self.is_ready()
        });
        self
    }

    pub(crate) fn is_ready(&self) -> bool {
        self.folder.join("ready").exists()
    }

    /// Kills it at once: SIGKILL.
    pub(crate) fn kill(mut self) {
        self.child.kill().expect("killed");
        self.child.wait().expect("ended");
    }

    /// Sends it a signal by name.
    pub(crate) fn signal(&self, name: &str) {
        let status = Command::new("kill").args(["-s", name, &self.child.id().to_string()]).status();
        assert!(status.expect("kill runs").success());
    }

    /// Waits until it ends by itself and gives its log.
    pub(crate) fn ended(mut self) -> String {
        wait::until("the instance has ended", || self.child.try_wait().expect("a child").is_some());
        self.log()
    }

    /// Asks it to end and waits.
    pub(crate) fn stop(mut self) -> String {
        std::fs::write(self.folder.join("stop"), b"").expect("written");
        wait::until("the instance has ended", || self.child.try_wait().expect("a child").is_some());
        self.log()
    }

    pub(crate) fn log(&self) -> String {
        std::fs::read_to_string(self.folder.join("log")).unwrap_or_default()
    }
}

impl Drop for Instance {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
        if std::thread::panicking() {
            let log = self.log();
            let tail: Vec<_> = log.lines().rev().take(60).collect();
            println!("--- log of {}", self.folder.display());
            tail.iter().rev().for_each(|line| println!("{line}"));
        }
    }
}

/// Not a test: the body of the processes that the tests start.
#[test]
fn is_an_instance_if_told_so() {
    let Some(folder) = std::env::var_os(VARIABLE).map(PathBuf::from) else { return };
    let _scenario = fail::FailScenario::setup();
    tracing_subscriber::fmt().with_ansi(false).with_env_filter("info,picket=debug").init();
    let config = std::fs::read_to_string(folder.join("config")).expect("a configuration");
    let mut lines = config.splitn(3, '\n');
    let (name, roles, table) = (lines.next().unwrap(), lines.next().unwrap(), lines.next().unwrap());
    let kafka: Kafka = toml::from_str(table).expect("a table");
    let roles: Vec<Role> =
        [Role::Route, Role::Score].into_iter().filter(|role| roles.split(',').any(|r| r == role.as_str())).collect();
    let status = Arc::new(KafkaStatus::new(&prometheus::Registry::new(), &roles).expect("metrics"));
    let stop = CancellationToken::new();
    let shared = Shared {
        kafka,
        data: folder.clone(),
        instance: name.to_owned(),
        batch: BatchLimits { records: 500, bytes: 1 << 20, linger: Duration::from_millis(10) },
        pool: Arc::new(rayon::ThreadPoolBuilder::new().num_threads(2).build().expect("threads")),
        status: status.clone(),
        stop: stop.clone(),
        partitions: 0,
    };
    watch(folder.clone(), status, stop);
    let route = roles.contains(&Role::Route).then(|| RouteSetup {
        decode: decode::Context {
            default_tenant: picket_detectors::event::TenantId::UNKNOWN,
            limits: decode::Limits::default(),
        },
    });
    let score = roles.contains(&Role::Score).then(|| {
        let options = StoreOptions { durability: Durability::Temporary, ..StoreOptions::default() };
        let store = Arc::new(Store::open(&folder.join("store"), options).expect("a store"));
        ScoreSetup { engine: Arc::new(crate::feed::engine()), store, cache_bytes: 8 << 20 }
    });
    picket::kafka::run(shared, route, score).expect("runs until it is told to stop");
}

/// Says when it is ready, and ends it when it is asked to.
fn watch(folder: PathBuf, status: Arc<KafkaStatus>, stop: CancellationToken) {
    std::thread::spawn(move || {
        while !folder.join("stop").exists() {
            if status.is_ready() {
                std::fs::write(folder.join("ready"), b"").expect("written");
            } else {
                drop(std::fs::remove_file(folder.join("ready")));
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        stop.cancel();
    });
}

//! Kafka end to end, against a bare two-hop copy of the same records: `cargo bench --bench kafka --features kafka-tls`.
//!
//! Both read a topic and write it on in transactions, twice. The copy does nothing else; Picket decodes, attributes,
//! judges, and writes state and verdicts besides. Throughput is given by the wall and by seconds of the client's own CPU:
//! the broker runs on the same cores and is not what is measured. `PICKET_BENCH_RECORDS` sets the number of records.
#![expect(clippy::expect_used, clippy::print_stdout, reason = "a bench may fail and prints")]

#[path = "../tests/support/corpus.rs"]
#[expect(dead_code, clippy::indexing_slicing, reason = "the tests use more of it, and a bench may fail")]
mod corpus;

use corpus::{Corpus, Distribution, Options};
use rdkafka::admin::{AdminClient, AdminOptions, NewTopic, TopicReplication};
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::producer::{BaseProducer, BaseRecord, Producer};
use rdkafka::topic_partition_list::{Offset, TopicPartitionList};
use rdkafka::{ClientConfig, Message};
use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Child, Command};
use std::time::{Duration, Instant};

const PARTITIONS: i32 = 4;
const BATCH: usize = 10_000;
const PATIENCE: Duration = Duration::from_secs(30);

/// How long something took, by the wall and by the CPU of the process that did it.
struct Took {
    wall: f64,
    /// Records done within `wall`; `cpu` is for all of them.
    within: usize,
    cpu: f64,
}

impl Took {
    fn rate(&self) -> f64 {
        self.within as f64 / self.wall
    }

    fn print(&self, name: &str, records: usize) {
        let (wall, cpu) = (self.rate(), records as f64 / self.cpu);
        println!(
            "{name:<28} {:>7.1} s {wall:>9.0} records/s {:>7.1} CPU s {cpu:>9.0} records/CPU s",
            self.wall, self.cpu
        );
    }
}

fn main() {
    let records = std::env::var("PICKET_BENCH_RECORDS").ok().and_then(|text| text.parse().ok()).unwrap_or(200_000);
    let folder = tempfile::tempdir().expect("a folder");
    let bootstrap = start_broker(folder.path());
    for (name, distribution) in [
        ("warm-up", Distribution::Zipf),
        ("zipf", Distribution::Zipf),
        ("uniform", Distribution::Uniform),
        ("one-key", Distribution::OneKey),
    ] {
        bench(&bootstrap, folder.path(), name, distribution, records);
    }
    script("stop", &["--dir", text(&folder.path().join("broker")), "--kill"]);
}

fn bench(bootstrap: &str, folder: &Path, name: &str, distribution: Distribution, records: usize) {
    let client = client(bootstrap);
    let input = format!("{name}.in");
    for topic in [&input, &format!("{name}.middle"), &format!("{name}.end")] {
        create(&client, topic);
    }
    let options = Options { records, principals: 1_000, distribution, ..Options::default() };
    let bytes = fill(&client, &input, Corpus::new(options));
    println!("\n{name}: {records} records of {} bytes over 1000 principals", bytes / records);
    let copied = copy(&client, name, records);
    copied.print("bare two-hop copy", records);
    let judged = judge(&client, bootstrap, &folder.join(name), name, records);
    judged.print("picket route and score", records);
    println!(
        "{:<28} {:>9.0} % by CPU, {:.0} % by the wall",
        "of the copy's throughput",
        copied.cpu / judged.cpu * 100.0,
        judged.rate() / copied.rate() * 100.0
    );
}

/// Reads each topic and writes the next, in transactions, one thread a hop.
fn copy(client: &ClientConfig, name: &str, records: usize) -> Took {
    let (start, cpu) = (Instant::now(), cpu_seconds("self"));
    let joining = std::thread::scope(|scope| {
        let first = scope.spawn(|| hop(client, &format!("{name}.in"), &format!("{name}.middle"), records));
        let second = scope.spawn(|| hop(client, &format!("{name}.middle"), &format!("{name}.end"), records));
        second.join().expect("copied");
        first.join().expect("copied")
    });
    Took {
        wall: start.elapsed().saturating_sub(joining).as_secs_f64(),
        within: records,
        cpu: cpu_seconds("self") - cpu,
    }
}

/// Gives how long it took until the first record came.
fn hop(client: &ClientConfig, from: &str, to: &str, records: usize) -> Duration {
    let mut config = client.clone();
    config
        .set("group.id", format!("copy-{from}"))
        .set("enable.auto.commit", "false")
        .set("auto.offset.reset", "earliest")
        .set("isolation.level", "read_committed")
        .set("check.crcs", "false")
        .set("fetch.wait.max.ms", "100");
    let consumer: BaseConsumer = config.create().expect("a consumer");
    let mut config = client.clone();
    config.set("transactional.id", format!("copy-{from}")).set("linger.ms", "5").set("compression.type", "lz4");
    config.set("batch.size", "1000000").set("queue.buffering.max.messages", "500000");
    let producer: BaseProducer = config.create().expect("a producer");
    producer.init_transactions(PATIENCE).expect("transactions");
    consumer.subscribe(&[from]).expect("subscribed");
    let (start, mut joining, mut done) = (Instant::now(), None, 0);
    while done < records {
        let mut ends = BTreeMap::new();
        let mut batch = Vec::new();
        let mut deadline = Instant::now() + PATIENCE;
        while batch.len() < BATCH && Instant::now() < deadline {
            let Some(Ok(message)) = consumer.poll(Duration::from_millis(10)) else { continue };
            joining.get_or_insert_with(|| start.elapsed());
            if batch.is_empty() {
                deadline = Instant::now() + Duration::from_millis(20);
            }
            ends.insert(message.partition(), message.offset() + 1);
            batch.push(message);
        }
        producer.begin_transaction().expect("begun");
        for message in &batch {
            let record = BaseRecord::<[u8], [u8]>::to(to).payload(message.payload().unwrap_or_default());
            let record = message.key().map_or_else(
                || BaseRecord::to(to).payload(message.payload().unwrap_or_default()),
                |key| record.key(key),
            );
            producer.send(record).map_err(|(error, _)| error).expect("sent");
        }
        while producer.in_flight_count() > 0 {
            producer.poll(Duration::from_millis(1));
        }
        let mut offsets = TopicPartitionList::new();
        for (partition, end) in ends {
            offsets.add_partition_offset(from, partition, Offset::Offset(end)).expect("an offset");
        }
        let member = consumer.group_metadata().expect("a member");
        producer.send_offsets_to_transaction(&offsets, &member, PATIENCE).expect("sent");
        producer.commit_transaction(PATIENCE).expect("committed");
        done += batch.len();
    }
    joining.unwrap_or_default()
}

/// Runs the program in both roles until everything is scored.
fn judge(client: &ClientConfig, bootstrap: &str, folder: &Path, name: &str, records: usize) -> Took {
    std::fs::create_dir_all(folder).expect("a folder");
    let config = folder.join("picket.toml");
    let topics =
        ["observations", "profiles", "risk_detections", "risky_principals", "risk_transitions", "dead_letters"];
    let topics = topics.map(|topic| format!("{topic} = '{name}.{topic}'")).join("\n");
    let table = format!(
        "[run]\nmode = 'kafka'\n[serve]\nlisten = '127.0.0.1:0'\n[kafka]\nbootstrap = '{bootstrap}'\ngroup = '{name}'\n\
         [kafka.topics]\ninputs = ['{name}.in']\npartitions = {PARTITIONS}\n{topics}\n"
    );
    std::fs::write(&config, table).expect("written");
    let mut program = Command::new(env!("CARGO_BIN_EXE_picket"));
    program.args(["run", "--log-level", "warn", "--config", text(&config), "--data", text(folder)]);
    let child = Running(program.spawn().expect("started"));
    let pid = child.0.id().to_string();
    let (input, observations) = (format!("{name}.in"), format!("{name}.observations"));
    // The clock starts when the first batch is seen committed, and what was routed by then does not count: some of it is
    // still to be scored, so the rate is rather too low than too high.
    let routed = || position(client, &format!("{name}-route"), &input);
    wait(|| routed() > 0);
    let before = usize::try_from(routed()).expect("a position");
    let start = Instant::now();
    wait(|| is_drained(client, &format!("{name}-route"), &input));
    wait(|| is_drained(client, &format!("{name}-score"), &observations));
    let (wall, cpu) = (start.elapsed().as_secs_f64(), cpu_seconds(&pid));
    let took = Took { wall, within: records.saturating_sub(before), cpu };
    let state = metric(folder, "picket_kafka_state_bytes_total");
    let scored = metric(folder, "picket_kafka_records_total{role=\"score\"}");
    let batches = metric(folder, "picket_kafka_commits_total{role=\"score\"}");
    println!(
        "{:<28} {:>9.0} bytes of state an observation ({scored} observations in {batches} batches)",
        "changelog",
        state / scored.max(1.0)
    );
    took
}

/// Killed when dropped.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

fn metric(folder: &Path, name: &str) -> f64 {
    use std::io::{Read, Write};
    let address = std::fs::read_to_string(folder.join("http.addr")).expect("an address");
    let mut stream = std::net::TcpStream::connect(address.trim()).expect("connected");
    write!(stream, "GET /metrics HTTP/1.1\r\nHost: picket\r\nConnection: close\r\n\r\n").expect("asked");
    let mut page = String::new();
    stream.read_to_string(&mut page).expect("a page");
    let line = page.lines().find(|line| line.starts_with(name)).unwrap_or_default();
    line.rsplit(' ').next().and_then(|number| number.parse().ok()).unwrap_or_default()
}

fn committed(client: &ClientConfig, group: &str, topic: &str) -> BTreeMap<i32, i64> {
    let mut config = client.clone();
    config.set("group.id", group);
    let consumer: BaseConsumer = config.create().expect("a consumer");
    let mut list = TopicPartitionList::new();
    list.add_partition_range(topic, 0, PARTITIONS - 1);
    let found = consumer.committed_offsets(list, PATIENCE);
    let offsets = found.map(|list| {
        let elements = list.elements();
        elements.iter().map(|element| (element.partition(), element.offset().to_raw().unwrap_or(0).max(0))).collect()
    });
    offsets.unwrap_or_default()
}

fn position(client: &ClientConfig, group: &str, topic: &str) -> i64 {
    committed(client, group, topic).values().sum()
}

/// Whether a group has read a topic to its end. The last record of a transaction is followed by its marker.
fn is_drained(client: &ClientConfig, group: &str, topic: &str) -> bool {
    let consumer: BaseConsumer = client.create().expect("a consumer");
    let committed = committed(client, group, topic);
    (0..PARTITIONS).all(|partition| {
        let (_, end) = consumer.fetch_watermarks(topic, partition, PATIENCE).expect("an end");
        committed.get(&partition).copied().unwrap_or_default() >= end - 1
    })
}

fn wait(condition: impl Fn() -> bool) {
    while !condition() {
        std::thread::sleep(Duration::from_millis(100));
    }
}

fn fill(client: &ClientConfig, topic: &str, corpus: Corpus) -> usize {
    let mut config = client.clone();
    config.set("linger.ms", "20").set("queue.buffering.max.kbytes", "1000000").set("compression.type", "lz4");
    config.set("queue.buffering.max.messages", "2000000");
    let producer: BaseProducer = config.create().expect("a producer");
    let mut bytes = 0;
    for (number, line) in corpus.enumerate() {
        bytes += line.len();
        let key = number.to_le_bytes();
        producer.send(BaseRecord::to(topic).key(&key).payload(&line)).map_err(|(error, _)| error).expect("sent");
        producer.poll(Duration::ZERO);
    }
    producer.flush(PATIENCE * 4).expect("written");
    bytes
}

fn create(client: &ClientConfig, topic: &str) {
    let admin: AdminClient<_> = client.create().expect("a client");
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    let new = NewTopic::new(topic, PARTITIONS, TopicReplication::Fixed(1));
    runtime.block_on(admin.create_topics([&new], &AdminOptions::new())).expect("created");
}

fn client(bootstrap: &str) -> ClientConfig {
    let mut config = ClientConfig::new();
    config.set("bootstrap.servers", bootstrap);
    config
}

fn start_broker(folder: &Path) -> String {
    let follow = std::process::id().to_string();
    let output = script("start", &["--dir", text(&folder.join("broker")), "--follow", &follow]);
    output.trim().trim_start_matches("KAFKA_BOOTSTRAP=").to_owned()
}

fn script(name: &str, arguments: &[&str]) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("deploy/dev/kafka").join(name);
    let output = Command::new(path).args(arguments).output().expect("the script runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("text")
}

fn text(path: &Path) -> &str {
    path.to_str().expect("a path in UTF-8")
}

/// User and system time of a process, in seconds, in the kernel's ticks of a hundredth.
fn cpu_seconds(process: &str) -> f64 {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).expect("a running process");
    let fields = stat.rsplit(')').next().unwrap_or_default().split_whitespace();
    let ticks: f64 = fields.skip(11).take(2).filter_map(|field| field.parse::<f64>().ok()).sum();
    ticks / 100.0
}

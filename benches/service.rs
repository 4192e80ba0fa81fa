//! The throughput and latency of the service on a real Kafka, compared with the least that two transactional stages can cost:
//! two hops that copy the same records (read, write in a transaction, read committed, write in a transaction) on the same
//! broker in the same run.
//!
//!     cargo bench --bench service                   throughput, replay, behind, latency, restore
//!     cargo bench --bench service -- latency        one of them
//!     BENCH_ARTICLES=articles.ndjson.zst cargo bench --bench service -- throughput
//!
//! Needs Java 17 and Maven, or `KAFKA_BOOTSTRAP`. Absolute figures drift with the machine; ratios of one run count.

#[allow(dead_code, reason = "each bench uses a part of it")]
mod articles;
#[allow(dead_code, reason = "the tests use the rest")]
#[path = "../tests/kit/mod.rs"]
mod kit;

use std::collections::HashMap;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant, UNIX_EPOCH};

use kit::broker::{bootstrap_servers, broker, settings, topic, topic_with, unique};
use kit::record::partition;
use wirefold::article::{ArticleReader, ParsedRecord};
use wirefold::config::TopicNames;
use wirefold::files::{IngestionClock, Records};
use wirefold::kafka::{Admin, Follower, RecordProducer, StartAt, topic_specs};
use wirefold::record::Millis;
use wirefold::stream::port::{
    Broker, GroupMembership, LogStore, PollLimits, ProducerRecord, RecordSource, Transaction, TransactionalWriter,
};

/// Words of a generated article: some 3 kB.
const WORDS: usize = 480;

/// How often a throughput is measured; the median is reported.
const RUNS: usize = 5;

/// The batches of both: the default ones of `wirefold serve`.
const LIMITS: PollLimits =
    PollLimits { records: 1_000, bytes: 8 << 20, wait: Duration::from_millis(100), linger: Duration::from_millis(20) };

/// The input topic keeps archives, and accepts their time stamps.
const INPUT: [(&str, &str); 3] = [
    ("retention.ms", "-1"),
    ("message.timestamp.before.max.ms", "9223372036854775807"),
    ("max.message.bytes", "8388608"),
];

fn main() {
    let asked: Vec<String> = std::env::args().skip(1).filter(|argument| !argument.starts_with('-')).collect();
    let is_asked = |what: &str| asked.is_empty() || asked.iter().any(|one| one == what);
    if is_asked("throughput") {
        throughput();
    }
    if is_asked("replay") {
        replay();
    }
    if is_asked("behind") {
        behind();
    }
    if is_asked("latency") {
        latency();
    }
    if is_asked("restore") {
        restore();
    }
}

/// The input records, each with its published time: those of a file, or generated ones.
fn records() -> Vec<(Vec<u8>, Millis)> {
    match std::env::var_os("BENCH_ARTICLES") {
        Some(path) => {
            let lines = Records::new(vec![PathBuf::from(path)]).map(|line| line.expect("the file can be read").bytes);
            let lines: Vec<Vec<u8>> = lines.collect();
            let reader = ArticleReader::default();
            let read = lines.iter().map(|line| reader.read("", None, Some(line)).ok());
            let published: Vec<_> = read.map(|read| read.as_ref().and_then(ParsedRecord::published)).collect();
            let stamps: Vec<Millis> = IngestionClock::new(now()).assign(&published).into_iter().collect();
            lines.into_iter().zip(stamps).collect()
        }
        None => (0..33_000)
            .map(|number| {
                let at = articles::published(number, 1_000);
                (articles::json(number, WORDS, at).into_bytes(), at)
            })
            .collect(),
    }
}

fn throughput() {
    let records = records();
    let input = topic_with("bench-articles", 1, &INPUT);
    feed(&input, &records);
    let mut rates = (Vec::new(), Vec::new());
    let mut cpu = Vec::new();
    for run in 1..=RUNS {
        let identity = Identity::start(&input);
        let identity_rate = rate(&identity.second, records.len());
        identity.stop();
        let service = Service::start(&input);
        let service_rate = rate(&service.decisions(), records.len());
        let cost = service.cpu().as_secs_f64() * 1e6 / records.len() as f64;
        service.kill();
        println!(
            "run {run}: identity {identity_rate:.0}/s, serve {service_rate:.0}/s, ratio {:.2}, serve's CPU {cost:.0} us an article",
            service_rate / identity_rate
        );
        rates.0.push(identity_rate);
        rates.1.push(service_rate);
        cpu.push(cost);
    }
    let ratios = rates.0.iter().zip(&rates.1).map(|(identity, service)| service / identity).collect();
    println!(
        "throughput of {} articles, median of {RUNS}: identity {:.0}/s, serve {:.0}/s, ratio {:.2}, CPU {:.0} us an article",
        records.len(),
        median(rates.0),
        median(rates.1),
        median(ratios),
        median(cpu)
    );
}

/// Replays of the articles that the service has read, and of its signatures, compared with the service; into topics and files.
fn replay() {
    const WAYS: [(&str, bool); 4] =
        [("articles", false), ("signatures", false), ("articles", true), ("signatures", true)];
    let records = records();
    let input = topic_with("bench-articles", 1, &INPUT);
    feed(&input, &records);
    let mut ratios = WAYS.map(|_| Vec::new());
    for run in 1..=RUNS {
        let service = Service::start(&input);
        let served = rate(&service.decisions(), records.len());
        service.kill_process();
        print!("run {run}: serve {served:.0}/s, replay");
        for ((source, into_files), ratios) in WAYS.iter().zip(&mut ratios) {
            let replayed = if *into_files {
                let directory = tempfile::tempdir().expect("a directory");
                let output = directory.path().join("replay");
                let start = Instant::now();
                run_replay(&service.names, &["--source", source, "--output", &output.to_string_lossy()]);
                // The whole run is measured, start and writing of results included.
                records.len() as f64 / start.elapsed().as_secs_f64()
            } else {
                let namespace = unique("bench-replay");
                let decisions = format!("{namespace}.decisions").into();
                thread::scope(|scope| {
                    scope.spawn(|| run_replay(&service.names, &["--source", source, "--namespace", &namespace]));
                    rate(&decisions, records.len())
                })
            };
            print!(" {} {replayed:.0}/s", name_of(source, *into_files));
            ratios.push(replayed / served);
        }
        println!();
        service.kill();
    }
    print!("replay of {} articles relative to serve, median of {RUNS}:", records.len());
    for ((source, into_files), ratios) in WAYS.iter().zip(ratios) {
        print!(" {} {:.2}", name_of(source, *into_files), median(ratios));
    }
    println!();
}

fn name_of(source: &str, into_files: bool) -> String {
    format!("{source}{}", if into_files { " into files" } else { "" })
}

/// The memory of a replay of which one partition is a month behind the five others, compared with one without a delay.
fn behind() {
    const MONTH: Duration = Duration::from_hours(30 * 24);
    for (count, late) in [(10_000, Duration::ZERO), (10_000, MONTH), (20_000, MONTH)] {
        let [first, others] = [1, 5].map(|partitions| topic_with("bench-behind", partitions, &INPUT));
        let producer = RecordProducer::new(&settings()).expect("a producer");
        for number in 0..6 * count {
            // Few an hour: waiting records are measured, not live articles.
            let at = articles::published(number, 100);
            let (topic, at) = if number % 6 == 0 { (&first, at.minus(late)) } else { (&others, at) };
            let value = articles::json(number, WORDS, at);
            producer.send(topic, Some(number.to_string().as_bytes()), value.as_bytes(), at).expect("sent");
        }
        producer.flush().expect("stored");
        let names = TopicNames {
            namespace: unique("bench"),
            articles: vec![format!("{first},{others}")],
            stories: "bench.stories".to_owned(),
            verdicts: "bench.verdicts".to_owned(),
            dead_letters: "bench.dead-letters".to_owned(),
        };
        let peak = run_replay(&names, &["--namespace", &unique("bench-replay")]);
        println!(
            "replay of 6 partitions of {count} articles, one of them {} days behind: peak of {} MB resident",
            late.as_secs() / 86_400,
            peak >> 20
        );
    }
}

/// Runs a replay to its end, and returns its peak of resident bytes.
fn run_replay(source: &TopicNames, arguments: &[&str]) -> u64 {
    let mut process = command(source, "replay").args(arguments).stderr(Stdio::null()).spawn().expect("replay starts");
    let status = format!("/proc/{}/status", process.id());
    let mut peak = 0;
    loop {
        if let Some(status) = process.try_wait().expect("the status of the process") {
            assert!(status.success(), "{status}");
            return peak;
        }
        let status = std::fs::read_to_string(&status).unwrap_or_default();
        let kilobytes = status.lines().find_map(|line| line.strip_prefix("VmHWM:")?.split_whitespace().next());
        peak = peak.max(kilobytes.and_then(|kilobytes| kilobytes.parse().ok()).unwrap_or(0) << 10);
        thread::sleep(Duration::from_millis(20));
    }
}

/// The time from the time stamp of an article to the moment at which a reader of committed records has the result, at an even
/// rate.
fn latency() {
    const RATE: u32 = 500;
    const SECONDS: u32 = 20;
    for service in [false, true] {
        let input = topic_with("bench-articles", 1, &INPUT);
        let (identity, serve) =
            if service { (None, Some(Service::start(&input))) } else { (Some(Identity::start(&input)), None) };
        let output = match (&identity, &serve) {
            (Some(identity), _) => identity.second.clone(),
            (_, Some(serve)) => serve.names.verdicts.as_str().into(),
            _ => unreachable!("one of the two runs"),
        };
        let mut follower = Follower::open(&settings(), &output, StartAt::Beginning).expect("the topic is there");
        let feeder = {
            let input = input.clone();
            thread::spawn(move || {
                let producer = RecordProducer::new(&settings()).expect("a producer");
                let start = Instant::now();
                for number in 0..u64::from(RATE * SECONDS) {
                    thread::sleep((Duration::from_secs(number) / RATE).saturating_sub(start.elapsed()));
                    let now = now();
                    let value = articles::json(number, WORDS, now);
                    let key = format!("urn:example:{number}");
                    producer.send(&input, Some(key.as_bytes()), value.as_bytes(), now).expect("sent");
                }
                producer.flush().expect("stored");
            })
        };
        // Articles written while the group was being joined waited for that: only the second half is measured.
        let mut seen: HashMap<Vec<u8>, Duration> = HashMap::new();
        let mut sent: HashMap<Vec<u8>, Millis> = HashMap::new();
        while seen.len() < (RATE * SECONDS) as usize {
            let Some(record) = follower.next(Duration::from_secs(1)).expect("read") else { continue };
            let at = now();
            let value: serde_json::Value =
                serde_json::from_slice(record.value.as_deref().unwrap_or_default()).expect("JSON");
            let key = record.key.expect("a key");
            let stamp: jiff::Timestamp = value["published_at"].as_str().expect("a time").parse().expect("a time");
            sent.insert(key.clone(), Millis(stamp.as_millisecond()));
            seen.entry(key).or_insert(Millis(stamp.as_millisecond()).distance(at));
        }
        feeder.join().expect("the feeder ends");
        let half = *sent.values().min().expect("some");
        let half = half.plus(Duration::from_secs(u64::from(SECONDS) / 2));
        let mut late: Vec<Duration> =
            seen.iter().filter(|(key, _)| sent[*key] >= half).map(|(_, took)| *took).collect();
        late.sort_unstable();
        let at = |share: usize| late[(late.len() - 1) * share / 100].as_millis();
        let name = if service { "serve" } else { "identity" };
        println!("latency at {RATE}/s, {name}: p50 {} ms, p99 {} ms, max {} ms", at(50), at(99), at(100));
        if let Some(identity) = identity {
            identity.stop();
        }
        if let Some(serve) = serve {
            serve.kill();
        }
    }
}

/// The time of a restore with 100,000 live articles.
fn restore() {
    const LIVE: u64 = 100_000;
    let records: Vec<(Vec<u8>, Millis)> = (0..LIVE)
        .map(|number| {
            let at = articles::published(number, 2_000);
            (articles::json(number, WORDS, at).into_bytes(), at)
        })
        .collect();
    let input = topic_with("bench-articles", 1, &INPUT);
    feed(&input, &records);
    let service = Service::start(&input);
    rate(&service.decisions(), records.len());
    let live = service.metric("wirefold_live_articles");
    service.kill_process();
    let restarted = service.restart();
    let took = loop {
        let restored = restarted.metric("wirefold_restore_duration_seconds_count");
        if restored > 0.0 {
            break restarted.metric("wirefold_restore_duration_seconds_sum");
        }
        thread::sleep(Duration::from_millis(50));
    };
    println!("restore with {live:.0} live articles: {took:.1} s");
    restarted.kill();
}

fn feed(input: &Arc<str>, records: &[(Vec<u8>, Millis)]) {
    let producer = RecordProducer::new(&settings()).expect("a producer");
    for (value, at) in records {
        producer.send(input, None, value, *at).expect("sent");
    }
    producer.flush().expect("stored");
}

/// Results a second between the first committed one and the last: joining the group is not measured.
fn rate(output: &Arc<str>, count: usize) -> f64 {
    let mut cluster = broker("bench");
    let output = partition(output, 0);
    let mut end = || cluster.range(&output).expect("the broker answers").1;
    let mut first = 0;
    while first == 0 {
        thread::sleep(Duration::from_millis(5));
        first = end();
    }
    let start = Instant::now();
    while end() < count as i64 {
        thread::sleep(Duration::from_millis(5));
    }
    (count as f64 - first as f64) / start.elapsed().as_secs_f64()
}

fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures[figures.len() / 2]
}

fn now() -> Millis {
    Millis(UNIX_EPOCH.elapsed().expect("the clock is past 1970").as_millis() as i64)
}

/// Two hops that copy records.
struct Identity {
    second: Arc<str>,
    stop: Arc<AtomicBool>,
    hops: Vec<JoinHandle<()>>,
}

impl Identity {
    fn start(input: &Arc<str>) -> Self {
        let (first, second) = (topic("bench-first", 1), topic("bench-second", 1));
        let stop = Arc::new(AtomicBool::new(false));
        let hops = [(input.clone(), first.clone()), (first, second.clone())]
            .map(|(from, to)| {
                let stop = stop.clone();
                thread::spawn(move || copy(&from, &to, &stop))
            })
            .into();
        Self { second, stop, hops }
    }

    fn stop(self) {
        self.stop.store(true, Ordering::Relaxed);
        for hop in self.hops {
            hop.join().expect("the hop ends");
        }
    }
}

fn copy(from: &Arc<str>, to: &Arc<str>, stop: &AtomicBool) {
    let group = unique("bench-identity");
    let mut cluster = broker(&group);
    let mut consumer = cluster.consumer(std::slice::from_ref(from)).expect("the group can be joined");
    let mut writer = cluster.writer(&group).expect("a writer");
    while !stop.load(Ordering::Relaxed) {
        let polled = consumer.poll(LIMITS).expect("the consumer polls");
        let Some(last) = polled.records.last() else { continue };
        let offset = (last.from.clone(), (last.offset + 1).into());
        let records = polled.records.into_iter().map(|record| ProducerRecord {
            topic: to.clone(),
            partition: Some(0),
            key: record.key,
            value: record.value,
            headers: record.headers,
        });
        let transaction = Transaction { records: records.collect(), offsets: vec![offset] };
        writer.transact(&mut consumer, &transaction).expect("committed");
    }
    consumer.leave().expect("left");
}

/// A command of wirefold with the settings of these names.
fn command(names: &TopicNames, verb: &str) -> Command {
    let set = |key: &str, value: &str| format!("--set={key}={value}");
    let mut command = Command::new(env!("CARGO_BIN_EXE_wirefold"));
    command
        .arg(verb)
        .arg(set("kafka.bootstrap_servers", bootstrap_servers()))
        .arg(set("namespace", &names.namespace))
        .arg(set("topics.articles", &names.articles[0]))
        .arg(set("topics.stories", &names.stories))
        .arg(set("topics.verdicts", &names.verdicts))
        .arg(set("topics.dead_letters", &names.dead_letters))
        .arg(set("log.level", "warn"))
        .stdin(Stdio::null());
    command
}

/// `wirefold serve` in its own namespace.
struct Service {
    names: TopicNames,
    listen: String,
    process: Child,
}

impl Service {
    fn start(input: &Arc<str>) -> Self {
        let namespace = unique("bench");
        let names = TopicNames {
            articles: vec![input.to_string()],
            stories: format!("{namespace}.stories"),
            verdicts: format!("{namespace}.verdicts"),
            dead_letters: format!("{namespace}.dead-letters"),
            namespace,
        };
        Admin::connect(&settings()).expect("the broker answers").create(&topic_specs(&names, 1, 1)).expect("created");
        let listen = format!("127.0.0.1:{}", 20_000 + std::process::id() % 20_000);
        let process = Self::spawn(&names, &listen);
        Self { names, listen, process }
    }

    fn spawn(names: &TopicNames, listen: &str) -> Child {
        command(names, "serve").arg(format!("--set=http.listen={listen}")).spawn().expect("serve starts")
    }

    fn restart(self) -> Self {
        let process = Self::spawn(&self.names, &self.listen);
        Self { process, ..self }
    }

    fn decisions(&self) -> Arc<str> {
        self.names.decisions().into()
    }

    /// Time on processors so far, by the metric of the process itself.
    fn cpu(&self) -> Duration {
        Duration::from_secs_f64(self.metric("process_cpu_seconds_total"))
    }

    /// The first sample of a metric; 0 while the page does not answer.
    fn metric(&self, name: &str) -> f64 {
        use std::io::{Read, Write};
        let mut page = String::new();
        let answer = std::net::TcpStream::connect(&self.listen).and_then(|mut socket| {
            write!(socket, "GET /metrics HTTP/1.1\r\nHost: bench\r\nConnection: close\r\n\r\n")?;
            socket.read_to_string(&mut page)
        });
        let sample = page.lines().find(|line| line.starts_with(name) && answer.is_ok());
        sample.and_then(|line| line.rsplit(' ').next()?.parse().ok()).unwrap_or(0.0)
    }

    fn kill_process(&self) {
        let id = self.process.id().to_string();
        Command::new("kill").args(["-9", &id]).status().expect("kill runs");
        while self.metric("process_cpu_seconds_total") > 0.0 {
            thread::sleep(Duration::from_millis(50));
        }
    }

    fn kill(mut self) {
        self.process.kill().expect("killed");
        self.process.wait().expect("gone");
    }
}

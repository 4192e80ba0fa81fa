//! The pages of the service, and `tail`.

use std::fs::{self, File};

use crate::service::articles;
use crate::service::instance::{Process, page, wait_for};
use crate::service::namespace::{Namespace, port};
use crate::service::oracle;

/// The sum of a metric over its labels.
fn metric(page: &str, name: &str) -> f64 {
    let values = page.lines().filter(|line| !line.starts_with('#')).filter_map(|line| {
        let (series, value) = line.rsplit_once(' ')?;
        (series.split('{').next() == Some(name)).then(|| value.parse::<f64>().expect("a number"))
    });
    let values: Vec<f64> = values.collect();
    assert!(!values.is_empty(), "no {name} in\n{page}");
    values.iter().sum()
}

/// Polls `/readyz` until the service is ready, and returns all different answers.
fn ready(port: u16) -> Vec<(u16, String)> {
    let mut answers: Vec<(u16, String)> = Vec::new();
    wait_for("the service to be ready", || {
        let answer = page(port, "/readyz").ok_or("nothing listens")?;
        if answers.last() != Some(&answer) {
            answers.push(answer.clone());
        }
        if answer.0 == 200 { Ok(()) } else { Err(answer.1) }
    });
    answers
}

#[test]
fn the_pages_report_the_progress_of_the_service() {
    let namespace = Namespace::new("pages", 1);
    namespace.produce(&articles::lines(9, 600));
    let port = port();
    let service = namespace.serve(port);
    namespace.await_done();
    let (status, lively) = page(port, "/livez").expect("an answer");
    assert_eq!(status, 200, "{lively}");
    let metrics = wait_for("a lag of zero", || {
        let (_, metrics) = page(port, "/metrics").ok_or("no answer")?;
        let known = metrics.contains("wirefold_lag_messages{") && metric(&metrics, "wirefold_lag_messages") == 0.0;
        if known { Ok(metrics) } else { Err(metrics) }
    });
    service.stop();
    let run = oracle::check(&namespace);
    let value = |name| metric(&metrics, name) as usize;
    assert_eq!(value("wirefold_decisions_total"), run.expected.decisions.len());
    assert_eq!(value("wirefold_dead_letters_total"), run.dead_letters.len());
    assert_eq!(value("wirefold_records_total"), 600 + run.expected.decisions.len());
    assert_eq!(value("wirefold_live_articles"), run.expected.engine.state().article_count());
    assert_eq!(value("wirefold_live_stories"), run.expected.engine.state().story_count());
    assert_eq!(value("wirefold_boilerplate_filters"), run.expected.engine.state().filter_count());
    assert_eq!(value("wirefold_latency_seconds_count"), run.expected.decisions.len());
    assert!(value("wirefold_transactions_total") >= 24, "batches of fifty in two stages");
    assert_eq!(value("wirefold_ready"), 1);

    // Started again, it is not ready before it has restored its state.
    let service = namespace.serve(port);
    let answers = ready(port);
    assert_eq!(answers[0].0, 503, "{answers:?}");
    assert!(answers.last().expect("an answer").1.contains("stories: ok: partitions: 1, all ready"), "{answers:?}");
    let (_, metrics) = page(port, "/metrics").expect("an answer");
    assert_eq!(
        metric(&metrics, "wirefold_restored_decisions_total") as u64,
        run.expected.engine.state().next_seq() - run.restore_point().seq
    );
    assert_eq!(metric(&metrics, "wirefold_live_articles") as usize, run.expected.engine.state().article_count());
    service.stop();
}

#[test]
fn tail_prints_the_stories_of_the_topic() {
    let namespace = Namespace::new("tail", 1);
    namespace.produce(&articles::lines(10, 200));
    let service = namespace.serve(port());
    let printed = namespace.file("stories.ndjson");
    let mut command = namespace.command(&["tail", "--json", "--from-start"]);
    command.stdout(File::create(&printed).expect("a file"));
    let tail = Process::spawn(command, &namespace.file("tail.log"));
    namespace.await_done();
    service.stop();
    let published = namespace.records(&namespace.topic("stories")).remove(0);
    assert!(published.len() > 20);
    let expected: Vec<u8> =
        published.iter().flat_map(|record| [record.value.as_deref().unwrap_or(b"null"), b"\n"].concat()).collect();
    wait_for("all stories printed", || {
        let text = fs::read(&printed).expect("the output can be read");
        if text == expected { Ok(()) } else { Err(format!("{} bytes of {}", text.len(), expected.len())) }
    });
    tail.stop();
}

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::io::Write;
use std::time::Duration;

use tempfile::NamedTempFile;

use super::load::DEFAULTS;
use super::reader::SettingsReader;
use super::{
    Argument, Config, ConfigError, EffectiveSettings, FIELDS, Layers, LogFormat, MatchRule, MatchSettings, TopicNames,
};

fn file(text: &str) -> NamedTempFile {
    let mut file = NamedTempFile::with_suffix(".toml").expect("a temporary file");
    file.write_all(text.as_bytes()).expect("written");
    file
}

fn environment(variables: &[(&str, &str)]) -> Vec<(OsString, OsString)> {
    variables.iter().map(|(name, value)| (name.into(), value.into())).collect()
}

fn arguments(pairs: &[(&str, &str)]) -> Vec<Argument> {
    let argument = |(key, value): &(&str, &str)| Argument {
        key: (*key).to_owned(),
        value: (*value).to_owned(),
        typed: format!("--set {key}"),
    };
    pairs.iter().map(argument).collect()
}

fn from_file(text: &str) -> Result<(Config, EffectiveSettings), ConfigError> {
    let file = file(text);
    Config::load(Layers { file: Some(file.path()), ..Layers::default() })
}

fn from_environment(variables: &[(&str, &str)]) -> Result<(Config, EffectiveSettings), ConfigError> {
    Config::load(Layers { environment: environment(variables), ..Layers::default() })
}

fn defaults() -> Config {
    Config::load(Layers::default()).expect("the defaults are valid").0
}

/// The messages, one a line, with the temporary file named `wirefold.toml`.
fn problems(result: Result<(Config, EffectiveSettings), ConfigError>) -> String {
    let error = result.expect_err("refused");
    let mut lines: Vec<String> = error.to_string().lines().map(str::to_owned).collect();
    for line in &mut lines {
        if let Some(at) = line.find(".toml:") {
            *line = format!("wirefold{}", &line[at..]);
        }
    }
    lines.join("\n")
}

#[test]
fn the_defaults_connect_to_localhost() {
    let config = defaults();
    assert_eq!(config.kafka.bootstrap_servers, "localhost:9092");
    assert_eq!(config.namespace, "live");
    assert_eq!(config.topics.articles, ["articles"]);
    assert_eq!(config.window.length, Duration::from_hours(72));
    assert_eq!(config.serve.keep, Duration::from_hours(720));
    assert!(config.serve.signatures && config.serve.stories);
    assert!(config.serve.instance.ends_with("-9464"), "{}", config.serve.instance);
    assert_eq!(config.log.format, LogFormat::Auto);
    assert_eq!(config.matching, MatchSettings::default());
}

#[test]
fn the_reference_file_shows_every_setting_and_mentions_every_field() {
    let mut shown = BTreeSet::new();
    let mut section = String::new();
    for line in DEFAULTS.lines().map(|line| line.trim_start_matches("# ")) {
        if let Some(name) = line.strip_prefix('[') {
            section = format!("{}.", name.trim_end_matches(']'));
            shown.insert(name.trim_end_matches(']').to_owned());
        } else if let Some((name, _)) = line.split_once(" = ") {
            shown.insert(format!("{section}{name}"));
        }
    }
    let empty = EffectiveSettings::default();
    let mut reader = SettingsReader::new(&empty);
    let _incomplete = Config::read_sections(&mut reader);
    let missing: Vec<_> = reader.known().filter(|key| !shown.contains(*key)).collect();
    assert!(missing.is_empty(), "{missing:?}");
    let fields = DEFAULTS.lines().find_map(|line| line.strip_prefix("# Fields: ")).expect("a line of fields");
    assert_eq!(fields.trim_end_matches('.').split(", ").collect::<Vec<_>>(), FIELDS);
}

#[test]
fn the_values_shown_for_settings_without_a_default_are_valid() {
    let uncommented: String = DEFAULTS
        .lines()
        .map(|line| line.strip_prefix("# ").filter(|rest| rest.contains(" = ") && !rest.contains("  ")).unwrap_or(line))
        .fold(String::new(), |text, line| text + line + "\n");
    let (config, _) = from_file(&uncommented).expect("valid");
    assert_eq!(config.serve.instance, "news-1-9464");
    assert_eq!(config.serve.threads.get(), 4);
    assert_eq!(
        config.matching,
        MatchSettings {
            rule: Some(MatchRule::Logistic),
            threshold: Some(0.42),
            shared_min: Some(7),
            sample_max: Some(256)
        }
    );
}

#[test]
fn the_command_line_wins_over_the_environment_and_that_over_the_file() {
    let file = file("namespace = \"file\"\n[window]\nlength = \"1h\"\ngrace = \"1h\"\n");
    let arguments = arguments(&[("window.length", "3h")]);
    let environment = environment(&[("WIREFOLD_WINDOW__LENGTH", "2h"), ("WIREFOLD_WINDOW__GRACE", "2h")]);
    let (config, _) =
        Config::load(Layers { file: Some(file.path()), environment, arguments: &arguments }).expect("valid");
    assert_eq!(config.namespace, "file");
    assert_eq!(config.window.grace, Duration::from_hours(2));
    assert_eq!(config.window.length, Duration::from_hours(3));
    assert_eq!(config.topics.stories, "stories");
}

#[test]
fn the_environment_writes_lists_with_commas_and_properties_with_underscores() {
    let (config, _) = from_environment(&[
        ("WIREFOLD_TOPICS__ARTICLES", "wires, crawlers"),
        ("WIREFOLD_KAFKA__PROPERTIES__SECURITY_PROTOCOL", "SASL_SSL"),
        ("WIREFOLD_SERVE__STAGES", "stories"),
        ("WIREFOLD_FIELDS__INFO_SOURCE", "meta.agency"),
        ("WIREFOLD_NAMESPACE", ""),
        ("PATH", "/bin"),
    ])
    .expect("valid");
    assert_eq!(config.topics.articles, ["wires", "crawlers"]);
    assert_eq!(config.kafka.properties.0["security.protocol"], "SASL_SSL");
    assert!(!config.serve.signatures && config.serve.stories);
    assert_eq!(config.fields["info_source"], ["meta.agency"]);
    assert_eq!(config.namespace, "live", "an empty variable counts as not set");
}

#[test]
fn variables_that_kubernetes_sets_for_a_service_named_wirefold_are_ignored() {
    let (config, _) = from_environment(&[
        ("WIREFOLD_CONFIG", "wirefold.toml"),
        ("WIREFOLD_PORT", "tcp://10.0.0.1:9464"),
        ("WIREFOLD_PORT_9464_TCP_ADDR", "10.0.0.1"),
        ("WIREFOLD_SERVICE_HOST", "10.0.0.1"),
        ("WIREFOLD_SERVICE_PORT_HTTP", "9464"),
        ("WIREFOLD_KAFKA_SERVICE_HOST", "10.0.0.2"),
        ("WIREFOLD_KAFKA_PORT_9092_TCP", "tcp://10.0.0.2:9092"),
    ])
    .expect("valid");
    assert_eq!(config, defaults());
}

#[test]
fn property_names_may_be_quoted() {
    let (config, _) =
        from_file("[kafka.properties]\n\"client.rack\" = \"a\"\nfetch.wait.max.ms = 50\n").expect("valid");
    assert_eq!(config.kafka.properties.0["client.rack"], "a");
    assert_eq!(config.kafka.properties.0["fetch.wait.max.ms"], "50");
}

#[test]
fn publishers_agencies_and_fields_are_tables_of_lists() {
    let (config, _) = from_file(
        "[sources.publishers]\n\"Gulf, Media\" = [\"a.example\", \"b, c\"]\n[sources.agencies]\nNorwire = [\"Norwire\"]\n[fields]\nbody = [\"payload.text\"]\n",
    )
    .expect("valid");
    assert_eq!(config.publishers["Gulf, Media"], ["a.example", "b, c"]);
    assert_eq!(config.agencies["Norwire"], ["Norwire"]);
    assert_eq!(config.fields["body"], ["payload.text"]);
}

#[test]
fn all_problems_are_reported_at_once_each_with_its_origin() {
    let file = file(concat!(
        "namespace = \"Live!\"\n",
        "listen = \"127.0.0.1:1\"\n",
        "[kafka]\nbootstrap_server = \"a:1\"\nbootstrap_servers = \"a\"\n",
        "[kafka.properties]\nenable.auto.commit = true\n\"acks\" = \"1\"\n",
        "[kafka.properties_files]\n\"sasl.password\" = \"/nowhere/password\"\n",
        "[topics]\narticles = []\nstories = \"verdicts\"\ndead_letters = \"a b\"\n",
        "[window]\nlength = 72\ngrace = [\"1h\"]\n",
        "[serve]\nstages = [\"sing\"]\nthreads = 0\n",
        "[match]\nthreshold = 1.5\n",
        "[fields]\nbuddy = [\"x\"]\nbody = [[1]]\n",
        "[sauces]\n",
        "[log]\nlevel = \"wirefold=loud\"\n",
    ));
    let environment = environment(&[("WIREFOLD_HTTP__LISTEN", "localhost"), ("WIREFOLD_NAMESPCE", "x")]);
    let arguments = arguments(&[("serve.keep", "30 dogs")]);
    insta::assert_snapshot!(problems(Config::load(Layers {
        file: Some(file.path()),
        environment,
        arguments: &arguments,
    })));
}

#[test]
fn a_topic_with_two_purposes_is_refused() {
    insta::assert_snapshot!(problems(from_file(
        "[topics]\narticles = [\"in\", \"in\"]\nstories = \"in\"\nverdicts = \"live.decisions\"\n"
    )), @r#"
    wirefold.toml:2: topics.articles is "in", which is also topics.articles; expected a topic of its own
    wirefold.toml:3: topics.stories is "in", which is also topics.articles; expected a topic of its own
    wirefold.toml:4: topics.verdicts is "live.decisions", which is also an internal topic of the namespace; expected a topic of its own
    3 errors in the settings; nothing was started
    "#);
}

#[test]
fn no_setting_may_name_an_internal_topic() {
    let internal = defaults().topics.names("live").internal();
    assert_eq!(internal, ["live.signatures", "live.decisions", "live.boilerplate", "live.replay"]);
    for topic in internal {
        assert_eq!(
            problems(from_file(&format!("[topics]\nstories = {topic:?}\n"))),
            format!(
                "wirefold.toml:2: topics.stories is {topic:?}, which is also an internal topic of the namespace; expected \
                 a topic of its own\n1 error in the settings; nothing was started"
            )
        );
    }
}

#[test]
fn names_begin_with_the_namespace() {
    let names = TopicNames::of_replay("trial", vec!["articles".to_owned()]);
    assert_eq!(
        [&names.stories, &names.verdicts, &names.dead_letters],
        ["trial.stories", "trial.verdicts", "trial.dead-letters"]
    );
    assert_eq!([names.signatures_group(), names.stories_group()], ["trial.signatures", "trial.stories"]);
    assert_eq!(names.signatures_writer("news-1-9464"), "trial.signatures.news-1-9464");
    assert_eq!(names.stories_writer(), "trial.stories");
    assert_eq!(names.replay_writer(), "trial.signatures.replay");
    assert_eq!(names.promotion_group(), "trial.promote");
}

#[test]
fn a_file_that_is_not_toml_is_refused_with_the_line() {
    let reported = problems(from_file("namespace = \"live\"\n[kafka\nbootstrap_servers = \n"));
    assert!(reported.contains("wirefold.toml:2: not TOML: "), "{reported}");
}

#[test]
fn a_missing_file_is_reported_with_the_argument_that_names_it() {
    let missing = std::path::Path::new("no-such-directory/wirefold.toml");
    let error = Config::load(Layers { file: Some(missing), ..Layers::default() }).expect_err("refused");
    let reported = error.to_string();
    assert!(reported.starts_with("--config no-such-directory/wirefold.toml: cannot read this file: "), "{reported}");
}

#[test]
fn a_namespace_may_be_as_long_as_its_longest_topic_name_allows() {
    let load = |length| from_environment(&[("WIREFOLD_NAMESPACE", &"n".repeat(length))]);
    assert!(load(236).is_ok());
    assert!(load(237).is_err());
}

#[test]
fn a_secret_comes_from_a_file_and_is_never_printed() {
    let secret = file("correct horse\n");
    let text = format!(
        "[kafka.properties]\n\"ssl.key.password\" = \"battery\"\n[kafka.properties_files]\n\"sasl.password\" = {:?}\n",
        secret.path()
    );
    let (config, effective) = from_file(&text).expect("valid");
    assert_eq!(config.kafka.properties.0["sasl.password"], "correct horse");
    for printed in [effective.to_string(), format!("{config:?}")] {
        assert!(!printed.contains("horse") && !printed.contains("battery"), "{printed}");
        assert!(printed.contains("********"), "{printed}");
    }
}

#[test]
fn a_property_that_is_set_twice_is_refused() {
    let secret = file("x");
    let reported = problems(from_file(&format!(
        "[kafka.properties]\n\"sasl.password\" = \"x\"\n[kafka.properties_files]\n\"sasl.password\" = {:?}\n",
        secret.path()
    )));
    assert!(reported.contains("kafka.properties_files.sasl.password is also set in kafka.properties"), "{reported}");
}

#[test]
fn the_printed_settings_can_be_read_again_and_are_the_same() {
    let arguments = arguments(&[
        ("kafka.properties.client.rack", "rack \"a\"\t\\"),
        ("sources.publishers.Gulf.Media", "a.example,b.example"),
        ("match.threshold", "0.5"),
        ("serve.threads", "3"),
    ]);
    let (config, effective) = Config::load(Layers { arguments: &arguments, ..Layers::default() }).expect("valid");
    let (again, _) = from_file(&effective.to_string()).expect("the printed settings are valid");
    assert_eq!(again, config);
    assert!(effective.to_string().contains("threads = 3  # --set serve.threads\n"), "{effective}");
    assert!(effective.to_string().contains("# host name and port of http.listen\n"), "{effective}");
}

#[test]
fn log_lines_are_json_unless_a_terminal_or_the_settings_ask_for_text() {
    assert!(LogFormat::Auto.is_json(false) && LogFormat::Json.is_json(true));
    assert!(!LogFormat::Auto.is_json(true) && !LogFormat::Text.is_json(false));
}

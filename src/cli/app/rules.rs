//! From settings to clients, names and rules.

use std::collections::BTreeMap;

use super::failure::Failure;
use crate::article::{ArticleReader, DateOrder, FieldMap, outlet_of_name};
use crate::clustering::ClusteringRules;
use crate::config::{Config, DateOrderSetting, MatchRule};
use crate::kafka::{ClientSettings, Severity, TopicProblem};
use crate::record::Ratio;
use crate::replay::RunSettings;
use crate::signature::{Agency, Lexicon, Publishers, SignatureRules};

/// Partitions of the log. One engine keeps up with many times the news of the world, and the number of partitions of a
/// namespace never changes.
pub(in crate::cli) const LOG_PARTITIONS: i32 = 1;

/// The sections of the settings that signatures and clustering depend on.
pub(in crate::cli) const RULE_SECTIONS: [&str; 5] = ["fields", "input", "match", "sources", "window"];

/// The settings of the Kafka client. Properties that the client library does not know are found here, before anything is
/// connected.
pub(in crate::cli) fn client(config: &Config) -> Result<ClientSettings, Failure> {
    let settings = ClientSettings {
        bootstrap_servers: config.kafka.bootstrap_servers.clone(),
        properties: config.kafka.properties.0.clone(),
        client_id: "wirefold".to_owned(),
    };
    let problems = settings.problems();
    if problems.is_empty() { Ok(settings) } else { Err(Failure::Settings(problems.join("\n"))) }
}

/// Refuses topics with a problem that is more than a warning.
pub(in crate::cli) fn check_topics(problems: &[TopicProblem]) -> Result<(), Failure> {
    let errors = problems.iter().filter(|problem| problem.severity == Severity::Error).count();
    match errors {
        0 => Ok(()),
        1 => Err(Failure::Refused("a topic is not as the service needs it".to_owned())),
        more => Err(Failure::Refused(format!("{more} properties of topics are not as the service needs them"))),
    }
}

/// The reader of raw articles, with the field map of the settings.
pub(in crate::cli) fn article_reader(config: &Config) -> Result<ArticleReader, Failure> {
    let map = serde_json::to_value(&config.fields).and_then(serde_json::from_value::<FieldMap>);
    let order = match config.input.date_order {
        DateOrderSetting::Unknown => DateOrder::Unknown,
        DateOrderSetting::DayFirst => DateOrder::DayFirst,
        DateOrderSetting::MonthFirst => DateOrder::MonthFirst,
    };
    let outlets = config.outlets.iter().flat_map(|(outlet, topics)| topics.iter().map(move |topic| (topic, outlet)));
    let outlets = outlets.map(|(topic, outlet)| {
        let outlet = outlet_of_name(outlet).unwrap_or_else(|| outlet.clone());
        (topic.clone(), outlet)
    });
    let reader = |map| {
        ArticleReader::new(map, order).with_outlets(outlets.collect()).with_normalised_urls(config.input.normalise_urls)
    };
    map.map(reader).map_err(|error| Failure::Settings(format!("[fields]: {error}")))
}

/// The rules of signatures.
pub(in crate::cli) fn signature_rules(config: &Config) -> SignatureRules {
    let table = |table: &BTreeMap<String, Vec<String>>, releases: bool| -> Vec<Agency> {
        let agency =
            |(name, forms): (&String, &Vec<String>)| Agency { name: name.clone(), forms: forms.clone(), releases };
        table.iter().map(agency).collect()
    };
    let added = [table(&config.agencies, false), table(&config.releases, true)].concat();
    let lexicon = if added.is_empty() { Lexicon::default() } else { Lexicon::new(&added) };
    let publishers = config
        .publishers
        .iter()
        .flat_map(|(publisher, outlets)| outlets.iter().map(|outlet| (publisher.clone(), outlet.clone())));
    SignatureRules { grace: config.window.grace, lexicon, publishers: Publishers::new(publishers) }
}

/// The rules of clustering; settings that are absent are left to the defaults.
pub(in crate::cli) fn clustering_rules(config: &Config) -> ClusteringRules {
    let settings = &config.matching;
    let defaults = match settings.rule {
        Some(MatchRule::Containment) => ClusteringRules::reference(),
        Some(MatchRule::Logistic) | None => ClusteringRules::default(),
    };
    let threshold = settings.threshold.map_or(defaults.threshold, |share| Ratio((share * 10_000.0).round() as u16));
    ClusteringRules {
        window: config.window.length,
        grace: config.window.grace,
        threshold,
        // A story as a whole must match as far as its members must.
        mean_score_min: Ratio(
            (u32::from(defaults.mean_score_min.0) * u32::from(threshold.0) / u32::from(defaults.threshold.0)) as u16,
        ),
        shared_min: settings.shared_min.unwrap_or(defaults.shared_min),
        sample_max: settings.sample_max.unwrap_or(defaults.sample_max),
        ..defaults
    }
}

/// The settings of the run of a replay.
pub(in crate::cli) fn run_settings(config: &Config) -> Result<RunSettings, Failure> {
    Ok(RunSettings {
        reader: article_reader(config)?,
        signature_rules: signature_rules(config),
        clustering_rules: clustering_rules(config),
        batch_records: config.serve.batch_records,
        batch_bytes: config.serve.batch_bytes,
        keep: config.serve.keep,
    })
}

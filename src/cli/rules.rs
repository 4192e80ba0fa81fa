//! From settings to what reading and judging go by.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::Failure;
use crate::article::{FieldMap, Reader};
use crate::config::{Config, MatchRule};
use crate::fold::Rules;
use crate::record::Ratio;
use crate::sign::{self, Agency, Lexicon};

/// The reader of raw articles, with the field map of the settings.
pub(super) fn reader(config: &Config) -> Result<Reader, Failure> {
    let map = serde_json::to_value(&config.fields).and_then(serde_json::from_value::<FieldMap>);
    map.map(Reader::new).map_err(|error| Failure::Settings(format!("[fields]: {error}")))
}

/// The rules of signing.
pub(super) fn signing(config: &Config) -> sign::Rules {
    let table = |table: &BTreeMap<String, Vec<String>>, releases: bool| -> Vec<Agency> {
        let agency =
            |(name, forms): (&String, &Vec<String>)| Agency { name: name.clone(), forms: forms.clone(), releases };
        table.iter().map(agency).collect()
    };
    let added = [table(&config.agencies, false), table(&config.releases, true)].concat();
    let lexicon = if added.is_empty() { Lexicon::default() } else { Lexicon::new(&added) };
    sign::Rules { grace: config.window.grace, lexicon }
}

/// The rules of judging; what the settings do not say is left to the defaults.
pub(super) fn rules(config: &Config) -> Rules {
    let settings = &config.matching;
    let defaults = match settings.rule {
        Some(MatchRule::Containment) => Rules::reference(),
        Some(MatchRule::Score) | None => Rules::default(),
    };
    let threshold = settings.threshold.map_or(defaults.threshold, |share| Ratio((share * 10_000.0).round() as u16));
    let owners = config.sisters.iter().flat_map(|(owner, outlets)| {
        let owner: Arc<str> = owner.as_str().into();
        outlets.iter().map(move |outlet| (outlet.as_str().into(), owner.clone()))
    });
    Rules {
        window: config.window.length,
        grace: config.window.grace,
        threshold,
        // A story agrees as a whole as far as its members do.
        mean_min: Ratio(
            (u32::from(defaults.mean_min.0) * u32::from(threshold.0) / u32::from(defaults.threshold.0)) as u16,
        ),
        shared_min: settings.evidence_min.unwrap_or(defaults.shared_min),
        sample_max: settings.sample_max.unwrap_or(defaults.sample_max),
        owners: owners.collect(),
        ..defaults
    }
}

//! Dates among the other fields of their record.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::article::date::LocalZone;
use crate::article::shapes::{SHAPES, ValueNames, normal, normal_into};

/// The time zones that fields of a record state for its dates.
pub(in crate::article) struct StatedZones {
    of_record: LocalZone,
    /// The zones for one date by its normal name, as `pubDateTZ` has that of `pubDate`.
    of_date: BTreeMap<String, LocalZone>,
}

impl StatedZones {
    pub(in crate::article) fn of(record: &Map<String, Value>) -> Self {
        let ValueNames { offset, offset_endings, .. } = &SHAPES.values;
        let mut zones = Self { of_record: LocalZone::Utc, of_date: BTreeMap::new() };
        let mut name = String::with_capacity(32);
        for (stated, value) in record {
            normal_into(stated, &mut name);
            let zone = || LocalZone::of_field(&name, value);
            if offset.contains(&name) {
                zones.of_record = std::mem::take(&mut zones.of_record).and(zone());
            }
            for date in offset_endings.iter().filter_map(|ending| name.strip_suffix(&**ending)) {
                let of_date = zones.of_date.entry(date.to_owned()).or_default();
                *of_date = std::mem::take(of_date).and(zone());
            }
        }
        zones
    }

    /// The zone for the date of this name.
    pub(in crate::article) fn of_date(&self, name: &str) -> &LocalZone {
        let name = normal(name);
        if SHAPES.values.utc_endings.iter().any(|ending| name.ends_with(ending)) {
            return &LocalZone::Utc;
        }
        match self.of_date.get(&name) {
            None | Some(LocalZone::Utc) => &self.of_record,
            Some(zone) => zone,
        }
    }
}

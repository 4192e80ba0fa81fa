use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::json;

use super::*;
use crate::eval::FoldingReader;
use crate::eval::folding::tests::{story, verdict};

const DESIGN: Design = Design { number: 24, seed: 1, window: Duration::from_hours(1) };

/// Three stories of one language, one of another, ten articles alone, and links from two of those. All were published
/// within the hour, but for one story that is a day away.
fn folding() -> Folding {
    let names = |prefix: char, count: usize| (0..count).map(|at| format!("{prefix}{at}")).collect::<Vec<_>>();
    let mut records = Vec::new();
    for (at, (prefix, size)) in [('a', 6), ('b', 4), ('c', 3), ('d', 5)].into_iter().enumerate() {
        let names = names(prefix, size);
        records.push(story(at as u128 + 1, 1, &names.iter().map(String::as_str).collect::<Vec<_>>()));
    }
    records[2]["languages"] = json!(["ar"]);
    for member in records[3]["members"].as_array_mut().expect("members") {
        member["published_at"] = json!("2026-03-03T23:00:00Z");
    }
    for (at, name) in names('x', 10).iter().enumerate() {
        let mut alone = story(at as u128 + 10, 1, &[name]);
        alone["members"][0]["published_at"] = json!("2026-03-02T08:40:00Z");
        records.push(alone);
    }
    for (from, to, in_story, relation) in [("x0", "a0", 1, "partial"), ("x1", "b2", 2, "embedded")] {
        let mut linking = verdict(from, 1, None);
        linking["story_id"] = json!(format!("{:032x}", 10));
        linking["links"] = json!([{ "story_id": format!("{in_story:032x}"), "relation": relation, "similarity": 0.3,
            "matched_to": to }]);
        records.push(linking);
    }
    let mut reader = FoldingReader::default();
    for record in records {
        reader.line("x", 1, record.to_string().as_bytes()).expect("a record");
    }
    reader.finish()
}

fn sizes(sample: &Sample) -> BTreeMap<&str, (u64, u64)> {
    sample.strata.iter().map(|stratum| (stratum.name.as_str(), (stratum.pairs, stratum.drawn))).collect()
}

#[test]
fn strata_hold_the_pairs_that_counting_by_hand_gives() {
    let folding = folding();
    let sample = sample(&folding, Design { number: 1_000, ..DESIGN });
    // The ten members of stories a and b and the ten articles alone are of one language, and within an hour.
    let english = 20 * 19 / 2;
    let (joined, linked, neighbours) = (15 + 6, 2, 5 + 3);
    let expected = BTreeMap::from([
        ("joined as near, similarity .75 and more", 15 + 6 + 3 + 10),
        ("linked as partial, similarity .25 to .5", 1),
        ("linked as embedded, similarity .25 to .5", 1),
        ("neighbour of a linked article", neighbours),
        ("other", english - joined - linked - neighbours),
    ]);
    // There are fewer pairs than asked for: all are drawn.
    assert_eq!(sizes(&sample), expected.iter().map(|(name, pairs)| (*name, (*pairs, *pairs))).collect());
    let distinct: BTreeSet<_> =
        sample.pairs.iter().map(|pair| pair.articles.iter().min().zip(pair.articles.iter().max())).collect();
    assert_eq!(distinct.len(), sample.pairs.len());
}

#[test]
fn half_of_the_sample_is_joined_and_every_kind_has_its_share() {
    let folding = folding();
    let sample = sample(&folding, DESIGN);
    assert_eq!(sample.pairs.len(), 24);
    let sizes = sizes(&sample);
    assert_eq!(sizes["joined as near, similarity .75 and more"].1, 12);
    // Two links are all there are; what they leave is for the neighbours and the others.
    assert_eq!(sizes["linked as partial, similarity .25 to .5"].1, 1);
    assert_eq!(sizes["neighbour of a linked article"].1 + sizes["other"].1, 10);
}

#[test]
fn the_same_seed_draws_the_same_and_another_seed_something_else() {
    let folding = folding();
    assert_eq!(sample(&folding, DESIGN), sample(&folding, DESIGN));
    assert_ne!(sample(&folding, DESIGN).pairs, sample(&folding, Design { seed: 2, ..DESIGN }).pairs);
}

#[test]
fn each_pair_is_drawn_as_often_as_its_probability_says() {
    let folding = folding();
    let runs = 4_000u64;
    let mut drawn: BTreeMap<(String, [Arc<str>; 2]), u64> = BTreeMap::new();
    let mut probabilities: BTreeMap<String, f64> = BTreeMap::new();
    for seed in 0..runs {
        let sample = sample(&folding, Design { seed, ..DESIGN });
        for pair in sample.pairs {
            let mut articles = pair.articles;
            articles.sort();
            let stratum = &sample.strata[pair.stratum];
            probabilities.insert(stratum.name.clone(), stratum.probability());
            *drawn.entry((stratum.name.clone(), articles)).or_default() += 1;
        }
    }
    for ((stratum, articles), count) in drawn {
        let share = count as f64 / runs as f64;
        let expected = probabilities[&stratum];
        // Five standard deviations: of some two hundred pairs none strays as far.
        let deviation = (expected * (1.0 - expected) / runs as f64).sqrt();
        assert!((share - expected).abs() <= 5.0 * deviation, "{stratum}: {articles:?}: {share}, not {expected}");
    }
}

#[test]
fn of_nothing_nothing_is_drawn() {
    assert_eq!(sample(&Folding::default(), DESIGN), Sample::default());
}

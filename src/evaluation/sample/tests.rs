use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::json;

use super::*;
use crate::evaluation::ClusteringReader;
use crate::evaluation::clustering::tests::{story, verdict};

const DESIGN: Design = Design { number: 24, seed: 1, window: Duration::from_hours(1) };

/// Three stories of one language, one of another, ten stories of one article, and links from two of those. All articles
/// were published within the hour, except those of one story a day later.
fn clustering() -> Clustering {
    let names = |prefix: char, count: usize| (0..count).map(|at| format!("{prefix}{at}")).collect::<Vec<_>>();
    let mut records = Vec::new();
    for (at, (prefix, size)) in [('a', 6), ('b', 4), ('c', 3), ('d', 5)].into_iter().enumerate() {
        let names = names(prefix, size);
        records.push(story(at as u128 + 1, 1, &names.iter().map(String::as_str).collect::<Vec<_>>()));
    }
    records[2]["languages"] = json!(["ar"]);
    for member in records[3]["members"].as_array_mut().expect("members") {
        member["event_at"] = json!("2026-03-03T23:00:00Z");
    }
    for (at, name) in names('x', 10).iter().enumerate() {
        let mut alone = story(at as u128 + 10, 1, &[name]);
        alone["members"][0]["event_at"] = json!("2026-03-02T08:40:00Z");
        records.push(alone);
    }
    for (from, to, in_story, relation) in [("x0", "a0", 1, "partial"), ("x1", "b2", 2, "embedded")] {
        let mut linking = verdict(from, 1, None);
        linking["story_id"] = json!(format!("{:032x}", 10));
        linking["links"] = json!([{ "story_id": format!("{in_story:032x}"), "relation": relation, "containment": 0.3,
            "matched_to": to }]);
        records.push(linking);
    }
    let mut reader = ClusteringReader::default();
    for record in records {
        reader.line("x", 1, record.to_string().as_bytes()).expect("a record");
    }
    reader.finish()
}

fn sizes(sample: &PairSample) -> BTreeMap<&str, (u64, u64)> {
    sample.strata.iter().map(|stratum| (stratum.name.as_str(), (stratum.pairs, stratum.drawn))).collect()
}

#[test]
fn strata_contain_as_many_pairs_as_counted_by_hand() {
    let clustering = clustering();
    let sample = sample(&clustering, Design { number: 1_000, ..DESIGN });
    // The ten members of the stories a and b and the ten single articles are of one language and within an hour.
    let english = 20 * 19 / 2;
    let (joined, linked, neighbours) = (15 + 6, 2, 5 + 3);
    let expected = BTreeMap::from([
        ("joined as near, score .75 and more", 15 + 6 + 3 + 10),
        ("linked as partial, containment .25 to .5", 1),
        ("linked as embedded, containment .25 to .5", 1),
        ("neighbour of a linked article", neighbours),
        ("other", english - joined - linked - neighbours),
    ]);
    // There are fewer pairs than requested: all are drawn.
    assert_eq!(sizes(&sample), expected.iter().map(|(name, pairs)| (*name, (*pairs, *pairs))).collect());
    let distinct: BTreeSet<_> =
        sample.pairs.iter().map(|pair| pair.articles.iter().min().zip(pair.articles.iter().max())).collect();
    assert_eq!(distinct.len(), sample.pairs.len());
}

#[test]
fn half_of_the_sample_is_joined_and_each_kind_has_its_share() {
    let clustering = clustering();
    let sample = sample(&clustering, DESIGN);
    assert_eq!(sample.pairs.len(), 24);
    let sizes = sizes(&sample);
    assert_eq!(sizes["joined as near, score .75 and more"].1, 12);
    // There are only two links; the rest of their share goes to the neighbours and the others.
    assert_eq!(sizes["linked as partial, containment .25 to .5"].1, 1);
    assert_eq!(sizes["neighbour of a linked article"].1 + sizes["other"].1, 10);
}

#[test]
fn one_seed_draws_the_same_pairs_and_another_seed_others() {
    let clustering = clustering();
    assert_eq!(sample(&clustering, DESIGN), sample(&clustering, DESIGN));
    assert_ne!(sample(&clustering, DESIGN).pairs, sample(&clustering, Design { seed: 2, ..DESIGN }).pairs);
}

#[test]
fn each_pair_is_drawn_as_often_as_its_probability_predicts() {
    let clustering = clustering();
    let runs = 4_000u64;
    let mut drawn: BTreeMap<(String, [Arc<str>; 2]), u64> = BTreeMap::new();
    let mut probabilities: BTreeMap<String, f64> = BTreeMap::new();
    for seed in 0..runs {
        let sample = sample(&clustering, Design { seed, ..DESIGN });
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
        // Five standard deviations: none of some two hundred pairs should be farther off.
        let deviation = (expected * (1.0 - expected) / runs as f64).sqrt();
        assert!((share - expected).abs() <= 5.0 * deviation, "{stratum}: {articles:?}: {share}, not {expected}");
    }
}

#[test]
fn an_empty_clustering_gives_an_empty_sample() {
    assert_eq!(sample(&Clustering::default(), DESIGN), PairSample::default());
}

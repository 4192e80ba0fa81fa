use std::sync::Arc;

use serde_json::{Value, json};

use super::*;

/// A clustering with these stories; each article matches the first one of its story.
pub(in crate::evaluation) fn clustering(stories: &[&[&str]]) -> Clustering {
    let mut reader = ClusteringReader::default();
    for (at, members) in stories.iter().enumerate() {
        let line = story(at as u128 + 1, 1, members).to_string();
        reader.line("x", 1, line.as_bytes()).expect("a record");
    }
    reader.finish()
}

fn matched(to: &str) -> Value {
    json!({ "score": 0.8, "article_in_matched": 0.8, "matched_in_article": 0.7, "matched_to": to,
        "shared_shingles": 40, "members_compared": 1, "members_matching": 1 })
}

/// A story whose articles were published a minute apart.
pub(in crate::evaluation) fn story(id: u128, seq: u64, members: &[&str]) -> Value {
    let listed: Vec<Value> = members
        .iter()
        .enumerate()
        .map(|(at, uri)| {
            json!({
                "uri": uri, "id": format!("{uri}-{id}"), "url": null, "title": null, "source": "a.example",
                "publisher": "a.example", "published_at": null, "event_at": format!("2026-03-02T08:{at:02}:00Z"),
                "raw": { "topic": "x", "partition": 0, "offset": at }, "superseded": false,
                "relation": if at == 0 { "original" } else { "near" },
                "match": if at == 0 { Value::Null } else { matched(members[0]) },
            })
        })
        .collect();
    json!({
        "schema": "wirefold.story/1", "story_id": format!("{id:032x}"), "revision": { "epoch": 0, "seq": seq },
        "state": "closed", "first_seen": "2026-03-02T08:00:00Z", "last_seen": "2026-03-02T08:00:00Z",
        "title": null, "url": null, "publisher": null,
        "size": members.len(), "sources": 1, "publishers": 1, "languages": ["en"], "canonical": null,
        "origin": { "kind": "unknown", "name": null, "confidence": 0.0, "evidence": [] }, "members": listed,
    })
}

pub(in crate::evaluation) fn verdict(uri: &str, seq: u64, story: Option<u128>) -> Value {
    let story = story.map(|id| format!("{id:032x}"));
    json!({
        "schema": "wirefold.verdict/1", "uri": uri, "revision": { "epoch": 0, "seq": seq }, "decision": "assigned",
        "raw": { "topic": "x", "partition": 0, "offset": seq }, "late": false, "source": "a.example",
        "event_at": "2026-03-02T08:30:00Z", "story_id": story, "relation": story.as_ref().map(|_| "unique"),
        "match": null, "links": [],
    })
}

fn read(records: &[Value]) -> Clustering {
    let mut reader = ClusteringReader::default();
    for record in records {
        reader.line("x", 1, record.to_string().as_bytes()).expect("a record");
    }
    reader.finish()
}

fn members(clustering: &Clustering) -> Vec<Vec<&str>> {
    clustering.stories.iter().map(|story| story.members.iter().map(|uri| &**uri).collect()).collect()
}

#[test]
fn the_newest_record_of_a_story_counts_in_any_order() {
    let newer = story(1, 9, &["a", "b", "c"]);
    let older = story(1, 4, &["a", "z"]);
    for records in [[newer.clone(), older.clone()], [older, newer]] {
        assert_eq!(members(&read(&records)), [["a", "b", "c"]]);
    }
}

#[test]
fn a_merged_story_has_no_articles_and_verdicts_follow_its_redirect() {
    let mut merged = story(2, 5, &["x", "y"]);
    merged["state"] = json!("merged");
    merged["merged_into"] = json!(format!("{:032x}", 1));
    let clustering = read(&[merged, story(1, 5, &["a", "x"]), verdict("y", 3, Some(2))]);
    assert_eq!(members(&clustering), [["a", "x", "y"]]);
    assert!(clustering.joined("a", "y"));
}

#[test]
fn redirects_in_a_circle_end() {
    let circle = |id: u128, into: u128| {
        let mut record = story(id, 5, &["x", "y"]);
        record["state"] = json!("merged");
        record["merged_into"] = json!(format!("{into:032x}"));
        record
    };
    let clustering = read(&[circle(1, 2), circle(2, 1), verdict("a", 3, Some(1)), verdict("b", 3, Some(1))]);
    assert!(clustering.joined("a", "b"));
}

#[test]
fn verdicts_count_for_articles_that_no_story_lists_and_carry_links() {
    let mut linking = verdict("d", 8, Some(4));
    linking["links"] = json!([{ "story_id": format!("{:032x}", 1), "relation": "partial", "containment": 0.3,
        "matched_to": "a" }]);
    let taken_back = [verdict("e", 6, Some(5)), verdict("e", 7, None)];
    let mut records = vec![story(1, 9, &["a", "b"]), verdict("b", 2, Some(3)), linking, Value::Null];
    records.extend(taken_back);
    let clustering = read(&records);
    assert_eq!(members(&clustering), [vec!["a", "b"], vec!["d"]]);
    assert_eq!(clustering.links.keys().map(Arc::as_ref).collect::<Vec<_>>(), ["d"]);
    assert_eq!(clustering.size("d"), 1);
}

#[test]
fn unlisted_members_count_in_the_size() {
    let mut large = story(1, 9, &["a", "b"]);
    large["size"] = json!(70);
    assert_eq!(read(&[large]).size("b"), 70);
}

#[test]
fn a_pair_was_joined_by_the_verdict_that_names_the_other_article_else_by_that_of_the_later() {
    let mut record = story(1, 9, &["a", "b", "c"]);
    let members = record["members"].as_array_mut().expect("members");
    members[0]["relation"] = json!("rewrite");
    members[0]["match"] = matched("b");
    members[1]["match"] = Value::Null;
    members[1]["relation"] = json!("original");
    members[2]["relation"] = json!("exact");
    members[2]["match"] = matched("b");
    let clustering = read(&[record, story(2, 9, &["x"])]);
    let relation = |a, b| clustering.joining(a, b).map(|(relation, _)| relation.name());
    // `a` was published first, came in later, and names `b`.
    assert_eq!(relation("a", "b"), Some("rewrite"));
    assert_eq!(relation("c", "b"), Some("exact"));
    assert_eq!(relation("a", "c"), Some("exact"));
    assert_eq!(relation("a", "x"), None);
    assert_eq!(relation("a", "nowhere"), None);
}

#[test]
fn an_article_that_two_stories_list_is_counted() {
    let clustering = read(&[story(1, 9, &["a", "b"]), story(2, 9, &["b", "c"])]);
    assert_eq!((clustering.repeated, clustering.joined("b", "c")), (1, true));
}

#[test]
fn a_line_that_is_not_a_record_is_reported_by_number() {
    for line in ["{", "{\"schema\":\"other/1\"}", "[]", "{\"schema\":\"wirefold.story/1\"}"] {
        let error = ClusteringReader::default().line("x.ndjson", 3, line.as_bytes()).expect_err("an error");
        assert!(error.to_string().starts_with("x.ndjson:3: not a wirefold.story/1 or"), "{error}");
    }
}

#[test]
fn an_article_is_found_by_its_uri_or_by_an_id_that_no_other_has() {
    let mut reader = ClusteringReader::default();
    let mut first = story(1, 1, &["a", "b", "c"]);
    for (member, id) in first["members"].as_array_mut().expect("members").iter_mut().zip(["7", "8", "8"]) {
        member["id"] = json!(id);
    }
    reader.line("x", 1, first.to_string().as_bytes()).expect("a record");
    let mut named_as_an_id = story(2, 1, &["7"]);
    named_as_an_id["members"][0]["id"] = json!(null);
    reader.line("x", 2, named_as_an_id.to_string().as_bytes()).expect("a record");
    let clustering = reader.finish();
    let found = |name: &str| clustering.find(name).map(|(uri, _)| uri.to_string());
    assert_eq!(found("a").as_deref(), Some("a"));
    assert_eq!(found("7").as_deref(), Some("7"), "a uri comes before an id");
    assert_eq!((found("8"), found("9")), (None, None), "two articles have it, and none has it");
    assert!(clustering.joined("a", "c") && !clustering.joined("a", "7"));
}

//! Every row of the table, by its fixture.

use std::collections::BTreeSet;

use serde::Deserialize;

use super::*;

#[derive(Deserialize)]
struct Fixture {
    shape: String,
    record: Value,
    expect: Expected,
}

#[derive(Deserialize)]
struct Expected {
    outcome: String,
    title: Option<String>,
    words: [usize; 2],
    published: Option<String>,
    source: Option<String>,
    uri: Option<String>,
}

fn fixtures() -> Vec<Fixture> {
    let lines = include_str!("../../../../tests/shapes/fixtures.ndjson").lines();
    lines.map(|line| serde_json::from_str(line).expect("a fixture")).collect()
}

/// What is wrong with the reading of a fixture.
fn faults(expect: &Expected, read: &Result<ParsedRecord, Rejection>) -> Vec<String> {
    let article = match read {
        Ok(ParsedRecord { content: ParsedContent::Article(article), .. }) => article,
        other => {
            let outcome = match other {
                Ok(ParsedRecord { content: ParsedContent::Withdrawal, .. }) => "withdrawn",
                Ok(_) => "withheld",
                Err(_) => "refused",
            };
            return if outcome == expect.outcome { Vec::new() } else { vec![format!("{outcome}: {other:?}")] };
        }
    };
    let words = article.body.split_whitespace().count();
    let published = article.published.map(|published| published.start().to_string());
    let mut faults = Vec::new();
    let mut check = |holds: bool, what: &str, found: &dyn std::fmt::Debug| {
        if !holds {
            faults.push(format!("{what} is {found:?}"));
        }
    };
    // Of some records only a teaser is there; it may be read as the short text that it is.
    check(expect.outcome == "article" || words > 0 && expect.words[1] > 0, "outcome", &article.body);
    check((expect.words[0]..=expect.words[1]).contains(&words), "number of words", &words);
    if expect.outcome == "article" {
        check(expect.title.as_ref().is_none_or(|title| *title == article.title), "title", &article.title);
        let day = match (&expect.published, &published) {
            (Some(expected), Some(found)) => found.starts_with(&**expected),
            (expected, found) => expected.is_none() && found.is_none(),
        };
        check(day, "published time", &published);
        let source = expect.source.as_ref().map(|source| source.to_lowercase());
        let found = read.as_ref().map_or("", |read| &*read.source);
        check(source.is_none_or(|part| found.to_lowercase().contains(&part)), "source", &found);
        let uri = read.as_ref().ok().and_then(|read| read.uri.clone());
        check(expect.uri.is_none() || expect.uri == uri, "uri", &uri);
    }
    faults
}

#[test]
fn each_shape_is_read_as_its_fixture_says() {
    let mut wrong = Vec::new();
    for (line, Fixture { shape, record, expect }) in fixtures().iter().enumerate() {
        let faults = faults(expect, &read(record));
        if !faults.is_empty() {
            wrong.push(format!("line {} ({shape}): {}", line + 1, faults.join(", ")));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_docs_name_each_row_of_the_table() {
    let docs = include_str!("../../../../docs/input.md");
    let rows = SHAPES.envelopes.iter().map(|row| &row.name).chain(SHAPES.shapes.iter().map(|row| &row.name));
    let missing: BTreeSet<&String> = rows.filter(|name| !docs.contains(&format!("`{name}`"))).collect();
    assert!(missing.is_empty(), "docs/input.md lacks {missing:?}");
}

#[test]
fn a_table_in_an_envelope_is_refused_as_one_without_is() {
    let table = json!({"id": ["a", "b"], "text": ["A dam.", "A mill."]});
    let wrapped = json!({"schema": {"type": "struct"}, "payload": table});
    for record in [table, wrapped] {
        let (reason, detail) = rejection(&record);
        assert_eq!(reason, Reason::NotObject, "{detail}");
        assert!(detail.contains("columns with 2 rows"), "{detail}");
    }
}

#[test]
fn a_field_map_may_name_the_envelope() {
    let reader = mapped(json!({"body": ["payload.parts.0"], "title": ["kopf"]}));
    let record = json!({"schema": null, "payload": {"id": 1, "parts": ["One."], "kopf": "T"}});
    let parsed = reader.read("", None, Some(record.to_string().as_bytes())).expect("is read");
    let ParsedContent::Article(article) = parsed.content else { panic!("an article") };
    assert_eq!((article.body.as_str(), article.title.as_str()), ("One.", "T"));
}

#[test]
fn each_row_of_the_table_has_a_fixture() {
    let mut recognised = BTreeSet::new();
    for Fixture { record, .. } in fixtures() {
        let opened = open(record.as_object().expect("an object").clone(), &SHAPES.envelopes);
        recognised.insert(opened.name);
        recognised.extend(opened.record.as_ref().map(|record| Candidates::of(record, &opened).shape));
    }
    let rows = SHAPES.envelopes.iter().map(|row| &row.name).chain(SHAPES.shapes.iter().map(|row| &row.name));
    let missing: BTreeSet<&String> = rows.filter(|name| !recognised.contains(name.as_str())).collect();
    assert!(missing.is_empty(), "tests/shapes/fixtures.ndjson has no record of {missing:?}");
}

//! Real articles, where they exist: the service finds the same stories as `cluster`.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::Path;
use std::sync::Arc;

use wirefold::record::{Outcome, StoryId, StoryRecord};

use crate::service::instance::{Process, print, wirefold};
use crate::service::kills::finish;
use crate::service::namespace::{Namespace, port};
use crate::service::oracle::{self, Run};

/// Texts of third parties, which are not part of the repository.
const DATA: &str = "../shared/data/arabic_broadcasters.ndjson.zst";

#[test]
fn three_kills_on_real_articles_give_the_same_stories_as_cluster() {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join(DATA);
    if !data.exists() {
        print(&format!("NOT RUN: {DATA} does not exist next to the repository, so no real articles were tried"));
        return;
    }
    let namespace = Namespace::new("real", 1);
    let path = data.to_string_lossy();
    let stories = namespace.file("cluster.ndjson");
    let mut cluster = wirefold();
    cluster.args(["cluster", &path]).stdout(File::create(&stories).expect("a file"));
    let mut cluster = Process::spawn(cluster, &namespace.file("cluster.log"));

    let mut load = namespace.command(&["produce", "--rate", "800", &path]);
    load.arg("--log").arg("warn");
    let mut load = Process::spawn(load, &namespace.file("produce.log"));
    let port = port();
    let serve = || namespace.serve_with(port, &[("WIREFOLD_SERVE__BATCH_RECORDS", "1000")]);
    let mut service = serve();
    for records in [2_000, 8_000, 14_000] {
        namespace.await_processed(records);
        assert!(load.exited().is_none(), "all articles were written before the last kill");
        service.kill();
        service = serve();
    }
    finish(&namespace, load, service);
    let run = oracle::check(&namespace);
    assert!(cluster.wait().success(), "{}", cluster.logged());

    let clustered = fs::read_to_string(&stories).expect("the stories of cluster");
    let expected = clustered.lines().map(|line| {
        let story: StoryRecord = serde_json::from_str(line).expect("a story");
        story.members.into_iter().map(|member| member.uri).collect()
    });
    let (found, expected) = (groups(stories_of(&run)), groups(expected));
    assert_eq!(found.len(), expected.len(), "stories of the service and of cluster");
    for (found, expected) in found.iter().zip(&expected) {
        assert_eq!(found, expected);
    }
    let (articles, copies) = (run.expected.decisions.len(), found.iter().filter(|story| story.len() > 1).count());
    assert!(articles > 31_000 && copies > 500, "{articles} articles, {copies} stories with several");
}

/// The members of each story after all decisions.
fn stories_of(run: &Run) -> impl Iterator<Item = Vec<Arc<str>>> {
    let mut stories: BTreeMap<StoryId, BTreeMap<u64, Arc<str>>> = BTreeMap::new();
    for (decision, signature) in run.expected.decisions.iter().zip(run.signatures()) {
        let removed = match &decision.outcome {
            Outcome::Assigned(assignment) => {
                for merged in &assignment.merged {
                    let members = stories.remove(merged).unwrap_or_default();
                    stories.entry(assignment.story).or_default().extend(members);
                }
                stories.entry(assignment.story).or_default().insert(decision.seq, signature.names.uri().into());
                assignment.replaced
            }
            Outcome::Retracted { removed } | Outcome::Withheld { removed } => *removed,
            Outcome::Duplicate { .. } | Outcome::Ambiguous { .. } | Outcome::Quarantined { .. } => None,
        };
        if let Some(removed) = removed {
            for members in stories.values_mut() {
                members.remove(&removed);
            }
        }
    }
    stories.into_values().map(|members| members.into_values().collect())
}

/// The groups and the members of each, sorted.
fn groups(stories: impl Iterator<Item = Vec<Arc<str>>>) -> Vec<Vec<Arc<str>>> {
    let mut groups: Vec<Vec<Arc<str>>> = stories.filter(|members| !members.is_empty()).collect();
    for members in &mut groups {
        members.sort_unstable();
    }
    groups.sort_unstable();
    groups
}

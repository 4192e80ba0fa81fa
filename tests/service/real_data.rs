//! Real articles, where they are at hand: the service finds the stories that `cluster` finds.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::Path;
use std::sync::Arc;

use wirefold::record::{Outcome, StoryId, StoryRecord};

use crate::instance::{Process, say, wirefold};
use crate::kills::finish;
use crate::namespace::{Namespace, port};
use crate::oracle::{self, Run};

/// Third-party texts, which the repository does not hold.
const DATA: &str = "../shared/data/arabic_broadcasters.ndjson.zst";

#[test]
fn three_kills_on_real_articles_leave_the_stories_that_cluster_finds() {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join(DATA);
    if !data.exists() {
        say(&format!("NOT RUN: there is no {DATA} beside the repository, so no real articles were tried"));
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
    for signed in [2_000, 8_000, 14_000] {
        namespace.await_signed(signed);
        assert!(load.exited().is_none(), "the articles are all written before the last kill");
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
    let (articles, copies) = (run.decisions.len(), found.iter().filter(|story| story.len() > 1).count());
    assert!(articles > 31_000 && copies > 500, "{articles} articles, {copies} stories of several");
}

/// The members of each story, by what the decisions say in the end.
fn stories_of(run: &Run) -> impl Iterator<Item = Vec<Arc<str>>> {
    let mut stories: BTreeMap<StoryId, BTreeMap<u64, Arc<str>>> = BTreeMap::new();
    for (decision, signature) in run.decisions.iter().zip(run.signatures()) {
        let removed = match &decision.outcome {
            Outcome::Admitted(admission) => {
                for merged in &admission.merged {
                    let members = stories.remove(merged).unwrap_or_default();
                    stories.entry(admission.story).or_default().extend(members);
                }
                stories.entry(admission.story).or_default().insert(decision.seq, signature.uri);
                admission.replaced
            }
            Outcome::Retracted { removed } | Outcome::Withheld { removed } => *removed,
            Outcome::Duplicate { .. } | Outcome::Quarantined { .. } => None,
        };
        if let Some(removed) = removed {
            for members in stories.values_mut() {
                members.remove(&removed);
            }
        }
    }
    stories.into_values().map(|members| members.into_values().collect())
}

/// Groups in an order of their own, each sorted.
fn groups(stories: impl Iterator<Item = Vec<Arc<str>>>) -> Vec<Vec<Arc<str>>> {
    let mut groups: Vec<Vec<Arc<str>>> = stories.filter(|members| !members.is_empty()).collect();
    for members in &mut groups {
        members.sort_unstable();
    }
    groups.sort_unstable();
    groups
}

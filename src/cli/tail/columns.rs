//! Stories and verdicts as lines of columns.
//!
//! A headline may be written from right to left, and a terminal that reorders text would move the columns after it. So
//! names and headlines stand in isolates of Unicode (UAX #9): each is reordered by itself.

use console::{measure_text_width, truncate_str};

use crate::cli::app::{STORY_DIGITS, beginning, harmless};
use crate::record::{Millis, StoryRecord, StoryState, VerdictRecord};

/// The width of the column of outlets.
const OUTLETS_WIDTH: usize = 32;

/// The columns of [`story_line`] and [`verdict_line`], to be shown above them.
pub(super) const STORY_HEADER: &str =
    "time                  state   articles  publishers  outlets                           story         headline";
pub(super) const VERDICT_HEADER: &str =
    "time                  decision     relation   score   outlet                            story         headline";

/// A story: when it grew last, its state, how far it has spread, its outlets, its id and its headline.
pub(super) fn story_line(story: &StoryRecord) -> String {
    let state = match story.state {
        StoryState::Open => "open",
        StoryState::Closed => "closed",
        StoryState::Merged => "merged",
    };
    let (time, size, publishers) = (time(story.last_seen), story.size, story.publishers);
    let (outlets, id) = (column(&outlets(story), OUTLETS_WIDTH), beginning(story.story_id));
    let uri = story.canonical.as_ref().map_or("-", |canonical| &canonical.uri);
    let headline = isolated(story.title.as_deref().unwrap_or(uri));
    let into = story.merged_into.map_or_else(String::new, |into| format!("  -> {}", beginning(into)));
    format!("{time}  {state:6}  {size:>8}  {publishers:>10}  {outlets}  {id}  {headline}{into}")
}

/// A verdict: when the article came, what was decided, how it relates to its story and with which score, its outlet, the id
/// of its story and its headline.
pub(super) fn verdict_line(verdict: &VerdictRecord) -> String {
    let relation = verdict.relation.map_or("-", |relation| relation.name());
    let score = verdict.matched.as_ref().map_or_else(|| "-".to_owned(), |matched| matched.score.to_string());
    let (time, decision) = (time(verdict.event_at), verdict.decision.name());
    let outlet = column(verdict.source.as_deref().unwrap_or("-"), OUTLETS_WIDTH);
    let story = verdict.story_id.map_or_else(|| "-".to_owned(), beginning);
    let headline = isolated(verdict.title.as_deref().unwrap_or(&verdict.uri));
    format!("{time}  {decision:11}  {relation:9}  {score:6}  {outlet}  {story:STORY_DIGITS$}  {headline}")
}

/// The outlets of a story, each once, in the order in which its articles joined.
fn outlets(story: &StoryRecord) -> String {
    let mut outlets: Vec<&str> = Vec::new();
    for member in &story.members {
        if !member.source.is_empty() && !outlets.contains(&&*member.source) {
            outlets.push(&member.source);
        }
    }
    outlets.join(", ")
}

/// A time in UTC to the second.
fn time(at: Millis) -> String {
    let text = at.to_string();
    text.split_once('.').map_or(text.clone(), |(seconds, _)| format!("{seconds}Z"))
}

/// A text in a column of this width, shortened if it is longer.
fn column(text: &str, width: usize) -> String {
    let shown = harmless(text);
    let shown = truncate_str(&shown, width, "…");
    let padding = width.saturating_sub(measure_text_width(&shown));
    format!("{}{:padding$}", isolated(&shown), "")
}

/// A text on one line in an isolate whose direction is that of its first letter.
fn isolated(text: &str) -> String {
    let line = harmless(&text.split_whitespace().collect::<Vec<_>>().join(" "));
    if line.is_ascii() { line } else { format!("\u{2068}{line}\u{2069}") }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn story(title: &str, sources: &[&str]) -> StoryRecord {
        let member = |source: &&str| {
            json!({
                "uri": format!("urn:{source}"), "id": null, "url": null, "title": title, "source": source,
                "publisher": source, "published_at": null, "event_at": "2026-03-02T08:00:00Z", "relation": "near",
                "raw": { "topic": "articles", "partition": 0, "offset": 1 }, "match": null, "superseded": false,
            })
        };
        serde_json::from_value(json!({
            "schema": StoryRecord::SCHEMA, "story_id": "3f9c0c6ee2b14f7d8a5b0c1d2e3f4a5b",
            "revision": { "epoch": 0, "seq": 3 }, "state": "open", "title": title, "url": null, "publisher": null,
            "first_seen": "2026-03-02T08:00:00Z", "last_seen": "2026-03-02T09:30:00Z", "size": 12, "sources": 3,
            "publishers": 2, "languages": ["en"], "canonical": null,
            "origin": { "kind": "unknown", "name": null, "confidence": 0.0, "evidence": [] },
            "members": sources.iter().map(member).collect::<Vec<_>>(),
        }))
        .expect("a story")
    }

    #[test]
    fn headlines_of_all_directions_stand_in_one_column() {
        let lines = [
            story("Canal basin\ndrained", &["marrowpost.example", "quern.example", "marrowpost.example"]),
            story("إغلاق حوض القناة بعد تحرك الجدران", &["صحيفة النهر", "a.example"]),
            story("運河の水を抜く", &["河川新聞のとても長い名前の新聞社です"]),
        ];
        let lines: Vec<String> = lines.iter().map(story_line).collect();
        let shown = format!("{STORY_HEADER}\n{}", lines.join("\n"));
        insta::assert_snapshot!(shown.replace('\u{2068}', "[").replace('\u{2069}', "]"), @r"
        time                  state   articles  publishers  outlets                           story         headline
        2026-03-02T09:30:00Z  open          12           2  [marrowpost.example, quern.examp…]  3f9c0c6ee2b1  Canal basin drained
        2026-03-02T09:30:00Z  open          12           2  [صحيفة النهر, a.example]            3f9c0c6ee2b1  [إغلاق حوض القناة بعد تحرك الجدران]
        2026-03-02T09:30:00Z  open          12           2  [河川新聞のとても長い名前の新聞…]   3f9c0c6ee2b1  [運河の水を抜く]
        ");
        let begin = |line: &String| measure_text_width(line.split("3f9c0c6ee2b1").next().unwrap_or_default());
        assert!(lines.iter().all(|line| begin(line) == begin(&lines[0])), "{lines:?}");
    }

    #[test]
    fn an_override_of_the_direction_does_not_leave_its_column() {
        let line = story_line(&story("\u{202e}evil\u{2069} إغلاق\u{1b}[31m", &["a.example"]));
        assert!(line.ends_with("\u{2068}evil إغلاق\u{fffd}[31m\u{2069}"), "{line:?}");
    }
}

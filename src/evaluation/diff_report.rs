//! A diff as text.

use std::fmt::{self, Display, Formatter, Write as _};

use super::diff::{ChangeKind, Diff, DiffSide, StoryChange, StoryPart};
use super::report::aligned;

/// The number of parts shown of a change: the first few suffice to see that a story joins two hundred others.
const PARTS_SHOWN: usize = 8;

impl Display for Diff {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let mut sections = vec![self.counts(), self.summary()];
        if !self.changes.is_empty() {
            sections.push(self.change_list());
        }
        let mut notes = [&self.a, &self.b].map(notes).concat();
        if self.articles.both == 0 {
            notes += "note: no article is in both; were both made from the same articles?\n";
        }
        if !notes.is_empty() {
            sections.push(notes);
        }
        f.write_str(&sections.join("\n"))
    }
}

impl Diff {
    fn counts(&self) -> String {
        let (articles, stories) = (&self.articles, &self.stories);
        let row = |heading: &str, a: usize, b: usize| vec![heading.to_owned(), a.to_string(), b.to_string()];
        aligned(&[
            vec![String::new(), self.a.name.clone(), self.b.name.clone()],
            row("articles", self.a.articles, self.b.articles),
            row("  only here", articles.vanished, articles.appeared),
            row("stories", self.a.stories, self.b.stories),
            row("  with the same articles in both", stories.same, stories.same),
            row("  without an article of the other", stories.vanished, stories.appeared),
            vec!["  split into several".to_owned(), stories.split.to_string(), "-".to_owned()],
            vec!["  joined from several".to_owned(), "-".to_owned(), stories.joined.to_string()],
        ])
    }

    fn summary(&self) -> String {
        let Self { articles, adjusted_rand, .. } = self;
        format!(
            "{} articles in both, {} moved; adjusted Rand index {adjusted_rand:.4}\n",
            articles.both, articles.moved
        )
    }

    fn change_list(&self) -> String {
        let mut text = "Changed stories, the largest change first\n".to_owned();
        for (at, change) in self.changes.iter().enumerate() {
            let _ = write!(text, "{}. {}", at + 1, self.change(change));
        }
        if self.changes_left_out > 0 {
            let _ = writeln!(text, "... and {} more; use --limit to list more", self.changes_left_out);
        }
        text
    }

    fn change(&self, change: &StoryChange) -> String {
        let (verb, own, other) = match change.kind {
            ChangeKind::Split => ("split into", &self.a.name, &self.b.name),
            ChangeKind::Joined => ("joined from", &self.b.name, &self.a.name),
        };
        let StoryChange { story_id, size, parts, .. } = change;
        let mut text = format!(
            "story {} of {own}, {size} articles, {verb} {} of {other}\n",
            &story_id.to_string()[..12],
            parts.len()
        );
        for StoryPart { story_id, size, articles } in parts.iter().take(PARTS_SHOWN) {
            let id = &story_id.to_string()[..12];
            let _ = writeln!(text, "    {} of {size} articles of {id}:", articles.len());
            if let Some(first) = articles.first() {
                let source = if first.source.is_empty() { String::new() } else { format!(" ({})", first.source) };
                let _ = writeln!(text, "        {}{source}", first.uri);
                if let Some(excerpt) = self.excerpts.get(&first.uri) {
                    let _ = writeln!(text, "        {excerpt}");
                }
            }
        }
        if parts.len() > PARTS_SHOWN {
            let _ = writeln!(text, "    ... and {} more stories", parts.len() - PARTS_SHOWN);
        }
        text
    }
}

fn notes(side: &DiffSide) -> String {
    let mut text = String::new();
    if side.unlisted > 0 {
        let _ = writeln!(
            text,
            "note: {} articles of {} are not compared: their stories count them but do not list them",
            side.unlisted, side.name
        );
    }
    if side.repeated > 0 {
        let _ = writeln!(text, "note: articles of {} listed in two stories: {}", side.name, side.repeated);
    }
    text
}

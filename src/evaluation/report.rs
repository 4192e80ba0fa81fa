//! An evaluation as text.

use std::collections::BTreeMap;
use std::fmt::{self, Display, Formatter, Write as _};

use strum::VariantArray;

use super::bootstrap::Interval;
use super::labels::Label;
use super::mistakes::Mistake;
use super::pairs::{JoinedShare, Score, SetScore};
use super::scores::{ClusterScores, Evaluation, PairScores};

impl Display for Evaluation {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let mut sections = Vec::new();
        if let Some(pairs) = &self.pairs {
            sections.push(self.pair_section("Pairs", pairs));
            sections.push(label_section(&pairs.sets));
            sections.push(relation_section(&pairs.sets));
        }
        if let Some(pairs) = &self.pairs_against {
            sections.push(self.pair_section("Pairs, the other clustering", pairs));
            sections.push(label_section(&pairs.sets));
        }
        sections.extend(self.difference_section());
        sections.extend(self.clusters.as_ref().map(|scores| cluster_section("Groupings", scores)));
        sections.extend(
            self.clusters_against.as_ref().map(|scores| cluster_section("Groupings, the other clustering", scores)),
        );
        if !self.largest.is_empty() {
            sections.push(self.largest_section());
        }
        if let Some(mistakes) = &self.mistakes {
            sections.push(self.mistake_section(mistakes));
        }
        let notes = self.notes();
        if !notes.is_empty() {
            sections.push(notes);
        }
        f.write_str(&sections.join("\n"))
    }
}

impl Evaluation {
    fn pair_section(&self, title: &str, scores: &PairScores) -> String {
        let mut text = String::new();
        for (negative, partial) in [(false, "partial left out"), (true, "partial as negative")] {
            let draws = format!("90 % of {} resamples", self.resamples);
            let heading = [partial, "pairs", "positive", "F1", &draws, "precision", "recall", "weighted F1"];
            let mut rows = vec![heading.map(str::to_owned).to_vec()];
            let row = |head: [String; 3], score: &Score, spread: &Interval, weighted: &Score| {
                let spread = format!("{:.3} to {:.3}", spread.low, spread.high);
                let cells = [share(score.f1), spread, share(score.precision), share(score.recall), share(weighted.f1)];
                head.into_iter().chain(cells).collect()
            };
            for (set, interval) in scores.sets.iter().zip(&scores.intervals) {
                let head = [set.set.clone(), set.pairs.to_string(), set.positive.to_string()];
                let (score, weighted) = (set.unweighted.get(negative), set.weighted.get(negative));
                rows.push(row(head, score, interval.get(negative), weighted));
            }
            if scores.sets.len() > 1 {
                let sum = |count: fn(&SetScore) -> usize| scores.sets.iter().map(count).sum::<usize>().to_string();
                let head = ["mean".to_owned(), sum(|set| set.pairs), sum(|set| set.positive)];
                let (mean, weighted) = (scores.mean.get(negative), scores.weighted_mean.get(negative));
                rows.push(row(head, mean, scores.mean_interval.get(negative), weighted));
            }
            let _ = write!(text, "{}{}", if negative { "\n" } else { "" }, aligned(&rows));
        }
        format!("{title}: one story or two, against \"copy or rewrite\" (seed {})\n{text}", self.seed)
    }

    fn difference_section(&self) -> Option<String> {
        let difference = self.difference.as_ref()?;
        let mut rows = vec![["", "difference", "5 %", "50 %", "95 %"].map(str::to_owned).to_vec()];
        for (name, negative) in [("partial left out", false), ("partial as negative", true)] {
            let of = difference.get(negative);
            let cells = [of.mean_f1, of.interval.low, of.interval.median, of.interval.high];
            rows.push([name.to_owned()].into_iter().chain(cells.map(|cell| format!("{cell:+.3}"))).collect());
        }
        Some(format!("Mean F1, minus that of the other clustering (paired bootstrap)\n{}", aligned(&rows)))
    }

    fn largest_section(&self) -> String {
        let mut text = "Largest stories\n".to_owned();
        for story in &self.largest {
            let id = story.story_id.to_string();
            let _ = writeln!(text, "{}  {:>5}  {}  {}", story.file, story.size, &id[..12], story.first);
            if let Some(excerpt) = self.excerpts.get(&story.first) {
                let _ = writeln!(text, "    {excerpt}");
            }
        }
        text
    }

    fn mistake_section(&self, mistakes: &[Mistake]) -> String {
        let mut text = format!("Errors: {} pairs, the surest labels first\n", mistakes.len());
        for (at, mistake) in mistakes.iter().enumerate() {
            let joined = if mistake.joined { "joined" } else { "apart" };
            let sure = mistake.confidence.map_or(String::new(), |confidence| format!(" ({confidence})"));
            let _ = write!(text, "{}. {}: {}{sure}, {joined}", at + 1, mistake.set, mistake.label.name());
            if let (Some(relation), Some(matched)) = (mistake.relation, &mistake.matched) {
                let _ = write!(
                    text,
                    " as {}: score {}, containment {} in {} and {} the other way, {} shared shingles, {} of {} members match",
                    relation.name(),
                    matched.score,
                    matched.article_in_matched,
                    matched.matched_to,
                    matched.matched_in_article,
                    matched.shared_shingles,
                    matched.members_matching,
                    matched.members_compared,
                );
            }
            text.push('\n');
            for (article, size) in mistake.articles.iter().zip(mistake.story_sizes) {
                let excerpt = self.excerpts.get(article).map_or(String::new(), |excerpt| format!(": {excerpt}"));
                let _ = writeln!(text, "    {article} (story of {size}){excerpt}");
            }
        }
        text
    }

    fn notes(&self) -> String {
        let mut text = String::new();
        for missing in &self.missing {
            let _ = writeln!(
                text,
                "note: {} of {} articles of {} are in no story and count as apart: {}{}",
                missing.articles,
                missing.of,
                missing.set,
                missing.examples.join(", "),
                if missing.articles > missing.examples.len() { ", ..." } else { "" }
            );
        }
        if self.unlabelled > 0 {
            let _ = writeln!(text, "note: pairs without a label, left out: {}", self.unlabelled);
        }
        if self.repeated > 0 {
            let _ = writeln!(
                text,
                "note: articles listed in two stories: {}; were files of two runs given as one?",
                self.repeated
            );
        }
        text
    }
}

fn label_section(sets: &[SetScore]) -> String {
    let mut rows =
        vec![["joined".to_owned()].into_iter().chain(sets.iter().map(|set| set.set.clone())).collect::<Vec<_>>()];
    rows[0].extend(["all".to_owned(), "share".to_owned()]);
    for &label in Label::VARIANTS {
        let shares: Vec<JoinedShare> =
            sets.iter().map(|set| set.by_label.get(&label).copied().unwrap_or_default()).collect();
        let all = JoinedShare {
            joined: shares.iter().map(|share| share.joined).sum(),
            pairs: shares.iter().map(|share| share.pairs).sum(),
        };
        let cells = shares.iter().chain([&all]).map(|share| format!("{}/{}", share.joined, share.pairs));
        let mut row: Vec<String> = [label.name().to_owned()].into_iter().chain(cells).collect();
        row.push(if all.pairs == 0 { "-".to_owned() } else { share(all.joined as f64 / all.pairs as f64) });
        rows.push(row);
    }
    aligned(&rows)
}

fn relation_section(sets: &[SetScore]) -> String {
    let mut counts: BTreeMap<&str, BTreeMap<Label, usize>> = BTreeMap::new();
    for (relation, labels) in sets.iter().flat_map(|set| &set.by_relation) {
        for (label, count) in labels {
            *counts.entry(relation).or_default().entry(*label).or_default() += count;
        }
    }
    let heading =
        ["joined as"].into_iter().chain(Label::VARIANTS.iter().map(|label| label.name())).chain(["copy or rewrite"]);
    let mut rows = vec![heading.map(str::to_owned).collect::<Vec<_>>()];
    for (relation, labels) in counts {
        let count = |label: &Label| labels.get(label).copied().unwrap_or_default();
        let right: usize = Label::VARIANTS.iter().filter(|label| label.is_positive()).map(count).sum();
        let all: usize = labels.values().sum();
        let mut row: Vec<String> = vec![relation.to_owned()];
        row.extend(Label::VARIANTS.iter().map(|label| count(label).to_string()));
        row.push(share(right as f64 / all.max(1) as f64));
        rows.push(row);
    }
    aligned(&rows)
}

fn cluster_section(title: &str, scores: &ClusterScores) -> String {
    let heading = ["set", "articles", "ARI", "pair P", "pair R", "pair F1", "B3 P", "B3 R", "B3 F1"];
    let mut rows = vec![heading.map(str::to_owned).to_vec()];
    let mean = (scores.sets.len() > 1).then(|| ("mean".to_owned(), scores.mean));
    for (set, scores) in scores.sets.iter().cloned().zip(scores.by_set.iter().copied()).chain(mean) {
        let of = |score: Score| [score.precision, score.recall, score.f1].map(share);
        let mut row = vec![set, scores.articles.to_string(), share(scores.adjusted_rand)];
        row.extend(of(scores.pairs).into_iter().chain(of(scores.b_cubed)));
        rows.push(row);
    }
    format!("{title}: adjusted Rand index, pairs, B-cubed\n{}", aligned(&rows))
}

fn share(value: f64) -> String {
    format!("{value:.3}")
}

/// Text with the cells aligned in columns: the first column to the left, the others to the right.
pub(super) fn aligned(rows: &[Vec<String>]) -> String {
    let columns = rows.iter().map(Vec::len).max().unwrap_or_default();
    let width = |column: usize| rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count()).max();
    let widths: Vec<usize> = (0..columns).map(|column| width(column).unwrap_or_default()).collect();
    let mut text = String::new();
    for row in rows {
        for (at, (cell, width)) in row.iter().zip(&widths).enumerate() {
            let _ = if at == 0 { write!(text, "{cell:width$}") } else { write!(text, "  {cell:>width$}") };
        }
        text.push('\n');
    }
    text
}

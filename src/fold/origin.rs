//! Where a story's text comes from: what its articles credit, put together.

use std::sync::Arc;

use crate::record::{Credit, CreditKind, CreditPlace, Credited, Origin, OriginKind, Ratio, SeenAt};

/// Names that a story tells apart: who is named after eight others is not where it comes from.
const NAMES_MAX: usize = 8;

/// No number of citations says more than this: who is cited has been read, and need not have been copied.
const CITED_MAX: u64 = 6_000;

/// No number of articles makes it certain.
const CONFIDENCE_MAX: u64 = 9_900;

/// "Agencies", and no name.
const UNNAMED: Ratio = Ratio(3_000);

/// An outlet that others name, or that names itself while nobody names another.
const OTHER: Ratio = Ratio(4_000);
const OWN: Ratio = Ratio(3_000);

/// Articles of one name that weigh: the ninth says little new.
const ARTICLES_MAX: u32 = 8;

/// How much a name at this place says, when one article has it there.
fn weight(place: CreditPlace) -> u64 {
    match place {
        CreditPlace::InfoSource => 9_000,
        CreditPlace::CopyrightHolder => 8_800,
        CreditPlace::Byline | CreditPlace::Dateline => 8_500,
        CreditPlace::CreditLine => 7_500,
        CreditPlace::Copyright => 7_000,
        CreditPlace::SourceLabel => 6_500,
        CreditPlace::Mention => 5_000,
    }
}

/// An article with these credits joins.
pub(super) fn add(credited: &mut Vec<Credited>, credits: &[Credit]) {
    for credit in credits {
        let seen = SeenAt { place: credit.place, articles: 1, evidence: credit.evidence.clone() };
        see(credited, &credit.name, credit.kind, &seen);
    }
}

/// An article with these credits leaves.
pub(super) fn remove(credited: &mut Vec<Credited>, credits: &[Credit]) {
    for credit in credits {
        let same = |name: &&mut Credited| name.kind == credit.kind && name.name == credit.name;
        if let Some(name) = credited.iter_mut().find(same) {
            for seen in name.places.iter_mut().filter(|seen| seen.place == credit.place) {
                seen.articles = seen.articles.saturating_sub(1);
            }
            name.places.retain(|seen| seen.articles > 0);
        }
    }
    credited.retain(|name| !name.places.is_empty());
}

/// The articles of another story join.
pub(super) fn merge(into: &mut Vec<Credited>, from: &[Credited]) {
    for name in from {
        for seen in &name.places {
            see(into, &name.name, name.kind, seen);
        }
    }
}

fn see(credited: &mut Vec<Credited>, name: &Arc<str>, kind: CreditKind, seen: &SeenAt) {
    let at = credited.iter().position(|known| known.kind == kind && known.name == *name);
    let at = match at {
        Some(at) => at,
        None if credited.len() < NAMES_MAX => {
            credited.push(Credited { name: name.clone(), kind, places: Vec::new() });
            credited.len() - 1
        }
        None => return,
    };
    let places = &mut credited[at].places;
    match places.binary_search_by_key(&seen.place, |known| known.place) {
        Ok(at) => places[at].articles += seen.articles,
        Err(at) => places.insert(at, seen.clone()),
    }
}

/// The origin that these credits speak for.
///
/// An agency or a wire of releases, by the strongest place and the most articles that name it; else agencies without a
/// name, else an outlet that is named, else the one that names itself.
pub(super) fn origin(credited: &[Credited]) -> Origin {
    let of = |kinds: &[CreditKind]| {
        let mut found: Vec<&Credited> = credited.iter().filter(|name| kinds.contains(&name.kind)).collect();
        // Stable: of equals the one that was named first.
        found.sort_by_key(|name| std::cmp::Reverse(score(name)));
        found
    };
    let wires = of(&[CreditKind::Agency, CreditKind::Release]);
    if let Some(&best) = wires.first() {
        let kind = if best.kind == CreditKind::Release { OriginKind::Release } else { OriginKind::Agency };
        let rival = wires.get(1).map_or(0, |rival| score(rival));
        let share = Ratio((confidence(best) * score(best) / (score(best) + rival / 2)) as u16);
        return said(kind, Some(best), share, best);
    }
    if let Some(&agencies) = of(&[CreditKind::Agencies]).first() {
        return said(OriginKind::Agency, None, UNNAMED, agencies);
    }
    for (kind, confidence) in [(CreditKind::Other, OTHER), (CreditKind::Own, OWN)] {
        if let Some(&outlet) = of(&[kind]).first() {
            return said(OriginKind::Outlet, Some(outlet), confidence, outlet);
        }
    }
    Origin { kind: OriginKind::Unknown, name: None, confidence: Ratio(0), evidence: Vec::new() }
}

/// Whether an outlet, by its name or its site's, is the one that an origin names.
pub(super) fn is_of(outlet: &str, name: &str) -> bool {
    let same = |text: &str| letters(text).eq(letters(name));
    same(outlet) || (!outlet.contains(' ') && outlet.split('.').any(same))
}

fn letters(text: &str) -> impl Iterator<Item = char> + '_ {
    text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase)
}

fn said(kind: OriginKind, name: Option<&Credited>, confidence: Ratio, by: &Credited) -> Origin {
    let evidence = by.places.iter().map(|seen| format!("{}: {}", seen.place.name(), seen.evidence).into()).collect();
    Origin { kind, name: name.map(|name| name.name.clone()), confidence, evidence }
}

fn score(name: &Credited) -> u64 {
    name.places.iter().map(|seen| weight(seen.place) * u64::from(seen.articles.min(ARTICLES_MAX))).sum()
}

/// From what the strongest place says, with each further article half as far from the most that can be said.
fn confidence(name: &Credited) -> u64 {
    let strongest = name.places.first().map_or(0, |seen| weight(seen.place));
    let cited = name.places.iter().all(|seen| seen.place == CreditPlace::Mention);
    let most = if cited { CITED_MAX } else { CONFIDENCE_MAX };
    let articles: u32 = name.places.iter().map(|seen| seen.articles).sum();
    most - ((most - strongest) >> (articles.clamp(1, ARTICLES_MAX) - 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_outlet_is_known_by_its_name_or_its_site() {
        for outlet in ["Norwire", "NORWIRE", "norwire.example", "www.nor-wire.example"] {
            assert!(is_of(outlet, "Norwire"), "{outlet}");
        }
        assert!(is_of("وكالة نور", "وكالة نور"));
        for outlet in ["Norwire Sports", "", "The Example"] {
            assert!(!is_of(outlet, "Norwire"), "{outlet}");
        }
    }

    fn credit(name: &str, kind: CreditKind, place: CreditPlace) -> Credit {
        Credit { name: name.into(), kind, place, evidence: format!("… {name} …").into() }
    }

    fn reuters(place: CreditPlace) -> Credit {
        credit("Reuters", CreditKind::Agency, place)
    }

    fn of(articles: &[&[Credit]]) -> Origin {
        let mut credited = Vec::new();
        for credits in articles {
            add(&mut credited, credits);
        }
        origin(&credited)
    }

    #[test]
    fn a_citation_gives_medium_confidence_however_often_it_is_repeated() {
        let cited = [reuters(CreditPlace::Mention)];
        assert_eq!(of(&[&cited]).confidence, Ratio(5_000));
        assert_eq!(of(&[&cited, &cited]).confidence, Ratio(5_500));
        assert!(of(&[&cited[..]; 50]).confidence <= Ratio(6_000));
    }

    #[test]
    fn the_stronger_place_says_more_and_so_do_more_articles() {
        let by_place: Vec<Ratio> = [
            CreditPlace::InfoSource,
            CreditPlace::Dateline,
            CreditPlace::CreditLine,
            CreditPlace::SourceLabel,
            CreditPlace::Mention,
        ]
        .map(|place| of(&[&[reuters(place)]]).confidence)
        .into();
        assert!(by_place.is_sorted_by(|a, b| a > b));
        let line = [reuters(CreditPlace::CreditLine)];
        assert!(of(&[&line, &line]).confidence > of(&[&line]).confidence);
    }

    #[test]
    fn the_outlet_itself_gives_way_to_any_wire() {
        let own = credit("Al Mizan", CreditKind::Own, CreditPlace::InfoSource);
        let story = of(&[&[own.clone(), reuters(CreditPlace::Mention)]]);
        assert_eq!((story.kind, story.name.as_deref()), (OriginKind::Agency, Some("Reuters")));
        assert_eq!(of(&[&[own]]).kind, OriginKind::Outlet);
        assert_eq!(of(&[]).kind, OriginKind::Unknown);
    }

    #[test]
    fn of_several_agencies_the_one_most_named_counts_with_less_confidence() {
        let dpa = credit("dpa", CreditKind::Agency, CreditPlace::CreditLine);
        let both = [reuters(CreditPlace::CreditLine), dpa.clone()];
        let alone = std::slice::from_ref(&dpa);
        let story = of(&[&both, alone]);
        assert_eq!(story.name.as_deref(), Some("dpa"));
        assert!(story.confidence < of(&[alone, alone]).confidence);
    }

    #[test]
    fn agencies_without_a_name_are_an_origin_without_a_name() {
        let story = of(&[&[credit("agencies", CreditKind::Agencies, CreditPlace::CreditLine)]]);
        assert_eq!((story.kind, story.name), (OriginKind::Agency, None));
    }

    #[test]
    fn what_joins_and_leaves_again_leaves_nothing() {
        let (a, b) = ([reuters(CreditPlace::Dateline)], [reuters(CreditPlace::Mention)]);
        let mut credited = Vec::new();
        add(&mut credited, &a);
        let before = credited.clone();
        add(&mut credited, &b);
        remove(&mut credited, &b);
        assert_eq!(credited, before);
        remove(&mut credited, &a);
        assert!(credited.is_empty());
    }
}

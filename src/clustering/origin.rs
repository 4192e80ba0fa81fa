//! Computes the origin of a story from what its articles credit.

use std::sync::Arc;

use crate::record::{Credit, CreditKind, CreditLocation, Credited, Origin, OriginKind, Ratio, SeenAt};

/// The highest number of names that a story counts: a name that comes up after eight others is not the origin.
const NAMES_MAX: usize = 8;

/// The highest confidence of mere citations, however many: whoever is cited was read, but not necessarily copied.
const CITED_MAX: u64 = 6_000;

/// The highest confidence: no number of articles makes an origin certain.
const CONFIDENCE_MAX: u64 = 9_900;

/// The confidence of "agencies" without a name.
const UNNAMED: Ratio = Ratio(3_000);

/// The confidence of an outlet that others credit.
const OTHER: Ratio = Ratio(4_000);

/// The confidence of an outlet that credits itself, where nobody credits another.
const OWN: Ratio = Ratio(3_000);

/// The highest number of articles that count for one name: the ninth adds little.
const CREDITING_ARTICLES_MAX: u32 = 8;

/// The confidence of a name that one article credits at this location, in ten-thousandths.
fn weight(location: CreditLocation) -> u64 {
    match location {
        CreditLocation::InfoSource => 9_000,
        CreditLocation::CopyrightHolder => 8_800,
        CreditLocation::Byline | CreditLocation::Dateline => 8_500,
        CreditLocation::CreditLine => 7_500,
        CreditLocation::Copyright => 7_000,
        CreditLocation::SourceLabel => 6_500,
        CreditLocation::Mention => 5_000,
    }
}

/// Adds the credits of an article that joins.
pub(super) fn add(credited: &mut Vec<Credited>, credits: &[Credit]) {
    for credit in credits {
        let seen = SeenAt { location: credit.location, articles: 1, evidence: credit.evidence.clone() };
        count(credited, &credit.name, credit.kind, &seen);
    }
}

/// Removes the credits of an article that leaves.
pub(super) fn remove(credited: &mut Vec<Credited>, credits: &[Credit]) {
    for credit in credits {
        let same = |name: &&mut Credited| name.kind == credit.kind && name.name == credit.name;
        if let Some(name) = credited.iter_mut().find(same) {
            for seen in name.locations.iter_mut().filter(|seen| seen.location == credit.location) {
                seen.articles = seen.articles.saturating_sub(1);
            }
            name.locations.retain(|seen| seen.articles > 0);
        }
    }
    credited.retain(|name| !name.locations.is_empty());
}

/// Adds the credits of another story.
pub(super) fn merge(into: &mut Vec<Credited>, from: &[Credited]) {
    for name in from {
        for seen in &name.locations {
            count(into, &name.name, name.kind, seen);
        }
    }
}

fn count(credited: &mut Vec<Credited>, name: &Arc<str>, kind: CreditKind, seen: &SeenAt) {
    let at = credited.iter().position(|known| known.kind == kind && known.name == *name);
    let at = match at {
        Some(at) => at,
        None if credited.len() < NAMES_MAX => {
            credited.push(Credited { name: name.clone(), kind, locations: Vec::new() });
            credited.len() - 1
        }
        None => return,
    };
    let locations = &mut credited[at].locations;
    match locations.binary_search_by_key(&seen.location, |known| known.location) {
        Ok(at) => locations[at].articles += seen.articles,
        Err(at) => locations.insert(at, seen.clone()),
    }
}

/// The origin that follows from these credits.
///
/// It is an agency or a press release wire, by the strongest locations and the most articles that credit it; else agencies
/// without a name, else an outlet that others credit, else one that credits itself.
pub(super) fn origin(credited: &[Credited]) -> Origin {
    let of = |kinds: &[CreditKind]| {
        let mut found: Vec<&Credited> = credited.iter().filter(|name| kinds.contains(&name.kind)).collect();
        // A stable sort: of equals the one that was credited first.
        found.sort_by_key(|name| std::cmp::Reverse(score(name)));
        found
    };
    let wires = of(&[CreditKind::Agency, CreditKind::Release]);
    if let Some(&best) = wires.first() {
        let kind = if best.kind == CreditKind::Release { OriginKind::Release } else { OriginKind::Agency };
        let rival = wires.get(1).map_or(0, |rival| score(rival));
        let share = Ratio((confidence(best) * score(best) / (score(best) + rival / 2)) as u16);
        return origin_from(kind, Some(best), share, best);
    }
    if let Some(&agencies) = of(&[CreditKind::Agencies]).first() {
        return origin_from(OriginKind::Agency, None, UNNAMED, agencies);
    }
    for (kind, confidence) in [(CreditKind::Other, OTHER), (CreditKind::Own, OWN)] {
        if let Some(&outlet) = of(&[kind]).first() {
            return origin_from(OriginKind::Outlet, Some(outlet), confidence, outlet);
        }
    }
    Origin { kind: OriginKind::Unknown, name: None, confidence: Ratio(0), evidence: Vec::new() }
}

/// Whether an outlet, by its name or its domain, is the one that an origin names.
pub(super) fn is_of(outlet: &str, name: &str) -> bool {
    let same = |text: &str| letters(text).eq(letters(name));
    same(outlet) || (!outlet.contains(' ') && outlet.split('.').any(same))
}

fn letters(text: &str) -> impl Iterator<Item = char> + '_ {
    text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase)
}

fn origin_from(kind: OriginKind, name: Option<&Credited>, confidence: Ratio, credited: &Credited) -> Origin {
    let evidence =
        credited.locations.iter().map(|seen| format!("{}: {}", seen.location.name(), seen.evidence).into()).collect();
    Origin { kind, name: name.map(|name| name.name.clone()), confidence, evidence }
}

fn score(name: &Credited) -> u64 {
    name.locations.iter().map(|seen| weight(seen.location) * u64::from(seen.articles.min(CREDITING_ARTICLES_MAX))).sum()
}

/// The confidence of the strongest location; each further article halves the distance to the highest confidence.
fn confidence(name: &Credited) -> u64 {
    let strongest = name.locations.first().map_or(0, |seen| weight(seen.location));
    let cited = name.locations.iter().all(|seen| seen.location == CreditLocation::Mention);
    let most = if cited { CITED_MAX } else { CONFIDENCE_MAX };
    let articles: u32 = name.locations.iter().map(|seen| seen.articles).sum();
    most - ((most - strongest) >> (articles.clamp(1, CREDITING_ARTICLES_MAX) - 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_outlet_is_recognised_by_its_name_or_its_domain() {
        for outlet in ["Norwire", "NORWIRE", "norwire.example", "www.nor-wire.example"] {
            assert!(is_of(outlet, "Norwire"), "{outlet}");
        }
        assert!(is_of("وكالة نور", "وكالة نور"));
        for outlet in ["Norwire Sports", "", "The Example"] {
            assert!(!is_of(outlet, "Norwire"), "{outlet}");
        }
    }

    fn credit(name: &str, kind: CreditKind, location: CreditLocation) -> Credit {
        Credit { name: name.into(), kind, location, evidence: format!("… {name} …").into() }
    }

    fn reuters(location: CreditLocation) -> Credit {
        credit("Reuters", CreditKind::Agency, location)
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
        let cited = [reuters(CreditLocation::Mention)];
        assert_eq!(of(&[&cited]).confidence, Ratio(5_000));
        assert_eq!(of(&[&cited, &cited]).confidence, Ratio(5_500));
        assert!(of(&[&cited[..]; 50]).confidence <= Ratio(6_000));
    }

    #[test]
    fn a_stronger_location_and_more_articles_give_more_confidence() {
        let by_location: Vec<Ratio> = [
            CreditLocation::InfoSource,
            CreditLocation::Dateline,
            CreditLocation::CreditLine,
            CreditLocation::SourceLabel,
            CreditLocation::Mention,
        ]
        .map(|location| of(&[&[reuters(location)]]).confidence)
        .into();
        assert!(by_location.is_sorted_by(|a, b| a > b));
        let line = [reuters(CreditLocation::CreditLine)];
        assert!(of(&[&line, &line]).confidence > of(&[&line]).confidence);
    }

    #[test]
    fn a_wire_comes_before_the_outlet_itself() {
        let own = credit("Al Mizan", CreditKind::Own, CreditLocation::InfoSource);
        let story = of(&[&[own.clone(), reuters(CreditLocation::Mention)]]);
        assert_eq!((story.kind, story.name.as_deref()), (OriginKind::Agency, Some("Reuters")));
        assert_eq!(of(&[&[own]]).kind, OriginKind::Outlet);
        assert_eq!(of(&[]).kind, OriginKind::Unknown);
    }

    #[test]
    fn of_several_agencies_the_one_credited_most_is_the_origin_with_less_confidence() {
        let dpa = credit("dpa", CreditKind::Agency, CreditLocation::CreditLine);
        let both = [reuters(CreditLocation::CreditLine), dpa.clone()];
        let alone = std::slice::from_ref(&dpa);
        let story = of(&[&both, alone]);
        assert_eq!(story.name.as_deref(), Some("dpa"));
        assert!(story.confidence < of(&[alone, alone]).confidence);
    }

    #[test]
    fn agencies_without_a_name_give_an_origin_without_a_name() {
        let story = of(&[&[credit("agencies", CreditKind::Agencies, CreditLocation::CreditLine)]]);
        assert_eq!((story.kind, story.name), (OriginKind::Agency, None));
    }

    #[test]
    fn credits_that_are_added_and_removed_leave_no_trace() {
        let (a, b) = ([reuters(CreditLocation::Dateline)], [reuters(CreditLocation::Mention)]);
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

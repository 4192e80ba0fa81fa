//! Finds the values that a record has for each field.

use serde_json::{Map, Value};

use super::shapes::{FieldSlot, Level, Marks, Opened, SHAPES, Shape, normal, normal_into};
use super::values::wrapped::{find, first, is_blank, localised};

/// How deep objects that hold or describe the record are searched.
const SEARCH_DEPTH_MAX: usize = 4;

/// Shorter texts under names such as `message` are states and words about the record: "success".
pub(super) const TEXT_BYTES_MIN: usize = 200;

/// The longest list that is searched for a record: a graph of linked data has a dozen nodes.
const LIST_ITEMS_MAX: usize = 64;

/// What identifies an article.
const IDENTITY: [FieldSlot; 2] = [FieldSlot::Uri, FieldSlot::Url];

/// Fields that hold texts.
const TEXTS: [FieldSlot; 4] = [FieldSlot::Body, FieldSlot::BodyLast, FieldSlot::Page, FieldSlot::Teaser];

/// A value that a record has for a field.
#[derive(Debug, Clone, Copy)]
pub(super) struct Candidate<'r> {
    pub(super) slot: FieldSlot,
    pub(super) value: &'r Value,
    /// The last name of its path.
    pub(super) name: &'r str,
    order: CandidateOrder,
    /// The object that it is in: an index into the list of objects, or none of them if `name` is a whole path.
    object: usize,
}

/// Candidates are tried from low to high: those of the record before those of the objects around it and of its details,
/// names that a shape gives before the usual ones, and these in the order of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct CandidateOrder {
    layer: usize,
    is_usual: bool,
    rank: u16,
}

/// The values of a record by field.
#[derive(Debug, Default)]
pub(super) struct Candidates<'r> {
    list: Vec<Candidate<'r>>,
    /// The name of each object that was searched, and the object that it is in.
    objects: Vec<(Option<usize>, &'r str)>,
    /// The shape that the record was recognised as; empty if none.
    pub(super) shape: &'static str,
    /// The record is an element of a list.
    pub(super) is_in_list: bool,
}

/// The values of one object and of those inside of it.
struct Found<'r> {
    list: Vec<Candidate<'r>>,
    layers: usize,
    shape: &'static str,
}

impl<'r> Candidates<'r> {
    /// The candidates of a record, and those that its envelopes add.
    pub(super) fn of(record: &'r Map<String, Value>, opened: &'r Opened) -> Self {
        let mut candidates = Self::default();
        candidates.objects.push((None, opened.prefix.trim_end_matches('.')));
        let Found { mut list, layers, shape } = candidates.search(record, 0, 0);
        for (slot, path, value) in &opened.outer {
            candidates.objects.push((None, ""));
            let order = CandidateOrder { layer: layers, is_usual: false, rank: 0 };
            let object = candidates.objects.len() - 1;
            list.push(Candidate { slot: *slot, value, name: path, order, object });
        }
        // Stable: of two names with one normal form the first in the order of the alphabet counts.
        list.sort_by_key(|candidate| (candidate.slot, candidate.order));
        candidates.list = list;
        candidates.shape = if shape.is_empty() { opened.name } else { shape };
        candidates
    }

    /// The values of a field that are not null, in the order in which they are tried.
    pub(super) fn of_slot(&self, slot: FieldSlot) -> impl Iterator<Item = &Candidate<'r>> + Clone {
        let begin = self.list.partition_point(|candidate| candidate.slot < slot);
        self.list[begin..].iter().take_while(move |candidate| candidate.slot == slot)
    }

    /// The values of several fields: those of the record itself, of the first field and then of the second, before
    /// those of the objects around it and of its details.
    pub(super) fn by_layer(&self, slots: &[FieldSlot]) -> Vec<Candidate<'r>> {
        let mut candidates: Vec<_> = slots.iter().flat_map(|slot| self.of_slot(*slot).copied()).collect();
        candidates.sort_by_key(|candidate| candidate.order.layer);
        candidates
    }

    /// The path to a value.
    pub(super) fn path(&self, candidate: &Candidate<'_>) -> String {
        let around =
            |object: usize| self.objects.get(object).filter(|(parent, name)| parent.is_some() || !name.is_empty());
        if around(candidate.object).is_none() {
            return candidate.name.to_owned();
        }
        let mut steps = vec![candidate.name];
        let mut at = Some(candidate.object);
        while let Some((parent, name)) = at.and_then(|index| self.objects.get(index)) {
            if !name.is_empty() {
                steps.push(name);
            }
            at = *parent;
        }
        steps.reverse();
        steps.join(".")
    }

    fn search(&mut self, object: &'r Map<String, Value>, parent: usize, depth: usize) -> Found<'r> {
        let mut list = Vec::with_capacity(2 * object.len());
        let (mut inside, mut details) = (Vec::new(), Vec::new());
        let mut marks = Marks::default();
        let mut normal_name = String::with_capacity(32);
        for (name, value) in object {
            normal_into(name, &mut normal_name);
            let Some((meaning, worse)) = SHAPES.names.find(name, &normal_name) else { continue };
            if value.is_null() {
                continue;
            }
            if !is_blank(value) && *value != Value::Bool(false) {
                marks.add(meaning.marks);
            }
            for &(slot, rank) in &meaning.slots {
                match (slot, value) {
                    (FieldSlot::Inside, Value::Object(child)) => inside.push((rank, name.as_str(), child, false)),
                    (FieldSlot::Graph, Value::Array(list)) => {
                        inside.extend(only_text(list).map(|child| (rank, name.as_str(), child, true)));
                    }
                    (FieldSlot::Details, Value::Object(child)) => details.push((rank, name.as_str(), child)),
                    (FieldSlot::Inside | FieldSlot::Details | FieldSlot::Graph, _) => {}
                    _ => {
                        let order = CandidateOrder { layer: 0, is_usual: true, rank: rank + worse };
                        list.push(Candidate { slot, value, name, order, object: parent });
                    }
                }
            }
            if !meaning.inner.is_empty() {
                self.search_path(name, value, &meaning.inner, parent, &mut list);
            }
        }
        let shape = SHAPES.shapes.iter().find(|shape| shape.fits(marks));
        if let Some(shape) = shape {
            list.retain(|candidate| {
                normal_into(candidate.name, &mut normal_name);
                candidate.object != parent || !shape.skips(&normal_name)
            });
            for (slot, rank, path) in shape.paths() {
                let Some((name, value)) = find(object, path).filter(|(_, value)| !value.is_null()) else { continue };
                let order = CandidateOrder { layer: 0, is_usual: false, rank: rank as u16 };
                let object = match path.rsplit_once('.') {
                    Some((parents, _)) => self.add_object(parent, parents),
                    None => parent,
                };
                list.push(Candidate { slot, value, name, order, object });
            }
        }
        let mut found = Found { list, layers: 1, shape: shape.map_or("", |shape| &shape.name) };
        if depth < SEARCH_DEPTH_MAX {
            if let Some(record) = self.search_inside(&mut found, inside, parent, depth) {
                details.retain(|(_, _, child)| !std::ptr::eq(*child, record));
            }
            self.search_details(&mut found, details, shape, parent, depth);
        }
        found
    }

    /// Adds the values under the paths of the table that continue below this name.
    fn search_path(
        &mut self,
        name: &'r str,
        value: &'r Value,
        level: &Level,
        parent: usize,
        list: &mut Vec<Candidate<'r>>,
    ) {
        let Some(object) = first(value).as_object() else { return };
        let mut at = None;
        let mut normal_name = String::with_capacity(32);
        for (inner_name, value) in object {
            normal_into(inner_name, &mut normal_name);
            let Some(meaning) = level.get(&normal_name).filter(|_| !value.is_null()) else { continue };
            let parent = *at.get_or_insert_with(|| self.add_object(parent, name));
            for &(slot, rank) in &meaning.slots {
                let order = CandidateOrder { layer: 0, is_usual: true, rank };
                list.push(Candidate { slot, value, name: inner_name, order, object: parent });
            }
            if !meaning.inner.is_empty() {
                self.search_path(inner_name, value, &meaning.inner, parent, list);
            }
        }
    }

    /// Adds the fields of the object that holds the whole record, and returns it: the first one that has a text, where
    /// this object has none of its own.
    fn search_inside(
        &mut self,
        found: &mut Found<'r>,
        mut inside: Vec<(u16, &'r str, &'r Map<String, Value>, bool)>,
        parent: usize,
        depth: usize,
    ) -> Option<&'r Map<String, Value>> {
        inside.sort_by_key(|(rank, ..)| *rank);
        for (_, name, child, is_element) in inside {
            let is_child = |candidate: &Candidate<'_>| {
                candidate.value.as_object().is_some_and(|object| std::ptr::eq(object, child))
            };
            if found.list.iter().any(|candidate| candidate.is_text() && !is_child(candidate)) {
                return None;
            }
            let object = self.add_object(parent, name);
            let mut inner = self.search(child, object, depth + 1);
            if matches!(&*normal(name), "content" | "body") {
                // The document of an editor has a time and a version of its own.
                if found.list.iter().any(|candidate| candidate.slot == FieldSlot::Title) {
                    inner.list.retain(|candidate| TEXTS.contains(&candidate.slot));
                }
                // What only has parts of a text is the text.
                let is_record = |candidate: &Candidate<'_>| {
                    candidate.slot == FieldSlot::Title || IDENTITY.contains(&candidate.slot)
                };
                if !inner.list.iter().any(is_record) {
                    continue;
                }
            }
            let is_part = matches!(&*normal(name), "fields" | "attributes" | "content" | "body");
            let inside_has = |slots: &[FieldSlot]| inner.list.iter().any(|candidate| slots.contains(&candidate.slot));
            let outside_has = |slots: &[FieldSlot]| found.list.iter().any(|candidate| slots.contains(&candidate.slot));
            // A record with a title and an identity of its own is not a part of this one, but another article.
            let is_other = !is_part
                && outside_has(&[FieldSlot::Title])
                && outside_has(&IDENTITY)
                && (inside_has(&[FieldSlot::Title]) || inside_has(&IDENTITY));
            let is_change = inside_has(&IDENTITY)
                && (inside_has(&[FieldSlot::Status, FieldSlot::Operation]) || outside_has(&[FieldSlot::Operation]));
            if is_other || !(inner.list.iter().any(Candidate::is_text) || is_change) {
                continue;
            }
            // What surrounds a record has an id of its own, which is that of an event.
            let has_event_id = (!is_part && !outside_has(&[FieldSlot::Title])) || inside_has(&IDENTITY);
            let is_dropped = |candidate: &Candidate<'_>| has_event_id && candidate.slot == FieldSlot::Uri;
            found.list.retain(|candidate| !is_child(candidate) && !is_dropped(candidate));
            for candidate in &mut found.list {
                candidate.order.layer += inner.layers;
            }
            found.list.extend(inner.list);
            found.layers += inner.layers;
            self.is_in_list |= is_element;
            found.shape = if inner.shape.is_empty() { found.shape } else { inner.shape };
            return Some(child);
        }
        None
    }

    /// Adds the fields of objects that describe the record. Their texts are not its text, and their ids may be those of a
    /// crawl or a batch.
    fn search_details(
        &mut self,
        found: &mut Found<'r>,
        mut details: Vec<(u16, &'r str, &'r Map<String, Value>)>,
        shape: Option<&Shape>,
        parent: usize,
        depth: usize,
    ) {
        details.sort_by_key(|(rank, ..)| *rank);
        for (_, name, child) in details {
            let object = self.add_object(parent, name);
            let inner = self.search(child, object, depth + 1);
            let added = inner.list.into_iter().filter(|candidate| match candidate.slot {
                slot if TEXTS.contains(&slot) => false,
                FieldSlot::Uri | FieldSlot::UriLast | FieldSlot::Operation => false,
                _ => !shape.is_some_and(|shape| shape.skips(&normal(candidate.name))),
            });
            let layers = found.layers;
            found.list.extend(added.map(|mut candidate| {
                candidate.order.layer += layers;
                candidate
            }));
            found.layers += inner.layers;
        }
    }

    fn add_object(&mut self, parent: usize, name: &'r str) -> usize {
        self.objects.push((Some(parent), name));
        self.objects.len() - 1
    }
}

impl<'r> Candidate<'r> {
    /// A value under a path of the field map.
    pub(super) fn mapped(path: &'r str, value: &'r Value) -> Self {
        let order = CandidateOrder { layer: 0, is_usual: false, rank: 0 };
        Self { slot: FieldSlot::Body, value, name: path, order, object: usize::MAX }
    }

    /// The same of its value in one language.
    pub(super) fn localised(&self, language: &str) -> Self {
        Self { value: localised(self.value, language), ..*self }
    }

    /// Whether it belongs to the record itself, and not to an object around it or to its details.
    pub(super) fn is_own(&self) -> bool {
        self.order.layer == 0
    }

    /// Whether it is a text; under a name that other things have too, whether it is as long as one.
    fn is_text(&self) -> bool {
        match (self.slot, self.value) {
            (FieldSlot::Body, Value::String(_) | Value::Array(_)) => !is_blank(self.value),
            (FieldSlot::Body, Value::Object(object)) => !object.is_empty(),
            (FieldSlot::BodyLast, value) => text_bytes(value) >= TEXT_BYTES_MIN,
            _ => false,
        }
    }
}

/// The bytes of all texts in a value. The depth of JSON is bounded, and so is the recursion.
fn text_bytes(value: &Value) -> usize {
    match value {
        Value::String(text) => text.len(),
        Value::Array(list) => list.iter().map(text_bytes).sum(),
        Value::Object(object) => object.values().map(text_bytes).sum(),
        Value::Null | Value::Bool(_) | Value::Number(_) => 0,
    }
}

/// The only object of a list that has a text. Of several, none is the record.
fn only_text(list: &[Value]) -> Option<&Map<String, Value>> {
    let has_text = |object: &&Map<String, Value>| {
        object.iter().any(|(name, value)| {
            let meaning = SHAPES.names.get(&normal(name));
            meaning.is_some_and(|meaning| meaning.slots.iter().any(|(slot, _)| *slot == FieldSlot::Body))
                && !is_blank(value)
        })
    };
    let mut with_text = list.iter().take(LIST_ITEMS_MAX).filter_map(Value::as_object).filter(has_text);
    with_text.next().filter(|_| with_text.next().is_none())
}

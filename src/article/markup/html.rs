//! HTML, NITF and other XML to text.
//!
//! The page is read token by token, without building a tree. A tree builder costs time and memory beyond the size of its
//! input (it searches the open elements on every tag, and copies formatting elements into every paragraph): a hostile
//! page of eight megabytes would occupy a worker for hours. A token costs the same whatever it is, at any depth. The
//! price is that misnested markup is not repaired; in the text this shows only in where dropped elements end.

use std::convert::Infallible;

use html5gum::emitters::callback::{CallbackEmitter, CallbackEvent};
use html5gum::{Span, Tokenizer};

use super::xhtml;

/// The vocabulary that markup is written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Vocabulary {
    Html,
    /// HTML without elements that begin and end lines: the ends of its lines do.
    HtmlLines,
    /// Of a whole document the text of `body.content` alone is read.
    Nitf,
    /// XML of an unknown kind. Elements that HTML does not know separate words.
    Xml,
}

/// Elements of HTML whose content is not text of the article. The first [`RAW_ELEMENTS`] contain no markup: they run to
/// their own end tag or to the end of the page.
///
/// - `head` is not listed because its end tag may be left out. All its elements that can contain text are listed.
/// - `form` is not listed because some sites wrap the whole page into one. Its controls are listed.
/// - `figcaption` is listed because the caption comes with the picture, and its credit names the agency of the
///   photographer, not of the text.
/// - `footer` is listed because a site's footer outweighs a short article. The article's own credit is found in its body
///   or metadata.
/// - `rt` and `rp` are listed because they give the pronunciation of the text before them.
const DROPPED_IN_HTML: &[&[u8]] = &[
    b"script",
    b"style",
    b"noscript",
    b"iframe",
    b"noembed",
    b"title",
    b"textarea",
    b"template",
    b"nav",
    b"aside",
    b"footer",
    b"figcaption",
    b"button",
    b"select",
    b"svg",
    b"audio",
    b"video",
    b"rt",
    b"rp",
];
const RAW_ELEMENTS: usize = 7;

/// Elements of NITF whose content is not text of the article: what is said about it, and what stands with pictures.
/// Blocks can have a by-line, an abstract and notes to editors of their own.
#[rustfmt::skip]
const DROPPED_IN_NITF: &[&[u8]] = &[
    b"head", b"body.head", b"body.end", b"media", b"note", b"abstract", b"byline", b"copyrite", b"distributor",
    b"datasource", b"rt", b"rp",
];

/// Elements that begin and end a line: those of HTML, and of NITF.
#[rustfmt::skip]
const BLOCKS: [&str; 54] = [
    "address", "article", "aside", "block", "blockquote", "body", "body.content", "bq", "br", "caption", "center",
    "credit", "dd", "details", "dialog", "div", "dl", "dt", "fieldset", "figcaption", "figure", "footer", "form", "fn",
    "h1", "h2", "h3", "h4", "h5", "h6", "header", "hl1", "hl2", "hr", "html", "legend", "li", "main", "nav", "ol",
    "option", "p", "pre", "section", "summary", "table", "tbody", "td", "tfoot", "th", "thead", "title", "tr", "ul",
];

/// Elements of HTML that stand within a line. In XML of an unknown kind all others separate words.
#[rustfmt::skip]
const WITHIN_LINES: [&[u8]; 17] = [
    b"a", b"abbr", b"b", b"cite", b"code", b"em", b"font", b"i", b"mark", b"q", b"rt", b"rp", b"small", b"span",
    b"strong", b"u", b"wbr",
];

/// Elements that are hidden in the source of some pages until a script shows them.
const SHOWN_BY_SCRIPTS: [&[u8]; 4] = [b"html", b"body", b"main", b"article"];

/// Elements without an end tag.
const VOID: [&[u8]; 8] = [b"area", b"br", b"embed", b"hr", b"img", b"input", b"source", b"wbr"];

/// A sup or sub element is a footnote mark if it follows so many letters. After fewer it is a part of the word: km², CO₂.
const LETTERS_BEFORE_FOOTNOTE: usize = 4;

/// Checks whether elements of this name, in lower case, begin and end a line in HTML.
pub(super) fn is_block(name: &str) -> bool {
    !matches!(name, "block" | "body.content" | "bq" | "credit" | "fn" | "hl1" | "hl2" | "title" | "option")
        && BLOCKS.contains(&name)
}

/// Converts a page or a fragment to text: block elements end lines, whitespace is collapsed, character references are
/// decoded, and elements that are dropped or hidden are left out.
pub(super) fn to_text(markup: &str, vocabulary: Vocabulary) -> String {
    let markup = xhtml::to_html(markup);
    let mut writer = TextWriter::new(vocabulary);
    let mut emitter = CallbackEmitter::new(|event: CallbackEvent<'_>, _: Span<()>| -> Option<Infallible> {
        match event {
            CallbackEvent::OpenStartTag { name } => writer.start_tag_opens(local(name)),
            CallbackEvent::AttributeName { name } => writer.attribute_name(name),
            CallbackEvent::AttributeValue { value } => writer.attribute_value(value),
            CallbackEvent::CloseStartTag { self_closing } => writer.start_tag_closes(self_closing),
            CallbackEvent::EndTag { name } => writer.end_tag(local(name)),
            CallbackEvent::String { value } => writer.text(&String::from_utf8_lossy(value)),
            CallbackEvent::Comment { .. } | CallbackEvent::Doctype { .. } | CallbackEvent::Error(_) => {}
        }
        None
    });
    emitter.naively_switch_states(vocabulary != Vocabulary::Nitf);
    let Ok(()) = Tokenizer::new_with_emitter(&*markup, emitter).finish();
    writer.finish()
}

/// The name without the namespace prefixes that agencies use. Others mean something else: Word's `o:p` is no `p`.
fn local(name: &[u8]) -> &[u8] {
    [&b"nitf:"[..], b"xhtml:", b"html:", b"h:"].iter().find_map(|prefix| name.strip_prefix(*prefix)).unwrap_or(name)
}

/// The separator between the text written so far and the next word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
enum WordBreak {
    #[default]
    None,
    Blank,
    Line,
}

/// A dropped element that is still open. Its content is written at first, and taken back at its end tag. So an element
/// that never ends drops nothing: boilerplate that stays costs less than a lost article.
struct OpenElement {
    /// An index into the list of elements that are dropped.
    dropped: usize,
    /// The length of the text at the start tag.
    length: usize,
    word_break: WordBreak,
}

/// A hidden element that is still open. It is closed like a dropped one, but elements of its name nest in it.
struct HiddenElement {
    name: Vec<u8>,
    /// The number of open elements of this name, from this one on.
    depth: usize,
    length: usize,
    word_break: WordBreak,
    /// The number of dropped elements that were open at its start tag.
    open_outside: usize,
}

struct TextWriter {
    vocabulary: Vocabulary,
    dropped: &'static [&'static [u8]],
    out: String,
    word_break: WordBreak,
    open: Vec<OpenElement>,
    /// The number of open elements for each dropped one, so that an end tag without a start tag costs no search.
    counts: Vec<usize>,
    /// The dropped element that the current start tag opens.
    started: Option<usize>,
    /// The outermost hidden element.
    hidden: Option<HiddenElement>,
    /// The name of the current start tag, if it can hide its element.
    tag: Vec<u8>,
    is_style: bool,
    in_footnote: bool,
    /// The text ended, and what follows is not read.
    ended: bool,
}

impl TextWriter {
    fn new(vocabulary: Vocabulary) -> Self {
        let dropped = if vocabulary == Vocabulary::Nitf { DROPPED_IN_NITF } else { DROPPED_IN_HTML };
        Self {
            vocabulary,
            dropped,
            out: String::new(),
            word_break: WordBreak::None,
            open: Vec::new(),
            counts: vec![0; dropped.len()],
            started: None,
            hidden: None,
            tag: Vec::new(),
            is_style: false,
            in_footnote: false,
            ended: false,
        }
    }

    fn text(&mut self, text: &str) {
        if self.ended {
            return;
        }
        if self.vocabulary == Vocabulary::HtmlLines {
            for (i, line) in text.split(['\n', '\r']).enumerate() {
                if i > 0 {
                    self.word_break = WordBreak::Line;
                }
                self.line(line);
            }
        } else {
            self.line(text);
        }
    }

    fn line(&mut self, text: &str) {
        for (i, word) in text.split(char::is_whitespace).enumerate() {
            if i > 0 {
                self.word_break = self.word_break.max(WordBreak::Blank);
            }
            if !word.is_empty() {
                self.word(word);
            }
        }
    }

    fn word(&mut self, word: &str) {
        if !self.out.is_empty() {
            match self.word_break {
                WordBreak::None => {}
                WordBreak::Blank => self.out.push(' '),
                WordBreak::Line => self.out.push('\n'),
            }
        }
        self.word_break = WordBreak::None;
        self.out.push_str(word);
    }

    fn start_tag_opens(&mut self, name: &[u8]) {
        if self.ended {
            return;
        }
        if self.vocabulary == Vocabulary::Nitf && name == b"body.content" {
            self.out.clear();
            self.open.clear();
            self.counts.fill(0);
            self.hidden = None;
        }
        self.break_at(name);
        if matches!(name, b"sup" | b"sub") && self.word_break == WordBreak::None {
            let mut last = self.out.chars().rev().take(LETTERS_BEFORE_FOOTNOTE);
            self.in_footnote = last.clone().count() == LETTERS_BEFORE_FOOTNOTE && last.all(char::is_alphabetic);
            if self.in_footnote {
                self.word_break = WordBreak::Blank;
            }
        }
        self.started = self.dropped.iter().position(|dropped| *dropped == name);
        if let Some(dropped) = self.started {
            self.open.push(OpenElement { dropped, length: self.out.len(), word_break: self.word_break });
            self.counts[dropped] += 1;
        }
        self.tag.clear();
        match &mut self.hidden {
            Some(hidden) if hidden.name == name => hidden.depth += 1,
            None if self.started.is_none() && !VOID.contains(&name) && !SHOWN_BY_SCRIPTS.contains(&name) => {
                self.tag.extend_from_slice(name);
            }
            _ => {}
        }
    }

    fn attribute_name(&mut self, name: &[u8]) {
        self.is_style = name == b"style";
        if name == b"hidden" {
            self.hide();
        }
    }

    fn attribute_value(&mut self, value: &[u8]) {
        if self.is_style && !self.tag.is_empty() && displays_nothing(value) {
            self.hide();
        }
    }

    /// Marks the element of the current start tag as hidden.
    fn hide(&mut self) {
        if self.hidden.is_none() && !self.tag.is_empty() {
            self.hidden = Some(HiddenElement {
                name: std::mem::take(&mut self.tag),
                depth: 1,
                length: self.out.len(),
                word_break: self.word_break,
                open_outside: self.open.len(),
            });
        }
    }

    fn start_tag_closes(&mut self, self_closing: bool) {
        self.tag.clear();
        if let Some(dropped) = self.started.take()
            && self_closing
            && dropped >= self.raw_elements()
        {
            self.take_back(dropped);
        }
    }

    fn end_tag(&mut self, name: &[u8]) {
        if self.ended {
            return;
        }
        if let Some(dropped) = self.dropped.iter().position(|dropped| *dropped == name)
            && self.counts[dropped] > 0
        {
            self.take_back(dropped);
        }
        if let Some(hidden) = &mut self.hidden
            && hidden.name == name
        {
            hidden.depth -= 1;
            if hidden.depth == 0 {
                self.take_back_hidden();
            }
        }
        if self.in_footnote && matches!(name, b"sup" | b"sub") {
            self.in_footnote = false;
            self.word_break = self.word_break.max(WordBreak::Blank);
        }
        self.break_at(name);
        self.ended = self.vocabulary == Vocabulary::Nitf && name == b"body.content";
    }

    /// Removes all text since the innermost open element of this name, and closes that element with those inside it.
    fn take_back(&mut self, dropped: usize) {
        while let Some(open) = self.open.pop() {
            self.counts[open.dropped] -= 1;
            if open.dropped == dropped {
                self.out.truncate(open.length);
                // What is said of a word stands in the middle of it.
                let inside_word = matches!(self.dropped[dropped], b"rt" | b"rp");
                let least = if inside_word { WordBreak::None } else { WordBreak::Blank };
                self.word_break = open.word_break.max(least);
                break;
            }
        }
        if self.hidden.as_ref().is_some_and(|hidden| hidden.open_outside > self.open.len()) {
            self.hidden = None;
        }
    }

    /// Removes all text since the start of the hidden element, and closes what is open in it.
    fn take_back_hidden(&mut self) {
        let Some(hidden) = self.hidden.take() else { return };
        for open in self.open.drain(hidden.open_outside..) {
            self.counts[open.dropped] -= 1;
        }
        self.out.truncate(hidden.length);
        self.word_break = hidden.word_break.max(WordBreak::Blank);
    }

    fn break_at(&mut self, name: &[u8]) {
        let known = std::str::from_utf8(name).is_ok_and(|name| match self.vocabulary {
            Vocabulary::Nitf | Vocabulary::Xml => BLOCKS.contains(&name),
            Vocabulary::Html | Vocabulary::HtmlLines => is_block(name) || matches!(name, "br" | "hr"),
        });
        if known {
            self.word_break = WordBreak::Line;
        } else if self.vocabulary == Vocabulary::Xml
            && !WITHIN_LINES.contains(&name)
            && !matches!(name, b"sub" | b"sup")
        {
            self.word_break = self.word_break.max(WordBreak::Blank);
        }
    }

    fn raw_elements(&self) -> usize {
        if self.vocabulary == Vocabulary::Nitf { 0 } else { RAW_ELEMENTS }
    }

    fn finish(mut self) -> String {
        // A raw element without an end tag contains the rest of the page as code, which no browser shows either.
        if let Some(last) = self.open.last()
            && last.dropped < self.raw_elements()
        {
            self.out.truncate(last.length);
        }
        self.out
    }
}

/// Checks whether a style contains `display: none`.
fn displays_nothing(style: &[u8]) -> bool {
    let compact = style.iter().filter(|byte| !byte.is_ascii_whitespace()).map(u8::to_ascii_lowercase);
    let compact: Vec<u8> = compact.collect();
    compact.split(|&byte| byte == b';').any(|rule| matches!(rule, b"display:none" | b"display:none!important"))
}

#[cfg(test)]
mod tests;

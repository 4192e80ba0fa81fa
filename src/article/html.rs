//! HTML to text.
//!
//! The page is read token by token, without building a tree. A tree builder costs time and memory beyond the size of its
//! input (it searches the open elements on every tag, and copies formatting elements into every paragraph): a hostile
//! page of eight megabytes would occupy a worker for hours. A token costs the same whatever it is, at any depth. The
//! price is that misnested markup is not repaired; in the text this shows only in where dropped elements end.

use std::convert::Infallible;

use html5gum::emitters::callback::{CallbackEmitter, CallbackEvent};
use html5gum::{Span, Tokenizer};

/// Elements whose content is not text of the article. The first [`RAW_ELEMENTS`] contain no markup: they run to their
/// own end tag or to the end of the page.
///
/// - `head` is not listed because its end tag may be left out. All its elements that can contain text are listed.
/// - `form` is not listed because some sites wrap the whole page into one. Its controls are listed.
/// - `figcaption` is listed because the caption comes with the picture, and its credit names the agency of the
///   photographer, not of the text.
/// - `footer` is listed because a site's footer outweighs a short article. The article's own credit is found in its body
///   or metadata.
const DROPPED: [&[u8]; 17] = [
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
];
const RAW_ELEMENTS: usize = 7;

/// Elements that begin and end a line.
#[rustfmt::skip]
const BLOCKS: [&[u8]; 47] = [
    b"address", b"article", b"aside", b"blockquote", b"body", b"br", b"caption", b"center", b"dd", b"details",
    b"dialog", b"div", b"dl", b"dt", b"fieldset", b"figcaption", b"figure", b"footer", b"form", b"h1", b"h2", b"h3",
    b"h4", b"h5", b"h6", b"header", b"hr", b"html", b"legend", b"li", b"main", b"nav", b"ol", b"option", b"p", b"pre",
    b"section", b"summary", b"table", b"tbody", b"td", b"tfoot", b"th", b"thead", b"title", b"tr", b"ul",
];

/// Converts a page or a fragment to text: block elements end lines, whitespace is collapsed, character references are
/// decoded, and [`DROPPED`] elements are left out.
pub(super) fn to_text(html: &str) -> String {
    let mut writer = TextWriter::default();
    let mut emitter = CallbackEmitter::new(|event: CallbackEvent<'_>, _: Span<()>| -> Option<Infallible> {
        match event {
            CallbackEvent::OpenStartTag { name } => writer.start_tag_opens(name),
            CallbackEvent::CloseStartTag { self_closing } => writer.start_tag_closes(self_closing),
            CallbackEvent::EndTag { name } => writer.end_tag(name),
            CallbackEvent::String { value } => writer.text(&String::from_utf8_lossy(value)),
            CallbackEvent::AttributeName { .. }
            | CallbackEvent::AttributeValue { .. }
            | CallbackEvent::Comment { .. }
            | CallbackEvent::Doctype { .. }
            | CallbackEvent::Error(_) => {}
        }
        None
    });
    emitter.naively_switch_states(true);
    let Ok(()) = Tokenizer::new_with_emitter(html, emitter).finish();
    writer.finish()
}

/// Checks whether a text of unknown type clearly is HTML: after blanks and comments it begins with the start tag of an
/// element of `OUTER`, and an end tag of that element follows. An article *about* markup begins with a word.
pub(super) fn is_markup(text: &str) -> bool {
    const OUTER: [&str; 17] = [
        "article",
        "blockquote",
        "body",
        "div",
        "figure",
        "h1",
        "h2",
        "h3",
        "h4",
        "header",
        "html",
        "main",
        "ol",
        "p",
        "section",
        "table",
        "ul",
    ];
    let mut rest = text.trim_start();
    while let Some(comment) = rest.strip_prefix("<!--") {
        let Some((_, after)) = comment.split_once("-->") else { return false };
        rest = after.trim_start();
    }
    if starts_with_ignoring_case(rest, "<!doctype html") {
        return true;
    }
    let Some(tag) = rest.strip_prefix('<') else { return false };
    let name = tag.split(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or_default();
    OUTER.iter().any(|outer| outer.eq_ignore_ascii_case(name))
        && tag.match_indices("</").any(|(at, _)| {
            let end = &tag[at + 2..];
            starts_with_ignoring_case(end, name) && end[name.len()..].trim_start().starts_with('>')
        })
}

fn starts_with_ignoring_case(text: &str, prefix: &str) -> bool {
    text.as_bytes().get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix.as_bytes()))
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
    /// An index into [`DROPPED`].
    dropped: usize,
    /// The length of the text at the start tag.
    length: usize,
    word_break: WordBreak,
}

#[derive(Default)]
struct TextWriter {
    out: String,
    word_break: WordBreak,
    open: Vec<OpenElement>,
    /// The number of open elements for each of [`DROPPED`], so that an end tag without a start tag costs no search.
    counts: [usize; DROPPED.len()],
    /// The dropped element that the current start tag opens.
    started: Option<usize>,
}

impl TextWriter {
    fn text(&mut self, text: &str) {
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
        self.break_line_at(name);
        self.started = DROPPED.iter().position(|dropped| *dropped == name);
        if let Some(dropped) = self.started {
            self.open.push(OpenElement { dropped, length: self.out.len(), word_break: self.word_break });
            self.counts[dropped] += 1;
        }
    }

    fn start_tag_closes(&mut self, self_closing: bool) {
        if let Some(dropped) = self.started.take()
            && self_closing
            && dropped >= RAW_ELEMENTS
        {
            self.take_back(dropped);
        }
    }

    fn end_tag(&mut self, name: &[u8]) {
        if let Some(dropped) = DROPPED.iter().position(|dropped| *dropped == name)
            && self.counts[dropped] > 0
        {
            self.take_back(dropped);
        }
        self.break_line_at(name);
    }

    /// Removes all text since the innermost open element of this name, and closes that element with those inside it.
    fn take_back(&mut self, dropped: usize) {
        while let Some(open) = self.open.pop() {
            self.counts[open.dropped] -= 1;
            if open.dropped == dropped {
                self.out.truncate(open.length);
                self.word_break = open.word_break.max(WordBreak::Blank);
                return;
            }
        }
    }

    fn break_line_at(&mut self, name: &[u8]) {
        if BLOCKS.contains(&name) {
            self.word_break = WordBreak::Line;
        }
    }

    fn finish(mut self) -> String {
        // A raw element without an end tag contains the rest of the page as code, which no browser shows either.
        if let Some(last) = self.open.last()
            && last.dropped < RAW_ELEMENTS
        {
            self.out.truncate(last.length);
        }
        self.out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn block_elements_end_lines_and_inline_elements_do_not() {
        let html = "<h2>A <b>bold</b>er claim</h2>\n<p>One\n  line.</p><p>Two<br/>lines.</p><ul><li>a<li>b</ul>";
        assert_eq!(to_text(html), "A bolder claim\nOne line.\nTwo\nlines.\na\nb");
    }

    #[test]
    fn character_references_are_decoded() {
        assert_eq!(
            to_text("<p>Fish &amp; chips&nbsp;&mdash; &#8364;5 &#x627;&lt;p&gt;</p>"),
            "Fish & chips \u{2014} \u{20ac}5 \u{627}<p>"
        );
    }

    #[test]
    fn elements_outside_the_article_are_left_out() {
        let html = "<!DOCTYPE html><html><head><title>T</title><style>p{}</style><script>if (a</p>b) {}</script>\
                    <body><nav><ul><li>Home</ul></nav><!-- note --><form><p>Body<button>Share</button> text.</p></form>\
                    <figure><img src=a><figcaption>Photo: B</figcaption></figure><aside>More<aside>x</aside></aside>\
                    <noscript>On</noscript><template><p>t</p></template><footer>Imprint</footer><p>End.</p>";
        assert_eq!(to_text(html), "Body text.\nEnd.");
    }

    #[test]
    fn a_dropped_element_without_an_end_tag_drops_nothing() {
        assert_eq!(to_text("<p>One.</p><aside>Two.<p>Three.</p>"), "One.\nTwo.\nThree.");
        assert_eq!(to_text("<nav><aside>x</nav>y</aside>z"), "y\nz");
        assert_eq!(to_text("One<svg/>two</nav>"), "One two");
    }

    #[test]
    fn a_script_without_an_end_tag_takes_the_rest_of_the_page() {
        assert_eq!(to_text("<p>One.</p><script>var a = '<p>';"), "One.");
    }

    #[test]
    fn text_without_markup_is_unchanged() {
        assert_eq!(to_text("a < b and c > d, 3<5 & so on"), "a < b and c > d, 3<5 & so on");
        assert_eq!(to_text(""), "");
    }

    #[test]
    fn only_clear_markup_is_taken_for_html() {
        for text in [
            "<p>One.</p>",
            " \n<DIV class=x>One.</div >",
            "<!-- wp:paragraph -->\n<p>One.</p>",
            "<!doctype HTML><title>x</title>One.",
            "<div/><div>One</div>",
        ] {
            assert!(is_markup(text), "{text}");
        }
        for text in [
            "",
            "One <p>two</p>",
            "<p>One.",
            "<b>One</b> two",
            "<unknown>x</unknown>",
            "<p and q</pq>",
            "< p>x</p>",
            "<!-- <p>x</p>",
            "<",
        ] {
            assert!(!is_markup(text), "{text}");
        }
    }

    /// The stack is small, and a recursive walk or a search on each tag would not survive these pages.
    #[test]
    fn hostile_pages_take_neither_deep_stacks_nor_quadratic_time() {
        let pages = [
            "<div>".repeat(100_000) + "x",
            "<nav>".repeat(200_000) + "x" + &"</aside></nav>".repeat(200_000) + "x",
            "<b><p>".repeat(200_000) + "x",
            "<a ".to_owned() + &(0..300_000).map(|i: u32| i.to_string() + " ").collect::<String>() + ">x",
        ];
        let texts = std::thread::Builder::new()
            .stack_size(2 << 20)
            .spawn(move || pages.map(|page| to_text(&page)))
            .expect("a thread starts")
            .join()
            .expect("no stack overflow");
        assert_eq!(texts, ["x", "x", "x", "x"]);
    }
}

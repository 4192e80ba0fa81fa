//! Recognises HTML in a text of unknown type.
//!
//! Markup is counted wherever it is, because feeds put a few tags into otherwise plain text. An article *about* markup
//! names tags too. There they stand between the words of a sentence ("the <br> tag", "write <p>a</p> for …"), and in
//! real markup they stand where paragraphs begin and end, or close around words, or have attributes. So each tag weighs
//! for or against HTML, depending on what it is and what is next to it.

use super::html;

/// The weight from which on a text is HTML.
const ENOUGH: i32 = 5;

/// A tag with attributes, or an element such as `<br>` at its place. One is enough.
const CERTAIN: i32 = 6;
/// A block element whose tag stands at the end of a line, of a sentence, or next to another tag.
const BLOCK: i32 = 4;
/// The same for an element within a line. Together with its other tag it is enough.
const INLINE_AT_END: i32 = 4;
/// An element within a line. Three pairs of tags are enough.
const INLINE: i32 = 1;
const COMMENT: i32 = 2;
/// A tag that stands like a word in a sentence.
const MENTIONED: i32 = -2;

#[rustfmt::skip]
const INLINES: [&str; 22] = [
    "a", "abbr", "acronym", "b", "big", "cite", "code", "del", "em", "font", "i", "ins", "mark", "q", "s", "small",
    "span", "strike", "strong", "sub", "sup", "u",
];

/// Elements without an end tag, and those that contain code.
const ALONE: [&str; 5] = ["br", "hr", "script", "style", "wbr"];

/// Elements that count only with attributes. Without them their names are too common in angle brackets: `<title>`.
#[rustfmt::skip]
const WITH_ATTRIBUTES: [&str; 29] = [
    "audio", "bdo", "button", "canvas", "data", "embed", "iframe", "img", "input", "ins", "kbd", "label", "link",
    "map", "meta", "noscript", "object", "param", "path", "picture", "ruby", "select", "source", "svg", "textarea",
    "time", "track", "var", "video",
];

/// Attributes without a value. Any other word without a value is text: `a <b and c> d`.
#[rustfmt::skip]
const BOOLEANS: [&str; 26] = [
    "allowfullscreen", "alt", "async", "autoplay", "checked", "compact", "controls", "crossorigin", "default", "defer",
    "disabled", "download", "hidden", "ismap", "itemscope", "loop", "mozallowfullscreen", "muted", "nofollow",
    "noshade", "nowrap", "open", "playsinline", "reversed", "selected", "webkitallowfullscreen",
];

/// The markup that is found in a text.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct FoundMarkup {
    weight: i32,
    /// The text has elements that begin and end lines. If it has none its line ends do.
    pub(super) has_blocks: bool,
}

impl FoundMarkup {
    /// Checks whether a text with this markup is HTML.
    pub(super) fn is_html(self) -> bool {
        self.weight >= ENOUGH
    }

    /// The same for a title. It is short, so the least markup counts that is not mentioned only.
    pub(super) fn is_html_title(self) -> bool {
        self.weight > 0
    }
}

/// Weighs all tags of a text, in one pass.
pub(super) fn find_markup(text: &str) -> FoundMarkup {
    let mut found = FoundMarkup::default();
    let mut at = text.find('<');
    while let Some(start) = at {
        let next = match FoundTag::parse(text, start) {
            Ok(tag) => {
                found.weight = found.weight.saturating_add(tag.weight(text, start));
                found.has_blocks |= matches!(tag.kind, TagKind::Block | TagKind::Alone);
                tag.end
            }
            Err(end) => end,
        };
        at = text[next..].find('<').map(|found| next + found);
    }
    found
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum TagKind {
    Block,
    Inline,
    Alone,
    WithAttributes,
    Comment,
}

struct FoundTag {
    kind: TagKind,
    closes: bool,
    has_attributes: bool,
    /// The offset after its `>`.
    end: usize,
}

/// What stands before a tag or after it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Neighbour {
    /// The start or end of the text or of a line.
    Edge,
    Tag,
    /// Before a tag: the end of a sentence.
    Sentence,
    /// A word, without a blank between.
    Word,
    /// A word, with a blank between.
    Blank,
    /// Before a tag: a quotation mark or bracket that opens. After it: a punctuation mark.
    Mark,
}

impl FoundTag {
    /// Parses the tag at `start`. An error is the offset at which to go on: what was read is not read again.
    fn parse(text: &str, start: usize) -> Result<Self, usize> {
        let bytes = text.as_bytes();
        let mut at = start + 1;
        if text[at..].starts_with("!--") {
            let end = text[at + 3..].find("-->").map(|found| at + 3 + found + 3).ok_or(text.len())?;
            return Ok(Self { kind: TagKind::Comment, closes: false, has_attributes: false, end });
        }
        let closes = bytes.get(at) == Some(&b'/');
        at += usize::from(closes);
        let name_start = at;
        at += run(&bytes[at..], |byte| byte.is_ascii_alphanumeric());
        let kind = kind_of(&text[name_start..at]).ok_or(at)?;
        let mut has_attributes = false;
        loop {
            let blanks = run(&bytes[at..], |byte| byte.is_ascii_whitespace());
            at += blanks;
            match bytes.get(at) {
                Some(b'>') => return Ok(Self { kind, closes, has_attributes, end: at + 1 }),
                Some(b'/') if bytes.get(at + 1) == Some(&b'>') => {
                    return Ok(Self { kind, closes, has_attributes, end: at + 2 });
                }
                Some(_) if !closes && (blanks > 0 || has_attributes) => {
                    at = attribute(text, at)?;
                    has_attributes = true;
                }
                _ => return Err(at),
            }
        }
    }

    fn weight(&self, text: &str, start: usize) -> i32 {
        let (before, after) = (before(&text[..start]), after(&text[self.end..]));
        let at_end = |neighbour| matches!(neighbour, Neighbour::Edge | Neighbour::Tag | Neighbour::Sentence);
        let apart_before = matches!(before, Neighbour::Blank | Neighbour::Mark);
        let apart_after = matches!(after, Neighbour::Blank | Neighbour::Mark);
        match self.kind {
            TagKind::Comment => COMMENT,
            _ if self.has_attributes => CERTAIN,
            TagKind::WithAttributes => 0,
            _ if apart_before && apart_after => MENTIONED,
            TagKind::Alone if apart_after && before == Neighbour::Edge => 0,
            TagKind::Alone => CERTAIN,
            TagKind::Block if self.closes => {
                // "</p> Next" ends a paragraph only after the end of a sentence.
                if at_end(after) || after == Neighbour::Word || after == Neighbour::Blank && at_end(before) {
                    BLOCK
                } else {
                    MENTIONED
                }
            }
            TagKind::Block if apart_before => MENTIONED,
            // "<p> begins a paragraph." and "<p> Text": this tag says nothing.
            TagKind::Block | TagKind::Inline if !self.closes && apart_after => 0,
            TagKind::Block => BLOCK,
            TagKind::Inline if self.closes && apart_before => 0,
            TagKind::Inline if at_end(if self.closes { after } else { before }) => INLINE_AT_END,
            TagKind::Inline => INLINE,
        }
    }
}

/// The number of bytes at the start that satisfy a condition.
fn run(bytes: &[u8], is: impl Fn(u8) -> bool) -> usize {
    bytes.iter().position(|&byte| !is(byte)).unwrap_or(bytes.len())
}

fn kind_of(name: &str) -> Option<TagKind> {
    const TAG_NAME_BYTES_MAX: usize = 10;
    if name.is_empty() || name.len() > TAG_NAME_BYTES_MAX {
        return None;
    }
    let name = name.to_ascii_lowercase();
    let name = name.as_str();
    if ALONE.contains(&name) {
        Some(TagKind::Alone)
    } else if INLINES.contains(&name) {
        Some(TagKind::Inline)
    } else if html::is_block(name) {
        Some(TagKind::Block)
    } else {
        WITH_ATTRIBUTES.contains(&name).then_some(TagKind::WithAttributes)
    }
}

/// Reads an attribute and returns its end. An error is where it stops to be one.
fn attribute(text: &str, start: usize) -> Result<usize, usize> {
    let bytes = text.as_bytes();
    let name_end = start
        + run(&bytes[start..], |byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b':' | b'.' | b'@'));
    if name_end == start {
        return Err(start);
    }
    let name = &text[start..name_end];
    let mut at = name_end + run(&bytes[name_end..], |byte| byte.is_ascii_whitespace());
    if bytes.get(at) != Some(&b'=') {
        let is_boolean = name.starts_with("data-") || BOOLEANS.iter().any(|boolean| boolean.eq_ignore_ascii_case(name));
        return if is_boolean { Ok(name_end) } else { Err(at) };
    }
    at += 1;
    at += run(&bytes[at..], |byte| byte.is_ascii_whitespace());
    if let Some(&quote @ (b'"' | b'\'')) = bytes.get(at) {
        let value = &text[at + 1..];
        return value.find(char::from(quote)).map(|length| at + 1 + length + 1).ok_or(text.len());
    }
    let length = run(&bytes[at..], |byte| !byte.is_ascii_whitespace() && !b"<>\"'`".contains(&byte));
    if length == 0 { Err(at) } else { Ok(at + length) }
}

fn before(text: &str) -> Neighbour {
    let trimmed = text.trim_end_matches([' ', '\t', '\u{a0}']);
    let is_glued = trimmed.len() == text.len();
    match trimmed.chars().next_back() {
        None | Some('\n' | '\r') => Neighbour::Edge,
        Some('>') => Neighbour::Tag,
        Some('"' | '\'' | '`' | '“' | '‘' | '«' | '„' | '(' | '[' | '{') if is_glued => Neighbour::Mark,
        Some('.' | '!' | '?' | '…' | '؟' | '。' | '।' | '"' | '”' | '’' | '»' | ')') => Neighbour::Sentence,
        Some(_) if is_glued => Neighbour::Word,
        Some(_) => Neighbour::Blank,
    }
}

fn after(text: &str) -> Neighbour {
    let trimmed = text.trim_start_matches([' ', '\t', '\u{a0}']);
    let is_glued = trimmed.len() == text.len();
    match trimmed.chars().next() {
        None | Some('\n' | '\r') => Neighbour::Edge,
        Some('<') => Neighbour::Tag,
        Some(_) if !is_glued => Neighbour::Blank,
        Some(
            '.' | ',' | ';' | ':' | '!' | '?' | '"' | '\'' | '`' | '”' | '’' | '»' | ')' | ']' | '}' | '-' | '/' | '،'
            | '؛',
        ) => Neighbour::Mark,
        Some(_) => Neighbour::Word,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_is_recognised_wherever_it_is() {
        for text in [
            "<p>One.</p>",
            " \n<DIV class=x>One.</div >",
            "<!-- wp:paragraph -->\n<p>One.</p>",
            "<div/><div>One</div>",
            "One two.<br/><br/>Three <a href='https://a.example/?b=c'>four</a>.",
            "One two.<br>Three four.",
            "One two. <br /> Three four.",
            "one two <br />three four",
            "<img width=\"10\" src='a.jpg' srcset=\"a 1w, b 2w\" alt />One two. Three",
            "<strong>TOLBY</strong> - The dam reopened.",
            "The dam reopened. <em>Reporting by Mira Holt</em>",
            "One <i>two</i> three <b>four</b> five <i>six</i> seven.",
            "One.<p>Two.<p>Three.",
            "<ul><li>One<li>Two</ul>",
            "One\n<iframe src=//a.example/e allowfullscreen></iframe>\nTwo",
            "One <span style=\"color: red\">two</span> three",
            "<h2>One</h2>\nTwo",
            "<script>a()</script>One",
        ] {
            assert!(find_markup(text).is_html(), "{text}");
        }
    }

    #[test]
    fn text_about_markup_is_no_html() {
        for text in [
            "",
            "<",
            "<p>One.",
            "< p>x</p>",
            "<!-- <p>x</p>",
            "<unknown>x</unknown>",
            "<p and q</pq>",
            "Write <p>a</p> for a paragraph.",
            "Paragraphs are made like this: <p>a</p>",
            "<h1>Title</h1> for titles, <p>text</p> for paragraphs, and \"<br>\" for a new line.",
            "use <b> for bold, <i> for italics",
            "Use <b>bold</b> for bold and <i>this</i> for the rest.",
            "the <br> tag, the <hr/> tag (<br>)",
            "the <p> and </p> tags",
            "<br> is the tag of a new line",
            "if a < b and c > d, 3<5",
            "if a <b and c> d",
            "I <3 you </3",
            "List<String>, Map<K, V>, vector<object>",
            "Mira Holt <a@b.example> or <https://a.example/?b=c>",
            "<title> and <data> and <time>",
            "one <a b='two three four",
            "He said <em>never</em> again.",
        ] {
            assert!(!find_markup(text).is_html(), "{text}");
        }
    }

    #[test]
    fn a_title_with_any_tag_at_its_place_is_html() {
        for title in ["He said <em>never</em> again", "One<br>two", "<p>One</p>", "Review: <i>The Dam</i>"] {
            assert!(find_markup(title).is_html_title(), "{title}");
        }
        for title in ["Why the <br> tag matters", "I <3 dams", "a < b > c", "Write <p>a</p> for a paragraph"] {
            assert!(!find_markup(title).is_html_title(), "{title}");
        }
    }

    #[test]
    fn hostile_text_is_read_in_one_pass() {
        const COUNT: usize = 400_000;
        for piece in ["<a b=\"", "<a b='\"", "<!--", "<a ", "<p  ", "<p>   ", "< ", "</", "<a b=c d=e "] {
            find_markup(&piece.repeat(COUNT));
        }
        find_markup(&("<a ".to_owned() + &"b=c ".repeat(COUNT)));
        find_markup(&("<p>".to_owned() + &" ".repeat(COUNT) + "</p>"));
    }
}

//! Markdown to HTML, which is then converted like any other: Markdown may contain HTML.

use std::borrow::Cow;

use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};

/// Writes the text of Markdown as HTML. Only what matters to the text is written: no attributes, no pictures.
pub(super) fn to_html(markdown: &str) -> String {
    let mut out = String::with_capacity(markdown.len());
    let mut images = 0usize;
    for event in Parser::new_ext(markdown, Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH) {
        match event {
            Event::Start(Tag::Image { .. }) => images += 1,
            Event::End(TagEnd::Image) => images = images.saturating_sub(1),
            _ if images > 0 => {}
            Event::Start(tag) if is_inline(tag.to_end()) => {}
            Event::End(tag) if is_inline(tag) => {}
            Event::Start(_) | Event::End(_) | Event::HardBreak | Event::Rule => out.push_str("<br>"),
            Event::Text(text) | Event::Code(text) => push_escaped(&mut out, &text),
            Event::Html(html) | Event::InlineHtml(html) => out.push_str(&html),
            Event::SoftBreak => out.push('\n'),
            _ => {}
        }
    }
    out
}

fn is_inline(tag: TagEnd) -> bool {
    matches!(tag, TagEnd::Emphasis | TagEnd::Strong | TagEnd::Strikethrough | TagEnd::Link | TagEnd::HtmlBlock)
}

fn push_escaped(out: &mut String, text: &str) {
    let escape = |text: &str| text.replace('&', "&amp;").replace('<', "&lt;").replace('\n', "<br>");
    let text = if text.contains(['&', '<', '\n']) { Cow::Owned(escape(text)) } else { Cow::Borrowed(text) };
    out.push_str(&text);
}

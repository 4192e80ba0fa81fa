//! What XML can write and HTML cannot: CDATA sections, and elements that end in their start tag.

use std::borrow::Cow;

const START: &str = "<![CDATA[";
const END: &str = "]]>";

/// Checks whether the text is wrapped into a CDATA section.
pub(super) fn wraps(text: &str) -> bool {
    text.trim_start().starts_with(START)
}

/// Removes the delimiters of CDATA sections. What they contain is kept as it is, so it is read as markup: feeds wrap
/// whole pages into such a section.
pub(super) fn unwrap(text: &str) -> Cow<'_, str> {
    let Some(first) = text.find(START) else { return Cow::Borrowed(text) };
    let mut out = String::with_capacity(text.len());
    out.push_str(&text[..first]);
    let mut rest = &text[first..];
    while let Some((before, section)) = rest.split_once(START) {
        out.push_str(before);
        let (content, after) = section.split_once(END).unwrap_or((section, ""));
        out.push_str(content);
        rest = after;
    }
    out.push_str(rest);
    Cow::Owned(out)
}

/// Elements of HTML without markup in them: they run to their own end tag or to the end of the page.
#[rustfmt::skip]
pub(super) const RAW: [&str; 7] = ["script", "style", "noscript", "iframe", "noembed", "title", "textarea"];

/// Makes HTML of XHTML: CDATA sections are unwrapped, and `<title/>` becomes `<title></title>`. As it is, the rest of
/// the page would be its title.
pub(super) fn to_html(text: &str) -> Cow<'_, str> {
    match unwrap(text) {
        Cow::Borrowed(text) => end_raw_elements(text),
        Cow::Owned(unwrapped) => Cow::Owned(end_raw_elements(&unwrapped).into_owned()),
    }
}

fn end_raw_elements(text: &str) -> Cow<'_, str> {
    let mut out = String::new();
    let (mut copied, mut searched) = (0, 0);
    for (end, mark) in text.match_indices("/>") {
        let found = text[searched..end].rfind('<').map(|start| searched + start);
        searched = end + mark.len();
        let Some(start) = found else { continue };
        let tag = &text[start + 1..end];
        let name = &tag[..tag.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(tag.len())];
        if !tag.contains('>') && RAW.iter().any(|raw| raw.eq_ignore_ascii_case(name)) {
            out.push_str(&text[copied..end]);
            out.push_str("></");
            out.push_str(name);
            out.push('>');
            copied = searched;
        }
    }
    if copied == 0 {
        return Cow::Borrowed(text);
    }
    out.push_str(&text[copied..]);
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn empty_elements_without_markup_are_ended() {
        for (text, html) in [
            ("<title/>a<p/>b", "<title></title>a<p/>b"),
            ("<SCRIPT src='a' /><script>b</script>", "<SCRIPT src='a' ></SCRIPT><script>b</script>"),
            ("<![CDATA[<style/>]]>", "<style></style>"),
            ("<title>a<br/></title>", "<title>a<br/></title>"),
            ("/> <title", "/> <title"),
        ] {
            assert_eq!(to_html(text), html);
        }
    }

    #[test]
    fn sections_lose_their_delimiters() {
        for (text, unwrapped) in [
            ("<![CDATA[<p>a</p>]]>", "<p>a</p>"),
            ("a<![CDATA[b]]>c<![CDATA[d]]>e", "abcde"),
            ("<![CDATA[a]]]]><![CDATA[>b]]>", "a]]>b"),
            ("<![CDATA[a", "a"),
            ("<![CDATA[<![CDATA[a]]>", "<![CDATA[a"),
            ("a ]]> b", "a ]]> b"),
        ] {
            assert_eq!(unwrap(text), unwrapped);
        }
        assert!(wraps("\n <![CDATA[a") && !wraps("a <![CDATA[b]]>"));
    }
}

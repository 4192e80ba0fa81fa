//! Takes XML apart by its tags, without parsing it: what is damaged cannot be parsed.

/// The element of an article in a message of NewsML-G2.
pub(super) const ITEM: &str = "newsItem";

const MESSAGE: &str = "newsMessage";

/// Root elements of files that are read.
const ROOTS: [&str; 5] = ["nitf", ITEM, MESSAGE, "NewsML", "NewsItem"];

/// Most items that are taken from a damaged message. Real ones have some kilobytes each.
const ITEMS_MAX: usize = 100_000;

/// The items of a message that is not well-formed, with the places where they begin: each up to its end tag, or up to the
/// next item where it has none. What the message declares for all items is added to each. None if it is no message.
pub(super) fn items_of_damaged(text: &str) -> Option<Vec<(usize, String)>> {
    let root = root_tag(text).filter(|root| local_name(root) == MESSAGE)?;
    let tags: Vec<ItemTag> = text.match_indices(ITEM).filter_map(|(at, _)| ItemTag::around(text, at)).collect();
    let starts: Vec<usize> = tags.iter().filter(|tag| tag.end.is_none()).map(|tag| tag.start).collect();
    if starts.is_empty() || starts.len() > ITEMS_MAX {
        return None;
    }
    let inherited: Vec<_> = attributes(root).filter(|(name, _)| is_inherited(name)).collect();
    let mut ends = tags.iter().filter_map(|tag| tag.end).peekable();
    let nexts = starts.iter().skip(1).copied().chain([text.len()]);
    let items = starts.iter().zip(nexts).map(|(&start, next)| {
        while ends.next_if(|end| *end <= start).is_some() {}
        let end = ends.peek().copied().filter(|end| *end <= next).unwrap_or(next);
        let source = text[start..end].trim_end();
        let is_missing = |name: &str| attributes(tag(source)).all(|(own, _)| own != name);
        let added = inherited.iter().filter(|(name, _)| is_missing(name)).flat_map(|(_, whole)| [" ", whole]);
        let (name, rest) = source.split_at(name_end(source));
        (start, [name].into_iter().chain(added).chain([rest]).collect())
    });
    Some(items.collect())
}

/// Whether a file of articles ends with the end tag of its last root element. Of other files nothing is known.
pub(super) fn is_closed(last_document: &str) -> bool {
    let text = last_document.trim_end();
    let Some(root) = root_tag(text).filter(|root| ROOTS.contains(&local_name(root))) else { return true };
    let name = &root[1..name_end(root)];
    let is_end = |tag: &str| tag.strip_suffix('>').is_some_and(|tag| tag.trim_end() == name);
    root.ends_with("/>") || text.rfind("</").is_some_and(|at| is_end(&text[at + 2..]))
}

/// A tag of an item.
struct ItemTag {
    start: usize,
    /// Where it ends, of an end tag.
    end: Option<usize>,
}

impl ItemTag {
    /// The tag in which the name of an item stands here, also behind a prefix; none if the name is part of something else.
    fn around(text: &str, name: usize) -> Option<Self> {
        let is_of_prefix = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.');
        let before = &text[..name];
        let before = before.strip_suffix(':').map_or(before, |prefix| prefix.trim_end_matches(is_of_prefix));
        let behind = &text[name + ITEM.len()..];
        if let Some(before) = before.strip_suffix("</") {
            let end = text.len() - behind.trim_start().strip_prefix('>')?.len();
            return Some(Self { start: before.len(), end: Some(end) });
        }
        let is_name = behind.starts_with(|c: char| c.is_whitespace() || matches!(c, '>' | '/'));
        before.strip_suffix('<').filter(|_| is_name).map(|before| Self { start: before.len(), end: None })
    }
}

/// The start tag of the root element.
fn root_tag(text: &str) -> Option<&str> {
    let mut rest = text;
    loop {
        rest = &rest[rest.find('<')?..];
        let inner = &rest[1..];
        if inner.starts_with(char::is_alphabetic) {
            return Some(tag(rest));
        }
        rest = if inner.starts_with("!--") { &inner[inner.find("-->")?..] } else { inner };
    }
}

/// The name of the element of a start tag, without its prefix.
fn local_name(tag: &str) -> &str {
    let name = &tag[1..name_end(tag)];
    name.rsplit(':').next().unwrap_or(name)
}

/// Where the name ends in a start tag.
pub(super) fn name_end(tag: &str) -> usize {
    tag.find(|c: char| c.is_whitespace() || matches!(c, '>' | '/')).unwrap_or(tag.len())
}

/// The tag at the start: the text up to the first `>` that is in no quotes.
pub(super) fn tag(text: &str) -> &str {
    let mut quote = None;
    let end = text.find(|c: char| {
        match quote {
            Some(open) if c == open => quote = None,
            None if c == '"' || c == '\'' => quote = Some(c),
            _ => {}
        }
        quote.is_none() && c == '>'
    });
    &text[..end.map_or(text.len(), |end| end + 1)]
}

/// The attributes of a start tag: the name of each, and the whole of it.
fn attributes(tag: &str) -> impl Iterator<Item = (&str, &str)> {
    let mut rest = &tag[name_end(tag)..];
    std::iter::from_fn(move || {
        rest = rest.trim_start();
        let (name, value) = rest.split_once('=')?;
        let value = value.trim_start();
        let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''))?;
        let behind = &value[1..][value[1..].find(quote)? + 1..];
        let whole = &rest[..rest.len() - behind.len()];
        rest = behind;
        Some((name.trim_end(), whole))
    })
}

/// Whether an attribute of a message counts for its items too.
fn is_inherited(name: &str) -> bool {
    name == "xml:lang" || name == "xmlns" || name.starts_with("xmlns:")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use roxmltree::Document;

    use super::*;

    const HEAD: &str = "<?xml version=\"1.0\"?>\n<!-- <newsMessage> -->\n<n:newsMessage xmlns:n = 'urn:iptc' xml:lang=\"ar\" \
        id='m'>\n<n:header/><n:itemSet>";

    fn items(text: &str) -> Vec<String> {
        items_of_damaged(text).unwrap_or_default().into_iter().map(|(_, item)| item).collect()
    }

    #[test]
    fn a_damaged_message_gives_its_whole_items() {
        let whole =
            ["<n:newsItem guid='a'><n:p>newsItem</n:p></n:newsItem>", "<n:newsItem xml:lang='de'></n:newsItem >"];
        for (damage, parts) in [
            ("<n:newsItem><n:p>a < b</n:p></n:newsItem>", 1),
            ("<n:newsItem><n:p>AT&T</n:p></n:newsItem>", 1),
            ("<n:newsItem guid=\"x><n:p>never closed", 1),
            ("</n:newsItem><n:packageItem/>&", 0),
            ("<n:newsItems/><x>newsItem </x>", 0),
        ] {
            let text = format!("{HEAD}{}{damage}{}</n:itemSet></n:newsMessage>", whole[0], whole[1]);
            let items = items(&text);
            assert_eq!(items.len(), 2 + parts, "{text}");
            for (item, language) in [(&items[0], "ar"), (&items[1 + parts], "de")] {
                let document = Document::parse(item).expect("well-formed");
                assert_eq!(document.root_element().tag_name().namespace(), Some("urn:iptc"), "{item}");
                let language_of = |name| document.root_element().attribute((name, "lang"));
                assert_eq!(language_of("http://www.w3.org/XML/1998/namespace"), Some(language), "{item}");
                assert_eq!(document.root_element().attribute("id"), None, "{item}");
            }
        }
    }

    #[test]
    fn a_message_that_is_cut_off_gives_the_items_before_the_cut_and_the_rest() {
        let item = "<n:newsItem guid='a'><n:p>x</n:p></n:newsItem>";
        let text = format!("{HEAD}{item}{item}</n:itemSet></n:newsMessage>");
        for end in (HEAD.len() + item.len() + 12)..text.len() {
            let items = items(&text[..end]);
            assert_eq!(items.len(), 2, "{}", &text[..end]);
            assert!(Document::parse(&items[0]).is_ok());
            assert!(!is_closed(&text[..end]), "{}", &text[..end]);
        }
        assert!(is_closed(&text));
    }

    #[test]
    fn other_documents_are_no_messages() {
        for text in ["", "newsItem", "<newsItem><x></newsItem>", "<a><newsItem></a>", "<newsMessage><a></newsMessage>"]
        {
            assert_eq!(items_of_damaged(text), None, "{text}");
        }
        assert_eq!(items_of_damaged(&format!("<newsMessage>{}", "<newsItem>".repeat(1_000_000))), None);
    }

    #[test]
    fn only_files_of_articles_are_checked_for_their_end() {
        for (text, expected) in [
            ("<nitf><body/></nitf >\n", true),
            ("<?xml version='1.0'?><nitf/>", true),
            ("<nitf><body/>", false),
            ("<nitf", false),
            ("<!-- <nitf> --><p>", true),
            ("<html><p>", true),
            ("", true),
        ] {
            assert_eq!(is_closed(text), expected, "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_text_can_be_taken_apart(text in "(<|>|/|\"|'|=| |newsItem|<newsMessage|<newsItem|</newsItem>|é|!--|-->){0,40}") {
            let items = items_of_damaged(&text).unwrap_or_default();
            prop_assert!(items.is_sorted_by(|a, b| a.0 < b.0));
            is_closed(&text);
        }
    }
}

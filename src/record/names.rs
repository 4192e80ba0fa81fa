//! The names of an article: its uri, and the id and url that its record states.

use std::fmt;
use std::ops::Range;

use serde::{Deserialize, Serialize};

/// The uri of an article, with the id and the url that its raw record states, each as it came.
///
/// Most often one of them is part of another, so that all three take little more than the longest: live articles, of
/// which there are millions, hold them too.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ArticleNames {
    /// The uri, and after it what it does not contain.
    text: Box<str>,
    uri_bytes: u16,
    /// Begin and length in `text`; a length of 0 where the record states none.
    id: (u16, u16),
    url: (u16, u16),
}

impl ArticleNames {
    /// The names of an article. Each must be shorter than 16 KiB; an id or url that is longer is left out, and so is an
    /// empty one.
    pub fn new(uri: &str, id: Option<&str>, url: Option<&str>) -> Self {
        let mut text = uri.to_owned();
        let mut place = |name: Option<&str>| {
            let name = name.filter(|name| name.len() < 1 << 14).unwrap_or_default();
            let begin = text.find(name).unwrap_or_else(|| {
                text.push_str(name);
                text.len() - name.len()
            });
            (begin as u16, name.len() as u16)
        };
        let (url, id) = (place(url), place(id));
        Self { uri_bytes: uri.len() as u16, id, url, text: text.into() }
    }

    /// The uri: what identifies the article.
    pub fn uri(&self) -> &str {
        self.at(0..usize::from(self.uri_bytes))
    }

    /// The id in the raw record, as it came.
    pub fn id(&self) -> Option<&str> {
        self.stated(self.id)
    }

    /// The address of the article's page, as it came.
    pub fn url(&self) -> Option<&str> {
        self.stated(self.url)
    }

    fn stated(&self, (begin, bytes): (u16, u16)) -> Option<&str> {
        let begin = usize::from(begin);
        (bytes > 0).then(|| self.at(begin..begin + usize::from(bytes)))
    }

    /// Empty where a damaged record points outside of the text.
    fn at(&self, range: Range<usize>) -> &str {
        self.text.get(range).unwrap_or_default()
    }
}

impl fmt::Debug for ArticleNames {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ArticleNames")
            .field("uri", &self.uri())
            .field("id", &self.id())
            .field("url", &self.url())
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_uri_contains_is_held_once() {
        for (uri, id, url, bytes) in [
            ("https://a.example/7", Some("7"), Some("https://a.example/7"), 19),
            ("a.example/7", Some("7"), None, 11),
            ("urn:x:1", Some("urn:x:1"), Some("https://a.example/x"), 26),
            ("https://a.example/x", Some("41"), Some("https://a.example/x?utm_source=b"), 53),
            ("topic[0]@3", None, None, 10),
        ] {
            let names = ArticleNames::new(uri, id, url);
            assert_eq!((names.uri(), names.id(), names.url()), (uri, id, url));
            assert_eq!(names.text.len(), bytes, "{names:?}");
        }
        assert_eq!(size_of::<ArticleNames>(), 32);
    }

    #[test]
    fn a_damaged_record_gives_no_panic() {
        let damaged = ArticleNames { text: "é".into(), uri_bytes: 1, id: (1, 9), url: (u16::MAX, u16::MAX) };
        assert_eq!((damaged.uri(), damaged.id(), damaged.url()), ("", Some(""), Some("")));
    }
}

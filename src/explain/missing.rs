//! The error of a run that does not contain both articles.

use std::fmt;
use std::sync::Arc;

/// An article that none of the lines contains.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MissingArticle {
    /// The uri or id that was asked for.
    pub name: Arc<str>,
    /// Unreadable lines that mention it, each with its reason.
    pub dead_letters: Vec<String>,
}

/// At least one of the two articles was not found, so there is nothing to explain.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct MissingArticles {
    /// The articles that were not found.
    pub articles: Vec<MissingArticle>,
    /// How many lines were read.
    pub lines: u64,
}

impl fmt::Display for MissingArticles {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, MissingArticle { name, dead_letters }) in self.articles.iter().enumerate() {
            if index > 0 {
                writeln!(f)?;
            }
            write!(f, "no article has the uri or id {name}; {} lines were read", self.lines)?;
            for line in dead_letters {
                write!(f, "\n  this line mentions it but could not be parsed: {line}")?;
            }
        }
        Ok(())
    }
}

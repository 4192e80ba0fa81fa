//! The catalogue of names: topics, consumer groups and transactional ids.

use super::settings::{Config, TopicSettings};

/// Kafka's bound on the name of a topic.
pub(super) const TOPIC_BYTES_MAX: usize = 249;

/// The names of a namespace: its topics, the consumer groups that read them and the transactional ids that write them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TopicNames {
    /// The prefix of internal topics, consumer groups and transactional ids.
    pub namespace: String,
    /// The topics of raw articles.
    pub articles: Vec<String>,
    /// The topic of stories.
    pub stories: String,
    /// The topic of verdicts.
    pub verdicts: String,
    /// The topic of dead letters.
    pub dead_letters: String,
}

impl TopicNames {
    /// The names of a replay, whose public topics begin with its namespace too.
    pub fn of_replay(namespace: &str, articles: Vec<String>) -> Self {
        Self {
            namespace: namespace.to_owned(),
            articles,
            stories: format!("{namespace}.stories"),
            verdicts: format!("{namespace}.verdicts"),
            dead_letters: format!("{namespace}.dead-letters"),
        }
    }

    /// The log: the topic of signatures, in one total order per partition.
    pub fn signatures(&self) -> String {
        self.prefixed("signatures")
    }

    /// The topic of decisions, one for each record of the log.
    pub fn decisions(&self) -> String {
        self.prefixed("decisions")
    }

    /// The topic of boilerplate filters.
    pub fn boilerplate(&self) -> String {
        self.prefixed("boilerplate")
    }

    /// The topic of the plan, if this namespace is a replay, and of its retirement.
    pub fn replay(&self) -> String {
        self.prefixed("replay")
    }

    /// All internal topics, those of a replay included. Nothing else may write to them.
    pub fn internal(&self) -> [String; 4] {
        [self.signatures(), self.decisions(), self.boilerplate(), self.replay()]
    }

    /// The consumer group of the signatures stage.
    pub fn signatures_group(&self) -> String {
        self.prefixed("signatures")
    }

    /// The consumer group of the stories stage.
    pub fn stories_group(&self) -> String {
        self.prefixed("stories")
    }

    /// The transactional id of the signatures stage in the process named `instance`.
    pub fn signatures_writer(&self, instance: &str) -> String {
        format!("{}.{instance}", self.signatures_group())
    }

    /// The prefix of the transactional ids of the stories stage: the partition of the log follows it.
    pub fn stories_writer(&self) -> String {
        self.stories_group()
    }

    /// The transactional id with which a replay writes signatures.
    pub fn replay_writer(&self) -> String {
        format!("{}.replay", self.signatures_group())
    }

    /// The consumer group of a promotion, which is also its transactional id.
    pub fn promotion_group(&self) -> String {
        self.prefixed("promote")
    }

    fn prefixed(&self, name: &str) -> String {
        format!("{}.{name}", self.namespace)
    }
}

impl TopicSettings {
    /// All names of a namespace with these topics.
    pub(super) fn names(&self, namespace: &str) -> TopicNames {
        TopicNames {
            namespace: namespace.to_owned(),
            articles: self.articles.clone(),
            stories: self.stories.clone(),
            verdicts: self.verdicts.clone(),
            dead_letters: self.dead_letters.clone(),
        }
    }
}

impl Config {
    /// The names of the namespace that is served.
    pub fn names(&self) -> TopicNames {
        self.topics.names(&self.namespace)
    }
}

/// The most bytes of a namespace, so that each topic that it begins, also as a replay, has a legal name.
pub(super) fn namespace_bytes_max() -> usize {
    let names = TopicNames::of_replay("", Vec::new());
    let public = [&names.stories, &names.verdicts, &names.dead_letters].map(String::len);
    let longest = names.internal().map(|name| name.len()).into_iter().chain(public).max();
    TOPIC_BYTES_MAX - longest.unwrap_or_default()
}

/// Whether a text can name a namespace.
pub fn is_namespace(text: &str) -> bool {
    let legal = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"._-".contains(&byte);
    (1..=namespace_bytes_max()).contains(&text.len()) && text.bytes().all(legal)
}

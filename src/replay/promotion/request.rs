//! What a user asks of a promotion.

use std::collections::BTreeMap;

use crate::config::TopicNames;
use crate::record::Millis;

/// A promotion as it is asked for.
#[derive(Debug, Clone)]
pub struct PromotionRequest {
    /// The names of the replay.
    pub names: TopicNames,
    /// The names of the service that it replaces.
    pub live: TopicNames,
    /// The settings that signatures and clustering depend on.
    pub settings: BTreeMap<String, String>,
    /// The current time.
    pub now: Millis,
}

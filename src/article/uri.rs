//! The bound of uris.

/// Longest uri that is accepted, in bytes. The uri is a Kafka key, and is kept in memory for every live article.
pub const URI_BYTES_MAX: usize = 1024;

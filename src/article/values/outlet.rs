//! The name of an outlet.

use crate::article::shapes::SHAPES;

/// Shortest hexadecimal text that is no name.
const KEY_BYTES_MIN: usize = 16;

/// The outlet that a value names: the host of an address, or the name itself. None for what stands there in its place,
/// such as the name of a corpus or a path.
pub(in crate::article) fn of_name(name: &str) -> Option<String> {
    let host = if name.contains("://") { Some(host(name)?) } else { None };
    let name = host.as_deref().unwrap_or(name);
    let begins = |start: &str| name.get(..start.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(start));
    let ends = |end: &str| {
        let start = name.len().checked_sub(end.len());
        start.and_then(|start| name.get(start..)).is_some_and(|found| found.eq_ignore_ascii_case(end))
    };
    let is_other = |other: &String| match (other.strip_suffix('*'), other.strip_prefix('*')) {
        (Some(start), _) => begins(start),
        (_, Some(end)) => ends(end),
        _ => other.eq_ignore_ascii_case(name),
    };
    let is_none = name.starts_with('/') || is_key(name) || SHAPES.values.no_outlet.iter().any(is_other);
    (!is_none).then(|| name.to_owned())
}

/// Whether a text is a number or the key of a database: an `ObjectId`, a UUID, a hash.
fn is_key(text: &str) -> bool {
    let is_number = text.bytes().all(|byte| byte.is_ascii_digit());
    let is_hexadecimal = text.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-');
    is_number || (is_hexadecimal && text.len() >= KEY_BYTES_MIN && text.bytes().any(|byte| byte.is_ascii_digit()))
}

/// The outlet by the address of a page, which is its host, or by a `NewsML` identity, which names the provider (RFC 3085).
pub(in crate::article) fn of_address(uri: &str) -> Option<String> {
    let provider = || uri.strip_prefix("urn:newsml:")?.split(':').next().filter(|provider| provider.contains('.'));
    host(uri).or_else(|| provider().map(str::to_ascii_lowercase)).and_then(|host| of_name(&host))
}

/// The host of an http or https address in lower case, without `www.`, user and port.
pub(in crate::article) fn host(url: &str) -> Option<String> {
    let (scheme, rest) = url.trim().split_once("://")?;
    if !["http", "https"].iter().any(|http| http.eq_ignore_ascii_case(scheme)) {
        return None;
    }
    let authority = rest.split(['/', '?', '#']).next()?;
    let address = authority.rsplit('@').next()?;
    let host = address.split(':').next()?.to_ascii_lowercase();
    let host = host.strip_prefix("www.").unwrap_or(&host);
    (!host.is_empty()).then(|| host.to_owned())
}

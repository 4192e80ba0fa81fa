//! The name of an outlet.

use crate::article::shapes::SHAPES;

/// The outlet that a value names: the host of an address, or the name itself. None for what stands there in its place,
/// such as the name of a corpus or a path.
pub(in crate::article) fn of_name(name: &str) -> Option<String> {
    if name.contains("://") {
        return host(name);
    }
    let is_other = |other: &String| match other.strip_suffix('*') {
        Some(start) => name.get(..start.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(start)),
        None => other.eq_ignore_ascii_case(name),
    };
    let is_number = name.bytes().all(|byte| byte.is_ascii_digit());
    let is_none = name.starts_with('/') || is_number || SHAPES.values.no_outlet.iter().any(is_other);
    (!is_none).then(|| name.to_owned())
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

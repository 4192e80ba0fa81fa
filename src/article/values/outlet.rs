//! The name of an outlet.

use crate::article::shapes::SHAPES;

/// Longest name of an outlet or credit, in bytes; the rest is cut off. Names are part of every signature, and a by-line
/// that contains the whole article must not be.
pub const NAME_BYTES_MAX: usize = 200;

/// Shortest hexadecimal text that is no name.
const KEY_BYTES_MIN: usize = 16;

/// Labels that a host begins with for one of the forms of a site, also with a number: they make no other outlet.
const FORM_LABELS: [&str; 4] = ["www", "m", "mobile", "amp"];

/// The outlet that a value names: the host of an address, or the name itself. None for what stands there in its place,
/// such as the name of a corpus or a path.
pub fn of_name(name: &str) -> Option<String> {
    let host = if name.contains("://") { Some(host(name)?) } else { bare_host(name) };
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

/// The host in a name that is one, or an address without a scheme, in the form of [`host`].
fn bare_host(name: &str) -> Option<String> {
    let rest = name.strip_prefix("//").unwrap_or(name);
    let authority = rest.split(['/', '?', '#']).next()?;
    let (host, port) = authority.split_once(':').unwrap_or((authority, ""));
    let is_label = |label: &str| {
        !label.is_empty() && !label.contains(|c: char| c.is_whitespace() || c.is_ascii_punctuation() && c != '-')
    };
    // `A.B.`, `Dr. No` and `Vol.2` are names.
    let last = host.rsplit('.').next()?;
    let is_top = last.chars().count() > 1 && (last.chars().all(char::is_alphabetic) || last.starts_with("xn--"));
    let is_port = port.bytes().all(|byte| byte.is_ascii_digit());
    let is_host = is_top && is_port && host.contains('.') && host.split('.').all(is_label);
    is_host.then(|| site(&host.to_lowercase()).to_owned())
}

/// A host without the labels that only stand for a form of the site.
fn site(host: &str) -> &str {
    let mut site = host;
    while let Some((label, rest)) = site.split_once('.')
        && FORM_LABELS.contains(&label.trim_end_matches(|c: char| c.is_ascii_digit()))
        && rest.contains('.')
    {
        site = rest;
    }
    site
}

/// The host of an http or https address in lower case, without `www.` and the like, user and port.
pub(in crate::article) fn host(url: &str) -> Option<String> {
    let (scheme, rest) = url.trim().split_once("://")?;
    if !["http", "https"].iter().any(|http| http.eq_ignore_ascii_case(scheme)) {
        return None;
    }
    let authority = rest.split(['/', '?', '#']).next()?;
    let address = authority.rsplit('@').next()?;
    let host = address.split(':').next()?.to_ascii_lowercase();
    let host = site(host.trim_end_matches('.'));
    (!host.is_empty()).then(|| host.to_owned())
}

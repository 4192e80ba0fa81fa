//! The publishers of outlets.

use std::collections::BTreeMap;

use crate::article::outlet_of_name;

/// Publishers by outlet: the outlets of one publisher share a boilerplate filter and count once where independent copies
/// are counted.
#[derive(Debug, Clone, Default)]
pub struct Publishers {
    /// Outlet, in lower case and without `www.`, to its publisher.
    configured: BTreeMap<String, String>,
}

impl Publishers {
    /// The publishers of these pairs of publisher and outlet, for outlets whose publisher is not their registrable domain.
    pub fn new(pairs: impl IntoIterator<Item = (String, String)>) -> Self {
        let configured = pairs.into_iter().map(|(publisher, outlet)| (key(&outlet), publisher)).collect();
        Self { configured }
    }

    /// The publisher of an outlet whose articles are on pages of the host `site`, each empty where unknown: by
    /// configuration, else the registrable domain of the first of the two that is a host (by the Public Suffix List,
    /// <https://publicsuffix.org>), else the outlet in lower case.
    pub fn of(&self, outlet: &str, site: &str) -> String {
        let names = [outlet, site].into_iter();
        // As a rule none is configured, and no key is made.
        let mut configured = names.clone().filter(|_| !self.configured.is_empty());
        let known = configured.find_map(|name| self.configured.get(&key(name)).cloned());
        known.or_else(|| names.clone().find_map(registrable_domain)).unwrap_or_else(|| outlet.to_lowercase())
    }
}

fn key(outlet: &str) -> String {
    outlet_of_name(outlet).unwrap_or_else(|| outlet.to_owned()).to_lowercase()
}

fn registrable_domain(host: &str) -> Option<String> {
    let is_host = host.contains('.') && !host.contains(|c: char| c.is_whitespace() || c.is_uppercase() || c == '/');
    let is_address = host.split('.').all(|label| label.bytes().all(|byte| byte.is_ascii_digit()));
    (is_host && !is_address).then(|| psl::domain_str(host).unwrap_or(host).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_publisher_is_configured_or_a_registrable_domain_or_the_outlet() {
        let pairs = [("Marrow Media", "www.marrowpost.example"), ("Marrow Media", "The Quern")];
        let publishers = Publishers::new(pairs.map(|(publisher, outlet)| (publisher.to_owned(), outlet.to_owned())));
        for (outlet, site, publisher) in [
            ("marrowpost.example", "", "Marrow Media"),
            ("Marrow Post", "marrowpost.example", "Marrow Media"),
            ("THE QUERN", "quern.example", "Marrow Media"),
            ("sport.quern.co.uk", "", "quern.co.uk"),
            ("quern.co.uk", "", "quern.co.uk"),
            ("Quern Times", "sport.quern.co.uk", "quern.co.uk"),
            ("Quern Times", "", "quern times"),
            ("127.0.0.1", "", "127.0.0.1"),
            ("co.uk", "", "co.uk"),
            ("", "", ""),
        ] {
            assert_eq!(publishers.of(outlet, site), publisher, "{outlet} {site}");
        }
    }
}

//! Options, checked, in the form that requests look things up in.

use std::collections::HashMap;
use std::sync::Arc;

use axum::http::{HeaderName, HeaderValue};
use url::Url;

use crate::auth::key_ring::KeyRing;
use crate::options::{AllowedOrigins, IngestOptions, OptionsError};
use crate::source::Source;

/// Options, checked, with indexes of keys, origins and sources. Replaced as a whole.
pub(crate) struct CompiledOptions {
    pub(crate) options: IngestOptions,
    pub(crate) keys: KeyRing,
    pub(crate) origins: Origins,
    sources: HashMap<Arc<str>, Arc<Source>>,
}

impl CompiledOptions {
    /// Checks options. The rate limits go on from where they were in `before`.
    ///
    /// # Errors
    ///
    /// The first contradiction.
    pub(crate) fn new(options: IngestOptions, before: Option<&Self>) -> Result<Self, OptionsError> {
        options.check()?;
        for source in &options.sources {
            let webhook = source.webhook.as_ref();
            if let Some(shared) = webhook.and_then(|webhook| webhook.shared_secret.as_ref())
                && HeaderName::try_from(&shared.header).is_err()
            {
                return Err(OptionsError::InvalidHeader(shared.header.clone()));
            }
        }
        if let Some(url) = &options.public_url
            && !Url::parse(url).is_ok_and(|url| matches!(url.scheme(), "http" | "https"))
        {
            return Err(OptionsError::InvalidPublicUrl(url.clone()));
        }
        let origins = Origins::new(&options.cors.allowed_origins)?;
        if options.cors.credentials && matches!(origins, Origins::Any) {
            return Err(OptionsError::CredentialsForAnyOrigin);
        }
        let sources: Vec<_> = options.sources.iter().cloned().map(Arc::new).collect();
        let before = before.map(|before| &before.keys);
        Ok(Self {
            keys: KeyRing::new(&sources, options.rate_limit, before),
            origins,
            sources: sources
                .into_iter()
                .map(|source| (Arc::clone(&source.name), source))
                .collect(),
            options,
        })
    }

    /// A source by its name.
    pub(crate) fn source(&self, name: &str) -> Option<&Arc<Source>> {
        self.sources.get(name)
    }
}

/// Which pages may call.
pub(crate) enum Origins {
    Any,
    List {
        exact: Vec<String>,
        /// Scheme, and the end of the host with its dot.
        sub_domains: Vec<(String, String)>,
    },
}

impl Origins {
    fn new(allowed: &AllowedOrigins) -> Result<Self, OptionsError> {
        let AllowedOrigins::List(list) = allowed else {
            return Ok(Self::Any);
        };
        let (mut exact, mut sub_domains) = (Vec::new(), Vec::new());
        for origin in list {
            let invalid = || OptionsError::InvalidOrigin(origin.clone());
            let written = origin.trim_end_matches('/').to_ascii_lowercase();
            let plain = written.replacen("://*.", "://", 1);
            let url = Url::parse(&plain).map_err(|_| invalid())?;
            if !matches!(url.scheme(), "http" | "https")
                || url.origin().ascii_serialization() != plain
            {
                return Err(invalid());
            }
            match written.split_once("://*.") {
                Some((scheme, domain)) => {
                    sub_domains.push((format!("{scheme}://"), format!(".{domain}")));
                }
                None => exact.push(written),
            }
        }
        Ok(Self::List { exact, sub_domains })
    }

    /// Whether a page of this origin may call.
    pub(crate) fn allow(&self, origin: &HeaderValue) -> bool {
        let Self::List { exact, sub_domains } = self else {
            return true;
        };
        let Ok(origin) = origin.to_str() else {
            return false;
        };
        exact.iter().any(|known| known == origin)
            || sub_domains.iter().any(|(scheme, domain)| {
                origin.starts_with(scheme.as_str())
                    && origin.ends_with(domain.as_str())
                    && origin.len() > scheme.len() + domain.len()
            })
    }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::Origins;
    use crate::options::AllowedOrigins;

    fn origins(list: &[&str]) -> Option<Origins> {
        let list = list.iter().map(|&one| one.to_owned()).collect();
        Origins::new(&AllowedOrigins::List(list)).ok()
    }

    #[test]
    fn origins_match_as_a_whole() {
        let origins =
            origins(&["https://Shop.example/", "https://*.example.org"]).expect("origins");
        for (origin, allowed) in [
            ("https://shop.example", true),
            ("http://shop.example", false),
            ("https://shop.example:8443", false),
            ("https://evilshop.example", false),
            ("https://a.example.org", true),
            ("https://a.b.example.org", true),
            ("https://example.org", false),
            ("https://.example.org", false),
            ("https://evilexample.org", false),
            ("null", false),
        ] {
            let value = HeaderValue::from_static(origin);
            assert_eq!(origins.allow(&value), allowed, "{origin}");
        }
    }

    #[test]
    fn text_that_is_not_an_origin_is_refused() {
        for origin in [
            "*",
            "shop.example",
            "https://shop.example/path",
            "ftp://a.example",
            "https://",
        ] {
            assert!(origins(&[origin]).is_none(), "{origin}");
        }
    }
}

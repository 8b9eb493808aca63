//! Settings that are text with a form of its own: what is right, what to say when it is not, and where it goes.

use conversions_transport::{GraphUrl, GraphUrlError};
use facebook_conversions::Currency;
use facebook_conversions::graph::ApiVersion;

use crate::destination::Destination;
use crate::diagnostic::Mistake;
use crate::secret::looks_like_secret;

/// A setting that is text.
pub(crate) struct TextRule {
    /// Puts the text in its place, unless it is wrong.
    pub(crate) set: fn(&mut Destination, &str) -> Result<(), Mistake>,
    /// What is in force, if anything.
    pub(crate) show: fn(&Destination) -> Option<String>,
    /// A regular expression, for the JSON schema; `set` may be stricter.
    pub(crate) pattern: &'static str,
    /// Whether a bare number will do: ids of nothing but digits are often written as one.
    pub(crate) takes_numbers: bool,
}

/// Most rules: text only.
const RULE: TextRule = TextRule {
    set: |_, _| Ok(()),
    show: |_| None,
    pattern: r"\S",
    takes_numbers: false,
};

pub(crate) const PIXEL_ID: TextRule = TextRule {
    set: |destination, text| {
        let pixel_id = text.parse().map_err(|_| {
            Mistake::new("`pixel_id` must consist of digits, at most 32")
                .help("copy the dataset or pixel id from Events Manager")
        })?;
        destination.graph.pixel_id = Some(pixel_id);
        Ok(())
    },
    show: |destination| destination.graph.pixel_id.as_ref().map(ToString::to_string),
    pattern: "^[0-9]*$",
    takes_numbers: true,
};

pub(crate) const API_VERSION: TextRule = TextRule {
    set: |destination, text| {
        destination.graph.api_version = text.parse().map_err(|_| {
            Mistake::new(format!(
                "`api_version` must look like {}",
                ApiVersion::CURRENT
            ))
        })?;
        Ok(())
    },
    show: |destination| Some(destination.graph.api_version.to_string()),
    pattern: r"^(v?[0-9]+\.[0-9]+)?$",
    ..RULE
};

pub(crate) const GRAPH_URL: TextRule = TextRule {
    set: |destination, text| {
        let url = text.parse().map_err(|error: GraphUrlError| {
            Mistake::new(format!("`graph_url` cannot be used: {error}"))
                .help(format!("the default is {}", GraphUrl::META))
        })?;
        destination.graph.url = Some(url);
        Ok(())
    },
    show: |destination| {
        let url = destination.graph.url.as_ref();
        Some(url.map_or_else(|| GraphUrl::META.to_owned(), ToString::to_string))
    },
    pattern: "^(https?://.*)?$",
    ..RULE
};

pub(crate) const TEST_EVENT_CODE: TextRule = TextRule {
    set: |destination, text| {
        if text.contains(char::is_whitespace) {
            return Err(Mistake::new("`test_event_code` must be one word")
                .help("copy it from the tab Test Events in Events Manager"));
        }
        if looks_like_secret(text) {
            return Err(Mistake::new("`test_event_code` looks like a secret")
                .help("it is the short code of the tab Test Events in Events Manager"));
        }
        destination.mapping.test_event_code = Some(text.to_owned());
        Ok(())
    },
    show: |destination| destination.mapping.test_event_code.clone(),
    ..RULE
};

pub(crate) const VALUE_IDENTIFIER: TextRule = TextRule {
    set: |destination, text| {
        text.clone_into(&mut destination.mapping.value_identifier);
        Ok(())
    },
    show: |destination| Some(destination.mapping.value_identifier.clone()),
    ..RULE
};

pub(crate) const EXTERNAL_ID_PROP: TextRule = TextRule {
    set: |destination, text| {
        if text.split('.').any(|name| name.trim().is_empty()) {
            return Err(Mistake::new(
                "`external_id_prop` must be names with single dots between them",
            )
            .help("for example \"properties.customer_id\""));
        }
        destination.mapping.external_id_prop = Some(text.to_owned());
        Ok(())
    },
    show: |destination| destination.mapping.external_id_prop.clone(),
    ..RULE
};

pub(crate) const DEFAULT_CURRENCY: TextRule = TextRule {
    set: |destination, text| {
        let currency = Currency::parse(text);
        destination.mapping.default_currency = currency.ok_or_else(|| {
            Mistake::new("`default_currency` is not a currency code of ISO 4217")
                .help("for example \"USD\" or \"EUR\"")
        })?;
        Ok(())
    },
    show: |destination| Some(destination.mapping.default_currency.to_string()),
    pattern: "^([A-Za-z]{3})?$",
    ..RULE
};

#[cfg(test)]
mod tests {
    use super::*;

    fn sets(rule: &TextRule, text: &str) -> bool {
        (rule.set)(&mut Destination::default(), text).is_ok()
    }

    #[test]
    fn tokens_travel_encrypted_or_not_at_all() {
        for good in [
            "https://graph.facebook.com",
            "https://proxy.example/meta/",
            "http://127.0.0.1:8080",
            "http://127.9.9.9",
            "http://[::1]:1",
            "http://localhost:99",
        ] {
            assert!(sets(&GRAPH_URL, good), "{good}");
        }
        for bad in [
            "http://graph.facebook.com",
            "http://localhost.example",
            "http://10.0.0.1",
            "ftp://127.0.0.1",
            "graph.facebook.com",
            "https://me:pw@graph.facebook.com",
            "https://graph.facebook.com/?access_token=1",
        ] {
            assert!(!sets(&GRAPH_URL, bad), "{bad}");
        }
    }

    #[test]
    fn forms() {
        assert!(sets(&PIXEL_ID, "1234567890123456") && !sets(&PIXEL_ID, "12a"));
        for (version, good) in [
            ("v26.0", true),
            ("26.0", true),
            ("v26", false),
            ("vv.0", false),
        ] {
            assert_eq!(sets(&API_VERSION, version), good, "{version}");
        }
        assert!(sets(&EXTERNAL_ID_PROP, "properties.customer.id"));
        assert!(!sets(&EXTERNAL_ID_PROP, "properties..id") && !sets(&EXTERNAL_ID_PROP, ".id"));
        assert!(sets(&DEFAULT_CURRENCY, "eur") && !sets(&DEFAULT_CURRENCY, "EURO"));
    }
}

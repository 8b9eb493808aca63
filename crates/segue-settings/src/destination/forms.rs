//! Settings of a destination that are text with a form of its own.

use conversions_transport::{GraphUrl, GraphUrlError, PixelId};
use facebook_conversions::graph::ApiVersion;
use facebook_conversions::{CountryCode, Currency};

use crate::diagnostic::Mistake;
use crate::kinds::Parsed;
use crate::test_event_code;

pub(crate) const PIXEL_ID: Parsed<Option<PixelId>> = Parsed {
    parse: |text| {
        text.parse().map(Some).map_err(|_| {
            Mistake::new("`pixel_id` must consist of digits, at most 32")
                .help("copy the dataset or pixel id from Events Manager")
        })
    },
    show: |pixel_id| pixel_id.as_ref().map(ToString::to_string),
    pattern: "^[0-9]*$",
    takes_numbers: true,
};

pub(crate) const API_VERSION: Parsed<ApiVersion> = Parsed {
    parse: |text| {
        let current = ApiVersion::CURRENT;
        let mistake = |_| Mistake::new(format!("`api_version` must look like {current}"));
        text.parse().map_err(mistake)
    },
    show: |version| Some(version.to_string()),
    pattern: r"^(v?[0-9]+\.[0-9]+)?$",
    takes_numbers: false,
};

pub(crate) const GRAPH_URL: Parsed<Option<GraphUrl>> = Parsed {
    parse: |text| {
        text.parse().map(Some).map_err(|error: GraphUrlError| {
            Mistake::new(format!("`graph_url` cannot be used: {error}"))
                .help(format!("the default is {}", GraphUrl::META))
        })
    },
    show: |url| {
        Some(
            url.as_ref()
                .map_or_else(|| GraphUrl::META.to_owned(), ToString::to_string),
        )
    },
    pattern: "^(https?://.*)?$",
    takes_numbers: false,
};

pub(crate) const TEST_EVENT_CODE: Parsed<Option<String>> = Parsed {
    parse: |text| test_event_code::check(text).map(|()| Some(text.to_owned())),
    show: Clone::clone,
    pattern: r"\S",
    takes_numbers: false,
};

pub(crate) const EXTERNAL_ID_PROP: Parsed<Option<String>> = Parsed {
    parse: |text| {
        if text.split('.').any(|name| name.trim().is_empty()) {
            return Err(Mistake::new(
                "`external_id_prop` must be names with single dots between them",
            )
            .help("for example \"properties.customer_id\""));
        }
        Ok(Some(text.to_owned()))
    },
    show: Clone::clone,
    pattern: r"\S",
    takes_numbers: false,
};

pub(crate) const DEFAULT_COUNTRY: Parsed<Option<CountryCode>> = Parsed {
    parse: |text| {
        CountryCode::parse(text).map(Some).ok_or_else(|| {
            Mistake::new("`default_country` is not a country code of ISO 3166")
                .help("for example \"US\" or \"DE\"")
        })
    },
    show: |country| country.map(|country| country.to_string()),
    pattern: "^([A-Za-z]{2})?$",
    takes_numbers: false,
};

pub(crate) const DEFAULT_CURRENCY: Parsed<Currency> = Parsed {
    parse: |text| {
        Currency::parse(text).ok_or_else(|| {
            Mistake::new("`default_currency` is not a currency code of ISO 4217")
                .help("for example \"USD\" or \"EUR\"")
        })
    },
    show: |currency| Some(currency.to_string()),
    pattern: "^([A-Za-z]{3})?$",
    takes_numbers: false,
};

#[cfg(test)]
mod tests {
    use super::*;

    fn takes<T>(form: &Parsed<T>, text: &str) -> bool {
        (form.parse)(text).is_ok()
    }

    #[test]
    fn plain_http_is_for_this_machine_only() {
        for good in [
            "https://graph.facebook.com",
            "https://proxy.example/meta/",
            "http://127.0.0.1:8080",
            "http://127.9.9.9",
            "http://[::1]:1",
            "http://localhost:99",
        ] {
            assert!(takes(&GRAPH_URL, good), "{good}");
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
            assert!(!takes(&GRAPH_URL, bad), "{bad}");
        }
    }

    #[test]
    fn ids_versions_paths_and_currencies_have_forms() {
        assert!(takes(&PIXEL_ID, "1234567890123456") && !takes(&PIXEL_ID, "12a"));
        for (version, good) in [
            ("v26.0", true),
            ("26.0", true),
            ("v26", false),
            ("vv.0", false),
        ] {
            assert_eq!(takes(&API_VERSION, version), good, "{version}");
        }
        assert!(takes(&EXTERNAL_ID_PROP, "properties.customer.id"));
        assert!(!takes(&EXTERNAL_ID_PROP, "properties..id") && !takes(&EXTERNAL_ID_PROP, ".id"));
        assert!(takes(&DEFAULT_COUNTRY, "gb") && !takes(&DEFAULT_COUNTRY, "Narnia"));
        assert!(takes(&DEFAULT_CURRENCY, "eur") && !takes(&DEFAULT_CURRENCY, "EURO"));
    }
}

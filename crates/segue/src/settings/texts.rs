//! Settings that are text with a form of its own: what is right, what to say when it is not, and where it goes.

use facebook_conversions::Currency;
use url::{Host, Url};

use crate::settings::destination::Destination;
use crate::settings::diagnostic::Mistake;

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
        if !text.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(Mistake::new("`pixel_id` must consist of digits")
                .help("copy the dataset or pixel id from Events Manager"));
        }
        destination.graph.pixel_id = Some(text.to_owned());
        Ok(())
    },
    show: |destination| destination.graph.pixel_id.clone(),
    pattern: "^[0-9]*$",
    takes_numbers: true,
};

pub(crate) const API_VERSION: TextRule = TextRule {
    set: |destination, text| {
        let (major, minor) = text
            .strip_prefix('v')
            .and_then(|number| number.split_once('.'))
            .unwrap_or_default();
        let digits =
            |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
        if !(digits(major) && digits(minor) && minor.len() == 1) {
            return Err(Mistake::new("`api_version` must look like v26.0"));
        }
        text.clone_into(&mut destination.graph.api_version);
        Ok(())
    },
    show: |destination| Some(destination.graph.api_version.clone()),
    pattern: r"^(v[0-9]+\.[0-9])?$",
    ..RULE
};

pub(crate) const GRAPH_URL: TextRule = TextRule {
    set: |destination, text| {
        check_graph_url(text)?;
        text.trim_end_matches('/')
            .clone_into(&mut destination.graph.graph_url);
        Ok(())
    },
    show: |destination| Some(destination.graph.graph_url.clone()),
    pattern: "^(https?://.*)?$",
    ..RULE
};

pub(crate) const TEST_EVENT_CODE: TextRule = TextRule {
    set: |destination, text| {
        if text.contains(char::is_whitespace) {
            return Err(Mistake::new("`test_event_code` must be one word")
                .help("copy it from the tab Test Events in Events Manager"));
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

/// `https` anywhere, plain `http` on this machine only: the access token travels in a header.
fn check_graph_url(text: &str) -> Result<(), Mistake> {
    let help = "the default is https://graph.facebook.com";
    let url =
        Url::parse(text).map_err(|_| Mistake::new("`graph_url` is not an address").help(help))?;
    let on_this_machine = match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    };
    match url.scheme() {
        "https" => {}
        "http" if on_this_machine => {}
        "http" => {
            return Err(Mistake::new(
                "`graph_url` must be https, or http on this machine (127.0.0.1, ::1, localhost)",
            )
            .help(help));
        }
        _ => return Err(Mistake::new("`graph_url` must begin with https://").help(help)),
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(
            Mistake::new("`graph_url` must not hold a user name or password")
                .help("the token belongs in `access_token`"),
        );
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err(Mistake::new("`graph_url` must end before `?` and `#`")
            .help("the token belongs in `access_token`, the version in `api_version`"));
    }
    Ok(())
}

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
            ("26.0", false),
            ("v26", false),
            ("v26.00", false),
            ("vv.0", false),
        ] {
            assert_eq!(sets(&API_VERSION, version), good, "{version}");
        }
        assert!(sets(&EXTERNAL_ID_PROP, "properties.customer.id"));
        assert!(!sets(&EXTERNAL_ID_PROP, "properties..id") && !sets(&EXTERNAL_ID_PROP, ".id"));
        assert!(sets(&DEFAULT_CURRENCY, "eur") && !sets(&DEFAULT_CURRENCY, "EURO"));
    }
}

use axum::http::{HeaderMap, HeaderName, HeaderValue};

use segment_spec::{Line, Message};

use super::Enrichment;
use crate::options::{EnrichmentOptions, Senders};
use crate::request::sender::Sender;

const BROWSER: (&str, &str) = ("user-agent", "Mozilla/5.0");
const SAME_ORIGIN: (&str, &str) = ("sec-fetch-site", "same-origin");

/// The members that may be added.
const PATHS: [&str; 5] = ["ip", "userAgent", "fbp", "fbc", "page.url"];

fn enrichment(list: &[(&'static str, &'static str)], options: &EnrichmentOptions) -> Enrichment {
    let headers: HeaderMap = list
        .iter()
        .map(|(name, value)| {
            (
                HeaderName::from_static(name),
                HeaderValue::from_static(value),
            )
        })
        .collect();
    let sender = Sender {
        peer: "203.0.113.7".parse().ok(),
        headers: &headers,
    };
    Enrichment::new(&sender, options)
}

/// The values at [`PATHS`] of a context, once it is filled.
fn filled(enrichment: &Enrichment, context: &str) -> [Option<String>; 5] {
    let text = format!(r#"{{"context":{context}}}"#);
    let line = Line::new(text.as_bytes()).expect("a line");
    let mut message = Message::read(&line).expect("a message");
    enrichment.fill(&mut message.context);
    PATHS.map(|path| {
        let value = message.at_path(&format!("context.{path}"))?;
        Some(value.as_str().map_or(value.text().to_owned(), Into::into))
    })
}

fn enriched(list: &[(&'static str, &'static str)], context: &str) -> [Option<String>; 5] {
    filled(&enrichment(list, &EnrichmentOptions::default()), context)
}

fn texts(values: [&str; 5]) -> [Option<String>; 5] {
    values.map(|value| (!value.is_empty()).then(|| value.to_owned()))
}

const COOKIES: (&str, &str) = (
    "cookie",
    "_fbp=fb.1.1596403881668.1116446470; _fbc=fb.1.1554763741205.AbC",
);

#[test]
fn a_browser_s_request_fills_the_context() {
    let page = ("referer", "https://shop.example/p?x=1");
    let headers = [BROWSER, SAME_ORIGIN, COOKIES, page];
    for context in [
        r#"{"locale":"de"}"#,
        "null",
        r#"{"ip":" ","page":null,"fbp":null}"#,
        r#"{"page":{"url":""}}"#,
    ] {
        assert_eq!(
            enriched(&headers, context),
            texts([
                "203.0.113.7",
                "Mozilla/5.0",
                "fb.1.1596403881668.1116446470",
                "fb.1.1554763741205.AbC",
                "https://shop.example/p?x=1",
            ]),
            "{context}"
        );
    }
}

#[test]
fn values_of_the_message_win() {
    let context = r#"{"ip":"0.0.0.0","userAgent":"mine","fbp":"f","fbc":"x","page":{"url":"u"}}"#;
    let page = ("referer", "https://shop.example/");
    assert_eq!(
        enriched(&[BROWSER, SAME_ORIGIN, COOKIES, page], context),
        texts(["0.0.0.0", "mine", "f", "x", "u"])
    );
}

#[test]
fn a_context_or_page_of_the_wrong_type_is_not_filled() {
    let page = ("referer", "https://shop.example/");
    let headers = [BROWSER, SAME_ORIGIN, page];
    assert_eq!(enriched(&headers, "7"), texts([""; 5]));
    assert_eq!(
        enriched(&headers, r#"{"page":"/"}"#),
        texts(["203.0.113.7", "Mozilla/5.0", "", "", ""])
    );
}

#[test]
fn a_server_s_request_says_nothing_and_an_app_s_the_address() {
    let server = [("user-agent", "analytics-python/2.4.0")];
    let by_default = enrichment(&server, &EnrichmentOptions::default());
    assert_eq!(by_default, Enrichment::default());
    let all = EnrichmentOptions {
        senders: Senders::All,
        ..EnrichmentOptions::default()
    };
    assert_ne!(enrichment(&server, &all), Enrichment::default());
    assert_eq!(
        enriched(&[("user-agent", "analytics-kotlin/1.19.1")], "{}"),
        texts(["203.0.113.7", "", "", "", ""])
    );
}

#[test]
fn cookies_count_on_the_same_site_and_in_meta_s_format() {
    let cookies = ("cookie", "_fbp=fb.1.1596403881668.1116446470");
    for (list, has_fbp) in [
        (
            &[BROWSER, ("sec-fetch-site", "same-site"), cookies][..],
            true,
        ),
        (&[BROWSER, ("sec-fetch-site", "cross-site"), cookies], false),
        (&[BROWSER, SAME_ORIGIN, ("cookie", "_fbp=GA1.2.3")], false),
    ] {
        let [_, _, fbp, ..] = enriched(list, "{}");
        assert_eq!(fbp.is_some(), has_fbp, "{list:?}");
    }
}

#[test]
fn a_click_id_in_the_page_s_address_beats_a_cookie_with_another_one() {
    let cookie = ("cookie", "_fbc=fb.1.1554763741205.Old");
    for (page, has_cookie) in [
        (r#"{"url":"https://a.example/?fbclid=New"}"#, false),
        (r#"{"url":"https://a.example/?x=1&fbclid=Old#f"}"#, true),
        (
            r#"{"url":"https://a.example/","search":"?fbclid=New"}"#,
            false,
        ),
        (r#"{"url":"https://a.example/?fbclid=%20"}"#, true),
        (r#"{"url":"https://a.example/#fbclid=New"}"#, true),
        (r#"{"url":7}"#, true),
    ] {
        let context = format!("{{\"page\":{page}}}");
        let [_, _, _, fbc, _] = enriched(&[BROWSER, SAME_ORIGIN, cookie], &context);
        assert_eq!(fbc.is_some(), has_cookie, "{page}");
    }
    let page = ("referer", "https://shop.example/?fbclid=New");
    let [_, _, _, fbc, _] = enriched(&[BROWSER, SAME_ORIGIN, cookie, page], "{}");
    assert_eq!(fbc, None, "the address may come from the request as well");
}

#[test]
fn each_switch_turns_off_its_own_values() {
    let page = ("referer", "https://shop.example/");
    let headers = [BROWSER, SAME_ORIGIN, COOKIES, page];
    let on = EnrichmentOptions::default;
    for (options, is_on) in [
        (on(), [true; 5]),
        (
            EnrichmentOptions { ip: false, ..on() },
            [false, true, true, true, true],
        ),
        (
            EnrichmentOptions {
                user_agent: false,
                ..on()
            },
            [true, false, true, true, true],
        ),
        (
            EnrichmentOptions {
                cookies: false,
                ..on()
            },
            [true, true, false, false, true],
        ),
        (
            EnrichmentOptions {
                page: false,
                ..on()
            },
            [true, true, true, true, false],
        ),
    ] {
        let enrichment = enrichment(&headers, &options);
        let found = filled(&enrichment, "{}").map(|value| value.is_some());
        assert_eq!(found, is_on, "{options:?}");
    }
}

#[test]
fn a_header_over_4096_bytes_is_left_out() {
    let mut headers = HeaderMap::new();
    let agent = format!("Mozilla/{}", "x".repeat(5000));
    headers.insert(
        "user-agent",
        HeaderValue::from_str(&agent).expect("a value"),
    );
    let sender = Sender {
        peer: None,
        headers: &headers,
    };
    let enrichment = Enrichment::new(&sender, &EnrichmentOptions::default());
    assert_eq!(enrichment, Enrichment::default());
}

#[test]
fn bytes_are_those_of_the_values_as_json() {
    let page = ("referer", "https://shop.example/");
    let options = EnrichmentOptions::default();
    let enrichment = enrichment(&[BROWSER, SAME_ORIGIN, COOKIES, page], &options);
    let json: usize = filled(&enrichment, "{}")
        .iter()
        .flatten()
        .map(|text| text.len() + 2)
        .sum();
    assert_eq!(enrichment.bytes(), json);
}

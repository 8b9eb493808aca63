use axum::http::{HeaderMap, HeaderName, HeaderValue};

use super::Additions;
use crate::object::Object;
use crate::options::{Enrichment, Senders};
use crate::sender::Sender;

const BROWSER: (&str, &str) = ("user-agent", "Mozilla/5.0");
const SAME_ORIGIN: (&str, &str) = ("sec-fetch-site", "same-origin");

fn additions(list: &[(&'static str, &'static str)], options: &Enrichment) -> Additions {
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
    Additions::of(&sender, options)
}

fn enriched(list: &[(&'static str, &'static str)], context: &str) -> String {
    let mut context = Object::read(context).expect("an object");
    additions(list, &Enrichment::default()).apply(&mut context);
    context.to_json()
}

#[test]
fn a_browser_s_request_completes_the_context() {
    let cookies = (
        "cookie",
        "_fbp=fb.1.1596403881668.1116446470; _fbc=fb.1.1554763741205.AbC",
    );
    let page = ("referer", "https://shop.example/p?x=1");
    assert_eq!(
        enriched(&[BROWSER, SAME_ORIGIN, cookies, page], r#"{"locale":"de"}"#),
        r#"{"locale":"de","ip":"203.0.113.7","userAgent":"Mozilla/5.0","fbp":"fb.1.1596403881668.1116446470","page":{"url":"https://shop.example/p?x=1"},"fbc":"fb.1.1554763741205.AbC"}"#
    );
}

#[test]
fn what_the_message_says_stands() {
    let context = r#"{"ip":"0.0.0.0","userAgent":"mine","fbp":"f","fbc":"x","page":{"url":"u"}}"#;
    let cookies = (
        "cookie",
        "_fbp=fb.1.1596403881668.1116446470; _fbc=fb.1.1554763741205.AbC",
    );
    let page = ("referer", "https://shop.example/");
    assert_eq!(
        enriched(&[BROWSER, SAME_ORIGIN, cookies, page], context),
        context
    );
}

#[test]
fn nothing_is_known_of_the_users_of_a_server_and_little_of_those_of_an_app() {
    assert!(
        additions(
            &[("user-agent", "analytics-python/2.4.0")],
            &Enrichment::default()
        )
        .is_empty()
    );
    let app = enriched(&[("user-agent", "analytics-kotlin/1.19.1")], "{}");
    assert_eq!(app, r#"{"ip":"203.0.113.7"}"#);
    let all = Enrichment {
        senders: Senders::All,
        ..Enrichment::default()
    };
    assert!(!additions(&[("user-agent", "analytics-python/2.4.0")], &all).is_empty());
}

#[test]
fn cookies_count_on_the_same_site_and_only_if_they_are_meta_s() {
    let cookies = ("cookie", "_fbp=fb.1.1596403881668.1116446470");
    for (list, has_fbp) in [
        (
            &[BROWSER, ("sec-fetch-site", "same-site"), cookies][..],
            true,
        ),
        (&[BROWSER, ("sec-fetch-site", "cross-site"), cookies], false),
        (&[BROWSER, SAME_ORIGIN, ("cookie", "_fbp=GA1.2.3")], false),
    ] {
        assert_eq!(
            enriched(list, "{}").contains("\"fbp\""),
            has_fbp,
            "{list:?}"
        );
    }
}

#[test]
fn a_click_id_in_the_page_s_address_beats_a_cookie_that_holds_another() {
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
        let found = enriched(&[BROWSER, SAME_ORIGIN, cookie], &context).contains("\"fbc\"");
        assert_eq!(found, has_cookie, "{page}");
    }
}

#[test]
fn each_addition_can_be_switched_off() {
    let list = &[
        BROWSER,
        SAME_ORIGIN,
        (
            "cookie",
            "_fbp=fb.1.1596403881668.1116446470; _fbc=fb.1.1554763741205.AbC",
        ),
        ("referer", "https://shop.example/"),
    ];
    let on = Enrichment::default();
    for (options, gone) in [
        (
            Enrichment {
                ip: false,
                ..on.clone()
            },
            &["ip"][..],
        ),
        (
            Enrichment {
                user_agent: false,
                ..on.clone()
            },
            &["userAgent"],
        ),
        (
            Enrichment {
                cookies: false,
                ..on.clone()
            },
            &["fbp", "fbc"],
        ),
        (
            Enrichment {
                page: false,
                ..on.clone()
            },
            &["page"],
        ),
    ] {
        let mut context = Object::default();
        additions(list, &options).apply(&mut context);
        for key in ["ip", "userAgent", "fbp", "fbc", "page"] {
            assert_eq!(
                context.get(key).is_none(),
                gone.contains(&key),
                "{key} of {options:?}"
            );
        }
    }
}

#[test]
fn what_is_too_long_is_not_copied_into_every_message() {
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
    assert!(Additions::of(&sender, &Enrichment::default()).is_empty());
}

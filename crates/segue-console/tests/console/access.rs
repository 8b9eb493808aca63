//! Who gets in, and what may change something.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{Request, StatusCode};
use segue_console::{Access, Console};

use crate::browser::Browser;
use crate::made_up::MadeUp;

const RIGHT: &str = "Basic b3BzOmEtbG9uZy1wYXNzd29yZA==";
const WRONG: &str = "Basic b3BzOm5vdC10aGlzLW9uZQ==";

fn behind_password() -> Browser {
    let access = Access::Password("a-long-password".into());
    Browser {
        router: Console::new(Arc::new(MadeUp::shop()), access).router(),
    }
}

fn from(peer: &str, credentials: Option<&str>) -> axum::http::request::Builder {
    let peer: SocketAddr = peer.parse().unwrap();
    let request = Request::get("/settings")
        .extension(ConnectInfo(peer))
        .header("host", "segue.example.com");
    match credentials {
        Some(credentials) => request.header("authorization", credentials),
        None => request,
    }
}

#[tokio::test]
async fn every_answer_has_the_headers_that_protect_it() {
    let open = Browser::on_loopback(Arc::new(MadeUp::shop()));
    let closed = behind_password();
    for (browser, address) in [
        (&open, "/"),
        (&open, "/assets/console.js"),
        (&open, "/api/v1/events"),
        (&open, "/none"),
        (&closed, "/"),
    ] {
        let headers = browser.get(address).await.headers;
        let policy = headers["content-security-policy"].to_str().unwrap();
        assert!(
            policy.starts_with("default-src 'none'") && policy.contains("frame-ancestors 'none'")
        );
        assert!(!policy.contains("unsafe"), "{policy}");
        assert_eq!(headers["x-content-type-options"], "nosniff");
        assert_eq!(headers["cache-control"], "no-store");
    }
}

#[tokio::test]
async fn only_the_password_opens_the_pages_and_the_api() {
    let browser = behind_password();
    for address in [
        "/",
        "/events",
        "/api/v1/about",
        "/live",
        "/assets/console.css",
    ] {
        let answer = browser.get(address).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{address}");
        assert!(
            answer.headers["www-authenticate"]
                .to_str()
                .unwrap()
                .starts_with("Basic")
        );
    }
    let wrong = browser
        .ask(from("10.0.0.1:1", Some(WRONG)), Body::empty())
        .await;
    assert_eq!(wrong.status, StatusCode::UNAUTHORIZED);
    let right = browser
        .ask(from("10.0.0.1:1", Some(RIGHT)), Body::empty())
        .await;
    assert_eq!(right.status, StatusCode::OK);
}

#[tokio::test]
async fn guessing_is_throttled_by_address() {
    let browser = behind_password();
    let mut statuses = Vec::new();
    for _ in 0..50 {
        statuses.push(
            browser
                .ask(from("10.0.0.1:1", Some(WRONG)), Body::empty())
                .await
                .status,
        );
    }
    assert_eq!(
        statuses
            .iter()
            .filter(|status| **status == StatusCode::UNAUTHORIZED)
            .count(),
        5
    );
    let right = browser
        .ask(from("10.0.0.1:2", Some(RIGHT)), Body::empty())
        .await;
    assert_eq!(
        right.status,
        StatusCode::TOO_MANY_REQUESTS,
        "a right guess is not confirmed"
    );
    assert!(right.headers.contains_key("retry-after"));
    let other = browser
        .ask(from("10.0.0.2:1", Some(RIGHT)), Body::empty())
        .await;
    assert_eq!(other.status, StatusCode::OK);
}

#[tokio::test]
async fn a_page_of_another_site_changes_nothing() {
    let shop = Arc::new(MadeUp::shop());
    let browser = Browser::on_loopback(Arc::clone(&shop) as _);
    let token = browser.token().await;
    let with_token = format!("id=42&token={token}");
    for (headers, body) in [
        (&[("sec-fetch-site", "cross-site")][..], with_token.as_str()),
        (&[("origin", "https://evil.example.com")], &with_token),
        (&[("sec-fetch-site", "same-origin")], "id=42"),
        (
            &[("sec-fetch-site", "same-origin")],
            "id=42&token=0123456789abcdef0123456789abcdef",
        ),
        (&[("x-console-token", "0")], &with_token),
        (&[], "id=42"),
    ] {
        for path in [
            "/dead-letters/purge",
            "/dead-letters/replay",
            "/dead-letters/export",
            "/tester",
            "/first-steps/write-key",
            "/api/v1/dead-letters/purge",
            "/api/v1/tester",
        ] {
            let mut request =
                Request::post(path).header("content-type", "application/x-www-form-urlencoded");
            for (name, value) in headers {
                request = request.header(*name, *value);
            }
            let answer = browser.ask(request, Body::from(body.to_owned())).await;
            assert_eq!(answer.status, StatusCode::FORBIDDEN, "{path} {headers:?}");
        }
    }
    assert!(shop.done.lock().unwrap().is_empty() && shop.tested.lock().unwrap().is_empty());
}

#[tokio::test]
async fn another_name_for_this_machine_is_refused_without_a_password() {
    let browser = Browser::on_loopback(Arc::new(MadeUp::shop()));
    let request = Request::get("/").header("host", "rebound.example.com:8081");
    let answer = browser.ask(request, Body::empty()).await;
    assert_eq!(answer.status, StatusCode::MISDIRECTED_REQUEST);
    assert!(!answer.body.contains("shop-eu"));
}

#[tokio::test]
async fn a_console_that_is_off_says_so_and_nothing_else() {
    let browser = Browser {
        router: Console::new(Arc::new(MadeUp::shop()), Access::Off).router(),
    };
    let answer = browser.get("/").await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    assert!(answer.body.contains("[console]") && answer.body.contains("password"));
    assert_eq!(browser.get("/events").await.status, StatusCode::NOT_FOUND);
}

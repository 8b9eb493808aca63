//! What the pages say.

use std::sync::Arc;

use axum::http::StatusCode;
use segue_console::{DeadLetterAction, MessageTest};

use crate::browser::Browser;
use crate::made_up::MadeUp;

const PAGES: [&str; 14] = [
    "/",
    "/?range=14d",
    "/first-steps",
    "/events",
    "/events?outcome=rejected",
    "/events?id=m-3",
    "/events/k-7",
    "/tester",
    "/dead-letters",
    "/dead-letters/42",
    "/dead-letters/confirm?action=purge&reason=refused",
    "/match-quality",
    "/settings",
    "/nowhere",
];

#[tokio::test]
async fn every_page_is_whole_and_asks_nobody_else() {
    for shop in [MadeUp::shop(), MadeUp::new_installation()] {
        let browser = Browser::on_loopback(Arc::new(shop));
        for page in PAGES {
            let answer = browser.get(page).await;
            let body = &answer.body;
            if page == "/nowhere" {
                assert_eq!(answer.status, StatusCode::NOT_FOUND);
            } else {
                assert_eq!(answer.status, StatusCode::OK, "{page}: {body}");
            }
            assert!(
                body.starts_with("<!DOCTYPE html>") && body.ends_with("</html>"),
                "{page}"
            );
            for inline in ["style=", "<style", "onclick", "src=\"http", "javascript:"] {
                assert!(!body.contains(inline), "{page} has {inline}");
            }
            assert_eq!(
                body.matches("<script").count(),
                body.matches("<script src=\"/assets/console.js\"").count()
            );
        }
    }
}

#[tokio::test]
async fn nothing_from_outside_becomes_markup() {
    let evil = r#"<script>alert("1")</script>'"><img src=x>"#;
    let browser = Browser::on_loopback(Arc::new(MadeUp::with_text(evil)));
    let encoded: String = url::form_urlencoded::byte_serialize(evil.as_bytes()).collect();
    let queries = [
        format!("/events?id={encoded}"),
        format!("/events?source={encoded}&outcome={encoded}&reason={encoded}&limit={encoded}"),
        format!(
            "/dead-letters?reason={encoded}&destination={encoded}&id={encoded}&offset={encoded}"
        ),
        format!("/dead-letters/confirm?action=replay&reason={encoded}"),
        format!("/match-quality?window={encoded}"),
        format!("/?range={encoded}"),
    ];
    for page in PAGES.iter().map(ToString::to_string).chain(queries) {
        let body = browser.get(&page).await.body;
        for raw in ["<script>", "<img", "alert(\"1"] {
            assert!(!body.contains(raw), "{page}: {body}");
        }
    }
}

#[tokio::test]
async fn a_search_takes_ids_of_any_length_and_content() {
    let browser = Browser::on_loopback(Arc::new(MadeUp::shop()));
    let long = "x".repeat(30_000);
    for id in [
        long.as_str(),
        "%00%01",
        "%ff%fe",
        "%F0%9F%92%A9",
        "..%2f..%2f",
        "%20m-3%20",
    ] {
        let answer = browser.get(&format!("/events?id={id}")).await;
        assert_eq!(answer.status, StatusCode::OK, "{id}");
        assert!(answer.body.len() < 20_000, "the page does not repeat it");
        assert_eq!(
            answer.body.contains("Nothing is known of this id"),
            id != "%20m-3%20",
            "{id}"
        );
    }
}

#[tokio::test]
async fn the_question_comes_before_and_covers_what_was_seen() {
    let shop = Arc::new(MadeUp::shop());
    let browser = Browser::on_loopback(Arc::clone(&shop) as _);
    let question = browser
        .get("/dead-letters/confirm?action=purge&reason=refused&destination=shop-us")
        .await;
    assert!(
        question
            .body
            .contains("Remove 120 dead letters given up as “refused” for shop-us for good?")
    );
    assert!(question.body.contains(r#"name="until""#));
    let gone = browser
        .get("/dead-letters/confirm?action=replay&id=9999")
        .await;
    assert!(gone.body.contains("There is none"), "{}", gone.body);

    let answer = browser
        .post("/dead-letters/replay", "id=42&until=2026-11-20T12:00:00Z")
        .await;
    assert!(
        answer.body.contains("1 dead letter is sent again"),
        "{}",
        answer.body
    );
    assert!(answer.body.contains("Meta no longer accepts it."));
    let purged = browser.post("/dead-letters/purge", "id=43").await;
    assert_eq!(purged.status, StatusCode::NOT_FOUND);
    assert!(
        purged
            .body
            .contains("no dead letter of this number any more")
    );
    let nothing = browser.post("/dead-letters/purge", "id=all").await;
    assert_eq!(
        nothing.status,
        StatusCode::NOT_FOUND,
        "what is no id does not mean all"
    );

    let done = shop.done.lock().unwrap();
    let (action, selection) = &done[0];
    assert_eq!(
        (*action, selection.id),
        (DeadLetterAction::Replay, Some(42))
    );
    assert_eq!(selection.until, Some(crate::made_up::sample::now()));
}

#[tokio::test]
async fn an_export_is_a_file() {
    let browser = Browser::on_loopback(Arc::new(MadeUp::shop()));
    let answer = browser.post("/dead-letters/export", "reason=refused").await;
    assert_eq!(answer.headers["content-type"], "application/x-ndjson");
    assert!(
        answer.headers["content-disposition"]
            .to_str()
            .unwrap()
            .starts_with("attachment")
    );
    assert_eq!(answer.body, "{\"event_name\":\"Purchase\"}\n");
}

#[tokio::test]
async fn a_pasted_message_reaches_the_mapping_as_it_is_and_not_when_it_is_too_large() {
    let shop = Arc::new(MadeUp::shop());
    let browser = Browser::on_loopback(Arc::clone(&shop) as _);
    let answer = browser
        .post("/tester", "message=%7B%00%ff&destination=shop-us")
        .await;
    assert_eq!(answer.status, StatusCode::OK);
    let refused = browser.post("/tester", "message=kept&send=yes").await;
    assert!(refused.body.contains("Give a test code") && refused.body.contains("kept</textarea>"));
    let expected = MessageTest {
        message: "{\0\u{fffd}".to_owned(),
        destination: "shop-us".to_owned(),
        ..MessageTest::default()
    };
    assert_eq!(shop.tested.lock().unwrap()[0], expected);

    let large = format!("message={}", "%22".repeat(4 << 20));
    let answer = browser.post("/tester", &large).await;
    assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE);
    assert!(answer.body.contains("too large"));
    assert_eq!(shop.tested.lock().unwrap().len(), 2);
}

#[tokio::test]
async fn a_write_key_is_shown_only_when_a_person_asks() {
    let browser = Browser::on_loopback(Arc::new(MadeUp::shop()));
    for page in ["/first-steps", "/api/v1/first-steps", "/settings"] {
        assert!(
            !browser.get(page).await.body.contains("the_whole_key"),
            "{page}"
        );
    }
    let shown = browser.post("/first-steps/write-key", "source=web").await;
    assert!(shown.body.contains("wk_7_the_whole_key"));
    let unknown = browser.post("/first-steps/write-key", "source=other").await;
    assert_eq!(unknown.status, StatusCode::NOT_FOUND);
}

//! Replies of every kind, and bodies that are not replies.

use proptest::prelude::*;
use serde_json::json;

use super::{EventsReceived, GraphError, Reply, UnreadableKind};

fn refused(status: u16, body: &serde_json::Value) -> GraphError {
    match Reply::read(status, body.to_string().as_bytes(), &[]) {
        Reply::Refused(error) => error,
        other => panic!("{other:?}"),
    }
}

fn received(body: &serde_json::Value) -> EventsReceived {
    match Reply::read(200, body.to_string().as_bytes(), &[]) {
        Reply::Received(receipt) => receipt,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_receipt_with_remarks() {
    let receipt = received(&json!({
        "events_received": 3, "messages": ["event_time is in the future", null, {"odd": 1}], "fbtrace_id": "AbC_1",
    }));
    assert_eq!(receipt.events_received, Some(3));
    assert_eq!(
        receipt.messages,
        ["event_time is in the future", r#"{"odd":1}"#]
    );
    assert_eq!(receipt.fbtrace_id.as_deref(), Some("AbC_1"));
}

#[test]
fn a_receipt_of_wrong_types_is_still_a_receipt() {
    let receipt =
        received(&json!({"events_received": "2", "messages": "careful", "fbtrace_id": 7}));
    assert_eq!(receipt.events_received, Some(2));
    assert_eq!(receipt.messages, ["careful"]);
    assert_eq!(receipt.fbtrace_id, None);
    assert_eq!(
        received(&json!({"events_received": -1})).events_received,
        None
    );
    assert_eq!(received(&json!({"fbtrace_id": "A"})).events_received, None);
}

#[test]
fn a_graph_error_in_full() {
    let error = refused(
        400,
        &json!({"error": {
            "message": "Invalid parameter", "type": "OAuthException", "code": 100, "error_subcode": 2_804_050,
            "is_transient": false, "error_user_title": "Zu wenig Angaben", "error_user_msg": "Bitte ergänzen",
            "error_data": {"blame_field_specs": [["data", 0, "user_data"], ["data"]]}, "fbtrace_id": "Axyz",
        }}),
    );
    assert_eq!(
        (error.status(), error.code(), error.error_subcode()),
        (400, Some(100), Some(2_804_050))
    );
    assert_eq!(error.is_transient(), Some(false));
    assert_eq!(error.message(), Some("Invalid parameter"));
    assert_eq!(error.error_user_title(), Some("Zu wenig Angaben"));
    assert_eq!(error.error_user_msg(), Some("Bitte ergänzen"));
    assert_eq!(error.blame_field_specs(), ["data.0.user_data", "data"]);
    assert_eq!(error.fbtrace_id(), Some("Axyz"));
}

#[test]
fn error_data_may_be_a_text_that_holds_json() {
    let error = refused(
        400,
        &json!({"error": {"code": 100, "error_data": r#"{"blame_field_specs":[["event_time"]]}"#}}),
    );
    assert_eq!(error.blame_field_specs(), ["event_time"]);
    let error = refused(
        400,
        &json!({"error": {"code": 100, "error_data": "not JSON"}}),
    );
    assert!(error.blame_field_specs().is_empty());
}

#[test]
fn members_of_wrong_types_count_as_absent() {
    let error = refused(
        500,
        &json!({"error": {"message": 1, "code": "190", "error_subcode": [], "is_transient": "yes", "error_data": 3}}),
    );
    assert_eq!(
        (error.code(), error.error_subcode(), error.is_transient()),
        (Some(190), None, None)
    );
    assert_eq!(error.message(), None);
    assert_eq!(refused(400, &json!({"error": {}})).code(), None);
}

#[test]
fn an_error_is_an_error_whatever_the_status() {
    assert_eq!(
        refused(200, &json!({"error": {"code": 2}, "events_received": 1})).code(),
        Some(2)
    );
}

#[test]
fn replies_that_are_not_of_graph_are_unreadable() {
    let cases: [(u16, &[u8], UnreadableKind); 12] = [
        (
            502,
            b"<html><body>Bad gateway</body></html>",
            UnreadableKind::Html,
        ),
        (200, b"  <!DOCTYPE html>", UnreadableKind::Html),
        (200, b"", UnreadableKind::Empty),
        (500, b" \r\n", UnreadableKind::Empty),
        (200, b"{\"events_received\": 1", UnreadableKind::Truncated),
        (200, b"{\"events_rec", UnreadableKind::Truncated),
        (503, b"upstream connect error", UnreadableKind::NotJson),
        (200, b"\xff\xfe{}", UnreadableKind::NotJson),
        (200, b"[]", UnreadableKind::WrongJson),
        (200, b"{\"success\": true}", UnreadableKind::WrongJson),
        (400, b"{\"error\": \"bad\"}", UnreadableKind::WrongJson),
        (500, b"{\"events_received\": 1}", UnreadableKind::WrongJson),
    ];
    for (status, body, kind) in cases {
        let text = String::from_utf8_lossy(body);
        assert_eq!(
            Reply::read(status, body, &[]),
            Reply::Unreadable(kind),
            "{status} {text}"
        );
    }
}

#[test]
fn a_byte_order_mark_does_no_harm() {
    let body = b"\xef\xbb\xbf{\"events_received\": 1}";
    assert_eq!(
        Reply::read(200, body, &[]),
        Reply::Received(EventsReceived::all_of(1))
    );
}

#[test]
fn the_token_does_not_survive_a_message_that_quotes_it() {
    let body = json!({"error": {
        "message": "Malformed access token EAAB/secret", "error_user_title": "EAAB/secret",
        "error_user_msg": "EAAB/secret", "fbtrace_id": "EAAB/secret", "code": 190,
        "error_data": {"blame_field_specs": [["EAAB/secret"]]},
    }});
    // PHP writes a slash as `\/`.
    let body = body.to_string().replace('/', "\\/");
    let Reply::Refused(error) = Reply::read(401, body.as_bytes(), &["EAAB/secret"]) else {
        panic!("an error")
    };
    assert_eq!(error.message(), Some("Malformed access token [redacted]"));
    assert_eq!(error.error_user_title(), Some("[redacted]"));
    assert_eq!(error.error_user_msg(), Some("[redacted]"));
    assert_eq!(error.blame_field_specs(), ["[redacted]"]);
    assert_eq!(error.fbtrace_id(), None);

    let body =
        br#"{"events_received": 1, "messages": ["EAAB/secret"], "fbtrace_id": "EAAB/secret"}"#;
    let Reply::Received(receipt) = Reply::read(200, body, &["EAAB/secret"]) else {
        panic!("a receipt")
    };
    assert_eq!(
        (receipt.messages, receipt.fbtrace_id),
        (vec!["[redacted]".to_owned()], None)
    );
}

#[test]
fn neither_debug_nor_display_show_what_meta_wrote() {
    let words = json!({"error": {"code": 100, "message": "jo@example.com", "error_user_title": "jo@example.com",
        "error_user_msg": "jo@example.com", "error_data": {"blame_field_specs": [["jo@example.com"]]}}});
    let error = refused(400, &words);
    assert!(!format!("{error} {error:?} {error:#?}").contains("jo@"));
    let receipt = received(&json!({"events_received": 1, "messages": ["jo@example.com"]}));
    assert!(!format!("{receipt:?} {:?}", Reply::Received(receipt.clone())).contains("jo@"));
}

/// JSON that resembles a reply: the right names around arbitrary values.
fn reply_like() -> impl Strategy<Value = serde_json::Value> {
    let leaf = prop_oneof![
        Just(json!(null)),
        any::<bool>().prop_map(|v| json!(v)),
        any::<i64>().prop_map(|v| json!(v)),
        any::<f64>().prop_map(|v| json!(v)),
        "\\PC{0,12}".prop_map(|v| json!(v)),
        Just(json!("{\"blame_field_specs\":[1,[[]],{}]}")),
    ];
    let names = prop::sample::select(vec![
        "error",
        "code",
        "error_subcode",
        "is_transient",
        "message",
        "error_data",
        "blame_field_specs",
        "fbtrace_id",
        "error_user_title",
        "error_user_msg",
        "events_received",
        "messages",
    ]);
    leaf.prop_recursive(4, 40, 8, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(|v| json!(v)),
            prop::collection::btree_map(names.clone().prop_map(str::to_owned), inner, 0..8)
                .prop_map(|v| json!(v)),
        ]
    })
}

proptest! {
    #[test]
    fn any_bytes_are_read(status: u16, body: Vec<u8>) {
        let _ = Reply::read(status, &body, &["secret"]);
    }

    #[test]
    fn any_json_is_read_and_any_error_object_is_an_error(status: u16, body in reply_like()) {
        let reply = Reply::read(status, body.to_string().as_bytes(), &[]);
        let has_error = body.get("error").is_some_and(serde_json::Value::is_object);
        prop_assert_eq!(matches!(reply, Reply::Refused(_)), has_error);
    }

    #[test]
    fn a_receipt_cut_anywhere_is_never_taken_for_whole(cut in 1usize..60) {
        let body = br#"{"events_received":1000,"messages":[],"fbtrace_id":"AbCdEfGhIj"}"#;
        prop_assert_eq!(
            Reply::read(200, &body[..cut.min(body.len() - 1)], &[]),
            Reply::Unreadable(UnreadableKind::Truncated)
        );
    }
}

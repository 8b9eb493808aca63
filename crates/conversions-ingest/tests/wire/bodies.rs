//! Bodies of every size, coding and shape.

use proptest::prelude::*;
use serde_json::json;

use crate::support::{End, ORDER, Pieces, batch, endpoint, gzip, plain};

#[tokio::test]
async fn a_body_is_read_as_json_whatever_its_content_type() {
    let endpoint = plain();
    for content_type in [
        "application/json",
        "text/plain",
        "application/json; charset=utf-8",
        "application/x-www-form-urlencoded",
        "image/png",
        "",
    ] {
        for encoding in ["gzip", "identity", "", "br"] {
            let headers = [
                ("content-type", content_type),
                ("content-encoding", encoding),
            ];
            let compressed = endpoint
                .post_with("/v1/track", &headers, gzip(ORDER.as_bytes()))
                .await;
            assert_eq!(compressed.verdict(), "200", "{content_type} {encoding}");
            let plain = endpoint.post_with("/v1/track", &headers, ORDER).await;
            assert_eq!(plain.verdict(), "200", "{content_type} {encoding}");
        }
    }
    assert_eq!(endpoint.sink.taken().len(), 48);
}

#[tokio::test]
async fn a_body_in_chunks_of_any_size_is_read() {
    let endpoint = plain();
    for compressed in [false, true] {
        let bytes = if compressed {
            gzip(ORDER.as_bytes())
        } else {
            ORDER.as_bytes().to_vec()
        };
        for size in [1, 2, 7, 64] {
            let pieces = bytes.chunks(size).map(<[u8]>::to_vec).collect();
            let body = Pieces::body(pieces, End::Well);
            assert_eq!(endpoint.post("/v1/track", body).await.verdict(), "200");
        }
    }
    let mut events = endpoint.sink.events();
    assert_eq!(events.len(), 8);
    events.dedup();
    assert_eq!(events.len(), 1);
}

#[tokio::test]
async fn malformed_bodies_are_refused_each_with_its_code() {
    let endpoint = plain();
    let deep = format!("{{\"a\":{}{}}}", "[".repeat(200), "]".repeat(200));
    for (body, expected) in [
        (&b""[..], "400 bad_request"),
        (b"hello", "400 bad_request"),
        (b"{\"event\":\"A\"", "400 bad_request"),
        (b"{\"event\":\"\xff\"}", "400 bad_request"),
        (b"[]", "400 bad_request"),
        (b"null", "400 bad_request"),
        (b"{}{}", "400 bad_request"),
        (deep.as_bytes(), "400 bad_request"),
        (b"\x1f\x8b\x08\x00garbage", "400 bad_compression"),
        (b"{}", "400 no_user_anon_id"),
        (br#"{"userId":"u"}"#, "400 event_not_defined"),
        (br#"{"userId":"u","event":1}"#, "400 event_not_string"),
        (
            br#"{"userId":"u","event":"E","properties":"p"}"#,
            "400 properties_not_object",
        ),
        (br#"{"userId":[],"event":"E"}"#, "400 id_not_string"),
        (
            b"\xef\xbb\xbf{\"userId\":\"u\",\"event\":\"\\ud83d\"}",
            "200",
        ),
    ] {
        let answer = endpoint.post("/v1/track", body.to_vec()).await;
        assert_eq!(
            answer.verdict(),
            expected,
            "{}",
            String::from_utf8_lossy(body)
        );
    }
    for (body, expected) in [
        ("{}", "400 empty_batch"),
        (r#"{"batch":[]}"#, "400 empty_batch"),
        (r#"{"batch":{}}"#, "400 bad_request"),
        (r#"{"batch":[1,null]}"#, "400 not_an_object"),
        (r#"{"batch":[{},{}]}"#, "400 no_user_anon_id"),
    ] {
        assert_eq!(
            endpoint.post("/v1/batch", body).await.verdict(),
            expected,
            "{body}"
        );
    }
}

#[tokio::test]
async fn a_bad_message_of_a_batch_is_listed_and_the_others_are_accepted() {
    let endpoint = plain();
    let messages = [ORDER, "7", r#"{"userId":"u","event":{}}"#, ORDER];
    let answer = endpoint.post("/v1/batch", batch(&messages)).await;
    assert_eq!(answer.status.as_u16(), 200);
    let expected = json!({"success": true, "rejected": [
        {"index": 1, "code": "not_an_object"}, {"index": 2, "code": "event_not_string"}]});
    assert_eq!(answer.json(), expected);
    assert_eq!(endpoint.sink.taken().len(), 2);
    let outcomes = endpoint.sink.outcomes();
    let expected = [
        ("accepted", 2),
        ("rejected: event_not_string", 1),
        ("rejected: not_an_object", 1),
    ];
    assert_eq!(
        outcomes,
        expected.map(|(outcome, count)| (outcome.to_owned(), count))
    );
}

#[tokio::test]
async fn without_strict_mode_every_message_that_can_be_mapped_is_accepted() {
    let endpoint = endpoint(|options| options.strict = false);
    let message = r#"{"event":"A","context":{"traits":{"email":"a@b.example"}},"properties":7}"#;
    assert_eq!(endpoint.post("/v1/track", message).await.verdict(), "200");
    assert_eq!(endpoint.sink.taken().len(), 1);
}

#[tokio::test]
async fn size_limits_hold_to_the_byte_after_inflating() {
    let endpoint = endpoint(|options| {
        options.limits.message_bytes = 200;
        options.limits.batch_bytes = 600;
        options.limits.batch_messages = 3;
    });
    let sized = |bytes: usize| {
        let empty = r#"{"userId":"u","event":"A","properties":{"p":""}}"#;
        empty.replace(
            r#""p":"""#,
            &format!(r#""p":"{}""#, "x".repeat(bytes - empty.len())),
        )
    };
    for (bytes, expected) in [(200, "200"), (201, "400 payload_too_large")] {
        assert_eq!(
            endpoint.post("/v1/track", sized(bytes)).await.verdict(),
            expected
        );
        let compressed = gzip(sized(bytes).as_bytes());
        assert_eq!(
            endpoint.post("/v1/track", compressed).await.verdict(),
            expected
        );
    }
    let answer = endpoint
        .post("/v1/batch", batch(&[&sized(200), &sized(201)]))
        .await;
    assert_eq!(
        answer.json()["rejected"],
        json!([{"index": 1, "code": "message_too_large"}])
    );
    let large = batch(&[&sized(200), &sized(200), &sized(200)]);
    assert_eq!(
        endpoint.post("/v1/batch", large).await.verdict(),
        "400 payload_too_large"
    );
    let small = sized(60);
    let many = |count: usize| batch(&vec![small.as_str(); count]);
    assert_eq!(endpoint.post("/v1/batch", many(3)).await.verdict(), "200");
    assert_eq!(
        endpoint.post("/v1/batch", many(4)).await.verdict(),
        "400 too_many_messages"
    );
}

#[tokio::test]
async fn a_gzip_bomb_is_refused() {
    let bomb = gzip(&vec![b' '; 50_000_000]);
    assert!(bomb.len() < 60_000);
    let answer = plain().post("/v1/batch", bomb.clone()).await;
    assert_eq!(answer.verdict(), "400 payload_too_large");
    // Within the limits of a webhook, and far beyond those of a batch.
    let bomb = gzip(&vec![b' '; 3_900_000]);
    let generous = endpoint(|options| options.limits.batch_bytes = 4_000_000);
    assert_eq!(
        generous.post("/v1/batch", bomb).await.verdict(),
        "400 bad_compression"
    );
}

#[tokio::test]
async fn a_hundred_thousand_keys_are_read_in_linear_time() {
    let endpoint = endpoint(|options| {
        options.limits.message_bytes = 4_000_000;
        options.limits.batch_bytes = 4_000_000;
    });
    let keys = |count: u32| {
        (0..count)
            .map(|n| format!("\"k{n}\":{n}"))
            .collect::<Vec<_>>()
            .join(",")
    };
    let many = keys(100_000);
    let started = std::time::Instant::now();
    for message in [
        format!(r#"{{"userId":"u","event":"A",{many}}}"#),
        format!(r#"{{"userId":"u","event":"A","context":{{{many}}}}}"#),
        format!(r#"{{"userId":"u","event":"A","integrations":{{{many}}}}}"#),
    ] {
        assert_eq!(endpoint.post("/v1/track", message).await.verdict(), "200");
    }
    let properties = format!(r#"{{"userId":"u","event":"A","properties":{{{many}}}}}"#);
    assert_eq!(
        endpoint.post("/v1/track", properties).await.verdict(),
        "400 too_many_properties"
    );
    let shared = format!(
        r#"{{"batch":[{{"userId":"u","event":"A","context":{{{}}}}}],"context":{{{}}}}}"#,
        keys(60_000),
        many
    );
    assert_eq!(endpoint.post("/v1/batch", shared).await.verdict(), "200");
    // Quadratic work on these would take minutes.
    assert!(started.elapsed().as_secs() < 20, "{:?}", started.elapsed());
}

fn json_value() -> impl Strategy<Value = serde_json::Value> {
    let leaf = prop_oneof![
        Just(json!(null)),
        any::<bool>().prop_map(|value| json!(value)),
        any::<i64>().prop_map(|value| json!(value)),
        ".{0,8}".prop_map(|value| json!(value)),
        Just(json!("2026-11-23T14:00:00Z")),
    ];
    leaf.prop_recursive(3, 24, 5, |inner| {
        let key = prop_oneof![
            Just("batch".to_owned()),
            Just("context".to_owned()),
            Just("properties".to_owned()),
            Just("integrations".to_owned()),
            Just("userId".to_owned()),
            Just("event".to_owned()),
            Just("type".to_owned()),
            Just("timestamp".to_owned()),
            Just("sentAt".to_owned()),
            Just("page".to_owned()),
            Just("writeKey".to_owned()),
            "[a-z]{1,4}",
        ];
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(|list| json!(list)),
            prop::collection::btree_map(key, inner, 0..6).prop_map(|map| json!(map)),
        ]
    })
}

fn answered(path: &str, body: Vec<u8>) -> u16 {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build();
    let headers = [
        ("user-agent", "Mozilla/5.0"),
        ("sec-fetch-site", "same-origin"),
        ("cookie", "_fbc=fb.1.1.a"),
    ];
    runtime.expect("a runtime").block_on(async {
        plain()
            .post_with(path, &headers, body)
            .await
            .status
            .as_u16()
    })
}

const PATHS: [&str; 4] = ["/v1/track", "/v1/batch", "/v1/identify", "/beacon/v1/batch"];

proptest! {
    #[test]
    fn any_json_is_taken_or_refused(value in json_value(), path in 0..4usize, squeeze: bool) {
        let mut body = value.to_string().into_bytes();
        if squeeze {
            body = gzip(&body);
        }
        prop_assert!(matches!(answered(PATHS[path], body), 200 | 400));
    }

    #[test]
    fn any_messages_are_taken_or_refused(messages in prop::collection::vec(json_value(), 0..5), shared in json_value()) {
        let body = json!({"batch": messages, "context": shared, "sentAt": "2026-11-23T13:00:00Z"});
        prop_assert!(matches!(answered("/v1/batch", body.to_string().into_bytes()), 200 | 400));
    }

    #[test]
    fn any_bytes_are_refused(body in prop::collection::vec(any::<u8>(), 0..200), path in 0..4usize) {
        prop_assert!(matches!(answered(PATHS[path], body), 200 | 400));
    }

    #[test]
    fn whatever_breaks_off_is_refused(cut in 0..100usize) {
        let body = batch(&[ORDER]);
        let cut = cut.min(body.len() - 1);
        prop_assert_eq!(answered("/v1/batch", body.as_bytes()[..cut].to_vec()), 400);
    }
}

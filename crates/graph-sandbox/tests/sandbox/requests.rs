//! Bodies, tokens, and requests that are faulty as a whole.

use axum::{
    body::Body,
    http::{Request, StatusCode},
};
use graph_sandbox::REQUEST_FAULTS;
use serde_json::{Value, json};

use crate::support::{PATH, accept, call, lead, post, sandbox};

#[tokio::test]
async fn json_form_and_multipart_bodies_are_read() {
    let edge = sandbox().build();
    let data = json!([lead("é 1")]).to_string();
    let form = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs([
            ("data", data.as_str()),
            ("access_token", "t"),
            ("test_event_code", "TEST1"),
        ])
        .finish();
    let multipart = format!(
        "--B\r\ncontent-disposition: form-data; name=\"data\"\r\n\r\n{data}\r\n\
         --B\r\ncontent-disposition: form-data; name=\"access_token\"\r\n\r\nt\r\n--B--\r\n"
    );
    let json_body = format!(r#"{{"data":{data},"access_token":"t","test_event_code":"TEST2"}}"#);
    let data_as_text = json!({"data": data, "access_token": "t"}).to_string();
    for (media_type, body) in [
        ("application/x-www-form-urlencoded", form.as_str()),
        ("multipart/form-data; boundary=B", multipart.as_str()),
        ("Application/JSON; charset=utf-8", json_body.as_str()),
        ("text/plain", json_body.as_str()),
        ("application/json", data_as_text.as_str()),
    ] {
        let (status, _, answer) = post(&edge, PATH, media_type, body).await;
        assert_eq!(status, StatusCode::OK, "{media_type}: {answer}");
        assert_eq!(
            (&answer["events_received"], &answer["messages"]),
            (&json!(1), &json!([]))
        );
    }
    let events = edge.events();
    let codes: Vec<_> = events
        .iter()
        .map(|event| event.test_event_code.as_deref())
        .collect();
    assert_eq!(
        codes,
        [Some("TEST1"), None, Some("TEST2"), Some("TEST2"), None]
    );
    assert!(
        events
            .iter()
            .all(|event| event.event_id.as_deref() == Some("é 1"))
    );
}

#[tokio::test]
async fn a_token_is_taken_from_header_body_or_query_and_missing_it_is_190() {
    let edge = sandbox().access_token("good").build();
    let body = |token: Value| json!({"access_token": token, "data": [lead("1")]}).to_string();
    let with_header = |value: &str| {
        Request::post(PATH)
            .header("authorization", value)
            .body(Body::from(body(json!("bad"))))
            .unwrap()
    };
    assert_eq!(
        call(&edge, with_header("Bearer good")).await.0,
        StatusCode::OK
    );
    assert_eq!(
        call(&edge, with_header("OAuth good")).await.0,
        StatusCode::OK
    );
    assert_eq!(
        post(&edge, PATH, "", &body(json!("good"))).await.0,
        StatusCode::OK
    );
    let query = format!("{PATH}?access_token=good");
    let without = json!({"data": [lead("1")]}).to_string();
    assert_eq!(
        post(&edge, &query, "application/json", &without).await.0,
        StatusCode::OK
    );

    for (path, body, fault) in [
        (PATH, without.clone(), "token_missing"),
        (PATH, body(json!("  ")), "token_missing"),
        (PATH, body(json!(null)), "token_missing"),
        ("/v26.0/1234/events?access_token=", without, "token_missing"),
        (PATH, body(json!("bad")), "token_invalid"),
    ] {
        let (status, name, answer) = post(&edge, path, "application/json", &body).await;
        assert_eq!(
            (status, name.as_deref()),
            (StatusCode::UNAUTHORIZED, Some(fault))
        );
        assert_eq!(answer["error"]["code"], 190);
        assert!(
            !answer.to_string().contains("bad"),
            "the answer repeats the token"
        );
    }
    let (_, name, _) = call(&edge, with_header("Bearer bad")).await;
    assert_eq!(name.as_deref(), Some("token_invalid"));
    assert_eq!(edge.totals().refused_by_code["190"], 6);
}

#[tokio::test]
async fn faulty_requests_are_refused_with_graph_s_codes() {
    let edge = sandbox().pixel_id("1234").build();
    let json_type = "application/json";
    let form = "application/x-www-form-urlencoded";
    let with = |data: Value| json!({"access_token": "t", "data": data}).to_string();
    let good = with(json!([lead("1")]));
    let agent = json!({"access_token": "t", "data": [lead("1")], "partner_agent": "a-name-of-23-characters"});
    let deep = format!(r#"{{"access_token":"t","data":{}"#, "[".repeat(100_000));
    let surrogate = good.replace("Lead", r"\ud800");
    #[rustfmt::skip]
    let cases = [
        (PATH, json_type, String::new(),                         "token_missing"),
        (PATH, json_type, r#"{"access_token":"t"}"#.to_owned(),  "data_missing"),
        (PATH, json_type, with(json!(null)),                     "data_missing"),
        (PATH, form,      "access_token=t&data=".to_owned(),     "data_missing"),
        (PATH, json_type, with(json!({})),                       "data_not_a_list"),
        (PATH, json_type, with(json!(7)),                        "data_not_a_list"),
        (PATH, json_type, with(json!([])),                       "data_empty"),
        (PATH, json_type, with(json!(vec![lead("1"); 1001])),    "too_many_events"),
        (PATH, json_type, with(json!("[{")),                     "invalid_json"),
        (PATH, form,      "access_token=t&data=[{".to_owned(),   "invalid_json"),
        (PATH, json_type, r#"{"access_token":"t","data":[{"#.to_owned(), "invalid_json"),
        (PATH, json_type, "[]".to_owned(),                       "invalid_json"),
        (PATH, json_type, deep,                                  "invalid_json"),
        (PATH, json_type, surrogate,                             "invalid_json"),
        (PATH, "multipart/form-data", good.clone(),              "body_unreadable"),
        (PATH, "multipart/form-data; boundary=B", good.clone(),  "body_unreadable"),
        (PATH, json_type, agent.to_string(),                     "partner_agent"),
        ("/v26.0/77/events",    json_type, good.clone(),         "pixel_unknown"),
        ("/v26.0/shop/events",  json_type, good.clone(),         "pixel_alias"),
        ("/26.0/1234/events",   json_type, good.clone(),         "unknown_path"),
        ("/v26.0/1234/event",   json_type, good.clone(),         "unknown_path"),
        ("/events",             json_type, good.clone(),         "unsupported_method"),
        ("/browser-events/1",   json_type, with(json!([{}])),    "browser_event"),
    ];
    for (path, media_type, body, expected) in cases {
        let (status, name, answer) = post(&edge, path, media_type, &body).await;
        assert_eq!(
            name.as_deref(),
            Some(expected),
            "{path} {media_type} {answer}"
        );
        let row = REQUEST_FAULTS
            .iter()
            .find(|row| row.name == expected)
            .unwrap();
        assert_eq!(
            (status.as_u16(), &answer["error"]["code"]),
            (row.status, &json!(row.code))
        );
        assert_eq!(
            answer["error"].get("error_subcode"),
            row.subcode.map(|code| json!(code)).as_ref()
        );
        assert!(answer["error"]["fbtrace_id"].is_string());
    }
    let (_, name, answer) = call(&edge, Request::get(PATH).body(Body::empty()).unwrap()).await;
    assert_eq!(
        (name.as_deref(), &answer["error"]["error_subcode"]),
        (Some("unsupported_get"), &json!(33))
    );
    assert!(edge.events().is_empty());
    assert_eq!(edge.received(), 0);
}

#[tokio::test]
async fn a_body_over_the_limit_is_413_without_a_graph_error() {
    let edge = sandbox().body_limit(1000).build();
    let body = json!({"access_token": "t", "data": [lead(&"x".repeat(1000))]}).to_string();
    let (status, _, answer) = post(&edge, PATH, "application/json", &body).await;
    assert_eq!(
        (status, answer),
        (StatusCode::PAYLOAD_TOO_LARGE, Value::Null)
    );
    assert_eq!(edge.totals().refused_by_code["413"], 1);
}

#[tokio::test]
async fn one_bad_event_refuses_its_whole_request() {
    let edge = sandbox().build();
    let mut events = vec![lead("1"); 1000];
    assert_eq!(accept(&edge, &events).await["events_received"], 1000);

    events[999]["user_data"] = json!({});
    let body = json!({"access_token": "t", "data": events}).to_string();
    let (status, name, mut answer) = post(&edge, PATH, "application/json", &body).await;
    assert_eq!(
        (status, name.as_deref()),
        (StatusCode::BAD_REQUEST, Some("user_data_insufficient"))
    );
    answer["error"]
        .as_object_mut()
        .unwrap()
        .remove("fbtrace_id")
        .unwrap();
    insta::assert_json_snapshot!(answer, @r#"
    {
      "error": {
        "code": 100,
        "error_subcode": 2804050,
        "error_user_msg": "This event has no customer information parameters, or a combination of them that is too broad to match.",
        "error_user_title": "You haven't added sufficient customer information parameter data for this event",
        "is_transient": false,
        "message": "Invalid parameter",
        "type": "OAuthException"
      }
    }
    "#);
    let totals = edge.totals();
    assert_eq!(
        (
            totals.requests,
            totals.events_received,
            totals.refused_requests
        ),
        (2, 1000, 1)
    );
    assert_eq!(totals.refused_by_code["100/2804050"], 1);
    assert_eq!(totals.refused_by_fault["user_data_insufficient"], 1);
}

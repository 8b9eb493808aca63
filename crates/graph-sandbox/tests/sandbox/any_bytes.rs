//! The sandbox answers any bytes, and never with an internal error.

use axum::{body::Body, http::Request};
use proptest::{collection::vec, prelude::any, prop_assert, proptest, sample::select};
use serde_json::json;

use crate::support::{PATH, call, lead, sandbox};

fn status(media_type: &str, path: &str, body: Vec<u8>) -> u16 {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    let request = Request::post(path)
        .header("content-type", media_type)
        .body(Body::from(body))
        .unwrap();
    runtime
        .block_on(call(&sandbox().build(), request))
        .0
        .as_u16()
}

#[rustfmt::skip]
const MEDIA_TYPES: [&str; 5] = [
    "application/json", "application/x-www-form-urlencoded", "multipart/form-data; boundary=B",
    "multipart/form-data", "image/png",
];

proptest! {
    #[test]
    fn any_body_has_an_answer(
        body in vec(any::<u8>(), 0..300),
        media_type in select(&MEDIA_TYPES[..]),
        path in select(&[PATH, "/browser-events/1", "/v1.0/%00/events?data=[{}]&access_token=t"][..]),
    ) {
        prop_assert!((400..500).contains(&status(media_type, path, body)));
    }

    /// A good body with a byte changed and its end cut off.
    #[test]
    fn a_damaged_body_has_an_answer(
        position in 0..400_usize, byte in any::<u8>(), end in 0..600_usize,
        media_type in select(&MEDIA_TYPES[..]),
    ) {
        let data = json!([lead("1"), lead("2")]);
        let mut body = json!({"access_token": "t", "data": data}).to_string().into_bytes();
        if media_type.starts_with("multipart") {
            body = format!("--B\r\ncontent-disposition: form-data; name=\"data\"\r\n\r\n{data}\r\n--B--\r\n").into();
        }
        let length = body.len();
        body[position % length] = byte;
        body.truncate(end);
        prop_assert!(matches!(status(media_type, PATH, body), 200 | 400 | 401));
    }
}

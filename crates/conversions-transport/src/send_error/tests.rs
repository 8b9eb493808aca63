//! What each failure says and means.

use std::error::Error as _;
use std::time::Duration;

use facebook_conversions::error_table::{Disposition, HoldReason};
use facebook_conversions::reply::{GraphError, UnreadableKind};
use facebook_conversions::usage::ReplyHeaders;

use super::{AmbiguousKind, NotSentKind, SendError};
use crate::SetupError;

const CAUSE: &str = "os error 111";

fn unreadable(status: u16) -> SendError {
    SendError::unreadable(status, UnreadableKind::Html, ReplyHeaders::default())
}

#[test]
fn each_failure_is_described_in_one_sentence() {
    let words = [
        SendError::refused(
            GraphError::new(400, 100, Some(2_804_050)).with_message("jo@example.com is no phone"),
        ),
        unreadable(502),
        SendError::not_sent(NotSentKind::Refused).with_source(CAUSE),
        SendError::not_sent(NotSentKind::Dns).with_source(CAUSE),
        SendError::not_sent(NotSentKind::Tls).with_source(CAUSE),
        SendError::not_sent(NotSentKind::ConnectTimeout).with_source(CAUSE),
        SendError::not_sent(NotSentKind::Connect).with_source(CAUSE),
        SendError::not_sent(NotSentKind::StreamRefused).with_source(CAUSE),
        SendError::ambiguous(AmbiguousKind::Timeout).with_source(CAUSE),
        SendError::ambiguous(AmbiguousKind::Reset).with_source(CAUSE),
        SetupError::Client {
            source: "no resolver".into(),
        }
        .into(),
    ]
    .map(|error| error.to_string());
    assert_eq!(
        words.join("\n"),
        "Graph refused the request: code 100, subcode 2804050, HTTP 400\n\
         the reply with HTTP status 502 is a page of HTML\n\
         the request was not sent: the connection was refused\n\
         the request was not sent: the host's name could not be resolved\n\
         the request was not sent: the TLS handshake failed\n\
         the request was not sent: connecting took too long\n\
         the request was not sent: the connection could not be made\n\
         the request was not sent: the server refused its HTTP/2 stream\n\
         the request may have been processed: no complete answer came in time\n\
         the request may have been processed: the connection ended before a complete answer came\n\
         the transport cannot be set up"
    );
}

#[test]
fn the_causes_are_chained() {
    let error = SendError::not_sent(NotSentKind::Refused).with_source(CAUSE);
    assert_eq!(error.source().unwrap().to_string(), "os error 111");
    let error = SendError::from(SetupError::NoCaCertificates {
        source: "none".into(),
    });
    assert!(error.source().unwrap().to_string().contains("install them"));
    assert_eq!(
        error.source().unwrap().source().unwrap().to_string(),
        "none"
    );
}

#[test]
fn events_may_have_been_processed_unless_nothing_was_sent_or_graph_refused() {
    assert!(SendError::ambiguous(AmbiguousKind::Timeout).may_have_been_processed());
    assert!(SendError::ambiguous(AmbiguousKind::Reset).may_have_been_processed());
    assert!(unreadable(200).may_have_been_processed());
    assert!(unreadable(504).may_have_been_processed());
    assert!(!unreadable(302).may_have_been_processed());
    assert!(!unreadable(404).may_have_been_processed());
    assert!(!SendError::not_sent(NotSentKind::Tls).may_have_been_processed());
    assert!(!SendError::refused(GraphError::new(500, 2, None)).may_have_been_processed());
}

#[test]
fn unsent_and_ambiguous_requests_are_retried_and_setup_errors_hold_the_destination() {
    assert_eq!(
        SendError::not_sent(NotSentKind::Dns).disposition(),
        Disposition::Retry
    );
    assert_eq!(
        SendError::ambiguous(AmbiguousKind::Reset).disposition(),
        Disposition::Retry
    );
    let setup = SendError::from(SetupError::NoCaCertificates {
        source: "none".into(),
    });
    assert_eq!(
        setup.disposition(),
        Disposition::Hold(HoldReason::Configuration)
    );
    assert!(setup.meaning().sentence.contains("ca-certificates"));
}

#[test]
fn the_wait_comes_from_the_headers() {
    let headers = ReplyHeaders {
        retry_after: Some(Duration::from_secs(7)),
        ..ReplyHeaders::default()
    };
    let error = SendError::refused_with(GraphError::new(400, 4, None), headers);
    assert_eq!(error.wait(), Some(Duration::from_secs(7)));
    assert_eq!(SendError::ambiguous(AmbiguousKind::Timeout).wait(), None);
}

#[test]
fn debug_does_not_show_what_meta_wrote() {
    let error = SendError::refused(GraphError::new(400, 100, None).with_message("an order of Jo"));
    assert!(!format!("{error:?}").contains("Jo"));
    assert_eq!(
        error.graph_error().unwrap().message(),
        Some("an order of Jo")
    );
}

//! Redirects are not followed: the other server would get the token.

use conversions_transport::Transport as _;
use facebook_conversions::error_table::{Disposition, HoldReason};
use wiremock::matchers::any;
use wiremock::{Mock, MockServer, ResponseTemplate};

use crate::support::{events, transport};

#[tokio::test]
async fn no_redirect_is_followed() {
    let other = MockServer::start().await;
    Mock::given(any())
        .respond_with(ResponseTemplate::new(200))
        .mount(&other)
        .await;
    for status in [301, 302, 303, 307, 308] {
        let server = MockServer::start().await;
        let answer = ResponseTemplate::new(status).insert_header("location", other.uri());
        Mock::given(any()).respond_with(answer).mount(&server).await;

        let failure = transport(&server.uri()).send(&events(1)).await.unwrap_err();
        assert_eq!(failure.status(), Some(status));
        assert_eq!(
            failure.disposition(),
            Disposition::Hold(HoldReason::Configuration)
        );
        assert!(failure.meaning().sentence.contains("redirects"));
    }
    assert!(
        other.received_requests().await.unwrap().is_empty(),
        "the other server was asked"
    );
}

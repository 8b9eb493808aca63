//! What an error of the HTTP client says about the outcome of a request.

use std::error::Error;
use std::io;

use crate::{AmbiguousKind, NotSentKind, SendError, SetupError};

/// Until the connection is made nothing has been sent; afterwards the request may have arrived.
///
/// The URL is removed from the error, since it contains the pixel id.
pub(super) fn to_send_error(error: reqwest::Error) -> SendError {
    let error = error.without_url();
    if error.is_builder() {
        SendError::Setup(SetupError::Client {
            source: error.into(),
        })
    } else if error.is_connect() {
        SendError::not_sent(not_sent_kind(&error)).with_source(error)
    } else if is_refused_stream(&error) {
        SendError::not_sent(NotSentKind::StreamRefused).with_source(error)
    } else if error.is_timeout() {
        SendError::ambiguous(AmbiguousKind::Timeout).with_source(error)
    } else {
        SendError::ambiguous(AmbiguousKind::Reset).with_source(error)
    }
}

/// Whether the server has said that it did not look at the request: it refused the HTTP/2 stream, or closes the connection
/// and has taken no stream as late as this one (RFC 9113, section 8.7).
fn is_refused_stream(error: &reqwest::Error) -> bool {
    let mut causes = std::iter::successors(error.source(), |&cause| cause.source());
    let h2 = causes.find_map(|cause| cause.downcast_ref::<h2::Error>());
    h2.filter(|error| error.is_remote()).is_some_and(|error| {
        let reason = error.reason();
        error.is_reset() && reason == Some(h2::Reason::REFUSED_STREAM)
            || error.is_go_away() && reason == Some(h2::Reason::NO_ERROR)
    })
}

fn not_sent_kind(error: &reqwest::Error) -> NotSentKind {
    if error.is_timeout() {
        return NotSentKind::ConnectTimeout;
    }
    if error.is_dns() {
        return NotSentKind::Dns;
    }
    let mut causes = std::iter::successors(error.source(), |&cause| cause.source());
    causes.find_map(kind_of).unwrap_or(NotSentKind::Connect)
}

fn kind_of(cause: &(dyn Error + 'static)) -> Option<NotSentKind> {
    if cause.is::<rustls::Error>() {
        return Some(NotSentKind::Tls);
    }
    let cause = cause.downcast_ref::<io::Error>()?;
    // `io::Error::source` skips the wrapped error and returns that error's source, so look at the wrapped error itself.
    let wrapped = cause.get_ref().and_then(|wrapped| kind_of(wrapped));
    let refused = cause.kind() == io::ErrorKind::ConnectionRefused;
    wrapped.or(refused.then_some(NotSentKind::Refused))
}

#[cfg(test)]
mod tests {
    use reqwest::dns::{Name, Resolve, Resolving};

    use super::to_send_error;
    use crate::graph::tls;
    use crate::{NotSentKind, SendError};

    struct NoSuchHost;

    impl Resolve for NoSuchHost {
        fn resolve(&self, _: Name) -> Resolving {
            Box::pin(async { Err("no such host".into()) })
        }
    }

    fn client() -> reqwest::ClientBuilder {
        reqwest::Client::builder()
            .tls_backend_preconfigured(tls::config(&tls::Trust::None).unwrap())
    }

    #[tokio::test]
    async fn an_unknown_host_is_not_sent_because_of_dns() {
        let client = client().dns_resolver(NoSuchHost).build().unwrap();
        let error = client
            .get("http://graph.invalid/")
            .send()
            .await
            .unwrap_err();
        let error = to_send_error(error);
        assert!(
            matches!(
                error,
                SendError::NotSent {
                    kind: NotSentKind::Dns,
                    ..
                }
            ),
            "{error:?}"
        );
    }

    #[tokio::test]
    async fn an_invalid_url_is_a_setup_error() {
        let error = client()
            .build()
            .unwrap()
            .get("nonsense")
            .send()
            .await
            .unwrap_err();
        let error = to_send_error(error);
        assert!(matches!(error, SendError::Setup(_)), "{error:?}");
    }

    #[tokio::test]
    async fn the_error_does_not_show_the_url() {
        let error = client()
            .dns_resolver(NoSuchHost)
            .build()
            .unwrap()
            .get("http://graph.invalid/v1/424242")
            .send()
            .await;
        let error = to_send_error(error.unwrap_err());
        assert!(!format!("{error:?}").contains("424242"));
    }
}

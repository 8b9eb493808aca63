//! Why a request is not answered as it was meant, as a page or as JSON.

use std::time::Duration;

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use maud::html;
use serde_json::json;

use crate::data::DataError;
use crate::layout;

/// Who reads the answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Surface {
    Page,
    Api,
}

impl Surface {
    pub(crate) fn of(path: &str) -> Self {
        if path.starts_with("/api/") {
            Self::Api
        } else {
            Self::Page
        }
    }
}

/// An answer that is none, and the sentence that says why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Fault {
    status: StatusCode,
    sentence: String,
    retry_after: Option<u64>,
    asks_for_password: bool,
}

impl Fault {
    pub(crate) fn new(status: StatusCode, sentence: impl Into<String>) -> Self {
        Self {
            status,
            sentence: sentence.into(),
            retry_after: None,
            asks_for_password: false,
        }
    }

    pub(crate) fn password_needed() -> Self {
        Self {
            asks_for_password: true,
            ..Self::new(
                StatusCode::UNAUTHORIZED,
                "Give the password of the console, which the settings name under [console], with any user name.",
            )
        }
    }

    pub(crate) fn too_many_guesses(wait: Duration) -> Self {
        let seconds = wait.as_secs().max(1);
        Self {
            retry_after: Some(seconds),
            ..Self::new(
                StatusCode::TOO_MANY_REQUESTS,
                format!(
                    "Too many wrong passwords came from your address. Try again in {seconds} s."
                ),
            )
        }
    }

    pub(crate) fn foreign_host() -> Self {
        Self::new(
            StatusCode::MISDIRECTED_REQUEST,
            "The console answers under localhost, 127.0.0.1 and [::1] only. To use another name, set [console] password.",
        )
    }

    pub(crate) fn cross_site() -> Self {
        Self::new(
            StatusCode::FORBIDDEN,
            "A page of another site sent this request, so nothing was changed. Use the buttons of the console itself.",
        )
    }

    pub(crate) fn stale_form() -> Self {
        Self::new(
            StatusCode::FORBIDDEN,
            "The page that sent this is of an earlier run, so nothing was changed. Load the page again and repeat it.",
        )
    }

    pub(crate) fn response(self, surface: Surface) -> Response {
        let Self {
            status, sentence, ..
        } = &self;
        let mut response = match surface {
            Surface::Api => (*status, Json(json!({ "error": sentence }))).into_response(),
            Surface::Page => {
                let title = match *status {
                    StatusCode::NOT_FOUND => "Not found",
                    StatusCode::UNAUTHORIZED => "Password needed",
                    _ => "This did not work",
                };
                let body = html! {
                    h1 { (title) }
                    p.lead { (sentence) }
                    p { a href="/" { "Go to the overview" } }
                };
                (*status, layout::bare(title, &body)).into_response()
            }
        };
        let headers = response.headers_mut();
        if let Some(seconds) = self.retry_after {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        if self.asks_for_password {
            let challenge = HeaderValue::from_static("Basic realm=\"segue\", charset=\"UTF-8\"");
            headers.insert(header::WWW_AUTHENTICATE, challenge);
        }
        response
    }
}

impl From<DataError> for Fault {
    fn from(error: DataError) -> Self {
        let status = match &error {
            DataError::NotFound(_) => StatusCode::NOT_FOUND,
            DataError::Invalid(_) => StatusCode::UNPROCESSABLE_ENTITY,
            DataError::Unavailable(_) => StatusCode::SERVICE_UNAVAILABLE,
        };
        Self::new(status, error.to_string())
    }
}

/// As a page. Handlers of `/api/v1` use [`Fault::response`] themselves.
impl IntoResponse for Fault {
    fn into_response(self) -> Response {
        self.response(Surface::Page)
    }
}

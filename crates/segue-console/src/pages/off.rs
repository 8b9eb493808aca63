//! `/` when nobody may see the pages.

use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};

/// Plain text: the pages' style sheet is off too.
pub(crate) async fn page() -> Response {
    let headers = [
        (header::CACHE_CONTROL, "no-store"),
        (
            header::CONTENT_SECURITY_POLICY,
            "default-src 'none'; frame-ancestors 'none'",
        ),
    ];
    let text = "The console is off: other machines can reach this address, and no password is set.\n\
                To switch it on, set a password in the settings and restart:\n\n\
                \x20   [console]\n\
                \x20   password = { env = \"SEGUE_CONSOLE_PASSWORD\" }\n\n\
                /metrics, /healthz, /readyz and /openapi.json answer as before.\n";
    (StatusCode::FORBIDDEN, headers, text).into_response()
}

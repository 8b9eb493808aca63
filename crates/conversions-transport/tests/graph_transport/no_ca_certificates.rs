//! A machine without CA certificates: plain `http` works, and `https` says what to install.
//!
//! Where certificates are looked for is a matter of the environment, so the test runs itself in a process of its own.

use std::env;
use std::process::Command;

use conversions_transport::{SetupError, Transport as _};
use serde_json::json;
use wiremock::matchers::any;
use wiremock::{Mock, MockServer, ResponseTemplate};

use crate::support::{builder, events};

const INNER: &str = "no_ca_certificates::in_a_process_without_ca_certificates";

#[cfg(target_os = "linux")]
#[test]
fn a_machine_without_ca_certificates_gets_a_setup_error() {
    let folder = env::temp_dir().join("segue-no-ca-certificates");
    let output = Command::new(env::current_exe().unwrap())
        .args(["--exact", INNER, "--ignored", "--nocapture"])
        .env("SSL_CERT_FILE", folder.join("missing.pem"))
        .env("SSL_CERT_DIR", &folder)
        .output()
        .unwrap();
    let printed = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success() && printed.contains("1 passed"),
        "{printed}"
    );
}

#[tokio::test]
#[ignore = "run by a_machine_without_ca_certificates, with no certificates to be found"]
async fn in_a_process_without_ca_certificates() {
    let server = MockServer::start().await;
    let answer = ResponseTemplate::new(200).set_body_json(json!({"events_received": 1}));
    Mock::given(any()).respond_with(answer).mount(&server).await;
    builder(&server.uri())
        .build()
        .unwrap()
        .send(&events(1))
        .await
        .unwrap();

    let error = builder("https://graph.facebook.com").build().unwrap_err();
    assert!(
        matches!(error, SetupError::NoCaCertificates { .. }),
        "{error:?}"
    );
    assert!(error.to_string().contains("ca-certificates"));
}

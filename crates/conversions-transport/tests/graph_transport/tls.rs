//! HTTPS: which certificates are trusted, and which protocols are offered.

use std::sync::Arc;

use conversions_transport::{NotSentKind, SendError, SetupError, Transport as _};
use rcgen::{CertifiedKey, generate_simple_self_signed};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio_rustls::LazyConfigAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::PrivatePkcs8KeyDer;
use tokio_rustls::rustls::server::Acceptor;

use crate::support::{SHORT, builder, events, hang, tcp_server};

/// A server for `localhost` with a certificate of its own: its base address, the certificate, and what the client
/// offered as protocols.
struct Server {
    base_url: String,
    certificate: String,
    offered: tokio::sync::oneshot::Receiver<Vec<Vec<u8>>>,
}

/// The configuration of a server with a certificate of its own, and the certificate.
pub(crate) fn certified(name: &str) -> (ServerConfig, String) {
    let CertifiedKey { cert, signing_key } =
        generate_simple_self_signed([name.to_owned()]).unwrap();
    let key = PrivatePkcs8KeyDer::from(signing_key.serialize_der()).into();
    let provider = Arc::new(tokio_rustls::rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![cert.der().clone()], key)
        .unwrap();
    (config, cert.pem())
}

/// Answers one connection with one receipt.
async fn server(name: &str) -> Server {
    let (config, certificate) = certified(name);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let (tell, offered) = tokio::sync::oneshot::channel();
    tokio::spawn(async move {
        let (stream, _) = listener.accept().await.unwrap();
        let start = LazyConfigAcceptor::new(Acceptor::default(), stream)
            .await
            .unwrap();
        let protocols = start
            .client_hello()
            .alpn()
            .into_iter()
            .flatten()
            .map(<[u8]>::to_vec)
            .collect();
        tell.send(protocols).unwrap();
        // A client that does not trust the certificate ends it here.
        let Ok(mut stream) = start.into_stream(config.into()).await else {
            return;
        };
        let mut request = Vec::new();
        while !request.ends_with(b"\"}") {
            assert!(stream.read_buf(&mut request).await.unwrap() > 0);
        }
        let answer = b"HTTP/1.1 200 OK\r\ncontent-length: 21\r\n\r\n{\"events_received\":1}";
        stream.write_all(answer).await.unwrap();
        stream.shutdown().await.unwrap();
    });
    Server {
        base_url: format!("https://127.0.0.1:{port}"),
        certificate,
        offered,
    }
}

fn assert_no_tls(failure: &SendError) {
    assert!(
        matches!(
            failure,
            SendError::NotSent {
                kind: NotSentKind::Tls,
                ..
            }
        ),
        "{failure:?}"
    );
    assert!(!failure.may_have_been_processed());
}

#[tokio::test]
async fn a_trusted_server_is_reached_over_http_1_and_http_2() {
    let server = server("127.0.0.1").await;
    let transport = builder(&server.base_url)
        .trust_only(server.certificate)
        .build()
        .unwrap();
    let receipt = transport.send(&events(1)).await.unwrap();
    assert_eq!(receipt.events_received, Some(1));
    assert_eq!(
        server.offered.await.unwrap(),
        [b"h2".to_vec(), b"http/1.1".to_vec()]
    );
}

#[tokio::test]
async fn a_server_with_an_untrusted_certificate_gets_nothing() {
    let trusted = server("127.0.0.1").await;
    let other = server("127.0.0.1").await;
    let transport = builder(&other.base_url)
        .trust_only(trusted.certificate)
        .build()
        .unwrap();
    assert_no_tls(&transport.send(&events(1)).await.unwrap_err());
}

#[tokio::test]
async fn a_server_with_a_certificate_for_another_name_gets_nothing() {
    let server = server("graph.example.com").await;
    let transport = builder(&server.base_url)
        .trust_only(server.certificate)
        .build()
        .unwrap();
    assert_no_tls(&transport.send(&events(1)).await.unwrap_err());
}

#[tokio::test]
async fn a_server_without_tls_gets_nothing() {
    let trusted = server("127.0.0.1").await;
    let plain = tcp_server(|mut stream| async move {
        stream
            .write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n")
            .await
            .unwrap();
        hang(stream).await;
    })
    .await;
    let base_url = plain.replace("http:", "https:");
    let transport = builder(&base_url)
        .trust_only(trusted.certificate)
        .build()
        .unwrap();
    assert_no_tls(&transport.send(&events(1)).await.unwrap_err());
}

#[tokio::test]
async fn a_slow_handshake_is_a_connect_timeout() {
    let trusted = server("127.0.0.1").await;
    let base_url = tcp_server(hang).await.replace("http:", "https:");
    let transport = builder(&base_url)
        .trust_only(trusted.certificate)
        .connect_timeout(SHORT)
        .build()
        .unwrap();
    let failure = transport.send(&events(1)).await.unwrap_err();
    assert!(
        matches!(
            failure,
            SendError::NotSent {
                kind: NotSentKind::ConnectTimeout,
                ..
            }
        ),
        "{failure:?}"
    );
}

#[test]
fn invalid_ca_certificates_are_a_setup_error() {
    for pem in [
        "",
        "nonsense",
        "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
    ] {
        let error = builder("https://127.0.0.1")
            .trust_only(pem)
            .build()
            .unwrap_err();
        assert!(
            matches!(error, SetupError::UnreadableCertificates { .. }),
            "{error:?}"
        );
    }
}

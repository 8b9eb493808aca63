//! A minimal HTTP client that can misbehave.

use std::net::SocketAddr;
use std::sync::Arc;

use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpStream;

trait Wire: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Wire for T {}

pub(crate) struct Client {
    wire: Box<dyn Wire>,
    buffer: Vec<u8>,
}

/// Head and body of an answer.
#[derive(Debug)]
pub(crate) struct Told(pub(crate) String);

impl Told {
    pub(crate) fn status(&self) -> u16 {
        let status = self.0.split(' ').nth(1);
        status
            .and_then(|status| status.parse().ok())
            .expect("a status")
    }
}

impl Client {
    pub(crate) async fn connect(address: SocketAddr) -> Self {
        Self {
            wire: Box::new(TcpStream::connect(address).await.expect("a connection")),
            buffer: Vec::new(),
        }
    }

    /// Connects to a server that has this certificate.
    pub(crate) async fn connect_tls(
        address: SocketAddr,
        certificate: &str,
    ) -> std::io::Result<Self> {
        let mut roots = rustls::RootCertStore::empty();
        let certificate = CertificateDer::from_pem_slice(certificate.as_bytes()).expect("PEM");
        roots.add(certificate).expect("a certificate");
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = rustls::ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("versions")
            .with_root_certificates(roots)
            .with_no_client_auth();
        let stream = TcpStream::connect(address).await?;
        let name = ServerName::try_from("localhost").expect("a name");
        let stream = tokio_rustls::TlsConnector::from(Arc::new(config))
            .connect(name, stream)
            .await?;
        Ok(Self {
            wire: Box::new(stream),
            buffer: Vec::new(),
        })
    }

    pub(crate) async fn write(&mut self, bytes: &[u8]) {
        self.wire.write_all(bytes).await.expect("the server reads");
        self.wire.flush().await.expect("the server reads");
    }

    /// Writes until the server stops reading.
    pub(crate) async fn write_what_is_wanted(&mut self, bytes: &[u8]) {
        let _ = self.wire.write_all(bytes).await;
    }

    pub(crate) async fn ask(&mut self, request: &str) -> Told {
        self.write(request.as_bytes()).await;
        self.read().await
    }

    /// Reads one answer.
    pub(crate) async fn read(&mut self) -> Told {
        loop {
            if let Some(length) = self.complete() {
                let answer: Vec<u8> = self.buffer.drain(..length).collect();
                return Told(String::from_utf8_lossy(&answer).into_owned());
            }
            let read = self
                .wire
                .read_buf(&mut self.buffer)
                .await
                .expect("an answer");
            assert!(
                read > 0,
                "cut off after {:?}",
                String::from_utf8_lossy(&self.buffer)
            );
        }
    }

    /// The length of the first answer, if all of it is there.
    fn complete(&self) -> Option<usize> {
        let text = std::str::from_utf8(&self.buffer).ok()?;
        let head = text.find("\r\n\r\n")? + 4;
        let length = text[..head]
            .split("content-length: ")
            .nth(1)?
            .split("\r\n")
            .next()?;
        let length = head + length.parse::<usize>().ok()?;
        (text.len() >= length).then_some(length)
    }

    /// Everything until the server closes the connection.
    pub(crate) async fn rest(&mut self) -> String {
        let mut rest = std::mem::take(&mut self.buffer);
        // A reset is an end as well.
        let _ = self.wire.read_to_end(&mut rest).await;
        String::from_utf8_lossy(&rest).into_owned()
    }
}

//! A port before Tansu that does what Tansu does not: it speaks TLS, asks for a user and a password, and can be cut.

use std::io::{Error, Result};
use std::path::Path;
use std::sync::Arc;

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

/// Requests of Kafka's protocol.
const API_VERSIONS: i16 = 18;
const SASL_HANDSHAKE: i16 = 17;
const SASL_AUTHENTICATE: i16 = 36;
/// Its errors.
const UNSUPPORTED_MECHANISM: i16 = 33;
const AUTHENTICATION_FAILED: i16 = 58;

/// What the port asks for.
#[derive(Clone, Default)]
pub(crate) struct Asks {
    pub(crate) tls: Option<TlsAcceptor>,
    /// User and password, by the mechanism `PLAIN`.
    pub(crate) password: Option<(&'static str, &'static str)>,
}

/// The port; it closes when this is dropped.
pub(crate) struct Front {
    is_cut: watch::Sender<bool>,
    accepting: JoinHandle<()>,
}

impl Front {
    /// Passes what comes to a listener to this port.
    pub(crate) fn open(listener: std::net::TcpListener, to: u16, asks: Asks) -> Self {
        listener.set_nonblocking(true).expect("set");
        let listener = TcpListener::from_std(listener).expect("a listener");
        let is_cut = watch::Sender::new(false);
        let seen = is_cut.subscribe();
        let accepting = tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                if !*seen.borrow() {
                    tokio::spawn(until_cut(pass(client, to, asks.clone()), seen.clone()));
                }
            }
        });
        Self { is_cut, accepting }
    }

    /// Ends all connections and takes no new ones, or takes them again.
    pub(crate) fn set_cut(&self, is_cut: bool) {
        self.is_cut.send_replace(is_cut);
    }
}

impl Drop for Front {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

/// TLS with this certificate and key.
pub(crate) fn acceptor(certificate: &Path, key: &Path) -> TlsAcceptor {
    let certificate = CertificateDer::from_pem_file(certificate).expect("a certificate");
    let key = PrivateKeyDer::from_pem_file(key).expect("a key");
    let config = ServerConfig::builder()
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key);
    TlsAcceptor::from(Arc::new(config.expect("a pair")))
}

async fn until_cut(passing: impl Future<Output = Result<()>>, mut seen: watch::Receiver<bool>) {
    tokio::select! {
        _ = passing => {}
        _ = seen.wait_for(|is_cut| *is_cut) => {}
    }
}

async fn pass(client: TcpStream, to: u16, asks: Asks) -> Result<()> {
    let server = TcpStream::connect(("127.0.0.1", to)).await?;
    match asks.tls {
        Some(tls) => pass_on(tls.accept(client).await?, server, asks.password).await,
        None => pass_on(client, server, asks.password).await,
    }
}

async fn pass_on(
    mut client: impl AsyncRead + AsyncWrite + Unpin,
    mut server: TcpStream,
    password: Option<(&str, &str)>,
) -> Result<()> {
    if let Some(password) = password {
        sign_in(&mut client, &mut server, password).await?;
    }
    copy_bidirectional(&mut client, &mut server).await.map(drop)
}

/// Answers until the client has shown the password. It gets nothing else than the versions before.
async fn sign_in(
    client: &mut (impl AsyncRead + AsyncWrite + Unpin),
    server: &mut TcpStream,
    (user, password): (&str, &str),
) -> Result<()> {
    loop {
        let request = read(client).await?;
        let mut rest = request.as_slice();
        let (kind, version) = (rest.read_i16().await?, rest.read_i16().await?);
        let mut answer = rest.read_i32().await?.to_be_bytes().to_vec();
        let name_of_client = usize::try_from(rest.read_i16().await?).unwrap_or(0);
        rest = rest.get(name_of_client..).unwrap_or_default();
        match kind {
            API_VERSIONS => {
                write(server, &request).await?;
                let versions = read(server).await?;
                write(client, &versions).await?;
            }
            SASL_HANDSHAKE => {
                let is_plain = rest.get(2..) == Some(b"PLAIN");
                let error = if is_plain { 0 } else { UNSUPPORTED_MECHANISM };
                answer.extend(error.to_be_bytes());
                answer.extend([0, 0, 0, 1, 0, 5]);
                answer.extend(b"PLAIN");
                write(client, &answer).await?;
            }
            SASL_AUTHENTICATE => {
                let shown = rest.get(4..).unwrap_or_default();
                let is_right = shown == format!("\0{user}\0{password}").as_bytes();
                let error = if is_right { 0 } else { AUTHENTICATION_FAILED };
                answer.extend(error.to_be_bytes());
                // No sentence, no bytes, and from version 1 on a session without an end.
                answer.extend([0xff, 0xff, 0, 0, 0, 0]);
                answer.extend(vec![0; if version > 0 { 8 } else { 0 }]);
                write(client, &answer).await?;
                return if is_right { Ok(()) } else { Err(refused()) };
            }
            _ => return Err(refused()),
        }
    }
}

fn refused() -> Error {
    std::io::ErrorKind::PermissionDenied.into()
}

async fn read(from: &mut (impl AsyncRead + Unpin)) -> Result<Vec<u8>> {
    let length = usize::try_from(from.read_i32().await?).unwrap_or(0);
    let mut frame = vec![0; length];
    from.read_exact(&mut frame).await?;
    Ok(frame)
}

async fn write(to: &mut (impl AsyncWrite + Unpin), frame: &[u8]) -> Result<()> {
    to.write_i32(i32::try_from(frame.len()).unwrap_or(i32::MAX))
        .await?;
    to.write_all(frame).await?;
    to.flush().await
}

//! Stands between a client and a server, and loses acknowledgements.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;

/// What happens to acknowledgements without a confirmation, and when the next one with a confirmation comes.
pub(crate) struct Proxy {
    pub(crate) port: u16,
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    is_losing: AtomicBool,
    /// Whether the connection ends with the first acknowledgement that is lost.
    is_cutting: AtomicBool,
    lost: AtomicUsize,
    /// Notified when an acknowledgement waits that is to be confirmed.
    waits: Notify,
    /// Notified when it may pass.
    passes: Notify,
}

impl Proxy {
    /// In front of a server of this machine.
    pub(crate) async fn start(server: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let port = listener.local_addr().expect("its address").port();
        let shared = Arc::new(Shared::default());
        let own = Arc::clone(&shared);
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let server = TcpStream::connect(("127.0.0.1", server)).await;
                let Ok(server) = server else { continue };
                let (from_client, mut to_client) = client.into_split();
                let (mut from_server, to_server) = server.into_split();
                tokio::spawn(pass_on(Arc::clone(&own), from_client, to_server));
                tokio::spawn(async move {
                    let _ = tokio::io::copy(&mut from_server, &mut to_client).await;
                });
            }
        });
        Self { port, shared }
    }

    /// Loses acknowledgements without a confirmation from now on. The next one with a confirmation waits for
    /// [`pass`](Self::pass).
    pub(crate) fn lose(&self) {
        self.shared.is_losing.store(true, Ordering::SeqCst);
    }

    /// Ends the connection with the next acknowledgement without a confirmation.
    pub(crate) fn cut(&self) {
        self.shared.is_cutting.store(true, Ordering::SeqCst);
    }

    /// Waits for the one with a confirmation. Returns how many were lost.
    pub(crate) async fn wait(&self) -> usize {
        self.shared.waits.notified().await;
        self.shared.lost.load(Ordering::SeqCst)
    }

    /// Loses nothing any more, and lets the one pass that waits.
    pub(crate) fn pass(&self) {
        self.shared.is_losing.store(false, Ordering::SeqCst);
        self.shared.passes.notify_one();
    }
}

/// Passes on what a client sends, until it or the proxy ends the connection.
async fn pass_on(shared: Arc<Shared>, client: OwnedReadHalf, mut server: OwnedWriteHalf) {
    let mut client = BufReader::new(client);
    loop {
        let mut message = Vec::new();
        let read = client.read_until(b'\n', &mut message).await;
        if read.is_err() || message.is_empty() {
            return;
        }
        let line = String::from_utf8_lossy(&message).into_owned();
        let words: Vec<&str> = line.split_ascii_whitespace().collect();
        if let ["PUB" | "HPUB", .., length] = words.as_slice() {
            let length: usize = length.parse().expect("a length");
            let begin = message.len();
            message.resize(begin + length + 2, 0);
            if client.read_exact(&mut message[begin..]).await.is_err() {
                return;
            }
        }
        match words.as_slice() {
            ["PUB", subject, _] if subject.starts_with("$JS.ACK.") => {
                if shared.is_cutting.swap(false, Ordering::SeqCst) {
                    return;
                }
                if shared.is_losing.load(Ordering::SeqCst) {
                    shared.lost.fetch_add(1, Ordering::SeqCst);
                    continue;
                }
            }
            ["PUB", subject, _, _]
                if subject.starts_with("$JS.ACK.") && shared.is_losing.load(Ordering::SeqCst) =>
            {
                shared.waits.notify_one();
                shared.passes.notified().await;
            }
            _ => {}
        }
        if server.write_all(&message).await.is_err() {
            return;
        }
    }
}

//! A connection that can be cut: a TCP port of this machine that passes everything to another one.

use std::sync::Arc;

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// What passes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Passing {
    /// Everything.
    All,
    /// What clients send; what the server sends is withheld.
    ToServer,
    /// Nothing: connections end, and new ones are refused.
    Nothing,
}

/// The port; it closes when this is dropped.
pub(crate) struct Link {
    pub(crate) port: u16,
    passing: watch::Sender<Passing>,
    accepting: JoinHandle<()>,
}

impl Link {
    /// From a port to another one.
    pub(crate) async fn open(port: u16, to: u16) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", port))
            .await
            .expect("a free port");
        let passing = watch::Sender::new(Passing::All);
        let seen = passing.subscribe();
        let accepting = tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                if *seen.borrow() != Passing::Nothing {
                    tokio::spawn(pass(client, to, seen.clone()));
                }
            }
        });
        Self {
            port,
            passing,
            accepting,
        }
    }

    pub(crate) fn set(&self, passing: Passing) {
        self.passing.send_replace(passing);
    }
}

impl Drop for Link {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

/// Passes one connection until either side ends it, or it is cut.
async fn pass(client: TcpStream, to: u16, passing: watch::Receiver<Passing>) {
    let Ok(server) = TcpStream::connect(("127.0.0.1", to)).await else {
        return;
    };
    let (from_client, to_client) = client.into_split();
    let (from_server, to_server) = server.into_split();
    let mut seen = passing.clone();
    let passing = Arc::new(passing);
    tokio::select! {
        () = copy(from_client, to_server, Arc::clone(&passing), false) => {}
        () = copy(from_server, to_client, passing, true) => {}
        _ = seen.wait_for(|passing| *passing == Passing::Nothing) => {}
    }
}

async fn copy(
    mut from: impl AsyncRead + Unpin,
    mut to: impl AsyncWrite + Unpin,
    passing: Arc<watch::Receiver<Passing>>,
    is_answer: bool,
) {
    let mut bytes = vec![0; 64 << 10];
    loop {
        let Ok(read @ 1..) = from.read(&mut bytes).await else {
            return;
        };
        let mut seen = (*passing).clone();
        if is_answer
            && seen
                .wait_for(|passing| *passing != Passing::ToServer)
                .await
                .is_err()
        {
            return;
        }
        if to.write_all(&bytes[..read]).await.is_err() {
            return;
        }
    }
}

//! Ctrl-C and SIGTERM: the first ends the run in good order, the second at once.

use tokio::sync::watch;

use crate::exit::INTERRUPTED;
use crate::failure::say;

/// Whether the run was asked to end.
#[derive(Clone)]
pub(crate) struct Interrupt(watch::Receiver<bool>);

impl Interrupt {
    /// Listens from now on. Must be called in a tokio runtime.
    pub(crate) fn listen() -> Self {
        Self::listen_and(|| {
            say("\nEnding: what is in flight is finished. Once more ends at once.");
        })
    }

    /// Listens from now on, and confirms in another way.
    pub(crate) fn listen_and(confirm: fn()) -> Self {
        survive_file_limits();
        let (asked, receiver) = watch::channel(false);
        let mut signals = Signals::listen();
        tokio::spawn(async move {
            signals.next().await;
            confirm();
            asked.send_replace(true);
            signals.next().await;
            std::process::exit(INTERRUPTED);
        });
        Self(receiver)
    }

    /// Completes when the run is asked to end.
    pub(crate) async fn asked(&mut self) {
        if self.0.wait_for(|asked| *asked).await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}

/// The signals that ask for an end, heard from the moment that this exists. Where they cannot be had, there are none.
#[cfg(unix)]
struct Signals(Option<[tokio::signal::unix::Signal; 2]>);

#[cfg(unix)]
impl Signals {
    fn listen() -> Self {
        use tokio::signal::unix::{SignalKind, signal};

        let interrupt = signal(SignalKind::interrupt());
        let terminate = signal(SignalKind::terminate());
        Self(interrupt.ok().zip(terminate.ok()).map(<[_; 2]>::from))
    }

    async fn next(&mut self) {
        let Some([interrupt, terminate]) = &mut self.0 else {
            return std::future::pending().await;
        };
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    }
}

/// Ctrl-C. Where it cannot be heard, there is none.
#[cfg(not(unix))]
struct Signals;

#[cfg(not(unix))]
impl Signals {
    fn listen() -> Self {
        Self
    }

    async fn next(&mut self) {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}

/// A file that may not grow further is an error of writing, like a full disk, and no reason to die in the middle of it.
#[cfg(unix)]
fn survive_file_limits() {
    use tokio::signal::unix::{SignalKind, signal};

    let limit = rustix::process::Signal::XFSZ.as_raw();
    // Once something listens, the signal kills no more, whether it is heard or not.
    if let Err(error) = signal(SignalKind::from_raw(limit)) {
        tracing::warn!("limits of file sizes end this process: {error}");
    }
}

#[cfg(not(unix))]
fn survive_file_limits() {}

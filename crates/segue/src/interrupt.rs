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
        let (asked, receiver) = watch::channel(false);
        tokio::spawn(async move {
            signal().await;
            confirm();
            asked.send_replace(true);
            signal().await;
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

/// Completes with the next signal. Where signals cannot be had, never.
async fn signal() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let (Ok(mut interrupt), Ok(mut terminate)) = (
            signal(SignalKind::interrupt()),
            signal(SignalKind::terminate()),
        ) else {
            return std::future::pending().await;
        };
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    }
    #[cfg(not(unix))]
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
    }
}

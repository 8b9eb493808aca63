//! Ctrl-C and SIGTERM: the first ends the run in good order, the second at once.

use segue_app::Shutdown;

use crate::exit::INTERRUPTED;
use crate::failure::say;

/// Listens from now on. Must be called in a tokio runtime.
pub(crate) fn listen() -> Shutdown {
    listen_and(|| {
        say(
            "\nShutting down: requests in flight are finished. Press Ctrl-C again to stop at once.",
        );
    })
}

/// Listens from now on, and confirms the first signal in another way.
pub(crate) fn listen_and(confirm: fn()) -> Shutdown {
    survive_file_limits();
    let (handle, shutdown) = Shutdown::new();
    let mut signals = Signals::listen();
    tokio::spawn(async move {
        signals.next().await;
        confirm();
        handle.request();
        signals.next().await;
        std::process::exit(INTERRUPTED);
    });
    shutdown
}

/// The signals that ask for the end, received from the moment this exists. If the system gives no listener, none come.
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

/// Ctrl-C.
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

/// A file size limit should be a write error, like a full disk. By default the signal SIGXFSZ ends the process instead.
#[cfg(unix)]
fn survive_file_limits() {
    use tokio::signal::unix::{SignalKind, signal};

    let limit = rustix::process::Signal::XFSZ.as_raw();
    // A registered listener disables the default action, even if nobody awaits it.
    if let Err(error) = signal(SignalKind::from_raw(limit)) {
        tracing::warn!("a file size limit would end this process: {error}");
    }
}

#[cfg(not(unix))]
fn survive_file_limits() {}

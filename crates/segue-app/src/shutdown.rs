//! Asks a run to end in good order.

use tokio::sync::watch;

/// Tells a run that it should end. Clones hear the same request.
#[derive(Clone, Debug)]
pub struct Shutdown(watch::Receiver<bool>);

/// Asks for the end.
#[derive(Debug)]
pub struct ShutdownHandle(watch::Sender<bool>);

impl Shutdown {
    /// A request that has not been made yet, and the handle that makes it.
    #[must_use]
    pub fn new() -> (ShutdownHandle, Self) {
        let (sender, receiver) = watch::channel(false);
        (ShutdownHandle(sender), Self(receiver))
    }

    /// Completes when the end is asked for; never, if the handle is gone.
    pub async fn requested(&mut self) {
        if self.0.wait_for(|requested| *requested).await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}

impl ShutdownHandle {
    /// Asks for the end.
    pub fn request(&self) {
        self.0.send_replace(true);
    }
}

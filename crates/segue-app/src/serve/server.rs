//! A listener that is being served.

use conversions_ingest::ConnectionOptions;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::serve::listening::Listening;

/// A listener that is being served.
pub(super) struct Server {
    stop: watch::Sender<bool>,
    task: JoinHandle<()>,
}

impl Server {
    /// Serves it in a task.
    pub(super) fn start(at: Listening, router: axum::Router, options: ConnectionOptions) -> Self {
        let (stop, mut stop_requested) = watch::channel(false);
        let stopped = async move {
            // A dropped sender stops it too.
            let _ = stop_requested.wait_for(|requested| *requested).await;
        };
        let task = tokio::spawn(conversions_ingest::serve(
            at.listener,
            router,
            options,
            stopped,
        ));
        Self { stop, task }
    }

    /// Stops once all requests are answered.
    pub(super) async fn stop(self) {
        self.stop.send_replace(true);
        let _ = self.task.await;
    }
}

//! Shows the caller how a run goes on.

use std::sync::Arc;
use std::time::Duration;

use conversions_delivery::{Engine, Progress};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::notice::Notice;

/// How often progress is reported: a bar that moves ten times a second looks smooth.
const INTERVAL: Duration = Duration::from_millis(100);

/// Hears how a run goes on.
pub trait SendObserver: Send + Sync {
    /// Something worth telling the person who started the run.
    fn notice(&self, notice: &Notice);

    /// How far delivery is; `None` in a dry run, which only reads.
    fn progress(&self, progress: Option<&Progress>);

    /// Nothing more will be reported before the end of the run.
    fn finished(&self);
}

/// Ignores everything.
#[derive(Clone, Copy, Debug, Default)]
pub struct SilentObserver;

impl SendObserver for SilentObserver {
    fn notice(&self, _: &Notice) {}
    fn progress(&self, _: Option<&Progress>) {}
    fn finished(&self) {}
}

/// Reports the progress of an engine until it is stopped.
pub(super) struct ProgressTask {
    stop: oneshot::Sender<()>,
    task: JoinHandle<()>,
}

impl ProgressTask {
    pub(super) fn start(engine: Arc<Engine>, observer: Arc<dyn SendObserver>) -> Self {
        let (stop, mut stopped) = oneshot::channel();
        let task = tokio::spawn(async move {
            while tokio::time::timeout(INTERVAL, &mut stopped).await.is_err() {
                let progress = engine.progress().await;
                observer.progress(Some(&progress));
            }
            observer.finished();
        });
        Self { stop, task }
    }

    pub(super) async fn stop(self) {
        let _ = self.stop.send(());
        let _ = self.task.await;
    }
}

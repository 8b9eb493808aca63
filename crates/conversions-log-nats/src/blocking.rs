//! Waiting for the broker from code that is not asynchronous.

use std::sync::Arc;

use tokio::runtime::{Builder, Handle, Runtime};

use crate::error::OpenError;

/// Where futures of blocking callers run.
#[derive(Clone, Debug)]
pub(crate) struct Blocking {
    handle: Handle,
    /// A runtime that ends with the last user.
    _own: Option<Arc<OwnRuntime>>,
}

#[derive(Debug)]
struct OwnRuntime(Option<Runtime>);

/// Without waiting, so that it may happen anywhere.
impl Drop for OwnRuntime {
    fn drop(&mut self) {
        if let Some(runtime) = self.0.take() {
            runtime.shutdown_background();
        }
    }
}

impl Blocking {
    /// With a runtime and a thread of its own.
    pub(crate) fn start() -> Result<Self, OpenError> {
        let runtime = Builder::new_multi_thread()
            .worker_threads(1)
            .thread_name("segue-nats")
            .enable_all()
            .build()
            .map_err(|error| OpenError::JetStream {
                reason: format!("no thread can be started: {error}"),
            })?;
        Ok(Self {
            handle: runtime.handle().clone(),
            _own: Some(Arc::new(OwnRuntime(Some(runtime)))),
        })
    }

    /// With a runtime that others keep.
    pub(crate) fn on(handle: Handle) -> Self {
        Self { handle, _own: None }
    }

    /// Waits for a future. Not where a runtime polls tasks.
    pub(crate) fn wait<T>(&self, future: impl Future<Output = T>) -> T {
        self.handle.block_on(future)
    }
}

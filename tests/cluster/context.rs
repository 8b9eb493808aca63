//! What all scenarios of a run share.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::OnceCell;

use crate::brokers::{BrokerOptions, Brokers};

/// The programs that `cargo xtask cluster` names.
pub(crate) struct Programs {
    pub(crate) nats_server: PathBuf,
    pub(crate) segue: PathBuf,
}

/// What a scenario gets.
#[derive(Clone)]
pub(crate) struct Context {
    pub(crate) programs: Arc<Programs>,
    /// Whether faults last as long as in production, instead of seconds.
    pub(crate) is_long: bool,
    shared: Arc<OnceCell<Arc<Brokers>>>,
}

impl Context {
    pub(crate) fn new(programs: Programs, is_long: bool) -> Self {
        Self {
            programs: Arc::new(programs),
            is_long,
            shared: Arc::default(),
        }
    }

    /// Servers that no scenario harms. Each uses a namespace of its own.
    pub(crate) async fn shared_brokers(&self) -> Arc<Brokers> {
        let start = async || Arc::new(self.start_brokers(BrokerOptions::default()).await);
        Arc::clone(self.shared.get_or_init(start).await)
    }

    /// Servers of a scenario's own.
    pub(crate) async fn own_brokers(&self) -> Arc<Brokers> {
        Arc::new(self.start_brokers(BrokerOptions::default()).await)
    }

    pub(crate) async fn start_brokers(&self, options: BrokerOptions) -> Brokers {
        Brokers::start(&self.programs.nats_server, options).await
    }

    /// A time in seconds, or a longer one with `--long`.
    pub(crate) fn seconds(&self, usual: u64, long: u64) -> Duration {
        Duration::from_secs(if self.is_long { long } else { usual })
    }
}

//! Where undelivered events are: in a data folder, or on a cluster that several machines share.

use std::collections::BTreeSet;
use std::sync::Arc;

use conversions_delivery::{DeadLetterStore, UnixMillis};
use conversions_disk_log::DiskLogOptions;
use segue_insight::status::DeliveryStatus;
use segue_settings::{LogEngine, LogSettings};

#[cfg(feature = "nats")]
use crate::cluster::Cluster;
use crate::data_folder::DataFolder;
use crate::error::AppError;
use crate::notice::Notice;
use crate::open_log::{Letters, OpenLog};

/// Where undelivered events are.
#[derive(Clone, Debug)]
pub enum LogLocation {
    /// In a data folder.
    Folder(DataFolder),
    /// On a cluster.
    #[cfg(feature = "nats")]
    Cluster(Cluster),
}

impl LogLocation {
    /// Where these settings say, or in this folder.
    ///
    /// # Errors
    ///
    /// When they name a cluster and this build knows none, or a secret cannot be read.
    pub fn of_settings(settings: &LogSettings, folder: DataFolder) -> Result<Self, AppError> {
        match settings.engine {
            LogEngine::Disk => Ok(Self::Folder(folder)),
            #[cfg(feature = "nats")]
            LogEngine::Nats => Ok(Self::Cluster(Cluster::of_settings(settings)?)),
            #[cfg(not(feature = "nats"))]
            LogEngine::Nats => Err(AppError::Configuration(
                "`engine = \"nats\"` under [log] takes a segue that is built with the feature `nats`: cargo install segue --features full"
                    .to_owned(),
            )),
        }
    }

    /// Makes what the log needs on a cluster, or changes it to what the settings say.
    ///
    /// # Errors
    ///
    /// When the log is in a data folder, or the cluster cannot be reached or refuses.
    #[cfg_attr(
        not(feature = "nats"),
        expect(clippy::unused_async, reason = "a cluster is connected to")
    )]
    pub async fn create(&self, destinations: &[String]) -> Result<(), AppError> {
        let _ = destinations;
        match self {
            Self::Folder(_) => Err(nothing_on_a_cluster()),
            #[cfg(feature = "nats")]
            Self::Cluster(cluster) => cluster.create(destinations).await,
        }
    }

    /// Checks what the log needs on a cluster, as `serve` does when it starts.
    ///
    /// # Errors
    ///
    /// As [`create`](Self::create), and when something is missing or promises less than it should.
    #[cfg_attr(
        not(feature = "nats"),
        expect(clippy::unused_async, reason = "a cluster is connected to")
    )]
    pub async fn check(&self, destinations: &[String]) -> Result<(), AppError> {
        let _ = destinations;
        match self {
            Self::Folder(_) => Err(nothing_on_a_cluster()),
            #[cfg(feature = "nats")]
            Self::Cluster(cluster) => cluster.check(destinations).await,
        }
    }

    /// Opens the log. Must be called in a tokio runtime, on which its tasks run.
    #[cfg_attr(
        not(feature = "nats"),
        expect(clippy::unused_async, reason = "a cluster is connected to")
    )]
    pub(crate) async fn open(
        &self,
        options: DiskLogOptions,
        destinations: &[String],
        notice: impl Fn(Notice),
    ) -> Result<OpenLog, AppError> {
        let _ = destinations;
        match self {
            Self::Folder(folder) => {
                let log = folder.open_log(options, notice)?;
                let (log, folder) = (Arc::new(log), folder.clone());
                Ok(OpenLog {
                    durable: Some(Arc::clone(&log) as _),
                    log,
                    letters: Letters::new(move || Ok(Box::new(folder.dead_letters()?)))
                        .with_event_keys(),
                    is_shared: false,
                })
            }
            #[cfg(feature = "nats")]
            Self::Cluster(cluster) => cluster.open(destinations).await,
        }
    }

    /// The dead letters, whether or not a process delivers. They block.
    ///
    /// # Errors
    ///
    /// When the folder has no log, or the cluster cannot be reached.
    pub fn dead_letters(&self) -> Result<Box<dyn DeadLetterStore>, AppError> {
        match self {
            Self::Folder(folder) => Ok(Box::new(folder.dead_letters()?)),
            #[cfg(feature = "nats")]
            Self::Cluster(cluster) => cluster.dead_letters(),
        }
    }

    /// How delivery stands; with `only` for these destinations. It blocks.
    ///
    /// # Errors
    ///
    /// As [`dead_letters`](Self::dead_letters).
    pub fn delivery_status(
        &self,
        only: Option<&BTreeSet<String>>,
        now: UnixMillis,
    ) -> Result<DeliveryStatus, AppError> {
        match self {
            Self::Folder(folder) => folder.delivery_status(only, now),
            #[cfg(feature = "nats")]
            Self::Cluster(cluster) => cluster.delivery_status(only, now),
        }
    }
}

/// A sentence about what a cluster's servers promise that they tell operators only, by `monitor` of the settings; `None` for
/// a data folder. It blocks.
///
/// # Errors
///
/// When a server promises less than it should.
pub fn check_syncing(settings: &LogSettings) -> Result<Option<String>, AppError> {
    if settings.engine == LogEngine::Disk {
        return Ok(None);
    }
    #[cfg(feature = "nats")]
    {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|error| AppError::System(format!("a runtime cannot be started: {error}")))?;
        let cluster = Cluster::of_settings(settings)?;
        runtime.block_on(cluster.check_syncing()).map(Some)
    }
    #[cfg(not(feature = "nats"))]
    Ok(None)
}

fn nothing_on_a_cluster() -> AppError {
    AppError::Configuration(
        "the settings keep events in the data folder, for which nothing is to be made: set `engine = \"nats\"` under [log]"
            .to_owned(),
    )
}

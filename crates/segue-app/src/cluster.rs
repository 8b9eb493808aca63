//! A cluster of NATS servers as the log of several machines.

mod monitor;

use std::collections::BTreeSet;
use std::sync::Arc;

use conversions_delivery::{DeadLetterStore, StatusReader as _, UnixMillis};
use conversions_log_nats::{
    Namespace, NatsDeadLetters, NatsLog, NatsLogOptions, NatsStatus, OpenError, check_streams,
    create_streams,
};
use segue_insight::status::DeliveryStatus;
use segue_settings::LogSettings;

use crate::cluster::monitor::Syncing;
use crate::error::AppError;
use crate::nats_connection;
use crate::open_log::{Letters, OpenLog};

/// A cluster, as settings describe it.
#[derive(Clone, Debug)]
pub struct Cluster {
    options: Box<NatsLogOptions>,
    /// Where the servers answer monitoring requests.
    monitor: Vec<String>,
}

impl Cluster {
    /// The cluster of these settings. Nothing is connected yet.
    ///
    /// # Errors
    ///
    /// When a secret cannot be read.
    pub fn of_settings(settings: &LogSettings) -> Result<Self, AppError> {
        let namespace = Namespace::new(&settings.namespace)
            .map_err(|error| AppError::Configuration(error.to_string()))?;
        let options = NatsLogOptions {
            connection: nats_connection::options(&settings.servers, &settings.access, "log")?,
            namespace,
            node: settings.node.clone().unwrap_or_else(host_name),
            replicas: usize::try_from(settings.replicas).unwrap_or(usize::MAX),
            max_bytes: settings.max_bytes,
            dead_letter_bytes: settings.dead_letter_bytes,
            ack_wait: settings.ack_wait,
            allow_weak: settings.allow_weak,
            group_small: settings.group_small,
            ..NatsLogOptions::default()
        };
        Ok(Self {
            options: Box::new(options),
            monitor: settings.monitor.clone(),
        })
    }

    /// Makes the streams of these destinations, or changes them to what the settings say.
    ///
    /// # Errors
    ///
    /// When the cluster cannot be reached, or refuses.
    pub async fn create(&self, destinations: &[String]) -> Result<(), AppError> {
        let created = create_streams(&self.options, destinations).await;
        created.map_err(|error| app_error(&error))
    }

    /// Checks the streams of these destinations, as `serve` does when it starts.
    ///
    /// # Errors
    ///
    /// When the cluster cannot be reached, or streams are missing or promise less than they should.
    pub async fn check(&self, destinations: &[String]) -> Result<(), AppError> {
        let checked = check_streams(&self.options, destinations).await;
        checked.map_err(|error| app_error(&error))
    }

    /// A sentence about whether the servers sync before they acknowledge, as far as `monitor` of the settings lets them be
    /// asked.
    ///
    /// # Errors
    ///
    /// When one of them syncs only now and then, unless the settings allow what is weak.
    pub async fn check_syncing(&self) -> Result<String, AppError> {
        let (mut weak, mut unknown) = (Vec::new(), Vec::new());
        for address in &self.monitor {
            match monitor::ask(address).await {
                Syncing::Always => {}
                Syncing::NowAndThen => weak.push(address.as_str()),
                Syncing::Unknown(why) => unknown.push(format!("{address} ({why})")),
            }
        }
        if !weak.is_empty() {
            let sentence = format!(
                "servers sync only now and then, and lose events when they lose power together: write `sync_interval: always` into the jetstream block of {}",
                weak.join(", ")
            );
            return if self.options.allow_weak {
                Ok(sentence)
            } else {
                Err(AppError::System(sentence))
            };
        }
        Ok(if self.monitor.is_empty() {
            "not verified: whether servers sync before they acknowledge (sync_interval: always); `monitor` under [log] says where to ask them".to_owned()
        } else if unknown.is_empty() {
            format!(
                "sync_interval: always at all {} servers of `monitor`",
                self.monitor.len()
            )
        } else {
            format!(
                "not verified: sync_interval: always at {}",
                unknown.join(", ")
            )
        })
    }

    pub(crate) async fn open(&self, destinations: &[String]) -> Result<OpenLog, AppError> {
        if !self.monitor.is_empty() {
            tracing::info!("{}", self.check_syncing().await?);
        }
        let opened = NatsLog::open((*self.options).clone(), destinations).await;
        let log = Arc::new(opened.map_err(|error| app_error(&error))?);
        let of_letters = Arc::clone(&log);
        Ok(OpenLog {
            log,
            letters: Letters::new(move || Ok(Box::new(of_letters.dead_letters()))),
            durable: None,
            is_shared: true,
        })
    }

    pub(crate) fn dead_letters(&self) -> Result<Box<dyn DeadLetterStore>, AppError> {
        match NatsDeadLetters::open(&self.options) {
            Ok(letters) => Ok(Box::new(letters)),
            Err(error) => Err(app_error(&error)),
        }
    }

    pub(crate) fn delivery_status(
        &self,
        only: Option<&BTreeSet<String>>,
        now: UnixMillis,
    ) -> Result<DeliveryStatus, AppError> {
        let status = NatsStatus::open(&self.options).map_err(|error| app_error(&error))?;
        let mut status = DeliveryStatus::new(status.read_status()?, now);
        if !status.is_running() {
            status.count_dead_letters(&*self.dead_letters()?)?;
        }
        if let Some(only) = only {
            status.retain_destinations(only);
        }
        Ok(status)
    }
}

fn host_name() -> String {
    let name = rustix::system::uname();
    name.nodename().to_string_lossy().into_owned()
}

fn app_error(error: &OpenError) -> AppError {
    AppError::System(error.to_string())
}

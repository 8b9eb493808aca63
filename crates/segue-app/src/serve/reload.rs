//! Reads settings, secrets and certificate again when one of their files changes, or on SIGHUP. If any of it cannot be used,
//! all of it is refused and the old configuration stays in force.

mod watch;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use conversions_ingest::{Ingest, Tls};
use segue_settings::{Diagnostic, Endpoint, OtelSettings, Settings, Severity};

use self::watch::FileWatch;
pub use self::watch::SighupStream;
use crate::error::AppError;
use crate::memory::MatchMemory;
use crate::serve::alerts::AlertControls;
use crate::serve::configuration::Configuration;
use crate::serve::console::ConsoleSetup;
use crate::serve::consume;
use crate::serve::delivery::Delivery;
use crate::serve::metrics;
use crate::serve::options::EndpointOptions;
use crate::serve::recorder::RecordingSettings;

/// How long reading settings, secrets and certificate may take: reading a pipe would never end.
const READ_TIMEOUT: Duration = Duration::from_secs(10);

/// Everything that a reload replaces.
pub(super) struct Reloader {
    pub(super) options: EndpointOptions,
    pub(super) generated_key: String,
    pub(super) ingest: Ingest,
    pub(super) delivery: Arc<Delivery>,
    pub(super) tls: Option<Tls>,
    /// The settings with which the endpoint started.
    pub(super) endpoint: Endpoint,
    pub(super) memory: MatchMemory,
    pub(super) console: Arc<ConsoleSetup>,
    /// The settings with which it started.
    pub(super) settings: Settings,
    pub(super) recording: RecordingSettings,
    /// The settings of OpenTelemetry with which the endpoint started.
    pub(super) otel: OtelSettings,
    pub(super) alerts: AlertControls,
}

impl Reloader {
    /// Reloads whenever there is a reason. Never ends.
    pub(super) async fn run(self, files: Vec<PathBuf>, sighups: SighupStream) {
        let mut watch = FileWatch::new(files, sighups);
        loop {
            let reason = watch.reason().await;
            match self.reload().await {
                Ok(configuration) => {
                    metrics::count_reload(true);
                    self.console.replace(&configuration);
                    self.alerts.settings_fault.set(None);
                    log_warnings(&configuration.warnings);
                    self.warn_of_restart(&configuration);
                    tracing::info!("{reason}: new settings are in force");
                    watch.watch_files(configuration.files);
                }
                Err(error) => {
                    metrics::count_reload(false);
                    self.console.refuse(&error);
                    self.alerts.settings_fault.set(Some(error.sentence()));
                    log_refusal(reason, &error);
                }
            }
        }
    }

    async fn reload(&self) -> Result<Configuration, AppError> {
        let (options, generated_key) = (self.options.clone(), self.generated_key.clone());
        let memory = self.memory.clone();
        let reading = tokio::task::spawn_blocking(move || {
            Configuration::read(&options, &generated_key, &memory)
        });
        let reading = tokio::time::timeout(READ_TIMEOUT, reading).await.map_err(|_| {
            AppError::System(
                "reading them takes longer than 10 seconds: one of the files may be a pipe, or on a disk that does not answer"
                    .to_owned(),
            )
        })?;
        let configuration = reading.map_err(|_| AppError::Defect("reading"))??;
        self.delivery
            .reload(configuration.destinations.clone())
            .await?;
        if let (Some(tls), Some(certificate)) = (&self.tls, &configuration.certificate) {
            certificate.reload(tls)?;
        }
        // `Configuration::read` has checked it, so it does not fail after delivery and certificate were replaced.
        self.ingest.replace(configuration.ingest.clone())?;
        self.alerts.put_in_force(configuration.alerts.clone());
        Ok(configuration)
    }

    fn warn_of_restart(&self, configuration: &Configuration) {
        let new = &configuration.endpoint;
        for setting in self.endpoint.settings_that_need_restart(new) {
            tracing::warn!("settings: a change of {setting} takes a restart");
        }
        let (old, new) = (self.memory.settings(), configuration.memory.settings());
        for setting in old.settings_that_need_restart(new) {
            tracing::warn!("settings: a change of memory.{setting} takes a restart");
        }
        let new = &configuration.settings.log;
        for setting in self.settings.log.settings_that_need_restart(new) {
            tracing::warn!("settings: a change of log.{setting} takes a restart");
        }
        for setting in consume::settings_that_need_restart(
            &self.settings.inputs,
            &configuration.settings.inputs,
        ) {
            tracing::warn!("settings: a change of {setting} takes a restart");
        }
        let new = &configuration.settings.console;
        for setting in self.settings.console.settings_that_need_restart(new) {
            tracing::warn!("settings: a change of console.{setting} takes a restart");
        }
        let (old, new) = (&self.recording, &configuration.recording);
        for setting in old.history.settings_that_need_restart(&new.history) {
            tracing::warn!("settings: a change of history.{setting} takes a restart");
        }
        for setting in old.trace.settings_that_need_restart(&new.trace) {
            tracing::warn!("settings: a change of trace.{setting} takes a restart");
        }
        let new = &configuration.settings.otel;
        for setting in self.otel.settings_that_need_restart(new) {
            tracing::warn!("settings: a change of otel.{setting} takes a restart");
        }
    }
}

/// Logs warnings about settings.
pub fn log_warnings(warnings: &[Diagnostic]) {
    for warning in warnings {
        tracing::warn!("settings: {}", line(warning));
    }
}

/// Logs why a reload was refused, one line for each mistake.
fn log_refusal(reason: &str, error: &AppError) {
    const STAYS: &str = "new settings are refused, the old ones stay in force";
    match error {
        AppError::Settings(diagnostics) => {
            let mistakes = diagnostics
                .iter()
                .filter(|one| one.severity == Severity::Error);
            for mistake in mistakes {
                tracing::error!("{reason}: {STAYS}: {}", line(mistake));
            }
        }
        error => tracing::error!("{reason}: {STAYS}: {}", error.sentence()),
    }
}

fn line(diagnostic: &Diagnostic) -> String {
    diagnostic.to_string().replace("\n  ", "; ")
}

//! Settings, secrets and certificate are read again when one of their files changes, or on SIGHUP. What cannot be used
//! is refused as a whole, and what was in force stays in force.

mod watch;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use conversions_ingest::{Ingest, Tls};
use segue_settings::{Diagnostic, Severity};

use crate::failure::Failure;
use crate::serve::configuration::{Configuration, Fixed};
use crate::serve::delivery::Delivery;
use crate::serve::{ServeArgs, metrics};
pub(crate) use watch::Hangups;
use watch::Watch;

/// How long reading settings, secrets and certificate may take: a pipe would never end.
const PATIENCE: Duration = Duration::from_secs(10);

/// Everything that is exchanged.
pub(crate) struct Reloader {
    pub(crate) args: ServeArgs,
    pub(crate) made_key: String,
    pub(crate) ingest: Ingest,
    pub(crate) delivery: Arc<Delivery>,
    pub(crate) tls: Option<Tls>,
    pub(crate) fixed: Fixed,
}

impl Reloader {
    /// Reloads whenever there is a reason, for ever.
    pub(crate) async fn run(self, files: Vec<PathBuf>, hangups: Hangups) {
        let mut watch = Watch::of(files, hangups);
        loop {
            let reason = watch.reason().await;
            match self.reload().await {
                Ok(configuration) => {
                    metrics::reloaded(true);
                    log_all(&configuration.warnings);
                    self.say_what_takes_a_restart(&configuration);
                    tracing::info!("{reason}: new settings are in force");
                    watch.look_at(configuration.files);
                }
                Err(failure) => {
                    metrics::reloaded(false);
                    refuse(reason, &failure);
                }
            }
        }
    }

    async fn reload(&self) -> Result<Configuration, Failure> {
        let (args, made_key) = (self.args.clone(), self.made_key.clone());
        let reading = tokio::task::spawn_blocking(move || Configuration::read(&args, &made_key));
        let reading = tokio::time::timeout(PATIENCE, reading).await.map_err(|_| {
            Failure::sentence(
                "reading them takes longer than 10 seconds: one of the files may be a pipe, or on a disk that does not answer",
            )
        })?;
        let configuration = reading.map_err(|_| {
            Failure::sentence(
                "reading stopped unexpectedly: this is a defect in segue, please report it",
            )
        })??;
        self.delivery.reload(configuration.routes.clone()).await?;
        if let (Some(tls), Some(certificate)) = (&self.tls, &configuration.certificate) {
            certificate.reload(tls)?;
        }
        // Checked when it was read: it cannot fail after something else has been exchanged.
        self.ingest
            .replace(configuration.ingest.clone())
            .map_err(|error| Failure::of(&error))?;
        Ok(configuration)
    }

    fn say_what_takes_a_restart(&self, configuration: &Configuration) {
        let (old, new) = (&self.fixed, &configuration.fixed);
        let connection = |fixed: &Fixed| {
            let options = &fixed.connection;
            (options.connections, options.header_timeout)
        };
        for (setting, has_changed) in [
            ("listen", old.listen != new.listen),
            ("ops_listen", old.ops_listen != new.ops_listen),
            ("disk_bytes", old.disk_bytes != new.disk_bytes),
            (
                "connections or header_seconds",
                connection(old) != connection(new),
            ),
            (
                "tls_certificate",
                self.tls.is_some() != configuration.certificate.is_some(),
            ),
        ] {
            if has_changed {
                tracing::warn!("settings: a change of {setting} takes a restart");
            }
        }
    }
}

/// Warnings about settings, as lines of the log.
pub(crate) fn log_all(warnings: &[Diagnostic]) {
    for warning in warnings {
        tracing::warn!("settings: {}", line(warning));
    }
}

/// Says why, a line a mistake.
fn refuse(reason: &str, failure: &Failure) {
    const STAYS: &str = "new settings are refused, the old ones stay in force";
    match failure {
        Failure::Settings(diagnostics) => {
            let mistakes = diagnostics
                .iter()
                .filter(|one| one.severity == Severity::Error);
            for mistake in mistakes {
                tracing::error!("{reason}: {STAYS}: {}", line(mistake));
            }
        }
        Failure::Sentence(sentence) => tracing::error!("{reason}: {STAYS}: {sentence}"),
        Failure::NobodyReads => {}
    }
}

fn line(diagnostic: &Diagnostic) -> String {
    diagnostic.to_string().replace("\n  ", "; ")
}

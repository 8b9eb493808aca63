//! Who reads what, before anything is open.

use std::sync::Arc;

use conversions_delivery::UnixMillis;
use segue_settings::{InputCommit, InputSettings};
use tokio::sync::OnceCell;

use super::consumer::ConsumePlan;
use super::reading::Reading;
use super::tracked_log::TrackedLog;
use super::tracker::{ReaderId, Tracker};
use crate::error::AppError;
use crate::open_log::{Letters, OpenLog};

impl ConsumePlan {
    /// The readers of these inputs. `destinations_of` has the destinations of a source; a settings file without sources has
    /// one, of the name `only_source`.
    pub(in crate::serve) fn new(
        inputs: &[InputSettings],
        only_source: &str,
        destinations_of: impl Fn(&str) -> Vec<String>,
    ) -> Self {
        let mut readings = Vec::new();
        for settings in inputs {
            let source = settings.source.as_deref().unwrap_or(only_source);
            let destinations = match settings.commit {
                InputCommit::Stored => vec![None],
                InputCommit::Delivered => destinations_of(source).into_iter().map(Some).collect(),
            };
            for destination in destinations {
                readings.push(Reading {
                    id: ReaderId(readings.len()),
                    settings: settings.clone(),
                    source: source.to_owned(),
                    destination,
                });
            }
        }
        let commit = inputs.first().map(|input| input.commit);
        let is_tracked = commit == Some(InputCommit::Delivered);
        Self {
            tracker: is_tracked.then(|| Arc::new(Tracker::new(readings.len()))),
            readings,
            dead_letters: Arc::default(),
        }
    }

    /// The log, if the brokers keep the events and it is in memory only.
    pub(in crate::serve) fn log(&self, now: UnixMillis) -> Option<OpenLog> {
        let tracker = self.tracker.as_ref()?;
        let dead_letters: Arc<OnceCell<_>> = Arc::clone(&self.dead_letters);
        Some(OpenLog {
            log: Arc::new(TrackedLog::new(Arc::clone(tracker), dead_letters, now)),
            letters: Letters::new(|| {
                Err(AppError::Configuration(
                    "with commit = \"delivered\" dead letters are where rejected records go: the topic with .segue-dead behind its name, or `rejects_file`"
                        .to_owned(),
                ))
            }),
            is_shared: true,
            durable: None,
        })
    }

    /// Whether the process should wait a little for deliveries when it ends: what is not settled comes again.
    pub(in crate::serve) fn is_tracked(&self) -> bool {
        self.tracker.is_some()
    }
}

//! All inputs of a process: opened, read, and left in good order.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use conversions_delivery::DurableLog;
use conversions_ingest::Ingest;
use conversions_input::Input;
use segue_settings::{InputCommit, InputKind};
use tokio::sync::{OnceCell, watch};
use tokio::task::JoinSet;

use super::checkpoints::StoredOffsets;
use super::dead_letters::DeadLetterWriter;
use super::metrics::{ReaderMetrics, Totals};
use super::open;
use super::reader::{Phase, Reader};
use super::reading::Reading;
use super::rejects::{Rejects, RejectsFile};
use super::storing::{Settling, Storing};
use super::tracker::{ReaderId, Tracker};
use crate::clock::RunClock;
use crate::error::AppError;
use crate::serve::consume::ConsumeTotals;
use crate::serve::delivery::Delivery;
use crate::serve::health::Health;

/// How long records that are being stored may take when the process ends.
const STOP_TIMEOUT: Duration = Duration::from_secs(10);
/// How long leaving all groups may take.
const LEAVE_TIMEOUT: Duration = Duration::from_secs(20);
/// How often brokers are asked how much is left.
const LAG_EVERY: Duration = Duration::from_secs(5);

/// What readers store records with.
pub(in crate::serve) struct ConsumerParts {
    pub(in crate::serve) ingest: Ingest,
    pub(in crate::serve) delivery: Arc<Delivery>,
    pub(in crate::serve) health: Arc<Health>,
    pub(in crate::serve) clock: RunClock,
}

/// A reading whose input is open.
pub(super) struct OpenReading {
    pub(super) reading: Reading,
    pub(super) input: Arc<dyn Input>,
    /// How far the log on disk has its records.
    pub(super) offsets: Option<Arc<StoredOffsets>>,
}

/// What is open before the readers start: who reads what, and when their records count as settled.
pub(in crate::serve) struct ConsumePlan {
    pub(super) readings: Vec<Reading>,
    pub(super) tracker: Option<Arc<Tracker>>,
    pub(super) dead_letters: Arc<OnceCell<DeadLetterWriter>>,
}

/// The readers of a process.
pub(in crate::serve) struct Consumer {
    phase: watch::Sender<Phase>,
    quiet: Vec<watch::Receiver<bool>>,
    readers: JoinSet<()>,
    lags: JoinSet<()>,
    lag: watch::Receiver<BTreeMap<usize, u64>>,
    totals: Arc<Totals>,
    failed: watch::Receiver<bool>,
}

impl Consumer {
    /// Opens the inputs and begins to read. `durable` is the log on disk, if events are kept there.
    ///
    /// # Errors
    ///
    /// When a broker cannot be reached, or refuses.
    pub(in crate::serve) async fn start(
        plan: ConsumePlan,
        parts: ConsumerParts,
        durable: Option<Arc<dyn DurableLog>>,
    ) -> Result<Self, AppError> {
        let mut opened = Vec::with_capacity(plan.readings.len());
        for reading in plan.readings {
            let group = open::group(&reading);
            let offsets = match (&durable, reading.settings.commit) {
                (Some(log), InputCommit::Stored) => {
                    Some(Arc::new(StoredOffsets::read(log, &group).await?))
                }
                _ => None,
            };
            let input = open::input(&reading, &group, offsets.clone()).await?;
            opened.push(OpenReading {
                reading,
                input,
                offsets,
            });
        }
        Self::read(opened, plan.tracker.as_ref(), &plan.dead_letters, &parts)
    }

    /// Begins to read inputs that are open.
    pub(super) fn read(
        opened: Vec<OpenReading>,
        tracker: Option<&Arc<Tracker>>,
        dead_letters: &OnceCell<DeadLetterWriter>,
        parts: &ConsumerParts,
    ) -> Result<Self, AppError> {
        let phase = watch::Sender::new(Phase::Reading);
        let failed = watch::Sender::new(false);
        let lag = watch::Sender::new(BTreeMap::new());
        let mut consumer = Self {
            quiet: Vec::new(),
            readers: JoinSet::new(),
            lags: JoinSet::new(),
            lag: lag.subscribe(),
            totals: Arc::default(),
            failed: failed.subscribe(),
            phase,
        };
        let mut rejects = BTreeMap::new();
        let mut expiring = BTreeMap::new();
        let mut readers = Vec::with_capacity(opened.len());
        for OpenReading {
            reading,
            input,
            offsets,
        } in opened
        {
            let place = match &reading.settings.rejects_file {
                Some(path) => Rejects::File(RejectsFile::open(path)?),
                None => Rejects::Topic(Arc::clone(&input)),
            };
            rejects.insert(reading.id, place.clone());
            // Kafka says by itself when a partition is gone.
            if reading.settings.kind == InputKind::Nats {
                expiring.insert(reading.id, Arc::clone(&input));
            }
            let metrics = Arc::new(ReaderMetrics::new(
                &reading.settings.name,
                reading.destination.as_deref(),
                Arc::clone(&consumer.totals),
            ));
            let storing = Storing {
                reader: reading.id,
                ingest: parts.ingest.clone(),
                source: reading.source,
                destination: reading.destination,
                delivery: Arc::clone(&parts.delivery),
                health: Arc::clone(&parts.health),
                clock: parts.clock,
                rejects: place,
                settling: match tracker {
                    Some(tracker) => Settling::Delivered(Arc::clone(tracker)),
                    None => Settling::Stored(offsets),
                },
                metrics: Arc::clone(&metrics),
            };
            consumer.lags.spawn(show_lag(
                reading.id,
                Arc::clone(&input),
                metrics,
                lag.clone(),
            ));
            let name = reading.settings.name;
            readers.push(Reader::new(name, input, Arc::new(storing)));
        }
        if let Some(tracker) = tracker {
            tracker.ask_before_sending(expiring);
        }
        // Before anything is read: a dead letter must find its place.
        let _ = dead_letters.set(DeadLetterWriter::new(rejects));
        for reader in readers {
            consumer.quiet.push(reader.quiet());
            let (phase, failed) = (consumer.phase.subscribe(), failed.clone());
            consumer.readers.spawn(async move {
                if let Err(error) = reader.run(phase).await {
                    tracing::error!("{error}");
                    failed.send_replace(true);
                }
            });
        }
        Ok(consumer)
    }

    /// Completes when an input has failed for good, and must be opened again by a new process.
    pub(in crate::serve) async fn failed(&self) {
        let mut failed = self.failed.clone();
        if failed.wait_for(|failed| *failed).await.is_err() {
            std::future::pending::<()>().await;
        }
    }

    /// What was read so far.
    pub(in crate::serve) fn totals(&self) -> ConsumeTotals {
        let lag = self.lag.borrow();
        ConsumeTotals {
            records: self.totals.records.load(Ordering::Relaxed),
            rejected: self.totals.rejected.load(Ordering::Relaxed),
            settled: self.totals.settled.load(Ordering::Relaxed),
            lag: (!lag.is_empty()).then(|| lag.values().sum()),
        }
    }

    /// Reads nothing more, and waits until what was being stored is stored.
    pub(in crate::serve) async fn stop_reading(&self) {
        self.phase.send_replace(Phase::Stopping);
        let all_quiet = async {
            for quiet in &self.quiet {
                let _ = quiet.clone().wait_for(|quiet| *quiet).await;
            }
        };
        let _ = tokio::time::timeout(STOP_TIMEOUT, all_quiet).await;
    }

    /// Tells the brokers what is settled, and leaves. Returns what was read.
    pub(in crate::serve) async fn leave(mut self) -> ConsumeTotals {
        self.lags.abort_all();
        self.phase.send_replace(Phase::Leaving);
        let all_left = async { while self.readers.join_next().await.is_some() {} };
        if tokio::time::timeout(LEAVE_TIMEOUT, all_left).await.is_err() {
            tracing::warn!(
                "a broker does not answer: left without it, some records may come again"
            );
        }
        self.totals()
    }
}

/// Shows how much is left, again and again.
async fn show_lag(
    id: ReaderId,
    input: Arc<dyn Input>,
    metrics: Arc<ReaderMetrics>,
    all: watch::Sender<BTreeMap<usize, u64>>,
) {
    loop {
        if let Ok(Some(records)) = input.lag().await {
            metrics.show_lag(records);
            all.send_modify(|all| {
                all.insert(id.0, records);
            });
        }
        tokio::time::sleep(LAG_EVERY).await;
    }
}

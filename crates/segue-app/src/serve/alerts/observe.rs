//! Looks at the endpoint every few seconds.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use conversions_delivery::{Clock as _, UnixMillis};
use conversions_history::history::{HistoryReport, Range};
use tokio::sync::watch;

use super::rules::{Observation, ObservedDestination};
use super::{AlertControls, AlertTargets, Alerts, Outbox, SettingsFault};
use crate::clock::RunClock;
use crate::data_folder::DataFolder;
use crate::serve::delivery::Delivery;
use crate::serve::metrics;
use crate::serve::options::{AlertTimes, EndpointOptions};
use crate::serve::recorder::Recorder;

/// Rejected messages and dead letters are counted over so many minutes.
const WINDOW_SECONDS: i64 = 15 * 60;

/// Finds out what is wrong, and tells.
pub(in crate::serve) struct Observer {
    delivery: Arc<Delivery>,
    recorder: Recorder,
    data_folder: PathBuf,
    settings_fault: SettingsFault,
    targets: watch::Receiver<AlertTargets>,
    clock: RunClock,
    times: AlertTimes,
}

impl Observer {
    /// An observer, and what a reload changes of it.
    pub(in crate::serve) fn new(
        delivery: Arc<Delivery>,
        recorder: Recorder,
        folder: &DataFolder,
        options: &EndpointOptions,
        clock: RunClock,
        targets: AlertTargets,
    ) -> (Self, AlertControls) {
        let settings_fault = SettingsFault::default();
        let (sender, targets) = watch::channel(targets);
        let observer = Self {
            delivery,
            recorder,
            data_folder: folder.path().to_owned(),
            settings_fault: settings_fault.clone(),
            targets,
            clock,
            times: options.alert_times,
        };
        let controls = AlertControls {
            targets: sender,
            settings_fault,
        };
        (observer, controls)
    }

    /// Looks until it is aborted.
    pub(in crate::serve) async fn run(self) {
        let mut alerts = Alerts::default();
        let outbox = Outbox::start();
        let mut last_seen = self.sources_seen_before();
        loop {
            let dropped = self.recorder.trace.as_ref().map(|trace| trace.dropped());
            metrics::show_storage(disk_percent(&self.data_folder), dropped.unwrap_or_default());
            tokio::time::sleep(self.times.look_every).await;
            let targets = self.targets.borrow().clone();
            let Some(webhook) = targets.webhook else {
                // What goes on when a webhook is set is told then.
                alerts = Alerts::default();
                continue;
            };
            let silence = Duration::from_secs(targets.silence_minutes.saturating_mul(60));
            let silence = Some(silence).filter(|silence| !silence.is_zero());
            let observation = self.observe(silence, &mut last_seen);
            for alert in alerts.update(&observation.await) {
                outbox.put(&webhook, &alert);
            }
        }
    }

    /// When each source sent something last, in seconds, as far as the history reaches back.
    fn sources_seen_before(&self) -> BTreeMap<String, i64> {
        let mut seen = BTreeMap::new();
        if let Some(history) = &self.recorder.history {
            note_sources(&mut seen, &history.report(Range::Last14Days));
        }
        seen
    }

    async fn observe(
        &self,
        silence: Option<Duration>,
        last_seen: &mut BTreeMap<String, i64>,
    ) -> Observation {
        let now = self.clock.now();
        let mut observation = Observation {
            silence,
            held_for: self.times.held_for,
            disk_percent: disk_percent(&self.data_folder),
            settings_fault: self.settings_fault.get(),
            ..Observation::default()
        };
        let progress = self.delivery.progress().await;
        for (name, destination) in progress.destinations {
            let observed = ObservedDestination {
                held: destination
                    .held
                    .map(|held| (now.since(held.since), held.sentence)),
                oldest: destination.backlog.oldest.map(|oldest| now.since(oldest)),
                ..ObservedDestination::default()
            };
            observation.destinations.insert(name.to_string(), observed);
        }
        if let Some(history) = &self.recorder.history {
            let report = history.report(Range::LastHour);
            note_sources(last_seen, &report);
            add_counts(&mut observation, &report, now);
        }
        observation.silent_for = last_seen
            .iter()
            .map(|(source, seen)| (source.clone(), now.since(UnixMillis::from_seconds(*seen))))
            .collect();
        observation
    }
}

fn note_sources(seen: &mut BTreeMap<String, i64>, report: &HistoryReport) {
    for slot in &report.slots {
        for (source, messages) in &slot.sources {
            if *messages > 0 {
                let last = seen.entry(source.clone()).or_insert(slot.at);
                // The slot was over at its end at the latest.
                *last = (*last).max(slot.at + i64::from(report.step));
            }
        }
    }
}

fn add_counts(observation: &mut Observation, report: &HistoryReport, now: UnixMillis) {
    let from = now.seconds() - WINDOW_SECONDS;
    for slot in report.slots.iter().filter(|slot| slot.at >= from) {
        for (name, counts) in &slot.destinations {
            let rejected: u64 = counts.rejected.values().sum();
            let observed = observation.destinations.entry(name.clone()).or_default();
            observed.new_dead_letters += counts.dead_lettered.values().sum::<u64>();
            observed.rejected.0 += rejected;
            observed.rejected.1 += rejected + counts.accepted;
        }
    }
}

/// How full the disk of a folder is, where the system tells.
fn disk_percent(folder: &Path) -> Option<u64> {
    #[cfg(unix)]
    {
        let disk = rustix::fs::statvfs(folder).ok()?;
        let used = disk.f_blocks.saturating_sub(disk.f_bfree);
        // What only root may use is not there for others.
        let usable = used.saturating_add(disk.f_bavail);
        used.saturating_mul(100).checked_div(usable)
    }
    #[cfg(not(unix))]
    {
        let _ = folder;
        None
    }
}

//! A run that does everything but send.

use std::sync::Arc;

use conversions_delivery::{
    AppendError, AppendGroup, Appended, Clock as _, EventLog, MemoryLog, UnixMillis, Wanted,
};
use conversions_files::FileReader;
use conversions_transport::Frame;

use crate::destinations::Mode;
use crate::error::AppError;
use crate::send::job::SendJob;
use crate::send::progress::SendObserver;
use crate::send::reading::{next_chunk, start_reading};
use crate::send::report::SendReport;
use crate::send::run_totals::RunTotals;
use crate::shutdown::Shutdown;

/// Reads, maps and counts.
pub(super) async fn run(
    job: SendJob,
    mut shutdown: Shutdown,
    observer: &dyn SendObserver,
) -> Result<SendReport, AppError> {
    let names = job.destinations.iter().map(|one| one.name.to_string());
    let mut totals = RunTotals::new(names, job.inputs.clone(), job.from_line, job.rejects);
    totals.truncate_rejects(0);
    let reader = FileReader {
        inputs: job.inputs,
        counter: job.counter,
        destinations: job
            .destinations
            .into_iter()
            .map(|one| (one.name, one.mapping))
            .collect(),
        first_line: job.from_line,
    };
    let mut chunks = start_reading(reader, job.clock)?;
    // A log finds duplicates. It is emptied at once, so that it needs no room.
    let log = MemoryLog::default();
    let now = job.clock.now();
    let end = loop {
        let mut chunk = match next_chunk(&mut shutdown, chunks.recv()).await {
            Err(end) => break end,
            Ok(chunk) => chunk,
        };
        totals.list_rejects(&chunk);
        let mut appended = Vec::with_capacity(chunk.destinations.len());
        for one in &mut chunk.destinations {
            let frames = std::mem::take(&mut one.frames);
            appended.push(append_and_acknowledge(&log, frames, now).await?);
        }
        totals.add(chunk, &appended);
        observer.progress(None);
    };
    let (reached_end, error) = end.into_parts();
    observer.finished();
    let mut report = SendReport::new(totals, Mode::DryRun, error);
    report.read_to_end = reached_end;
    Ok(report)
}

async fn append_and_acknowledge(
    log: &MemoryLog,
    frames: Vec<Frame>,
    now: UnixMillis,
) -> Result<Appended, AppendError> {
    let Some(destination) = frames.first().map(|frame| Arc::clone(frame.destination())) else {
        return Ok(Appended::default());
    };
    let appended = log.append(AppendGroup::new(frames), now).await?;
    let all = Wanted {
        destination: &destination,
        events: usize::MAX,
        bytes: usize::MAX,
    };
    let lease = log.lease(all, now).await?;
    log.acknowledge(&destination, &lease.keys(), now).await?;
    Ok(appended)
}

//! Everything but sending.

use std::sync::Arc;

use conversions_delivery::{
    AppendError, AppendGroup, Appended, EventLog, MemoryLog, UnixMillis, Wanted,
};
use conversions_transport::NewEvent;

use crate::context::Clock;
use crate::failure::Failure;
use crate::interrupt::Interrupt;
use crate::route::Mode;
use crate::send::account::Account;
use crate::send::deliver::Chunks;
use crate::send::report::Report;
use crate::send::watch::Watch;

/// Reads and counts. Duplicates are found too, for which there is a log that is emptied as it fills.
pub(crate) async fn run(
    mut chunks: Chunks,
    mut account: Account,
    clock: Clock,
    interrupt: &mut Interrupt,
    watch: &Watch,
) -> Result<Report, Failure> {
    let log = MemoryLog::default();
    let now = conversions_delivery::Clock::now(&clock);
    let (mut input_failure, mut read_to_end) = (None, false);
    loop {
        let chunk = tokio::select! {
            biased;
            () = interrupt.asked() => break,
            chunk = chunks.recv() => chunk,
        };
        match chunk {
            None => {
                read_to_end = true;
                break;
            }
            Some(Err(error)) => {
                input_failure = Some(error.into());
                break;
            }
            Some(Ok(mut chunk)) => {
                account.list_rejects(&chunk);
                let mut appended = Vec::with_capacity(chunk.routed.len());
                for routed in &mut chunk.routed {
                    let events = std::mem::take(&mut routed.events);
                    let passed = pass_through(&log, events, now).await;
                    appended.push(passed.map_err(|error| Failure::of(&error))?);
                }
                account.enter(chunk, &appended);
                watch.tick(None);
            }
        }
    }
    watch.clear();
    let mut report = Report::new(account, Mode::DryRun, input_failure);
    report.read_to_end = read_to_end;
    Ok(report)
}

async fn pass_through(
    log: &MemoryLog,
    events: Vec<NewEvent>,
    now: UnixMillis,
) -> Result<Appended, AppendError> {
    let Some(destination) = events.first().map(|event| Arc::clone(&event.destination)) else {
        return Ok(Appended::default());
    };
    let appended = log.append(AppendGroup::new(events), now).await?;
    let all = Wanted {
        destination: &destination,
        events: usize::MAX,
        bytes: usize::MAX,
    };
    let lease = log.lease(all, now).await?;
    let keys: Vec<_> = lease.events.iter().map(|event| event.key).collect();
    log.acknowledge(&destination, &keys, now).await?;
    Ok(appended)
}

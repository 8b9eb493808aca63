//! Recurring work: showing the status, requeueing replays, forgetting what is old, giving space back.

use std::sync::Arc;
use std::sync::Mutex;
use std::sync::atomic::Ordering;
use std::time::Duration;

use bytes::Bytes;
use conversions_delivery::{
    DeadLetter, DeadLetterReason, DeadLetterStore as _, KeyRange, LogError, Progress,
    StatusTracker, UnixMillis,
};
use facebook_conversions::ActionSource;
use redb::ReadableTable as _;
use tokio::sync::oneshot;

use crate::changes::{Checkpoint, Outcome, Requeue, Rescue, segment_to_rescue, settle};
use crate::commit::{EMPTY_SEGMENT_BYTES, segment_bytes};
use crate::commit_loop::CommitQueue;
use crate::inputs;
use crate::lease::DamagedEvents;
use crate::lock::lock;
use crate::reclaim::Reclaim;
use crate::shared::{Shared, run_blocking, wait_for_reply};
use crate::store::{Damage, End, replace_file};
use crate::tables::{self, DEAD_LETTER_INPUTS, REPLAYED};

/// Letters that become events again in one commit. Each batch is read into memory.
const REPLAYS_PER_COMMIT: usize = 256;
/// How often old things are looked for: nothing is kept for less than days.
const FORGET_EVERY: Duration = Duration::from_hours(1);

/// What maintenance remembers from one time to the next.
#[derive(Debug, Default)]
pub(crate) struct Maintenance {
    status: Mutex<StatusTracker>,
    forgot_at: Mutex<Option<UnixMillis>>,
}

impl Maintenance {
    /// Shows the status to other processes. A failure does not matter to the engine.
    pub(crate) async fn publish(
        self: &Arc<Self>,
        shared: &Arc<Shared>,
        progress: &Progress,
        now: UnixMillis,
    ) {
        let maintenance = Arc::clone(self);
        let progress = progress.clone();
        let _ = run_blocking(shared, move |shared| {
            maintenance.write_status(shared, &progress, now);
            Ok(())
        })
        .await;
    }

    /// Does what is due. Returns whether events were added. Failures are left to the next time.
    pub(crate) async fn run(
        self: &Arc<Self>,
        queue: &Arc<CommitQueue>,
        reclaim: &Arc<Reclaim>,
        now: UnixMillis,
    ) -> bool {
        let shared = queue.shared();
        let (maintenance, reclaim) = (Arc::clone(self), Arc::clone(reclaim));
        let forgotten = run_blocking(shared, move |shared| {
            reclaim.run_if_worthwhile(shared);
            maintenance.forget_old(shared, now)
        });
        let is_empty = shared.held_bytes.load(Ordering::Relaxed) == 0;
        if is_empty && shared.journal.bytes() > EMPTY_SEGMENT_BYTES {
            let (reply, _) = oneshot::channel();
            queue.submit(Box::new(Checkpoint { reply }));
        }
        if let Some(segment) = segment_to_rescue(shared, segment_bytes(shared)) {
            queue.submit(Box::new(Rescue { segment }));
        }
        if let Err(error) = forgotten.await {
            tracing::debug!("maintenance of the log: {error}");
        }
        match requeue_replays(queue, now).await {
            Ok(requeued) => requeued > 0,
            Err(error) => {
                tracing::debug!("replays: {error}");
                false
            }
        }
    }

    fn write_status(&self, shared: &Shared, progress: &Progress, now: UnixMillis) {
        let Some(folder) = &shared.folder else {
            return;
        };
        let letters = shared.letters.counts().unwrap_or_default();
        let mut status = lock(&self.status).status(progress, &letters, now);
        status.damage = shared.damage.iter().map(Damage::message).collect();
        let text = serde_json::to_vec(&status).unwrap_or_default();
        if let Err(error) = replace_file(&folder.status(), &text, false) {
            tracing::debug!("the status could not be written: {error}");
        }
    }

    fn forget_old(&self, shared: &Shared, now: UnixMillis) -> Result<(), LogError> {
        if !self.is_forgetting_due(now) {
            return Ok(());
        }
        let expired = shared.letters.expire(now)?;
        if expired > 0 {
            tracing::warn!(
                expired,
                "dead letters have reached the end of their retention"
            );
        }
        let purged = ids_of_purged_letters(shared)?;
        shared.store.write(|transaction| {
            let mut letter_inputs = transaction.open_table(DEAD_LETTER_INPUTS)?;
            for id in &purged {
                letter_inputs.remove(id)?;
            }
            drop(letter_inputs);
            let forgotten = inputs::forget_old(transaction, now)?;
            Ok(if purged.is_empty() && forgotten == 0 {
                End::Abort(())
            } else {
                End::Commit(())
            })
        })
    }

    /// Whether it is time to look for old things; if so, it is done from now on. A clock that was set back does not put
    /// it off.
    fn is_forgetting_due(&self, now: UnixMillis) -> bool {
        let mut forgot_at = lock(&self.forgot_at);
        let is_due = forgot_at.is_none_or(|last| now.since(last) >= FORGET_EVERY || now < last);
        if is_due {
            *forgot_at = Some(now);
        }
        is_due
    }
}

/// Makes events of the dead letters whose replay was requested. Returns how many.
///
/// The event is added, and the letter's id written into the table of the replayed, in one commit; then the letter is
/// removed; then its id. Wherever this is interrupted, the next run continues: nothing is replayed twice, nothing is
/// lost.
pub(crate) async fn requeue_replays(
    queue: &Arc<CommitQueue>,
    now: UnixMillis,
) -> Result<u64, LogError> {
    let shared = queue.shared();
    let mut requeued = 0;
    loop {
        let read = |shared: &Shared| shared.letters.to_replay(REPLAYS_PER_COMMIT);
        let letters = run_blocking(shared, read).await?;
        if letters.is_empty() {
            return Ok(requeued);
        }
        let ids: Vec<_> = letters.iter().map(|letter| letter.id).collect();
        requeued += u64::try_from(ids.len()).unwrap_or(u64::MAX);
        let (reply, answer) = oneshot::channel();
        queue.submit(Box::new(Requeue {
            letters,
            now,
            reply,
        }));
        wait_for_reply(answer).await?;
        run_blocking(shared, move |shared| {
            shared.letters.remove(&ids)?;
            shared.store.write(|transaction| {
                let mut replayed = transaction.open_table(REPLAYED)?;
                for id in &ids {
                    replayed.remove(id.0)?;
                }
                drop(replayed);
                Ok(End::Commit(()))
            })
        })
        .await?;
    }
}

/// Makes dead letters of damaged events. Their bytes are kept as they are: a person may be able to read them.
pub(crate) async fn dead_letter_damaged(
    queue: &Arc<CommitQueue>,
    destination: &str,
    damaged: Vec<DamagedEvents>,
    now: UnixMillis,
) -> Result<(), LogError> {
    tracing::error!(
        destination,
        found = damaged.len(),
        "events of the log are damaged; they are set aside as dead letters"
    );
    let keys: Vec<_> = damaged.iter().map(|events| events.keys).collect();
    let letters: Vec<_> = damaged
        .into_iter()
        .map(|events| damaged_letter(destination, events.keys, events.bytes, now))
        .collect();
    run_blocking(queue.shared(), move |shared| shared.letters.keep(&letters)).await?;
    settle(queue, destination, &keys, Outcome::DeadLettered, now).await
}

/// A dead letter of events that cannot be read: of one event, unless nothing of a frame can be read.
pub(crate) fn damaged_letter(
    destination: &str,
    keys: KeyRange,
    bytes: Bytes,
    now: UnixMillis,
) -> DeadLetter {
    DeadLetter {
        id: keys.first,
        destination: Arc::from(destination),
        test_event_code: None,
        event: bytes,
        event_time: 0,
        max_age: ActionSource::Website.max_age(),
        line: None,
        reason: DeadLetterReason::Damaged,
        verdict: None,
        attempts: 0,
        first_at: now,
        last_at: now,
    }
}

/// Ids of letters that are gone, but whose input is still in the table.
fn ids_of_purged_letters(shared: &Shared) -> Result<Vec<u64>, LogError> {
    let ids = shared.store.read(|transaction| {
        let Some(table) = tables::open(transaction, DEAD_LETTER_INPUTS)? else {
            return Ok(Vec::new());
        };
        let ids = table.iter()?.map(|row| Ok(row?.0.value()));
        ids.collect::<Result<Vec<_>, redb::Error>>()
    })?;
    shared.letters.missing(ids)
}

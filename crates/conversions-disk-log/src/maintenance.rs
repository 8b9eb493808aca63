//! What has to be done now and then: showing the status, taking up replays, forgetting what is old, giving space back.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use conversions_delivery::{DeadLetter, DeadLetterReason, EventKey, LogError, Progress, StatusTracker, UnixMillis};
use redb::ReadableTable as _;
use tokio::sync::oneshot;

use crate::changes::{Absorb, Outcome, Requeue};
use crate::tables::{self, BURIED, REPLAYED};
use crate::disk_log::DiskLog;
use crate::inputs;
use crate::shared::{Inner, answered, blocking, lock};
use crate::max_age;
use crate::store::{Damage, End, replace_file};

/// Letters that become events again in one commit.
const REPLAYS_PER_COMMIT: usize = 256;
/// How often old things are looked for.
const FORGET_EVERY: Duration = Duration::from_hours(1);
/// So much free space in a file is left alone.
const LITTLE_SPACE: u64 = 16 << 20;
/// So long may a journal be of which everything is settled.
const LITTLE_JOURNAL: u64 = 1 << 20;
/// And while events are waiting, so much.
const MUCH_SPACE: u64 = 256 << 20;
/// How often a log is compacted at most: empty, and while events are waiting.
const COMPACT_EVERY: [Duration; 2] = [Duration::from_secs(5), Duration::from_mins(10)];

/// What the chores have to remember.
#[derive(Debug, Default)]
pub(crate) struct Chores {
    status: StatusTracker,
    forgot_at: Option<UnixMillis>,
    compacted_at: Option<Instant>,
}

/// Shows the status to other processes.
pub(crate) async fn publish(inner: &Arc<Inner>, progress: &Progress, now: UnixMillis) {
    let progress = progress.clone();
    let shown = blocking(inner, move |inner| {
        inner.show_status(&progress, now);
        Ok(())
    });
    // Without a status the engine goes on all the same.
    let _ = shown.await;
}

/// The chores of the engine's beat. Says whether events were added.
pub(crate) async fn maintain(inner: &Arc<Inner>, now: UnixMillis) -> bool {
    let chores = blocking(inner, move |inner| {
        inner.reclaim_if_worthwhile();
        inner.forget_old(now)
    });
    if inner.held_bytes.load(Ordering::Relaxed) == 0 && inner.journal.bytes() > LITTLE_JOURNAL {
        // Nobody waits for it.
        let (reply, _) = oneshot::channel();
        inner.submit(Box::new(Absorb { reply }));
    }
    if let Err(error) = chores.await {
        tracing::debug!("chores of the log: {error}");
    }
    match requeue_replays(inner, now).await {
        Ok(taken_up) => taken_up > 0,
        Err(error) => {
            tracing::debug!("replays: {error}");
            false
        }
    }
}

/// Makes events of the dead letters whose replay was asked for. Whenever it breaks off, a letter is a letter, or an event
/// that its letter's id is noted with: nothing is replayed twice, nothing is lost.
pub(crate) async fn requeue_replays(inner: &Arc<Inner>, now: UnixMillis) -> Result<u64, LogError> {
    let mut taken_up = 0;
    loop {
        let read = |inner: &Inner| inner.letters.to_replay(REPLAYS_PER_COMMIT);
        let letters = blocking(inner, read).await?;
        if letters.is_empty() {
            return Ok(taken_up);
        }
        let ids: Vec<_> = letters.iter().map(|letter| letter.id).collect();
        taken_up += u64::try_from(ids.len()).unwrap_or(u64::MAX);
        let (reply, answer) = oneshot::channel();
        inner.submit(Box::new(Requeue {
            letters,
            now,
            added: Vec::new(),
            reply,
        }));
        answered(answer).await?;
        blocking(inner, move |inner| {
            inner.letters.remove(&ids)?;
            inner.store.write(|transaction| {
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

/// Records that are not what was written become dead letters, as they are: somebody may be able to read them.
pub(crate) async fn set_damaged_aside(
    log: &DiskLog,
    destination: &str,
    damaged: Vec<(EventKey, Vec<u8>)>,
    now: UnixMillis,
) -> Result<(), LogError> {
    tracing::error!(
        destination,
        records = damaged.len(),
        "records of the log are damaged; they are set aside as dead letters"
    );
    let keys: Vec<_> = damaged.iter().map(|(key, _)| *key).collect();
    let letters: Vec<_> = damaged
        .into_iter()
        .map(|(id, record)| DeadLetter {
            id,
            destination: Arc::from(destination),
            test_event_code: None,
            event: record.into(),
            event_time: 0,
            max_age: max_age::from_bit(false),
            line: None,
            reason: DeadLetterReason::Damaged,
            verdict: None,
            attempts: 0,
            first_at: now,
            last_at: now,
        })
        .collect();
    log.blocking(move |inner| inner.letters.keep(&letters))
        .await?;
    log.settle(destination, keys.into_iter(), Outcome::DeadLettered, now)
        .await
}

impl Inner {
    fn show_status(&self, progress: &Progress, now: UnixMillis) {
        let Some(folder) = &self.folder else {
            return;
        };
        let letters = self.letters.counts().unwrap_or_default();
        let mut status = lock(&self.chores).status.status(progress, &letters, now);
        status.damage = self.damage.iter().map(Damage::message).collect();
        let text = serde_json::to_vec(&status).unwrap_or_default();
        if let Err(error) = replace_file(&folder.status(), &text, false) {
            tracing::debug!("the status could not be written: {error}");
        }
    }

    fn forget_old(&self, now: UnixMillis) -> Result<(), LogError> {
        let is_due = {
            let mut chores = lock(&self.chores);
            let is_due = chores
                .forgot_at
                .is_none_or(|last| now.since(last) >= FORGET_EVERY || now < last);
            if is_due {
                chores.forgot_at = Some(now);
            }
            is_due
        };
        if !is_due {
            return Ok(());
        }
        let expired = self.letters.expire(now)?;
        if expired > 0 {
            tracing::warn!(
                expired,
                "dead letters have reached the end of their retention"
            );
        }
        let purged = self.purged()?;
        self.store.write(|transaction| {
            let mut buried = transaction.open_table(BURIED)?;
            for id in &purged {
                buried.remove(id)?;
            }
            drop(buried);
            let forgotten = inputs::forget_old(transaction, now)?;
            Ok(if purged.is_empty() && forgotten == 0 {
                End::Abort(())
            } else {
                End::Commit(())
            })
        })
    }

    /// Ids whose input is known, but whose letters are no longer there.
    fn purged(&self) -> Result<Vec<u64>, LogError> {
        let buried = self.store.read(|transaction| {
            let Some(table) = tables::open(transaction, BURIED)? else {
                return Ok(Vec::new());
            };
            let ids = table.iter()?.map(|row| Ok(row?.0.value()));
            ids.collect::<Result<Vec<_>, redb::Error>>()
        })?;
        self.letters.missing(buried)
    }

    /// The last chance to do so.
    pub(crate) fn reclaim_at_the_end(&self) {
        let is_empty = self.held_bytes.load(Ordering::Relaxed) == 0;
        if is_empty && self.store.storage_bytes() > LITTLE_SPACE {
            let _ = self.store.compact();
        }
    }

    /// Gives space back to the file system when most of the file is free. A commit that comes in between waits.
    pub(crate) fn reclaim_if_worthwhile(&self) {
        let file = self.store.storage_bytes();
        let held = self.held_bytes.load(Ordering::Relaxed);
        let live = held + self.ledger().seen.bytes();
        let [rest, space] = match held {
            0 => [COMPACT_EVERY[0].as_secs(), LITTLE_SPACE],
            _ => [COMPACT_EVERY[1].as_secs(), MUCH_SPACE],
        };
        let mut chores = lock(&self.chores);
        let is_rested = chores
            .compacted_at
            .is_none_or(|last| last.elapsed().as_secs() >= rest);
        if file < live.saturating_mul(4) + space || !is_rested {
            return;
        }
        chores.compacted_at = Some(Instant::now());
        if let Err(error) = self.store.compact() {
            tracing::debug!("space could not be given back: {error}");
        }
    }
}

//! An input in memory.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use jiff::Timestamp;
use tokio::sync::Notify;
use tokio::time::Instant;

use crate::error::InputError;
use crate::input::{Arrival, Input, Rejection};
use crate::intake::Intake;
use crate::limits::Limits;
use crate::position::{Partition, Position};
use crate::record::{Payload, Record};
use crate::start::{Checkpoints, next_up_to};

/// A topic in memory, with one group that reads it. Cloning it shares it.
#[derive(Clone, Debug)]
pub struct MemoryTopic {
    shared: Arc<Topic>,
}

#[derive(Debug)]
struct Topic {
    name: Arc<str>,
    state: Mutex<State>,
    changed: Notify,
}

#[derive(Debug)]
struct State {
    partitions: Vec<Vec<Payload>>,
    committed: Vec<u64>,
    rejections: Vec<Rejection>,
    is_available: bool,
}

impl Topic {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn partition(&self, number: u32) -> Partition {
        Partition::of_topic(Arc::clone(&self.name), number)
    }
}

impl MemoryTopic {
    /// An empty topic with this many partitions, at least one.
    #[must_use]
    pub fn new(name: &str, partitions: u32) -> Self {
        let partitions = partitions.max(1) as usize;
        let state = State {
            partitions: vec![Vec::new(); partitions],
            committed: vec![0; partitions],
            rejections: Vec::new(),
            is_available: true,
        };
        Self {
            shared: Arc::new(Topic {
                name: name.into(),
                state: Mutex::new(state),
                changed: Notify::new(),
            }),
        }
    }

    /// Appends a record. Returns its position; `None` when there is no such partition.
    pub fn push(&self, partition: u32, payload: impl Into<Bytes>) -> Option<Position> {
        self.append(partition, Payload::Bytes(payload.into()))
    }

    /// Appends a record without a value. Returns its position; `None` when there is no such partition.
    pub fn push_tombstone(&self, partition: u32) -> Option<Position> {
        self.append(partition, Payload::Tombstone)
    }

    fn append(&self, number: u32, payload: Payload) -> Option<Position> {
        let offset = {
            let mut state = self.shared.state();
            let records = state.partitions.get_mut(number as usize)?;
            records.push(payload);
            records.len() as u64 - 1
        };
        self.shared.changed.notify_waiters();
        Some(self.shared.partition(number).at(offset))
    }

    /// The offset from which the next input would read on; 0 when there is no such partition.
    #[must_use]
    pub fn committed(&self, partition: u32) -> u64 {
        let state = self.shared.state();
        state
            .committed
            .get(partition as usize)
            .copied()
            .unwrap_or_default()
    }

    /// What was rejected, in its order.
    #[must_use]
    pub fn rejections(&self) -> Vec<Rejection> {
        self.shared.state().rejections.clone()
    }

    /// Whether the topic takes commits and rejected records. While it does not, [`Input::settle`] and [`Input::reject`]
    /// fail with [`InputError::Unavailable`], and nothing new arrives.
    pub fn set_available(&self, is_available: bool) {
        self.shared.state().is_available = is_available;
        self.shared.changed.notify_waiters();
    }
}

/// An [`Input`] that reads a [`MemoryTopic`]. What is settled is committed at once.
#[derive(Debug)]
pub struct MemoryInput {
    topic: Arc<Topic>,
    member: Mutex<Member>,
}

#[derive(Debug)]
struct Member {
    intake: Intake,
    /// The next offset to read of each partition that is assigned.
    cursors: Vec<Option<usize>>,
    /// When revoked partitions are forgotten.
    revoked: Vec<(Partition, Instant)>,
    has_left: bool,
}

impl MemoryInput {
    /// Reads all partitions, from where the group has committed.
    #[must_use]
    pub fn open(topic: &MemoryTopic, limits: Limits) -> Self {
        Self::new(topic, limits, None)
    }

    /// Reads all partitions, from the larger of what the group has committed and what the caller has stored.
    #[must_use]
    pub fn open_after(topic: &MemoryTopic, limits: Limits, checkpoints: &dyn Checkpoints) -> Self {
        Self::new(topic, limits, Some(checkpoints))
    }

    fn new(topic: &MemoryTopic, limits: Limits, checkpoints: Option<&dyn Checkpoints>) -> Self {
        let topic = Arc::clone(&topic.shared);
        let (committed, records) = {
            let state = topic.state();
            (state.committed.clone(), state.partitions.clone())
        };
        let mut member = Member {
            intake: Intake::new(limits),
            cursors: vec![None; committed.len()],
            revoked: Vec::new(),
            has_left: false,
        };
        for (number, (committed, all)) in (0_u32..).zip(committed.into_iter().zip(records)) {
            let partition = topic.partition(number);
            let end = all.len() as u64;
            let stored = checkpoints.and_then(|stored| next_up_to(stored, &partition, end));
            member.assign(
                number,
                &partition,
                committed.max(stored.unwrap_or_default()),
            );
        }
        Self {
            topic,
            member: Mutex::new(member),
        }
    }

    /// Takes partitions away, as a broker does when another member joins. What is handed out of them may be settled for
    /// this long.
    pub fn revoke(&self, partitions: &[u32], within: Duration) {
        let mut member = self.member();
        let names: Vec<_> = partitions
            .iter()
            .map(|number| self.topic.partition(*number))
            .collect();
        for number in partitions {
            if let Some(cursor) = member.cursors.get_mut(*number as usize) {
                *cursor = None;
            }
        }
        member.intake.revoke(&names, within);
        let until = Instant::now() + within;
        member
            .revoked
            .extend(names.into_iter().map(|name| (name, until)));
        drop(member);
        self.topic.changed.notify_waiters();
    }

    /// Gives partitions to this member; it reads them from where the group has committed.
    pub fn assign(&self, partitions: &[u32]) {
        let mut member = self.member();
        for number in partitions {
            let committed = self.topic.state().committed.get(*number as usize).copied();
            if let Some(committed) = committed {
                member.assign(*number, &self.topic.partition(*number), committed);
            }
        }
        drop(member);
        self.topic.changed.notify_waiters();
    }

    fn member(&self) -> MutexGuard<'_, Member> {
        self.member.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What there is to return now.
    fn poll(&self) -> Option<Result<Arrival, InputError>> {
        let mut member = self.member();
        if member.has_left {
            return Some(Err(InputError::Left));
        }
        member.read(&self.topic);
        member.intake.next().map(Ok)
    }

    fn check(&self) -> Result<(), InputError> {
        if self.member().has_left {
            return Err(InputError::Left);
        }
        if self.topic.state().is_available {
            return Ok(());
        }
        Err(InputError::Unavailable {
            reason: "the topic in memory was made unavailable".to_owned(),
        })
    }
}

impl Member {
    fn assign(&mut self, number: u32, partition: &Partition, start: u64) {
        self.revoked.retain(|(revoked, _)| revoked != partition);
        self.intake.assign(partition, Some(start));
        if let Some(cursor) = self.cursors.get_mut(number as usize) {
            *cursor = Some(usize::try_from(start).unwrap_or(usize::MAX));
        }
    }

    /// Reads as much as there is room for.
    fn read(&mut self, topic: &Topic) {
        let state = topic.state();
        if !state.is_available {
            return;
        }
        let partitions = (0_u32..).zip(&mut self.cursors).zip(&state.partitions);
        for ((number, cursor), records) in partitions {
            let Some(cursor) = cursor else { continue };
            let partition = topic.partition(number);
            while let Some(payload) = records.get(*cursor) {
                if !self.intake.wants(&partition) {
                    break;
                }
                let mut record = Record::new(partition.at(*cursor as u64), payload.clone());
                record.timestamp = Some(Timestamp::UNIX_EPOCH);
                self.intake.push(record);
                *cursor += 1;
            }
        }
    }

    fn forget_revoked(&mut self) {
        let now = Instant::now();
        let (over, going): (Vec<_>, Vec<_>) =
            self.revoked.drain(..).partition(|(_, until)| *until <= now);
        self.revoked = going;
        let over: Vec<_> = over.into_iter().map(|(partition, _)| partition).collect();
        self.intake.forget(&over);
    }
}

#[async_trait]
impl Input for MemoryInput {
    async fn next(&self) -> Result<Arrival, InputError> {
        loop {
            let mut changed = std::pin::pin!(self.topic.changed.notified());
            // Listening begins before looking, so that no change in between is missed.
            changed.as_mut().enable();
            if let Some(arrival) = self.poll() {
                return arrival;
            }
            changed.await;
        }
    }

    async fn settle(&self, positions: &[Position]) -> Result<(), InputError> {
        self.check()?;
        let mut member = self.member();
        member.forget_revoked();
        member.intake.settle(positions);
        let commits = member.intake.to_commit();
        let mut state = self.topic.state();
        for (partition, offset) in &commits {
            let number = partition.number.unwrap_or_default() as usize;
            if let Some(committed) = state.committed.get_mut(number) {
                *committed = (*committed).max(*offset);
            }
        }
        member.intake.committed(&commits);
        drop((state, member));
        self.topic.changed.notify_waiters();
        Ok(())
    }

    async fn reject(&self, rejection: Rejection) -> Result<(), InputError> {
        self.check()?;
        self.topic.state().rejections.push(rejection);
        Ok(())
    }

    fn pause(&self) {
        self.member().intake.set_paused(true);
    }

    fn resume(&self) {
        self.member().intake.set_paused(false);
        self.topic.changed.notify_waiters();
    }

    async fn lag(&self) -> Result<Option<u64>, InputError> {
        let member = self.member();
        let state = self.topic.state();
        let behind = member
            .intake
            .positions()
            .into_iter()
            .map(|(partition, position)| {
                let number = partition.number.unwrap_or_default() as usize;
                let records = state.partitions.get(number).map_or(0, Vec::len) as u64;
                records.saturating_sub(position.unwrap_or_default())
            });
        Ok(Some(behind.sum()))
    }

    async fn leave(&self) -> Result<(), InputError> {
        self.member().has_left = true;
        self.topic.changed.notify_waiters();
        Ok(())
    }
}

#[cfg(test)]
mod tests;

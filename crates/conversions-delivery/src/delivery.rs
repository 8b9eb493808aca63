//! Delivers one batch: it is sent, sent again, split, or held, until each of its events is settled.
//!
//! A batch starts as one sub-batch, and is split when a request is refused. [`decide`] says what a failed request leads
//! to.

use std::collections::VecDeque;
use std::time::Duration;

use conversions_transport::{EventsRequest, SendError};
use facebook_conversions::error_table::Meaning;
use facebook_conversions::reply::EventsReceived;
use tokio::time::Instant;

use crate::circuit_breaker::Permit;
use crate::dead_letter::{DeadLetterReason, Verdict};
use crate::destination_worker::{DestinationWorker, EVERYTHING_REFUSED};
use crate::engine_state::Interrupted;
use crate::event::{due_at, is_too_old};
use crate::leased_batch::LeasedBatch;
use crate::progress::{HoldCause, RetryClass};

mod decide;
mod sub_batch;
use decide::{Action, decide};
use sub_batch::{SplitReason, SubBatch};

/// What is to be done with a sub-batch after a step.
enum Step {
    /// Its events are settled.
    Settled { accepted: bool },
    /// It is to be sent again.
    Again(SubBatch),
    /// It is sent in two halves from now on.
    Split(SubBatch, SplitReason),
}

/// Delivers a batch. Returns when each event is settled, or released because the engine stops.
pub(crate) async fn deliver(worker: &DestinationWorker, events: LeasedBatch) {
    let mut batch = Batch {
        worker,
        something_was_accepted: false,
    };
    let mut sub_batches = VecDeque::from([SubBatch::whole(events)]);
    // Sub-batches of one level are sent before those of the next: when a first half is accepted, its other half is next
    // in line.
    while let Some(sub_batch) = sub_batches.pop_front() {
        let is_first_half = sub_batch.is_first_half;
        match batch.step(sub_batch).await {
            Ok(Step::Settled { accepted }) => {
                if let Some(other_half) = sub_batches
                    .front_mut()
                    .filter(|_| accepted && is_first_half)
                {
                    other_half.is_known_bad = true;
                }
            }
            Ok(Step::Again(sub_batch)) => sub_batches.push_front(sub_batch),
            Ok(Step::Split(sub_batch, why)) => {
                let (first, second) = sub_batch.halves(why);
                sub_batches.extend([first, second]);
            }
            Err(Stopped { sub_batch, why }) => {
                if why == Interrupted::Stopping {
                    sub_batches.push_front(sub_batch);
                    let left = sub_batches.iter().map(|sub_batch| sub_batch.events.keys());
                    worker.release(&left.flatten().collect::<Vec<_>>()).await;
                }
                return;
            }
        }
    }
}

/// The engine stops, or its log has failed.
struct Stopped {
    sub_batch: SubBatch,
    why: Interrupted,
}

struct Batch<'a> {
    worker: &'a DestinationWorker,
    something_was_accepted: bool,
}

impl Batch<'_> {
    async fn step(&mut self, mut sub_batch: SubBatch) -> Result<Step, Stopped> {
        if sub_batch.is_known_bad && sub_batch.events.len() > 1 {
            // No request needed: the whole was refused and the other half was accepted, so this half would be refused
            // too.
            return Ok(Step::Split(sub_batch, SplitReason::Refused));
        }
        match self.attempt(&mut sub_batch).await {
            Ok(Attempted::Settled { accepted }) => Ok(Step::Settled { accepted }),
            Ok(Attempted::Failed(error)) => self.react(sub_batch, error).await,
            Err(why) => Err(Stopped { sub_batch, why }),
        }
    }

    /// Waits for the breaker and the throttle, takes out what may not be sent any more, and sends the rest.
    async fn attempt(&mut self, sub_batch: &mut SubBatch) -> Result<Attempted, Interrupted> {
        let worker = self.worker;
        let permit = worker.until_stopping(worker.breaker.acquire()).await?;
        if let Err(stopping) = worker.until_stopping(worker.throttle.acquire()).await {
            worker.breaker.probe_inconclusive(permit, Duration::ZERO);
            return Err(stopping);
        }
        self.drop_unsendable(sub_batch).await?;
        let keys = sub_batch.events.keys();
        let expired = worker.log.take_expired_leases(&worker.name, &keys);
        if !expired.is_empty() {
            sub_batch.forget(&expired);
        }
        if sub_batch.events.is_empty() {
            worker.breaker.probe_inconclusive(permit, Duration::ZERO);
            return Ok(Attempted::Settled { accepted: false });
        }
        let request = sub_batch.request();
        worker.count_request(&request, sub_batch.again.take(), sub_batch.is_part());
        let started = Instant::now();
        let answer = worker.transport().send(&request).await;
        sub_batch.attempts = sub_batch.attempts.saturating_add(1);
        let took = started.elapsed();
        worker.count_answer(&request, took, &answer);
        worker.report_attempt(&sub_batch.events, sub_batch.attempts, took, &answer);
        match answer {
            Ok(received) => {
                self.settle_accepted(sub_batch, &request, &received).await?;
                Ok(Attempted::Settled { accepted: true })
            }
            Err(error) => Ok(Attempted::Failed(Failure { error, permit })),
        }
    }

    /// Dead-letters events that are too old by now, and defers those that are not due. The first attempt may use the
    /// age limit to the full; later ones keep a margin, since the request takes time too.
    async fn drop_unsendable(&mut self, sub_batch: &mut SubBatch) -> Result<(), Interrupted> {
        let worker = self.worker;
        let now = worker.clock.now();
        let margin = match sub_batch.attempts {
            0 => Duration::ZERO,
            _ => worker.options().age_margin,
        };
        let old = sub_batch.take_out(|event| is_too_old(event, now, margin));
        self.dead_letter(sub_batch, old, DeadLetterReason::EventTimeTooOld)
            .await?;
        let early = sub_batch.take_out(|event| due_at(event.event_time, now).is_some());
        for event in early.events() {
            worker
                .defer(event.key, due_at(event.event_time, now))
                .await?;
        }
        Ok(())
    }

    async fn settle_accepted(
        &mut self,
        sub_batch: &SubBatch,
        request: &EventsRequest,
        received: &EventsReceived,
    ) -> Result<(), Interrupted> {
        let worker = self.worker;
        self.something_was_accepted = true;
        worker.end_hold();
        worker.observe_usage(&received.headers);
        worker.count_remarks(request, received);
        worker
            .acknowledge(&sub_batch.events, received, sub_batch.attempts)
            .await
    }

    /// Acts on a failed request by the meaning of its error.
    async fn react(&mut self, mut sub_batch: SubBatch, failure: Failure) -> Result<Step, Stopped> {
        let worker = self.worker;
        let Failure { error, permit } = failure;
        let meaning = error.meaning();
        sub_batch.verdict = Verdict::of(&error).or(sub_batch.verdict);
        if let Some(headers) = error.headers() {
            worker.observe_usage(headers);
        }
        let options = worker.options();
        let action = decide(&error, &meaning, &mut sub_batch, &options, &*worker.random);
        self.update_breaker(action, permit, &meaning);
        let done = match action {
            Action::Again { after, class } => {
                sub_batch.again = Some(class);
                worker.until_stopping(tokio::time::sleep(after)).await
            }
            Action::Pause { wait, class } => {
                sub_batch.again = Some(class);
                worker.throttle.pause(wait);
                Ok(())
            }
            Action::Hold(_) => {
                sub_batch.again = Some(RetryClass::Held);
                Ok(())
            }
            Action::TakeOutExpired => return self.drop_expired(sub_batch).await,
            Action::Bisect if sub_batch.events.len() > 1 => {
                return Ok(Step::Split(sub_batch, SplitReason::Refused));
            }
            Action::Bisect => {
                return self
                    .dead_letter_all(sub_batch, DeadLetterReason::Refused)
                    .await;
            }
            Action::BisectInDoubt { .. }
                if sub_batch.may_split_in_doubt(self.something_was_accepted) =>
            {
                return Ok(Step::Split(sub_batch, SplitReason::Refused));
            }
            Action::BisectInDoubt { exhausted } => {
                let reason = if exhausted {
                    DeadLetterReason::RetriesExhausted
                } else {
                    DeadLetterReason::Refused
                };
                return self.dead_letter_all(sub_batch, reason).await;
            }
            Action::Halve if sub_batch.events.len() > 1 => {
                worker.learn_size_limit(sub_batch.request().event_bytes());
                return Ok(Step::Split(sub_batch, SplitReason::TooLarge));
            }
            Action::Halve => {
                return self
                    .dead_letter_all(sub_batch, DeadLetterReason::TooLarge)
                    .await;
            }
        };
        match done {
            Ok(()) => Ok(Step::Again(sub_batch)),
            Err(why) => Err(Stopped { sub_batch, why }),
        }
    }

    /// Opens, keeps or closes the breaker. An answer about events shows that token and settings are right; where everything
    /// was refused only an acceptance does.
    fn update_breaker(&self, action: Action, permit: Permit, meaning: &Meaning) {
        let worker = self.worker;
        match action {
            Action::Hold(reason) => worker.hold(reason.into(), meaning.sentence),
            Action::Again { .. } | Action::Pause { .. } => {
                worker
                    .breaker
                    .probe_inconclusive(permit, worker.options().probe_interval);
            }
            _ if worker.is_held_for(HoldCause::EverythingRefused) => {
                worker.hold(HoldCause::EverythingRefused, EVERYTHING_REFUSED);
            }
            _ => worker.end_hold(),
        }
    }

    /// Meta found an event too old: dead-letters those that are, and sends the rest again. If none is too old by our
    /// clock, bisects.
    async fn drop_expired(&mut self, mut sub_batch: SubBatch) -> Result<Step, Stopped> {
        let margin = self.worker.options().age_margin;
        let now = self.worker.clock.now();
        let old = sub_batch.take_out(|event| is_too_old(event, now, margin));
        if old.is_empty() {
            return match sub_batch.events.len() {
                0 | 1 => {
                    self.dead_letter_all(sub_batch, DeadLetterReason::EventTimeTooOld)
                        .await
                }
                _ => Ok(Step::Split(sub_batch, SplitReason::Refused)),
            };
        }
        let done = self
            .dead_letter(&sub_batch, old, DeadLetterReason::EventTimeTooOld)
            .await;
        sub_batch.again = Some(RetryClass::Expired);
        match done {
            Ok(()) if sub_batch.events.is_empty() => Ok(Step::Settled { accepted: false }),
            Ok(()) => Ok(Step::Again(sub_batch)),
            Err(why) => Err(Stopped { sub_batch, why }),
        }
    }

    async fn dead_letter_all(
        &self,
        mut sub_batch: SubBatch,
        reason: DeadLetterReason,
    ) -> Result<Step, Stopped> {
        let events = std::mem::take(&mut sub_batch.events);
        match self.dead_letter(&sub_batch, events, reason).await {
            Ok(()) => Ok(Step::Settled { accepted: false }),
            Err(why) => Err(Stopped { sub_batch, why }),
        }
    }

    /// Moves events of a sub-batch to the dead letters.
    async fn dead_letter(
        &self,
        sub_batch: &SubBatch,
        events: LeasedBatch,
        reason: DeadLetterReason,
    ) -> Result<(), Interrupted> {
        if events.is_empty() {
            return Ok(());
        }
        self.worker
            .dead_letter(
                events,
                reason,
                sub_batch.verdict.as_ref(),
                sub_batch.attempts,
            )
            .await
    }
}

/// How an attempt ended.
enum Attempted {
    Settled { accepted: bool },
    Failed(Failure),
}

struct Failure {
    error: SendError,
    permit: Permit,
}

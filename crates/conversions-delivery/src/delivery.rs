//! The way of one batch: sent, and sent again, split, held or given up, until each of its events is settled.

use std::collections::VecDeque;

use conversions_transport::{EventsRequest, SendError};
use facebook_conversions::error_table::Meaning;
use facebook_conversions::reply::EventsReceived;
use tokio::time::Instant;

use crate::dead_letter::{DeadLetterReason, Verdict};
use crate::event::LeasedEvent;
use crate::gate::Pass;
use crate::lane::{Interrupted, Lane};
use crate::progress::RetryClass;

mod judge;
mod piece;
use judge::{Action, judge};
use piece::{Piece, Why};

/// What is to be done with a piece after a step.
enum Step {
    /// Its events are settled.
    Settled { taken: bool },
    /// It is to be sent again.
    Again(Piece),
    /// It is sent in two parts from now on.
    Split(Piece, Why),
}

/// Delivers a batch. Returns when each event is settled, or given back because the engine stops.
pub(crate) async fn deliver(lane: &Lane, events: Vec<LeasedEvent>) {
    let mut batch = Batch {
        lane,
        something_was_taken: false,
    };
    let mut pieces = VecDeque::from([Piece::whole(events)]);
    // Parts of one level are sent before those of the next: when a first half is taken, its other half is next in line.
    while let Some(piece) = pieces.pop_front() {
        let is_first_half = piece.is_first_half;
        match batch.step(piece).await {
            Ok(Step::Settled { taken }) => {
                if let Some(other_half) = pieces.front_mut().filter(|_| taken && is_first_half) {
                    other_half.has_culprit = true;
                }
            }
            Ok(Step::Again(piece)) => pieces.push_front(piece),
            Ok(Step::Split(piece, why)) => {
                let (first, second) = piece.halves(why);
                pieces.extend([first, second]);
            }
            Err(Stopped { piece, why }) => {
                if why == Interrupted::Stopping {
                    pieces.push_front(piece);
                    let left = pieces.iter().flat_map(|piece| &piece.events);
                    let keys: Vec<_> = left.map(|event| event.key).collect();
                    lane.give_back(&keys).await;
                }
                return;
            }
        }
    }
}

/// The engine stops, or its log has failed.
struct Stopped {
    piece: Piece,
    why: Interrupted,
}

struct Batch<'a> {
    lane: &'a Lane,
    something_was_taken: bool,
}

impl Batch<'_> {
    async fn step(&mut self, mut piece: Piece) -> Result<Step, Stopped> {
        if piece.has_culprit && piece.events.len() > 1 {
            // No need to ask: the refused whole less the half that was taken is refused.
            return Ok(Step::Split(piece, Why::Refused));
        }
        match self.attempt(&mut piece).await {
            Ok(Attempted::Settled { taken }) => Ok(Step::Settled { taken }),
            Ok(Attempted::Failed(error)) => self.react(piece, error).await,
            Err(why) => Err(Stopped { piece, why }),
        }
    }

    /// Waits for its turn, takes out what may not be sent, sends the rest.
    async fn attempt(&mut self, piece: &mut Piece) -> Result<Attempted, Interrupted> {
        let lane = self.lane;
        let pass = lane.until_stopping(lane.gate.pass()).await?;
        if let Err(stopping) = lane.until_stopping(lane.pace.turn()).await {
            lane.gate.unknown(pass, std::time::Duration::ZERO);
            return Err(stopping);
        }
        self.weed(piece).await?;
        if piece.events.is_empty() {
            lane.gate.unknown(pass, std::time::Duration::ZERO);
            return Ok(Attempted::Settled { taken: false });
        }
        let request = piece.request();
        lane.request_starts(&request, piece.again.take(), piece.is_part());
        let started = Instant::now();
        let answer = lane.transport().send(&request).await;
        piece.attempts = piece.attempts.saturating_add(1);
        lane.request_ends(&request, started.elapsed(), &answer);
        match answer {
            Ok(received) => {
                self.taken(piece, &request, &received).await?;
                Ok(Attempted::Settled { taken: true })
            }
            Err(error) => Ok(Attempted::Failed(Failure { error, pass })),
        }
    }

    /// What has grown too old is given up, what is not due yet goes back. The first attempt has until the very limit;
    /// later ones keep a margin.
    async fn weed(&mut self, piece: &mut Piece) -> Result<(), Interrupted> {
        let lane = self.lane;
        let now = lane.clock.now();
        let margin = match piece.attempts {
            0 => std::time::Duration::ZERO,
            _ => lane.options().age_margin,
        };
        let old = piece.take_out(|event| event.is_too_old(now, margin));
        self.give_up(piece, old, DeadLetterReason::EventTimeTooOld)
            .await?;
        for early in piece.take_out(|event| event.due_at(now).is_some()) {
            lane.put_aside(early.key, early.due_at(now)).await?;
        }
        Ok(())
    }

    async fn taken(
        &mut self,
        piece: &Piece,
        request: &EventsRequest,
        received: &EventsReceived,
    ) -> Result<(), Interrupted> {
        let lane = self.lane;
        self.something_was_taken = true;
        lane.open_gate();
        lane.heed(&received.headers);
        lane.note_remarks(request, received);
        let keys: Vec<_> = piece.events.iter().map(|event| event.key).collect();
        lane.acknowledge(&keys).await
    }

    /// Does what the error's meaning asks for.
    async fn react(&mut self, mut piece: Piece, failure: Failure) -> Result<Step, Stopped> {
        let lane = self.lane;
        let Failure { error, pass } = failure;
        let meaning = error.meaning();
        piece.verdict = Verdict::of(&error).or(piece.verdict);
        if let Some(headers) = error.headers() {
            lane.heed(headers);
        }
        let options = lane.options();
        let action = judge(&error, &meaning, &mut piece, &options, &*lane.random);
        self.move_gate(action, pass, &meaning);
        let done = match action {
            Action::Again { after, class } => {
                piece.again = Some(class);
                lane.until_stopping(tokio::time::sleep(after)).await
            }
            Action::Pause { wait, class } => {
                piece.again = Some(class);
                lane.pace.pause(wait);
                Ok(())
            }
            Action::Hold(_) => {
                piece.again = Some(RetryClass::Held);
                Ok(())
            }
            Action::TakeOutExpired => return self.without_expired(piece).await,
            Action::FindCulprit if piece.events.len() > 1 => {
                return Ok(Step::Split(piece, Why::Refused));
            }
            Action::FindCulprit => return self.settle(piece, DeadLetterReason::Refused).await,
            Action::LookForCulprit { .. } if piece.may_split_in_doubt(self.something_was_taken) => {
                return Ok(Step::Split(piece, Why::Refused));
            }
            Action::LookForCulprit { exhausted } => {
                let reason = if exhausted {
                    DeadLetterReason::RetriesExhausted
                } else {
                    DeadLetterReason::Refused
                };
                return self.settle(piece, reason).await;
            }
            Action::Halve if piece.events.len() > 1 => {
                lane.learn_size_limit(piece.request().event_bytes());
                return Ok(Step::Split(piece, Why::TooLarge));
            }
            Action::Halve => return self.settle(piece, DeadLetterReason::TooLarge).await,
        };
        match done {
            Ok(()) => Ok(Step::Again(piece)),
            Err(why) => Err(Stopped { piece, why }),
        }
    }

    /// Any answer about the events shows that token and settings are right.
    fn move_gate(&self, action: Action, pass: Pass, meaning: &Meaning) {
        let lane = self.lane;
        match action {
            Action::Hold(reason) => lane.hold(reason.into(), meaning.sentence),
            Action::Again { .. } | Action::Pause { .. } => {
                lane.gate.unknown(pass, lane.options().probe_interval);
            }
            _ => lane.open_gate(),
        }
    }

    /// Meta found an event too old: those that are go, the rest is sent again. If none is by our clock, there is a
    /// culprit to find.
    async fn without_expired(&mut self, mut piece: Piece) -> Result<Step, Stopped> {
        let margin = self.lane.options().age_margin;
        let now = self.lane.clock.now();
        let old = piece.take_out(|event| event.is_too_old(now, margin));
        if old.is_empty() {
            return match piece.events.len() {
                0 | 1 => self.settle(piece, DeadLetterReason::EventTimeTooOld).await,
                _ => Ok(Step::Split(piece, Why::Refused)),
            };
        }
        let done = self
            .give_up(&piece, old, DeadLetterReason::EventTimeTooOld)
            .await;
        piece.again = Some(RetryClass::Expired);
        match done {
            Ok(()) if piece.events.is_empty() => Ok(Step::Settled { taken: false }),
            Ok(()) => Ok(Step::Again(piece)),
            Err(why) => Err(Stopped { piece, why }),
        }
    }

    async fn settle(&self, mut piece: Piece, reason: DeadLetterReason) -> Result<Step, Stopped> {
        let events = std::mem::take(&mut piece.events);
        match self.give_up(&piece, events, reason).await {
            Ok(()) => Ok(Step::Settled { taken: false }),
            Err(why) => Err(Stopped { piece, why }),
        }
    }

    /// Moves events of a piece to the dead letters.
    async fn give_up(
        &self,
        piece: &Piece,
        events: Vec<LeasedEvent>,
        reason: DeadLetterReason,
    ) -> Result<(), Interrupted> {
        if events.is_empty() {
            return Ok(());
        }
        self.lane
            .give_up(events, reason, piece.verdict.as_ref(), piece.attempts)
            .await
    }
}

/// How an attempt ended.
enum Attempted {
    Settled { taken: bool },
    Failed(Failure),
}

struct Failure {
    error: SendError,
    pass: Pass,
}

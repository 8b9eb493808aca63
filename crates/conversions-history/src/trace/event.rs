//! An event as the trace knows it.

use serde::Serialize;

use crate::trace::record::Replay;

/// What became of a message at one destination, and later of its event.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct TracedEvent {
    /// The number of the change that added or changed it among the newest; 0 when it was found on disk.
    pub change: u64,
    /// When its request came in: Unix milliseconds.
    pub at: i64,
    /// Name of the source.
    pub source: String,
    /// Name and version of the client library; empty if it did not say.
    pub library: String,
    /// The type of the message, such as `track`; empty if it could not be read.
    pub kind: String,
    /// Segment's name of the event; empty if it has none.
    pub event: String,
    /// Name of the destination; empty when the message was refused before any.
    pub destination: String,
    /// What became of the message.
    pub outcome: TracedOutcome,
    /// The stable name of the reason; empty for accepted ones.
    pub reason: String,
    /// Its key in the log, which is also the id of its dead letter. A replay gives it another one.
    pub key: Option<u64>,
    /// Each time that it was a dead letter and was sent again, in order, with what had become of it until then.
    pub replays: Vec<TracedReplay>,
    /// Whether the trace has forgotten how it came in: `at` is then the time of its first replay that is known, and what
    /// only its message said is empty.
    pub is_beginning_lost: bool,
    /// Requests with it that failed, in order, since it was replayed last.
    pub attempts: Vec<TracedAttempt>,
    /// How it ended; `None` while it waits.
    pub end: Option<TracedEnd>,
    /// Where its fields came from, if that was recorded: for some of the newest events only, and in memory.
    pub provenance: Option<Provenance>,
}

/// What became of a message.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum TracedOutcome {
    /// Its event was stored.
    #[default]
    Accepted,
    /// It is not for the destination; nothing is wrong.
    Skipped,
    /// It should be sent, and cannot be.
    Rejected,
}

impl TracedOutcome {
    /// The stable name: `accepted`, `skipped`, `rejected`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Skipped => "skipped",
            Self::Rejected => "rejected",
        }
    }

    pub(super) fn from_byte(byte: u8) -> Self {
        match byte {
            0 => Self::Accepted,
            1 => Self::Skipped,
            _ => Self::Rejected,
        }
    }
}

impl TracedEvent {
    /// The key that it had first. Replays do not change it.
    #[must_use]
    pub fn first_key(&self) -> Option<u64> {
        self.replays
            .first()
            .map(|replay| replay.letter)
            .or(self.key)
    }

    /// Adds that the event was replayed, unless the record is about another event, or says what is known.
    pub(super) fn replay(&mut self, replay: &Replay<'_>) -> bool {
        let is_meant = self.key == Some(replay.letter) && self.destination == replay.destination;
        if is_meant {
            self.replays.push(TracedReplay {
                at: replay.at,
                letter: replay.letter,
                attempts: std::mem::take(&mut self.attempts),
                dead_letter: self.end.take(),
            });
            self.key = Some(replay.key);
        }
        is_meant
    }

    /// Whether the replay made this event what it is, or what it was before later replays.
    pub(super) fn was_replayed_by(&self, replay: &Replay<'_>) -> bool {
        let has_letter = |one: &TracedReplay| one.letter == replay.letter;
        self.destination == replay.destination && self.replays.iter().any(has_letter)
    }

    /// An event of which only the replay is known.
    pub(super) fn of_replay(replay: &Replay<'_>) -> Self {
        let mut event = Self {
            at: replay.at,
            event: replay.event.to_owned(),
            destination: replay.destination.to_owned(),
            key: Some(replay.letter),
            is_beginning_lost: true,
            ..Self::default()
        };
        event.replay(replay);
        event
    }
}

/// A dead letter that was sent again.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct TracedReplay {
    /// When it was put back: Unix milliseconds.
    pub at: i64,
    /// The key that the event had as a dead letter.
    pub letter: u64,
    /// Requests with it that had failed before.
    pub attempts: Vec<TracedAttempt>,
    /// How it had become a dead letter; `None` if the trace has forgotten it.
    pub dead_letter: Option<TracedEnd>,
}

/// A request to Meta with the event that failed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct TracedAttempt {
    /// When the answer came: Unix milliseconds.
    pub at: i64,
    /// Which request of the event it was since the engine started, counted from 1.
    pub number: u32,
    /// From request to answer, in milliseconds.
    pub took_ms: u32,
    /// Events in the request.
    pub batch_events: u32,
    /// How it failed: `refused`, `unreadable`, `not_sent`, `ambiguous`, `setup`.
    pub outcome: String,
    /// HTTP status, if there was an answer.
    pub status: Option<u16>,
    /// Graph's `code`.
    pub code: Option<i64>,
    /// Graph's `error_subcode`.
    pub subcode: Option<i64>,
    /// The id by which Meta's support finds the request; empty if there is none.
    pub fbtrace_id: String,
}

/// How an event ended.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct TracedEnd {
    /// When: Unix milliseconds.
    pub at: i64,
    /// Whether Meta has it; if not, it is a dead letter.
    pub is_delivered: bool,
    /// Why it was given up; empty if it was not.
    pub reason: String,
    /// Requests that it was part of since the engine started.
    pub attempts: u32,
    /// Events in the last request.
    pub batch_events: u32,
    /// The id by which Meta's support finds the last request; empty if there is none.
    pub fbtrace_id: String,
}

/// Where the fields of an event came from. Names only, never a value.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Provenance {
    /// Each field of the event.
    pub fields: Vec<FieldProvenance>,
    /// Stable names of warnings.
    pub warnings: Vec<String>,
}

/// Where one field came from.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct FieldProvenance {
    /// The field of the event, such as `user_data.em`.
    pub field: String,
    /// Its source in the message, such as `context.traits.email`; empty if it has none.
    pub source: String,
    /// What was done with it, such as `hashed`.
    pub effect: String,
}

/// What a search found.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct TraceSearch {
    /// The events, oldest first.
    pub events: Vec<TracedEvent>,
    /// Whether there are more than are listed.
    pub is_cut: bool,
    /// When the oldest event in the trace came in: Unix milliseconds. `None` in an empty trace.
    pub reaches_back_to: Option<i64>,
    /// Events in the trace.
    pub traced_events: u64,
    /// Sentences about the trace itself: damage, a full disk, dropped records.
    pub notes: Vec<String>,
}

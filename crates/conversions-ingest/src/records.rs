//! Records of a broker, and what became of them.

use std::fmt;
use std::sync::Arc;

use conversions_transport::Frame;
use jiff::Timestamp;

use crate::message_recorder::MessageRecorder;
use crate::outcome::OutcomeCounts;
use crate::refusal::Refusal;
use crate::source::Source;
use crate::state::IngestState;

/// Whose rules apply to records.
#[derive(Clone, Copy, Debug)]
pub struct RecordTarget<'t> {
    /// Name of the source.
    pub source: &'t str,
    /// The only destination that they are mapped for; `None` for all of the source.
    pub destination: Option<&'t str>,
}

/// A record that is to be mapped: a Segment message as JSON, or the body of a batch.
#[derive(Clone, Copy)]
pub struct SourceRecord<'r> {
    /// Its value.
    pub payload: &'r [u8],
    /// When it was written.
    pub written_at: Option<Timestamp>,
}

/// The size only: a record holds personal data.
impl fmt::Debug for SourceRecord<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SourceRecord")
            .field("bytes", &self.payload.len())
            .finish_non_exhaustive()
    }
}

/// Records that were mapped and are not stored yet.
#[derive(Debug)]
pub struct MappedRecords {
    /// The events, by destination and, for each, in the order of the records: frames of 128 events and 256 KB at most.
    pub frames: Vec<Frame>,
    /// What each record became, in order.
    pub records: Vec<MappedRecord>,
    /// To be told when the frames are stored.
    pub outcomes: RecordOutcomes,
}

/// What a record became.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MappedRecord {
    /// Number of its events, at all destinations together.
    pub events: usize,
    /// Its messages that cannot be used. Messages that a destination skips or rejects by its rules are not among them.
    pub rejected: Vec<RejectedMessage>,
}

/// A message that cannot be used, or a whole record.
#[derive(Clone, PartialEq, Eq)]
pub struct RejectedMessage {
    /// Why.
    pub refusal: Refusal,
    /// Its position in the list of a batch, from 0; `None` when the whole record is rejected.
    pub index: Option<usize>,
    /// Its text, if it is a message of a batch; else it is the record.
    pub text: Option<String>,
}

/// The reason only: the text holds personal data.
impl fmt::Debug for RejectedMessage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RejectedMessage")
            .field("refusal", &self.refusal)
            .field("index", &self.index)
            .finish_non_exhaustive()
    }
}

/// What became of the messages of records, for metrics and for the sink's recorder. Dropped without
/// [`stored`](Self::stored), the records count as never read.
pub struct RecordOutcomes {
    pub(crate) state: Arc<IngestState>,
    pub(crate) source: Arc<Source>,
    pub(crate) counts: OutcomeCounts,
    pub(crate) recorder: Option<Box<dyn MessageRecorder>>,
}

impl RecordOutcomes {
    /// The frames are stored. `keys` has one item for each of their events, in order: its key in the log, or `None` when
    /// the log has seen its `messageId` before.
    pub fn stored(self, keys: &[Option<u64>]) {
        if let Some(recorder) = self.recorder {
            recorder.finish(keys);
        }
        let counts = self.counts.as_slice();
        self.state.messages.record(&self.source.name, counts);
        self.state.sink.observe(&self.source.name, counts);
    }
}

impl fmt::Debug for RecordOutcomes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RecordOutcomes")
            .field("source", &self.source.name)
            .field("counts", &self.counts)
            .finish_non_exhaustive()
    }
}

//! Events as records.
//!
//! After the kind come the key, whether the event is a repetition, the fingerprints of its ids, time and outcome, and six
//! texts. The events of a request have most texts in common, so only the first has all of them: the others say which of their
//! texts follow, and how many bytes before them the first begins.

use std::ops::Range;

use super::{EVENT, Record, put_record};
use crate::codec::{Decoder, put_number, put_signed, put_text};
use crate::trace::event::{TracedEvent, TracedOutcome};

/// Stands for the key of an event that has none.
const NO_KEY: u64 = u64::MAX;
/// The reason of an event that the log had before.
const DUPLICATE: &str = "duplicate";
/// All texts follow.
const ALL: u8 = 0b11_1111;

/// Source, library, type, name, destination, reason.
type EventTexts<'a> = [&'a str; 6];

/// Writes the events of one request, whose keys are known later.
#[derive(Default)]
pub(in crate::trace) struct EventWriter {
    records: Vec<u8>,
    /// Where the keys of the accepted events are to be written.
    keys: Vec<usize>,
    /// The first event.
    first: Option<First>,
}

struct First {
    at: usize,
    texts: [Range<usize>; 6],
}

impl EventWriter {
    pub(in crate::trace) fn with_capacity(bytes: usize) -> Self {
        Self {
            records: Vec::with_capacity(bytes),
            ..Self::default()
        }
    }

    /// Appends an event; `put_ids` appends the number of its ids and their fingerprints.
    pub(in crate::trace) fn push(
        &mut self,
        at: i64,
        outcome: TracedOutcome,
        texts: EventTexts<'_>,
        put_ids: impl FnOnce(&mut Vec<u8>),
    ) {
        let start = self.records.len();
        let first = self.first.as_ref();
        let following = first.map_or(ALL, |first| first.differing(&self.records, texts));
        let mut ranges = [const { 0..0 }; 6];
        let (mut key_at, key) = (0, NO_KEY.to_le_bytes());
        put_record(&mut self.records, |out| {
            out.push(EVENT);
            key_at = out.len();
            out.extend_from_slice(&key);
            out.push(0);
            put_ids(out);
            put_signed(out, at);
            out.push(outcome as u8);
            out.push(following);
            if let Some(first) = first.filter(|_| following != ALL) {
                put_number(out, (start - first.at) as u64);
            }
            for ((index, text), range) in texts.into_iter().enumerate().zip(&mut ranges) {
                if following & (1 << index) != 0 {
                    let written = put_text(out, text);
                    *range = out.len() - written..out.len();
                }
            }
        });
        if outcome == TracedOutcome::Accepted {
            self.keys.push(key_at);
        }
        if self.first.is_none() {
            let texts = ranges;
            self.first = Some(First { at: start, texts });
        }
    }

    /// The records, with the keys of the accepted events in order; `None` for a repetition. An event for which there is no
    /// key has none.
    pub(in crate::trace) fn records(&mut self, keys: &[Option<u64>]) -> &[u8] {
        for (at, key) in self.keys.iter().zip(keys) {
            let place = self.records.get_mut(*at..).unwrap_or_default();
            if let Some(place) = place.first_chunk_mut::<9>() {
                let [of_key @ .., is_duplicate] = place;
                *of_key = key.unwrap_or(NO_KEY).to_le_bytes();
                *is_duplicate = u8::from(key.is_none());
            }
        }
        &self.records
    }

    /// Forgets all events, and keeps so much memory.
    pub(in crate::trace) fn clear(&mut self, max_bytes: usize) {
        self.records.clear();
        self.records.shrink_to(max_bytes);
        self.keys.clear();
        self.keys.shrink_to(max_bytes / size_of::<usize>());
        self.first = None;
    }
}

impl First {
    /// The texts that are not those of the first event, one bit each.
    fn differing(&self, records: &[u8], texts: EventTexts<'_>) -> u8 {
        let mut bits = 0;
        for ((index, text), range) in texts.into_iter().enumerate().zip(&self.texts) {
            let is_same = records.get(range.clone()) == Some(text.as_bytes());
            bits |= u8::from(!is_same) << index;
        }
        bits
    }
}

/// Whether an event has an id of this fingerprint. Reads no more than it must.
pub(in crate::trace) fn has_id(event: &Record<'_>, fingerprint: u64) -> bool {
    let mut decoder = Decoder(event.body);
    let ids = decoder.bytes(9).and_then(|_| decoder.byte());
    let ids = ids.and_then(|count| decoder.bytes(usize::from(count) * 8));
    let sought = fingerprint.to_le_bytes();
    ids.is_some_and(|ids| ids.chunks_exact(8).any(|id| id == sought))
}

/// What an event says before its texts.
struct Head {
    key: u64,
    is_duplicate: bool,
    at: i64,
    outcome: u8,
    following: u8,
}

fn read_head(decoder: &mut Decoder<'_>) -> Option<Head> {
    let key = u64::from_le_bytes(decoder.array()?);
    let is_duplicate = decoder.byte()? != 0;
    let ids = usize::from(decoder.byte()?);
    decoder.bytes(ids * 8)?;
    Some(Head {
        key,
        is_duplicate,
        at: decoder.signed()?,
        outcome: decoder.byte()?,
        following: decoder.byte()?,
    })
}

/// The texts of the first event of a request.
fn texts_of_first(before: &[u8], distance: u64) -> Option<EventTexts<'_>> {
    let at = before.len().checked_sub(usize::try_from(distance).ok()?)?;
    let mut decoder = Decoder(before.get(at..)?);
    let _length_and_kind: [u8; 5] = decoder.array()?;
    let head = read_head(&mut decoder)?;
    let mut texts = [""; 6];
    for text in &mut texts {
        *text = decoder.text()?;
    }
    (head.following == ALL).then_some(texts)
}

/// Reads an event.
pub(in crate::trace) fn read_event(event: &Record<'_>) -> Option<TracedEvent> {
    let mut decoder = Decoder(event.body);
    let head = read_head(&mut decoder)?;
    let mut texts = match head.following {
        ALL => [""; 6],
        _ => texts_of_first(event.before, decoder.number()?)?,
    };
    for (index, text) in texts.iter_mut().enumerate() {
        if head.following & (1 << index) != 0 {
            *text = decoder.text()?;
        }
    }
    let [source, library, kind, name, destination, reason] = texts.map(str::to_owned);
    let mut event = TracedEvent {
        at: head.at,
        outcome: TracedOutcome::from_byte(head.outcome),
        key: (head.key != NO_KEY).then_some(head.key),
        source,
        library,
        kind,
        event: name,
        destination,
        reason,
        ..TracedEvent::default()
    };
    if head.is_duplicate {
        event.outcome = TracedOutcome::Skipped;
        DUPLICATE.clone_into(&mut event.reason);
    }
    Some(event)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::records;
    use super::*;

    fn texts() -> impl Strategy<Value = [String; 6]> {
        let text = prop_oneof![Just(String::new()), Just("shop".to_owned()), ".{0,300}"];
        proptest::array::uniform6(text)
    }

    proptest! {
        /// Whichever texts the events of a request share, each is read with its own.
        #[test]
        fn events_are_read_as_they_were_written(events in proptest::collection::vec((any::<i64>(), texts(), 0..4_u64), 1..8)) {
            let mut writer = EventWriter::default();
            for (at, texts, id) in &events {
                writer.push(*at, TracedOutcome::Accepted, texts.each_ref().map(String::as_str), |out| {
                    out.push(1);
                    out.extend_from_slice(&id.to_le_bytes());
                });
            }
            let keys: Vec<_> = (0..events.len() as u64).map(|key| (key % 3 != 1).then_some(key)).collect();
            let bytes = [b"before".as_slice(), writer.records(&keys)].concat();
            let read: Vec<_> = records(&bytes[6..]).collect();
            prop_assert_eq!(read.len(), events.len());
            for ((record, (at, texts, id)), key) in read.iter().zip(&events).zip(&keys) {
                prop_assert!(has_id(record, *id) && !has_id(record, 9));
                let event = read_event(record).expect("an event");
                let read = [&event.source, &event.library, &event.kind, &event.event, &event.destination];
                for (read, text) in read.into_iter().zip(texts) {
                    prop_assert!(text.starts_with(read.as_str()) && (text == read || read.len() > 250));
                }
                prop_assert_eq!((event.at, event.key), (*at, *key));
                prop_assert_eq!(event.reason == DUPLICATE, key.is_none());
            }
        }
    }
}

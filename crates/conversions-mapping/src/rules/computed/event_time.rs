//! When the event happened.

use segment_spec::Message;

use crate::note::{Effect, Notes, Path};
use crate::transforms::time::read_time as read;

const FIELD: &str = "event_time";

/// Reads when the event happened, in Unix milliseconds. `None` if the message has times but none can be read: the clock
/// would then be a guess.
///
/// In this order: `timestamp`; the time that Segment's servers would compute from the other three; the first of them
/// that can be read; the clock, if the message has no time at all.
pub(crate) fn event_time<'a>(
    message: &Message<'a>,
    now: i64,
    notes: &mut Notes<'a>,
) -> Option<i64> {
    let timestamp = message.timestamp.filter(|time| !time.is_blank());
    if let Some(time) = timestamp {
        match read(time) {
            Some(milliseconds) => {
                if notes.are_wanted() {
                    let seconds = milliseconds.div_euclid(1000).to_string();
                    let same = time.text() == seconds;
                    let effect = if same {
                        Effect::Copied
                    } else {
                        Effect::Normalized
                    };
                    notes.wrote(FIELD, effect, || Path::Fixed("timestamp"));
                }
                return Some(milliseconds);
            }
            None => notes.left_out(|| Path::Fixed("timestamp")),
        }
    }
    let others = [
        ("receivedAt", message.received_at),
        ("originalTimestamp", message.original_timestamp),
        ("sentAt", message.sent_at),
    ]
    .map(|(path, time)| (path, time.filter(|time| !time.is_blank())));
    if timestamp.is_none() && others.iter().all(|(_, time)| time.is_none()) {
        notes.defaulted(FIELD);
        return Some(now);
    }
    let readable = others.map(|(path, time)| (path, time.and_then(read)));
    if let [(path, Some(received)), (_, Some(original)), (_, Some(sent))] = readable {
        notes.wrote(FIELD, Effect::Derived, || Path::Fixed(path));
        return Some(received - (sent - original));
    }
    for ((path, time), (_, milliseconds)) in others.into_iter().zip(readable) {
        match milliseconds {
            Some(milliseconds) => {
                notes.wrote(FIELD, Effect::Derived, || Path::Fixed(path));
                return Some(milliseconds);
            }
            None if time.is_some() => notes.left_out(|| Path::Fixed(path)),
            None => {}
        }
    }
    None
}

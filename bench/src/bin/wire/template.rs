//! Messages that are sent again and again, each time under another id, and as another person if so wished.

use std::fmt::Write as _;

use memchr::memmem;

use crate::visitors::Person;

const CONTEXT: &str = "\"context\":{";

/// A message in pieces.
pub(crate) struct Template {
    /// Each with what follows it.
    pieces: Vec<(String, Slot)>,
    rest: String,
}

/// An id that changes, with the id that the message was made with; or where the context begins.
enum Slot {
    Message,
    Anonymous(String),
    User(String),
    Context,
}

impl Template {
    /// `says_all`: whether the messages say all that is known of a person.
    pub(crate) fn of(message: &str, says_all: bool) -> Self {
        let mut slots: Vec<_> = [
            (
                "\"messageId\":\"",
                (|_| Slot::Message) as fn(String) -> Slot,
            ),
            ("\"anonymousId\":\"", Slot::Anonymous),
            ("\"userId\":\"", Slot::User),
        ]
        .into_iter()
        .filter_map(|(name, slot)| {
            let start = memmem::find(message.as_bytes(), name.as_bytes())? + name.len();
            let length = message.get(start..)?.find('"')?;
            Some((start, start + length, slot))
        })
        .collect();
        // One that has traits says much itself.
        let context = memmem::find(message.as_bytes(), CONTEXT.as_bytes())
            .filter(|_| says_all && !message.contains("\"traits\":"))
            .map(|start| start + CONTEXT.len());
        slots
            .extend(context.map(|start| (start, start, (|_| Slot::Context) as fn(String) -> Slot)));
        slots.sort_unstable_by_key(|(start, ..)| *start);
        let part = |from: usize, to: usize| message.get(from..to).unwrap_or_default().to_owned();
        let mut at = 0;
        let pieces = slots.into_iter().map(|(start, end, slot)| {
            let before = part(at, start);
            at = end;
            (before, slot(part(start, end)))
        });
        Self {
            pieces: pieces.collect(),
            rest: part(at, message.len()),
        }
    }

    /// Appends the message.
    pub(crate) fn write(&self, message_id: u64, person: Option<Person>, body: &mut String) {
        for (piece, slot) in &self.pieces {
            body.push_str(piece);
            let _ = match (slot, person) {
                (Slot::Message, _) => write!(body, "bench-{message_id:026x}"),
                (Slot::Anonymous(_), Some(person)) => write!(body, "{}", person.anonymous_id()),
                (Slot::User(_), Some(person)) => write!(body, "{}", person.user_id()),
                (Slot::Anonymous(own) | Slot::User(own), None) => write!(body, "{own}"),
                (Slot::Context, Some(person)) => {
                    write!(body, "{},\"traits\":{},", person.browser(), person.traits())
                }
                (Slot::Context, None) => Ok(()),
            };
        }
        body.push_str(&self.rest);
    }
}

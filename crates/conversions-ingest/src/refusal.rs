//! Why a request is refused: a closed list of reasons, each with a stable code.

use std::time::Duration;

use axum::http::StatusCode;

/// Why a request, or a message of a batch, is refused. The codes are Segment's where Segment has one.
///
/// ```
/// use conversions_ingest::Refusal;
///
/// assert_eq!(Refusal::EmptyBatch.code(), "empty_batch");
/// assert_eq!(Refusal::Full.status().as_u16(), 429);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Refusal {
    /// Not JSON, not UTF-8, nested too deeply, or JSON of the wrong shape.
    BadRequest,
    /// The body is incomplete, or its transfer coding is invalid.
    BrokenBody,
    /// The body is not valid gzip, or inflates to more than is allowed.
    BadCompression,
    /// The body is too large.
    PayloadTooLarge,
    /// The body took too long to arrive.
    BodyTimeout,
    /// A batch without messages.
    EmptyBatch,
    /// A batch of too many messages.
    TooManyMessages,
    /// One message is too large.
    MessageTooLarge,
    /// A message that is not an object.
    NotAnObject,
    /// Neither `userId` nor `anonymousId`.
    NoUserAnonId,
    /// An id that is neither a string nor a number.
    IdNotString,
    /// A Track call without `event`.
    EventNotDefined,
    /// An `event` that is not a string.
    EventNotString,
    /// `properties` that are not an object.
    PropertiesNotObject,
    /// `traits` that are not an object.
    TraitsNotObject,
    /// Too many members in `properties`.
    TooManyProperties,
    /// A `messageId` that is too long.
    MessageIdTooLong,
    /// No write key.
    MissingWriteKey,
    /// A write key of no source.
    UnknownWriteKey,
    /// A request of a webhook whose signature or secret is missing or wrong.
    InvalidSignature,
    /// An unknown path.
    NotFound,
    /// A method that the path does not support.
    MethodNotAllowed,
    /// The write key exceeds its rate limit.
    RateLimited,
    /// There is no room for more events.
    Full,
    /// Too many requests at once, or too much memory held by them.
    Overloaded,
    /// Events cannot be stored at the moment.
    Unavailable,
    /// The server is shutting down.
    ShuttingDown,
}

use Refusal as R;

/// Code, status and sentence of each refusal. A test keeps the table complete.
#[rustfmt::skip]
const TABLE: &[(Refusal, &str, u16, &str)] = &[
    (R::BadRequest,          "bad_request",           400, "the body must be a JSON object in UTF-8; that of a batch needs a list `batch`"),
    (R::BrokenBody,          "broken_body",           400, "the body is incomplete, or its transfer coding is invalid"),
    (R::BadCompression,      "bad_compression",       400, "the body is not valid gzip, or inflates to more than is allowed"),
    (R::PayloadTooLarge,     "payload_too_large",     400, "the body is larger than is allowed"),
    (R::BodyTimeout,         "request_timeout",       408, "the body took too long to arrive"),
    (R::EmptyBatch,          "empty_batch",           400, "the batch has no messages"),
    (R::TooManyMessages,     "too_many_messages",     400, "the batch has more messages than are allowed; none of them was accepted"),
    (R::MessageTooLarge,     "message_too_large",     400, "the message is larger than is allowed"),
    (R::NotAnObject,         "not_an_object",         400, "a message must be a JSON object"),
    (R::NoUserAnonId,        "no_user_anon_id",       400, "a message needs userId or anonymousId"),
    (R::IdNotString,         "id_not_string",         400, "userId and anonymousId must be strings"),
    (R::EventNotDefined,     "event_not_defined",     400, "a Track call needs an event"),
    (R::EventNotString,      "event_not_string",      400, "event must be a string"),
    (R::PropertiesNotObject, "properties_not_object", 400, "properties must be an object"),
    (R::TraitsNotObject,     "traits_not_object",     400, "traits must be an object"),
    (R::TooManyProperties,   "too_many_properties",   400, "properties has more members than are allowed"),
    (R::MessageIdTooLong,    "message_id_too_long",   400, "messageId is longer than is allowed"),
    (R::MissingWriteKey,     "missing_write_key",     401, "send a write key: as the user name of Basic authentication, or as writeKey in the body"),
    (R::UnknownWriteKey,     "unknown_write_key",     401, "unknown write key"),
    (R::InvalidSignature,    "invalid_signature",     401, "the signature or the secret of the request is missing or wrong"),
    (R::NotFound,            "not_found",             404, "unknown path; send events to /v1/batch or /v1/track"),
    (R::MethodNotAllowed,    "method_not_allowed",    405, "this path does not support this method"),
    (R::RateLimited,         "rate_limited",          429, "this write key exceeds its rate limit"),
    (R::Full,                "full",                  429, "there is no room for more events; try again later"),
    (R::Overloaded,          "overloaded",            503, "too many requests at once; try again later"),
    (R::Unavailable,         "unavailable",           503, "events cannot be stored at the moment; try again later"),
    (R::ShuttingDown,        "shutting_down",         503, "the server is shutting down; try again later"),
];

impl Refusal {
    /// All of them, in the order of the documentation.
    pub fn all() -> impl Iterator<Item = Self> {
        TABLE.iter().map(|(refusal, ..)| *refusal)
    }

    fn row(self) -> (&'static str, u16, &'static str) {
        TABLE
            .iter()
            .find(|(refusal, ..)| *refusal == self)
            .map_or(("unavailable", 503, ""), |(_, code, status, sentence)| {
                (code, *status, sentence)
            })
    }

    /// The stable code.
    #[must_use]
    pub fn code(self) -> &'static str {
        self.row().0
    }

    /// The HTTP status of the answer. Segment's clients try again after 408, 429 and 503, and after no other of these.
    #[must_use]
    pub fn status(self) -> StatusCode {
        StatusCode::from_u16(self.row().1).unwrap_or(StatusCode::SERVICE_UNAVAILABLE)
    }

    /// A sentence for people, without values.
    #[must_use]
    pub fn sentence(self) -> &'static str {
        self.row().2
    }

    /// When the sender is to try again; `None` if it is not to. `default_wait` counts unless the refusal is
    /// short-lived.
    fn retry_after(self, default_wait: Duration) -> Option<Duration> {
        match self {
            R::Overloaded | R::BodyTimeout => Some(Duration::from_secs(1)),
            R::RateLimited | R::Full | R::Unavailable | R::ShuttingDown => Some(default_wait),
            _ => None,
        }
    }
}

/// A refusal of one request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Refused {
    pub(crate) refusal: Refusal,
    /// When the sender may try again, if that is known.
    pub(crate) wait: Option<Duration>,
}

impl From<Refusal> for Refused {
    fn from(refusal: Refusal) -> Self {
        Self {
            refusal,
            wait: None,
        }
    }
}

impl Refused {
    /// When the sender is to try again, if at all; `default_wait` counts if nothing better is known.
    pub(crate) fn retry_after(self, default_wait: Duration) -> Option<Duration> {
        self.wait.or_else(|| self.refusal.retry_after(default_wait))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::time::Duration;

    use super::{R, Refusal, TABLE};

    /// The compiler asks for a new arm here when a refusal is added; the arms are then counted.
    fn position(refusal: Refusal) -> usize {
        match refusal {
            R::BadRequest => 0,
            R::BrokenBody => 1,
            R::BadCompression => 2,
            R::PayloadTooLarge => 3,
            R::BodyTimeout => 4,
            R::EmptyBatch => 5,
            R::TooManyMessages => 6,
            R::MessageTooLarge => 7,
            R::NotAnObject => 8,
            R::NoUserAnonId => 9,
            R::IdNotString => 10,
            R::EventNotDefined => 11,
            R::EventNotString => 12,
            R::PropertiesNotObject => 13,
            R::TraitsNotObject => 14,
            R::TooManyProperties => 15,
            R::MessageIdTooLong => 16,
            R::MissingWriteKey => 17,
            R::UnknownWriteKey => 18,
            R::InvalidSignature => 19,
            R::NotFound => 20,
            R::MethodNotAllowed => 21,
            R::RateLimited => 22,
            R::Full => 23,
            R::Overloaded => 24,
            R::Unavailable => 25,
            R::ShuttingDown => 26,
        }
    }

    #[test]
    fn every_refusal_has_one_row_and_a_code_of_its_own() {
        let rows: Vec<_> = TABLE
            .iter()
            .map(|(refusal, ..)| position(*refusal))
            .collect();
        assert_eq!(rows, (0..27).collect::<Vec<_>>());
        let codes: BTreeSet<_> = Refusal::all().map(Refusal::code).collect();
        assert_eq!(codes.len(), TABLE.len());
    }

    #[test]
    fn retry_after_is_sent_with_408_429_and_503_only() {
        for refusal in Refusal::all() {
            let retryable = matches!(refusal.status().as_u16(), 408 | 429 | 503);
            let has_header = refusal.retry_after(Duration::from_secs(5)).is_some();
            assert_eq!(has_header, retryable, "{}", refusal.code());
        }
    }
}

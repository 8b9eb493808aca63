//! Which stream to read, and how to reach its servers.

use conversions_nats::ConnectionOptions;

use crate::limits::Limits;
use crate::start::Start;

/// Options of a [`NatsInput`](crate::nats::NatsInput).
#[derive(Clone, Debug, Default)]
pub struct NatsInputOptions {
    /// The servers, and who this member is to them.
    pub connection: ConnectionOptions,
    /// The name of the stream, which exists.
    pub stream: String,
    /// The name of the durable pull consumer. All members of a group use the same.
    pub consumer: String,
    /// Make what is missing: the consumer, and the stream for rejected messages.
    pub create: bool,
    /// The only subject to read, for a consumer that is made; all subjects of the stream when there is none.
    pub subject: Option<String>,
    /// Where a consumer begins that is made.
    pub start: Start,
    /// How much may be in hand.
    pub limits: Limits,
}

//! What an operator decides, as plain data.

mod error;

use std::num::NonZeroU32;
use std::time::Duration;

use ipnet::IpNet;

use crate::source::Source;

pub use error::OptionsError;

/// All options of an [`Ingest`](crate::Ingest).
#[derive(Clone, Debug)]
pub struct IngestOptions {
    /// Who may send.
    pub sources: Vec<Source>,
    /// How unknown write keys are answered.
    pub compat: Compat,
    /// Whether messages that Segment's own endpoint refuses are refused, with Segment's codes: no `userId` and no
    /// `anonymousId`, an event without a name, `properties` that are no object, and so on.
    pub strict: bool,
    /// Sizes and numbers.
    pub limits: Limits,
    /// What is taken over from the request.
    pub enrichment: EnrichmentOptions,
    /// Which browsers may call.
    pub cors: Cors,
    /// How fast each write key may send.
    pub rate_limit: Option<RateLimit>,
    /// How long a body may take to arrive.
    pub body_timeout: Duration,
    /// How long the sink may take before the sender is told to come back.
    pub sink_timeout: Duration,
    /// When senders shall come back, in answers to overload: whole seconds, 1 at least.
    pub retry_after: Duration,
    /// How far a sender's clock may be off before its times are corrected.
    pub clock_tolerance: Duration,
    /// The address of the API as browsers see it, up to and including `/v1` (`https://events.example.com/v1`). Told to
    /// analytics.js; without it the address that the browser called.
    pub public_url: Option<String>,
}

impl IngestOptions {
    /// The defaults, for these sources.
    #[must_use]
    pub fn new(sources: Vec<Source>) -> Self {
        Self {
            sources,
            compat: Compat::default(),
            strict: true,
            limits: Limits::default(),
            enrichment: EnrichmentOptions::default(),
            cors: Cors::default(),
            rate_limit: None,
            body_timeout: Duration::from_secs(30),
            sink_timeout: Duration::from_secs(10),
            retry_after: Duration::from_secs(5),
            clock_tolerance: Duration::from_secs(10),
            public_url: None,
        }
    }
}

/// How unknown write keys are answered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Compat {
    /// With 401: clients report the mistake at once.
    #[default]
    Strict,
    /// With 200, as Segment does: the messages vanish.
    Segment,
}

/// Sizes in bytes after inflating, and numbers. The defaults are those that Segment documents.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// One message: the body of a single call, or an item of a batch.
    pub message_bytes: usize,
    /// The body of a batch.
    pub batch_bytes: usize,
    /// Messages of a batch.
    pub batch_messages: usize,
    /// The messages of a request together, each completed with what they share: a small body can ask for a lot.
    pub completed_bytes: usize,
    /// Members of `properties`.
    pub properties: usize,
    /// Characters of a `messageId`.
    pub message_id_chars: usize,
    /// The body of a webhook's request.
    pub webhook_bytes: usize,
    /// Messages of a webhook's request.
    pub webhook_messages: usize,
    /// How many times its size a compressed body may become, once it is larger than a megabyte.
    pub inflate_ratio: usize,
    /// Requests that are worked on at a time; more are told to come back.
    pub in_flight: usize,
    /// Bytes that requests hold at a time: bodies as sent and inflated, and the events that they come to; more are told to
    /// come back. Of senders whose key is not in a header, all together may hold half of it.
    pub in_flight_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            message_bytes: 32 * 1024,
            batch_bytes: 500 * 1024,
            batch_messages: 2500,
            completed_bytes: 8 * 1024 * 1024,
            properties: 10_000,
            message_id_chars: 99,
            webhook_bytes: 4_000_000,
            webhook_messages: 4000,
            inflate_ratio: 100,
            in_flight: 1024,
            in_flight_bytes: 256 * 1024 * 1024,
        }
    }
}

/// What is taken over from the request into the messages. Nothing overwrites what a message says itself.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a switch of its own that an operator can set"
)]
pub struct EnrichmentOptions {
    /// `context.ip` from the connection, or from the first address behind the trusted proxies.
    pub ip: bool,
    /// `context.userAgent` from the header of that name.
    pub user_agent: bool,
    /// `context.fbp` and `context.fbc` from Meta's cookies `_fbp` and `_fbc`, of calls from the same site.
    pub cookies: bool,
    /// `context.page.url` from the header `Referer`, of calls from the same origin.
    pub page: bool,
    /// Whose requests these are taken from.
    pub senders: Senders,
    /// Proxies that are believed when they say, in `X-Forwarded-For`, for whom they speak.
    pub trusted_proxies: Vec<IpNet>,
}

impl Default for EnrichmentOptions {
    fn default() -> Self {
        Self {
            ip: true,
            user_agent: true,
            cookies: true,
            page: true,
            senders: Senders::default(),
            trusted_proxies: Vec::new(),
        }
    }
}

/// Whose requests say something about the user.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Senders {
    /// Browsers and apps. A server's own address and user agent are not those of its users.
    #[default]
    Clients,
    /// Every sender.
    All,
}

/// Which browsers may call from other origins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cors {
    /// The origins.
    pub allowed_origins: AllowedOrigins,
    /// Whether they may send cookies. Needs a list of origins.
    pub credentials: bool,
    /// How long a browser may remember the permission.
    pub max_age: Duration,
}

impl Default for Cors {
    fn default() -> Self {
        Self {
            allowed_origins: AllowedOrigins::Any,
            credentials: false,
            max_age: Duration::from_hours(24),
        }
    }
}

/// Origins of pages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AllowedOrigins {
    /// Every page; write keys are public in browsers anyway.
    Any,
    /// These: `https://shop.example.com`, or `https://*.example.com` for all of its sub-domains.
    List(Vec<String>),
}

/// How many messages a write key may send.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RateLimit {
    /// Messages per second, on average.
    pub per_second: NonZeroU32,
    /// Messages at once. A larger batch counts as so many.
    pub burst: NonZeroU32,
}

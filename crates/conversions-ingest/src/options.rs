//! Options of an endpoint, as plain data.

mod error;

use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use ipnet::IpNet;

use crate::browser_bundle::BrowserBundle;
use crate::source::Source;

pub use error::OptionsError;

/// All options of an [`Ingest`](crate::Ingest).
#[derive(Clone, Debug)]
pub struct IngestOptions {
    /// Who may send.
    pub sources: Vec<Source>,
    /// How unknown write keys are answered.
    pub compat: Compat,
    /// Whether to refuse the messages that Segment's own endpoint refuses, with Segment's codes: no `userId` and no
    /// `anonymousId`, a Track call without an event name, `properties` that are not an object, and so on.
    pub strict: bool,
    /// Limits of requests and messages.
    pub limits: Limits,
    /// What messages get from the HTTP request.
    pub enrichment: EnrichmentOptions,
    /// Which pages may call from a browser.
    pub cors: Cors,
    /// How fast each write key may send.
    pub rate_limit: Option<RateLimit>,
    /// How long a body may take to arrive.
    pub body_timeout: Duration,
    /// How long the sink may take before the sender is told to try again.
    pub sink_timeout: Duration,
    /// `Retry-After` of answers to overload; rounded up to whole seconds, 1 at least.
    pub retry_after: Duration,
    /// How far a sender's clock may be off before its times are corrected.
    pub clock_tolerance: Duration,
    /// The address of the API as browsers see it, up to and including `/v1` (`https://events.example.com/v1`), which
    /// analytics.js is told to send to. Without it, the address that the browser called.
    pub public_url: Option<String>,
    /// The bundle of analytics.js that is served where Segment's snippet looks for it,
    /// `/analytics.js/v1/<writeKey>/analytics.min.js`; without one, that path is unknown.
    pub browser_bundle: Option<Arc<BrowserBundle>>,
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
            browser_bundle: None,
        }
    }
}

/// How requests with an unknown write key are answered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Compat {
    /// With 401, so that clients report the mistake.
    #[default]
    Strict,
    /// With 200, as Segment does. The messages are dropped.
    Segment,
}

/// Limits of requests and messages; sizes count after inflating. The defaults are those that Segment documents, where
/// it does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of one message: the body of a single call, or an item of a batch.
    pub message_bytes: usize,
    /// Bytes of the body of a batch.
    pub batch_bytes: usize,
    /// Messages of a batch.
    pub batch_messages: usize,
    /// Bytes of the messages of a request together, each with what the batch shares. Without this limit a small body
    /// with a large shared context could cause a lot of work.
    pub completed_bytes: usize,
    /// Members of `properties`.
    pub properties: usize,
    /// Characters of a `messageId`.
    pub message_id_chars: usize,
    /// Bytes of the body of a webhook's request.
    pub webhook_bytes: usize,
    /// Messages of a webhook's request.
    pub webhook_messages: usize,
    /// How many times its size a compressed body may become, once it is larger than a megabyte.
    pub inflate_ratio: usize,
    /// Requests under way at a time; further ones are told to try again.
    pub in_flight: usize,
    /// Bytes that requests hold at a time: bodies as sent, bodies inflated, and their events. Further requests are told
    /// to try again. Requests without a known key in a header may hold half of it together.
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

/// What messages get from the HTTP request. Nothing overwrites a value that the message has.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a switch of its own that an operator can set"
)]
pub struct EnrichmentOptions {
    /// `context.ip` from the connection or, behind trusted proxies, from `X-Forwarded-For`.
    pub ip: bool,
    /// `context.userAgent` from the header of that name.
    pub user_agent: bool,
    /// `context.fbp` and `context.fbc` from Meta's cookies `_fbp` and `_fbc`, of calls from the same site.
    pub cookies: bool,
    /// `context.page.url` from the header `Referer`, of calls from the same origin.
    pub page: bool,
    /// From whose requests.
    pub senders: Senders,
    /// Proxies whose `X-Forwarded-For` and `X-Forwarded-Proto` are believed.
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

/// Whose requests describe the user's device.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Senders {
    /// Browsers and apps: the address and user agent of a server are not those of its users.
    #[default]
    Clients,
    /// Every sender.
    All,
}

/// Which pages may call from a browser.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cors {
    /// The origins of the pages.
    pub allowed_origins: AllowedOrigins,
    /// Whether they may send cookies. Needs a list of origins.
    pub credentials: bool,
    /// How long a browser may cache the answer to a preflight.
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
    /// Every page: write keys in browsers are public anyway.
    Any,
    /// These: `https://shop.example.com`, or `https://*.example.com` for all sub-domains.
    List(Vec<String>),
}

/// How many messages a write key may send.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RateLimit {
    /// Messages per second, on average.
    pub per_second: NonZeroU32,
    /// Messages at once. A larger batch counts as this many.
    pub burst: NonZeroU32,
}

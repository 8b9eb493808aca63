//! Finds the source of a write key, in constant time: how long it takes reveals nothing about the keys.

use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use governor::clock::{Clock as _, MonotonicClock};
use governor::middleware::NoOpMiddleware;
use governor::state::{InMemoryState, NotKeyed};
use governor::{Quota, RateLimiter};
use secrecy::ExposeSecret;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use crate::options::RateLimit;
use crate::source::Source;

type Limiter =
    RateLimiter<NotKeyed, InMemoryState, MonotonicClock, NoOpMiddleware<std::time::Instant>>;

/// All write keys, as digests.
#[derive(Default)]
pub(crate) struct KeyRing {
    keys: Vec<Key>,
    rate_limit: Option<RateLimit>,
}

/// One write key.
#[derive(Clone)]
pub(crate) struct Key {
    digest: [u8; 32],
    /// The source that it belongs to.
    pub(crate) source: Arc<Source>,
    limiter: Option<Arc<Limiter>>,
}

impl KeyRing {
    /// Takes the keys of sources. The rate limiters of keys that are in `before` go on from where they were.
    pub(crate) fn new(
        sources: &[Arc<Source>],
        rate_limit: Option<RateLimit>,
        before: Option<&Self>,
    ) -> Self {
        let before = before.filter(|before| before.rate_limit == rate_limit);
        let key = |source: &Arc<Source>, key: &secrecy::SecretString| {
            let digest = digest(key.expose_secret());
            let known =
                before.and_then(|before| before.keys.iter().find(|known| known.digest == digest));
            let limiter = known.map_or_else(
                || rate_limit.map(|limit| Arc::new(limiter(limit))),
                |known| known.limiter.clone(),
            );
            Key {
                digest,
                source: Arc::clone(source),
                limiter,
            }
        };
        let keys = sources
            .iter()
            .flat_map(|source| source.write_keys.iter().map(move |one| key(source, one)))
            .collect();
        Self { keys, rate_limit }
    }

    /// The key that equals what was presented. Compares with every key, and digests instead of keys.
    pub(crate) fn find(&self, presented: &str) -> Option<&Key> {
        let presented = digest(presented);
        let mut found = None;
        for key in &self.keys {
            if bool::from(key.digest.ct_eq(&presented)) {
                found = Some(key);
            }
        }
        found
    }
}

impl Key {
    /// Counts messages against the rate limit.
    ///
    /// # Errors
    ///
    /// How long to wait when they exceed it.
    pub(crate) fn admit(&self, messages: usize, limit: Option<RateLimit>) -> Result<(), Duration> {
        let (Some(limiter), Some(limit)) = (&self.limiter, limit) else {
            return Ok(());
        };
        let messages = u32::try_from(messages)
            .ok()
            .and_then(NonZeroU32::new)
            .unwrap_or(NonZeroU32::MIN)
            .min(limit.burst);
        match limiter.check_n(messages) {
            Ok(Ok(())) => Ok(()),
            Ok(Err(not_until)) => Err(not_until.wait_time_from(MonotonicClock.now())),
            // Unreachable: no more than the burst is asked for.
            Err(_) => Err(Duration::from_secs(1)),
        }
    }
}

fn digest(key: &str) -> [u8; 32] {
    Sha256::digest(key.as_bytes()).into()
}

fn limiter(limit: RateLimit) -> Limiter {
    let quota = Quota::per_second(limit.per_second).allow_burst(limit.burst);
    RateLimiter::direct_with_clock(quota, MonotonicClock)
}

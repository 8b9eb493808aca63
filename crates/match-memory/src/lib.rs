//! Match memory: what a person's earlier events said, for later events that lack it.
//!
//! A payment webhook knows a user id and an amount. The e-mail address came with an Identify call a week ago, the click id
//! with a page view before that. This crate remembers the hashes, the click id and the browser id that earlier messages of
//! the same person held ([`Person::learn`]), and fills what an event lacks ([`Person::recall`]). What is remembered does not
//! depend on the order in which messages arrive, nor on how often each is seen. `docs/design/match-memory.md` says how it
//! works, and why so.
//!
//! Not here, on purpose: reading and mapping of messages, decisions about consent, any network. No plain contact datum gets
//! in: hashed fields are [`HashedValue`](facebook_conversions::HashedValue)s, and ids are kept as keyed fingerprints. The IP
//! address and the user agent are kept in clear, as Meta takes them, if [`Options::remember`] says so; by default it does not.
//!
//! For layers above: what receives, maps and sends events. It knows Meta's vocabulary and nothing of the sender's.
//!
//! ```
//! use facebook_conversions::{HashedValue, UserData};
//! use match_memory::{Field, Memory, Options, PersonIds};
//!
//! # let folder = tempfile::tempdir()?;
//! let now = 1_764_000_000_000;
//! let clock = std::sync::Arc::new(move || now);
//! let memory = Memory::open(folder.path(), Options { clock, ..Options::default() })?;
//! let shop = memory.scope("shop");
//! let person = shop.person(&PersonIds { user: Some("u-1042"), ..PersonIds::default() });
//!
//! // An Identify call a week ago …
//! let mut identified = UserData::default();
//! identified.em = HashedValue::hash("jane@example.com").into_iter().collect();
//! person.learn(now - 7 * 24 * 3_600_000, &identified).expect("learned");
//!
//! // … completes the purchase of today.
//! let mut purchase = UserData::default();
//! let recalled = person.recall(now, &mut purchase);
//! assert!(recalled.remembered.contains(Field::Em));
//! assert_eq!(purchase.em, identified.em);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod apart;
mod buffer;
mod error;
mod field;
mod fingerprint;
mod forget;
mod learn;
mod memory;
mod options;
mod person_ids;
mod recall;
mod record;
mod store;
mod telemetry;

pub use error::{ForgetError, OpenError};
pub use field::{Field, Fields};
pub use forget::{ForgetTarget, forget};
pub use memory::{Memory, MemoryStats, Person, Scope};
pub use options::{Clock, Options};
pub use person_ids::{PersonIds, is_placeholder};
pub use recall::Recalled;
pub use telemetry::{
    DISK_BYTES, IGNORED_IDS, LEARNED, NOT_LEARNED, NotLearned, PEOPLE, REMEMBERED, describe_metrics,
};

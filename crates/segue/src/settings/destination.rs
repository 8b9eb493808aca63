//! What the settings say about one destination: how to map, where to send, how to deliver.

use std::collections::BTreeMap;

use conversions_mapping::Settings;
use conversions_transport::{GraphUrl, PixelId};
use facebook_conversions::graph::ApiVersion;

use crate::settings::secret::SecretSource;
use crate::settings::source::Position;

/// One destination: a pixel or dataset, and everything that holds for its events.
#[derive(Clone, Debug)]
pub(crate) struct Destination {
    /// Its name among several; a destination that stands alone has none.
    pub(crate) name: Option<String>,
    pub(crate) mapping: Settings,
    pub(crate) graph: Graph,
    pub(crate) delivery: Delivery,
    /// The settings that the file gives, by their own name, and where. The others are at their defaults.
    pub(crate) given: BTreeMap<&'static str, Position>,
}

/// Where and as whom to send.
#[derive(Clone, Debug)]
pub(crate) struct Graph {
    pub(crate) pixel_id: Option<PixelId>,
    pub(crate) access_token: Option<SecretSource>,
    pub(crate) app_secret: Option<SecretSource>,
    pub(crate) api_version: ApiVersion,
    /// Meta's own unless set.
    pub(crate) url: Option<GraphUrl>,
}

/// How events become requests.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Delivery {
    /// Events in a request, at most.
    pub(crate) batch_events: u64,
    /// Bytes of events in a request, at most.
    pub(crate) batch_bytes: u64,
    /// How long a request waits for more events, in milliseconds.
    pub(crate) linger_ms: u64,
    /// Requests in flight, at most.
    pub(crate) concurrency: u64,
}

impl Default for Destination {
    fn default() -> Self {
        Self {
            name: None,
            mapping: Settings::default(),
            graph: Graph {
                pixel_id: None,
                access_token: None,
                app_secret: None,
                api_version: ApiVersion::CURRENT,
                url: None,
            },
            delivery: Delivery {
                batch_events: 1000,
                batch_bytes: 1_000_000,
                linger_ms: 1000,
                concurrency: 4,
            },
            given: BTreeMap::new(),
        }
    }
}

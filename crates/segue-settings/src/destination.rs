//! What the settings say about one destination: how to map, where to send, how to deliver.

pub(crate) mod field_rules;
mod forms;
mod kinds;
mod table;

use conversions_mapping::Settings;
use conversions_transport::{GraphUrl, PixelId};
use facebook_conversions::graph::ApiVersion;

use crate::secret::SecretSource;
use crate::table::{Given, InForce, in_force};

/// One destination: a pixel or dataset, and everything that holds for its events.
#[derive(Clone, Debug)]
pub struct Destination {
    /// Its name among several; absent for the only destination of a file.
    pub name: Option<String>,
    /// How messages become events.
    pub mapping: Settings,
    /// Where and as whom to send.
    pub graph: Graph,
    /// How events become requests.
    pub delivery: Delivery,
    /// The settings that the file gives, and where.
    pub given: Given,
}

/// Where and as whom to send.
#[derive(Clone, Debug)]
pub struct Graph {
    /// The pixel or dataset that gets the events.
    pub pixel_id: Option<PixelId>,
    /// The access token of a system user.
    pub access_token: Option<SecretSource>,
    /// For apps that demand `appsecret_proof`.
    pub app_secret: Option<SecretSource>,
    /// The version of the Graph API.
    pub api_version: ApiVersion,
    /// Meta's own unless set.
    pub url: Option<GraphUrl>,
}

/// How events become requests.
#[derive(Clone, Copy, Debug)]
pub struct Delivery {
    /// Events in a request, at most.
    pub batch_events: u64,
    /// Bytes of events in a request, at most.
    pub batch_bytes: u64,
    /// How long a request waits for more events, in milliseconds.
    pub linger_ms: u64,
    /// Requests in flight, at most.
    pub concurrency: u64,
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
            given: Given::new(),
        }
    }
}

impl Destination {
    /// Every setting and its value, in the order in which they are explained.
    #[must_use]
    pub fn in_force(&self) -> Vec<InForce> {
        in_force(self, &self.given)
    }
}

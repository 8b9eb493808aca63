//! `GET /events`: what was accepted, as JSON.

use std::sync::Arc;

use axum::{
    Json,
    extract::{Query, State},
    response::{IntoResponse, Response},
};
use serde::{Deserialize, Serialize};

use crate::{
    edge::Edge,
    store::{ConnectionMethod, Filter, State as EventState, StoredEvent, Totals},
};

/// How many events a listing holds unless told otherwise, and at most.
const DEFAULT_LIMIT: usize = 100;
const GREATEST_LIMIT: usize = 10_000;

/// The query of a listing; every member may be left out.
#[derive(Clone, Debug, Default, Deserialize)]
pub(crate) struct ListingQuery {
    pub(crate) pixel_id: Option<String>,
    pub(crate) event_name: Option<String>,
    pub(crate) event_id: Option<String>,
    pub(crate) connection_method: Option<ConnectionMethod>,
    pub(crate) state: Option<EventState>,
    pub(crate) limit: Option<usize>,
    pub(crate) offset: Option<usize>,
    pub(crate) order: Option<Order>,
}

#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Order {
    /// In order of receipt.
    #[default]
    Oldest,
    /// The last one received comes first.
    Newest,
}

/// A part of what is stored.
#[derive(Debug, Serialize)]
pub(crate) struct Listing {
    pub(crate) totals: Totals,
    /// How many stored events the filter admits.
    pub(crate) matching: usize,
    pub(crate) offset: usize,
    pub(crate) limit: usize,
    pub(crate) events: Vec<Arc<StoredEvent>>,
}

impl ListingQuery {
    pub(crate) fn listing(self, edge: &Edge) -> Listing {
        let filter = Filter {
            pixel_id: self.pixel_id,
            event_name: self.event_name,
            event_id: self.event_id,
            connection_method: self.connection_method,
            state: self.state,
        };
        let mut events = edge.events(&filter);
        if self.order == Some(Order::Newest) {
            events.reverse();
        }
        let offset = self.offset.unwrap_or_default();
        let limit = self.limit.unwrap_or(DEFAULT_LIMIT).min(GREATEST_LIMIT);
        Listing {
            totals: edge.totals(),
            matching: events.len(),
            offset,
            limit,
            events: events.into_iter().skip(offset).take(limit).collect(),
        }
    }
}

pub(crate) async fn events(
    State(edge): State<Arc<Edge>>,
    Query(query): Query<ListingQuery>,
) -> Response {
    Json(query.listing(&edge)).into_response()
}

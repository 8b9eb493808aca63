//! `GET /`: a page with what was received, after the overview of Events Manager.
//!
//! One document without scripts or other files, so it works in every browser and offline. It is rendered here
//! rather than by a script over `/events`: the template escapes every value, and the content security policy
//! can forbid scripts altogether.

mod cards;
mod event_table;
mod format;
mod overview;
#[cfg(test)]
mod tests;
mod view;

use std::sync::Arc;

use axum::{
    extract::{Query, State},
    http::header,
    response::{Html, IntoResponse, Response},
};
use maud::{DOCTYPE, Markup, PreEscaped, html};
use serde::Deserialize;

use self::view::View;
use crate::{
    edge::Edge,
    listing::{ListingQuery, Order},
    store::Filter,
};

const STYLE: &str = include_str!("page/style.css");

/// Nothing is loaded and nothing runs, whatever an event contains.
const POLICY: &str =
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

/// The time between two refreshes.
const REFRESH_SECONDS: u32 = 5;

#[derive(Clone, Copy, Debug, Default, Deserialize)]
pub(crate) struct Refresh {
    refresh: Option<u32>,
}

pub(crate) async fn page(
    State(edge): State<Arc<Edge>>,
    Query(query): Query<ListingQuery>,
    Query(Refresh { refresh }): Query<Refresh>,
) -> Response {
    let view = View {
        query: ListingQuery {
            order: Some(Order::Newest),
            ..query
        },
        refresh,
    };
    let headers = [
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::CACHE_CONTROL, "no-store"),
    ];
    (headers, Html(document(&edge, &view).into_string())).into_response()
}

fn document(edge: &Edge, view: &View) -> Markup {
    let listing = view.query.clone().listing(edge);
    let is_empty = listing.totals.events_received + listing.totals.browser_events == 0;
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                @if let Some(seconds) = view.refresh {
                    meta http-equiv="refresh" content=(seconds.max(1));
                }
                title { "Graph sandbox" }
                style { (PreEscaped(STYLE)) }
            }
            body {
                header {
                    h1 { "Graph sandbox" }
                    p { "Events that this local stand-in for the Conversions API has received." }
                    nav {
                        @if view.refresh.is_some() {
                            a href=(view.link(|view| view.refresh = None)) { "stop refreshing" }
                        } @else {
                            a href=(view.link(|view| view.refresh = Some(REFRESH_SECONDS))) {
                                "refresh every " (REFRESH_SECONDS) " s"
                            }
                        }
                        a href="/events" { "events as JSON" }
                        @if let Some(console) = &edge.options.console {
                            a href=(console) { "console of the sender" }
                        }
                    }
                }
                main {
                    (cards::cards(&listing.totals))
                    @if is_empty {
                        (nothing_yet())
                    } @else {
                        (overview::overview(&edge.events(&Filter::default()), view))
                        (event_table::event_table(&listing, view))
                    }
                }
            }
        }
    }
}

fn nothing_yet() -> Markup {
    html! {
        section.empty {
            h2 { "No events yet" }
            p {
                "Send some to " code { "/v26.0/{pixel_id}/events" } " at this address, with any access token. "
                "A browser's events can be posted to " code { "/browser-events/{pixel_id}" } "."
            }
        }
    }
}

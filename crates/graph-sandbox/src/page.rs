//! `GET /`: what was received, for people, as the overview of Events Manager shows it.
//!
//! One document without scripts or other files; the template escapes all that is put into it.

mod cards;
mod event_table;
mod overview;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use axum::{
    extract::{Query, State},
    http::header,
    response::{Html, IntoResponse, Response},
};
use maud::{DOCTYPE, Markup, PreEscaped, html};
use serde::Deserialize;
use url::form_urlencoded::Serializer;

use crate::{
    edge::Edge,
    listing::{ListingQuery, Order},
    store::Filter,
};

const STYLE: &str = include_str!("page/style.css");

/// Nothing is loaded and nothing runs, whatever an event holds.
const POLICY: &str =
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

/// How many seconds lie between two looks of a page that refreshes itself.
const REFRESH_SECONDS: u32 = 5;

#[derive(Clone, Copy, Debug, Default, Deserialize)]
pub(crate) struct Refresh {
    refresh: Option<u32>,
}

/// What a page is to show; each link on it is another view.
#[derive(Clone, Debug)]
struct View {
    query: ListingQuery,
    refresh: Option<u32>,
}

impl View {
    /// The address of this view with a change; an offset does not survive another filter.
    fn link(&self, change: impl FnOnce(&mut Self)) -> String {
        let mut view = self.clone();
        view.query.offset = None;
        change(&mut view);
        let View { query, refresh } = view;
        let number = |number: usize| number.to_string();
        let members = [
            ("pixel_id", query.pixel_id),
            ("event_name", query.event_name),
            ("event_id", query.event_id),
            (
                "connection_method",
                query
                    .connection_method
                    .map(|method| method.name().to_owned()),
            ),
            ("state", query.state.map(|state| state.name().to_owned())),
            ("limit", query.limit.map(number)),
            ("offset", query.offset.map(number)),
            ("refresh", refresh.map(|seconds| seconds.to_string())),
        ];
        let mut link = Serializer::for_suffix(String::from("/?"), 2);
        for (name, value) in members {
            if let Some(value) = value {
                link.append_pair(name, &value);
            }
        }
        link.finish()
    }

    /// What the view is confined to, for people.
    fn confined_to(&self) -> Vec<String> {
        let query = &self.query;
        let texts = [&query.event_name, &query.event_id]
            .into_iter()
            .flatten()
            .cloned();
        let pixel = query.pixel_id.as_ref().map(|id| format!("pixel {id}"));
        let method = query
            .connection_method
            .map(|method| method.name().to_owned());
        let state = query.state.map(|state| state.name().to_owned());
        texts.chain(pixel).chain(method).chain(state).collect()
    }
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

//! `/events`: the latest outcomes, and the search for one event.

use axum::extract::{Query, State};
use axum::response::Html;
use maud::{Markup, html};
use serde::Deserialize;

use crate::data::{EventFilter, EventList, EventSummary, Outcome, SearchResult};
use crate::fault::Fault;
use crate::figures::grouped;
use crate::format::time;
use crate::layout::{self, Section};
use crate::parts::{badge, choice, cut, cut_or_dash, empty, link};
use crate::state::AppState;

/// Events on the page by default, and at most.
const SHOWN: usize = 100;
const MOST: usize = 1000;

#[derive(Debug, Default, Deserialize)]
pub(crate) struct EventsQuery {
    #[serde(default)]
    pub(crate) id: String,
    #[serde(default)]
    source: String,
    #[serde(default)]
    destination: String,
    #[serde(default)]
    outcome: String,
    #[serde(default)]
    reason: String,
    #[serde(default)]
    event_name: String,
    #[serde(default)]
    limit: String,
}

impl EventsQuery {
    pub(crate) fn filter(&self) -> EventFilter {
        let given = |text: &String| (!text.is_empty()).then(|| text.clone());
        EventFilter {
            source: given(&self.source),
            destination: given(&self.destination),
            outcome: Outcome::from_name(&self.outcome),
            reason: given(&self.reason),
            event_name: given(&self.event_name),
            limit: self
                .limit
                .parse()
                .map_or(SHOWN, |limit: usize| limit.clamp(1, MOST)),
        }
    }
}

pub(crate) async fn page(
    State(state): State<AppState>,
    Query(query): Query<EventsQuery>,
) -> Result<Html<String>, Fault> {
    let id = query.id.trim();
    if id.is_empty() {
        let filter = query.filter();
        let list = state.data.events(&filter).await?;
        return Ok(list_page(&state, &filter, &list));
    }
    let found = state.data.search(id).await?;
    Ok(search_page(&state, id, &found))
}

fn list_page(state: &AppState, filter: &EventFilter, list: &EventList) -> Html<String> {
    let content = html! {
        h1 { "Events" }
        (search_form(""))
        @if list.is_off { (off()) }
        (filters(state, filter, list))
        div id="events" data-live {
            @if list.events.is_empty() {
                @if list.remembered == 0 {
                    (empty("No events yet", &html! { "Send one: " a href="/first-steps" { "first steps" } " has a snippet." }))
                } @else {
                    (empty("No event passes this filter", &html! { a href="/events" { "Show all events" } }))
                }
            } @else {
                p.quiet { (grouped(length(list.events.len()))) " of the last " (grouped(length(list.remembered))) " outcomes, the newest first." }
                (table(&list.events, None))
                @if list.events.len() >= filter.limit && filter.limit < MOST {
                    p { a href=(address(filter, MOST)) { "Show up to 1,000" } }
                }
            }
        }
    };
    layout::page(state, Section::Events, "Events", &content)
}

fn search_page(state: &AppState, id: &str, found: &SearchResult) -> Html<String> {
    let content = html! {
        h1 { "Events with this id" }
        (search_form(id))
        div id="events" data-live {
            @if found.events.is_empty() {
                (empty("Nothing is known of this id", &not_found(found)))
            } @else {
                (table(&found.events, Some(id)))
            }
        }
        p { a href="/events" { "Show all events" } }
    };
    layout::page(state, Section::Events, "Search", &content)
}

fn not_found(found: &SearchResult) -> Markup {
    html! {
        @match found.since {
            Some(since) => { "The search reaches back to " (time(since)) ". Either the event is older, " },
            None if found.is_off => "The trace is switched off, so only the latest events can be found. Either the event is older, ",
            None => "No event was traced yet. Either the event is older than this, ",
        }
        "or it never arrived here: look at the log of the sender, and whether it sends to this machine. "
        "Ids are compared exactly, capitals too."
    }
}

fn off() -> Markup {
    html! { p.quiet { "The trace is switched off: outcomes are not kept. To have them, set enabled = true under [trace] in the settings." } }
}

pub(crate) fn search_form(id: &str) -> Markup {
    html! {
        form.search action="/events" method="get" role="search" {
            label for="search" { "Find an event" }
            input id="search" type="search" name="id" value=(cut(id)) placeholder="messageId, event_id or order_id" autocomplete="off" spellcheck="false";
            button type="submit" { "Search" }
        }
    }
}

fn filters(state: &AppState, filter: &EventFilter, list: &EventList) -> Markup {
    let plain = |values: &[String]| -> Vec<(String, String)> {
        values
            .iter()
            .map(|value| (value.clone(), cut(value)))
            .collect()
    };
    let outcomes = Outcome::ALL.map(|one| (one.name().to_owned(), one.words().to_owned()));
    html! {
        form.filters action="/events" method="get" aria-label="Filter" {
            (choice("outcome", "Outcome", &outcomes, filter.outcome.map(Outcome::name)))
            (choice("source", "Source", &plain(&list.sources), filter.source.as_deref()))
            (choice("destination", "Destination", &plain(&state.data.destinations()), filter.destination.as_deref()))
            (choice("reason", "Reason", &plain(&list.reasons), filter.reason.as_deref()))
            (choice("event_name", "Event", &plain(&list.event_names), filter.event_name.as_deref()))
            button type="submit" { "Filter" }
        }
    }
}

fn table(events: &[EventSummary], id: Option<&str>) -> Markup {
    html! {
        table.stacked {
            thead {
                tr {
                    th scope="col" { "Event" } th scope="col" { "Outcome" } th scope="col" { "Reason" }
                    th scope="col" { "Received" } th scope="col" { "Source" } th scope="col" { "Destination" }
                }
            }
            tbody {
                @for event in events {
                    tr {
                        th scope="row" data-label="Event" {
                            a href=(link(&format!("/events/{}", event.key), &[("id", id.map(str::to_owned))])) { (cut(event.event_name.as_deref().unwrap_or("(no name)"))) }
                            @if let Some(id) = &event.message_id { " " span.id { (cut(id)) } }
                        }
                        td data-label="Outcome" { (badge(event.outcome)) }
                        td data-label="Reason" { (cut_or_dash(event.reason.as_deref()).replace('_', " ")) }
                        td data-label="Received" { (time(event.at)) }
                        td data-label="Source" { (cut_or_dash(event.source.as_deref())) }
                        td data-label="Destination" { (cut_or_dash(event.destination.as_deref())) }
                    }
                }
            }
        }
    }
}

fn address(filter: &EventFilter, limit: usize) -> String {
    link(
        "/events",
        &[
            ("outcome", filter.outcome.map(|one| one.name().to_owned())),
            ("source", filter.source.clone()),
            ("destination", filter.destination.clone()),
            ("reason", filter.reason.clone()),
            ("event_name", filter.event_name.clone()),
            ("limit", Some(limit.to_string())),
        ],
    )
}

fn length(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}

//! `/first-steps`: from nothing to the first delivered event.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use maud::{Markup, html};
use serde::Deserialize;

use crate::data::{FirstSteps, SourceEntry};
use crate::fault::Fault;
use crate::form::Posted;
use crate::format::time;
use crate::layout::{self, Section};
use crate::parts::{cut, token};
use crate::state::AppState;

mod snippets;

pub(crate) async fn page(State(state): State<AppState>) -> Result<impl IntoResponse, Fault> {
    let steps = state.data.first_steps().await?;
    let content = html! {
        h1 { "First steps" }
        p.lead { "Three steps from here to a delivered event. Each gets its tick when it has happened." }
        div id="steps" data-live { (ticks(&steps)) }
        @if !steps.missing.is_empty() {
            section aria-labelledby="missing" {
                h2 id="missing" { "What is missing" }
                ul { @for sentence in &steps.missing { li { (sentence) } } }
            }
        }
        section aria-labelledby="send" {
            h2 id="send" { "Send an event" }
            dl.pairs {
                dt { "Endpoint" }
                dd { code id="endpoint" { (steps.endpoint) } " " (copy("endpoint", "Copy the endpoint")) }
            }
            @if steps.sources.is_empty() { p { "Nobody may send yet: add [[sources]] to the settings." } }
            @for source in &steps.sources { (key(&state, source)) }
            (snippets::snippets(&steps.endpoint))
        }
    };
    Ok(layout::page(
        &state,
        Section::FirstSteps,
        "First steps",
        &content,
    ))
}

fn ticks(steps: &FirstSteps) -> Markup {
    let tick = |at: Option<Timestamp>, done: &str, todo: &str| {
        html! {
            li class=(if at.is_some() { "done" } else { "open" }) {
                span.mark aria-hidden="true" { (if at.is_some() { "✓" } else { "○" }) }
                @match at {
                    Some(at) => { (done) " " (time(at)) },
                    None => (todo),
                }
            }
        }
    };
    html! {
        ol.ticks {
            (tick(steps.first_request, "The first request came.", "No request came yet. Run one of the snippets below."))
            (tick(steps.first_accepted, "The first event was accepted.", "No event was accepted yet. Events shows why messages are rejected."))
            (tick(steps.first_delivered, "The first event was delivered.", "No event was delivered yet. The overview shows why a destination is held."))
        }
        @if steps.first_delivered.is_some() {
            p { "Everything works. " a href="/events" { "See what became of each event" } "." }
        }
    }
}

fn key(state: &AppState, source: &SourceEntry) -> Markup {
    html! {
        dl.pairs {
            dt { "Source" } dd { (cut(&source.name)) " → " (source.destinations.join(", ")) }
            dt { "Write key" }
            dd {
                @match &source.masked_key {
                    Some(masked) => {
                        form.inline method="post" action="/first-steps/write-key" data-copy {
                            (token(state))
                            input type="hidden" name="source" value=(source.name);
                            code { (masked) } " "
                            button type="submit" { "Show the write key of " (cut(&source.name)) }
                        }
                    },
                    None => "none: this source is a webhook",
                }
            }
        }
    }
}

/// A button that the script makes work and shows.
fn copy(target: &str, label: &str) -> Markup {
    html! { button type="button" data-copy-from=(target) hidden { (label) } }
}

#[derive(Debug, Deserialize)]
pub(crate) struct KeyQuestion {
    #[serde(default)]
    source: String,
}

/// Shows a key to the person who asked for it, and never before.
pub(crate) async fn write_key(
    State(state): State<AppState>,
    Posted(question): Posted<KeyQuestion>,
) -> Result<Response, Fault> {
    let key = state.data.write_key(&question.source).await?;
    let content = html! {
        h1 { "Write key of " (cut(&question.source)) }
        p { code id="key" { (key) } " " (copy("key", "Copy the write key")) }
        p { "Senders show it with each request. It can be exchanged at any time: a source may have several keys." }
        p { a href="/first-steps" { "Back to the first steps" } }
    };
    Ok(layout::page(&state, Section::FirstSteps, "Write key", &content).into_response())
}

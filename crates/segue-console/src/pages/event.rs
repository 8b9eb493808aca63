//! `/events/{key}`: what became of one event.

use axum::extract::{Path, Query, State};
use axum::response::Html;
use maud::{Markup, html};
use serde::Deserialize;

use crate::data::{EventFields, EventLife, LifeStep};
use crate::fault::Fault;
use crate::format::time;
use crate::layout::{self, Section};
use crate::parts::{badge, cut, fields_table, unused_list};
use crate::state::AppState;

/// The id by which a search found the event.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct FoundBy {
    #[serde(default)]
    id: String,
}

impl FoundBy {
    pub(crate) fn id(&self) -> Option<&str> {
        Some(self.id.trim()).filter(|id| !id.is_empty())
    }
}

pub(crate) async fn page(
    State(state): State<AppState>,
    Path(key): Path<String>,
    Query(found): Query<FoundBy>,
) -> Result<Html<String>, Fault> {
    let life = state.data.event(&key, found.id()).await?;
    let summary = &life.summary;
    let name = cut(summary
        .event_name
        .as_deref()
        .unwrap_or("Event without a name"));
    let content = html! {
        p { a href="/events" { "← Events" } }
        h1 { (name) }
        div id="life" data-live {
            (end(&life))
            section aria-labelledby="steps" {
                h2 id="steps" { "What happened" }
                ol.steps { @for step in &life.steps { (one_step(step)) } }
            }
        }
        (provenance(life.fields.as_ref()))
    };
    Ok(layout::page(&state, Section::Events, &name, &content))
}

fn end(life: &EventLife) -> Markup {
    let summary = &life.summary;
    html! {
        section.sheet aria-label="Outcome" {
            p.sentence { (badge(summary.outcome)) " " (summary.outcome.sentence()) }
            @if let Some(reason) = &summary.reason {
                p { "Reason: " code { (cut(reason)) } @if let Some(sentence) = &life.reason_sentence { ". " (sentence) } }
            }
            @if let Some(advice) = &life.advice { p { strong { "What to do: " } (advice) } }
            @if let Some(more) = &life.more { p { a href=(more) { "Read more about it" } } }
            @if let Some(id) = life.dead_letter { p { a href=(format!("/dead-letters/{id}")) { "See the dead letter, and send it again" } } }
        }
    }
}

fn one_step(step: &LifeStep) -> Markup {
    html! {
        li {
            h3 { (step.kind.words()) " " @if let Some(at) = step.at { (time(at)) } }
            @if !step.facts.is_empty() {
                dl.pairs { @for (name, value) in &step.facts { dt { (cut(name)) } dd { (cut(value)) } } }
            }
        }
    }
}

fn provenance(fields: Option<&EventFields>) -> Markup {
    html! {
        section aria-labelledby="fields" {
            h2 id="fields" { "Where each field came from" }
            @match fields {
                Some(fields) => {
                    (fields_table(&fields.fields))
                    @if !fields.warnings.is_empty() { h3 { "Warnings" } ul { @for warning in &fields.warnings { li { (warning) } } } }
                    @if !fields.not_used.is_empty() { h3 { "Not used" } (unused_list(&fields.not_used)) }
                },
                None => p.quiet { "This is remembered of the latest events only. " a href="/tester" { "Paste the message into the tester" } " to see it." },
            }
        }
    }
}

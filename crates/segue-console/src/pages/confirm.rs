//! The question before dead letters are sent again or removed, and what is done after it.

use axum::extract::{Query, State};
use axum::http::header;
use axum::response::{Html, IntoResponse, Response};
use jiff::Timestamp;
use maud::html;
use serde::Deserialize;

use crate::data::{DeadLetterAction, DeadLetterPage, DeadLetterSelection, DeadLetterSummary};
use crate::fault::Fault;
use crate::figures::counted;
use crate::form::Posted;
use crate::layout::{self, Section};
use crate::pages::dead_letters::{SelectionQuery, described, selection_query};
use crate::parts::{button_form, empty};
use crate::state::AppState;

#[derive(Debug, Deserialize)]
pub(crate) struct Question {
    action: DeadLetterAction,
    #[serde(flatten)]
    selection: SelectionQuery,
}

/// The answer to a question: the selection, and when it was asked.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct ConfirmedSelection {
    #[serde(flatten)]
    selection: SelectionQuery,
    #[serde(default)]
    until: String,
}

impl ConfirmedSelection {
    pub(crate) fn selection(&self) -> DeadLetterSelection {
        DeadLetterSelection {
            until: self.until.parse().ok(),
            ..self.selection.selection()
        }
    }
}

pub(crate) async fn page(
    State(state): State<AppState>,
    Query(question): Query<Question>,
) -> Result<Html<String>, Fault> {
    let selection = question.selection.selection();
    let page = DeadLetterPage {
        offset: 0,
        limit: 1,
    };
    let count = state.data.dead_letters(&selection, page).await?.selected;
    let letters = format!(
        "{}{}",
        counted(count, "dead letter", "dead letters"),
        described(&selection)
    );
    let (title, warning, button, class, address) = match question.action {
        DeadLetterAction::Replay => (
            format!("Send {letters} again?"),
            "Each is checked first. One that Meta would refuse again stays where it is.",
            "Send again",
            "",
            "/dead-letters/replay",
        ),
        DeadLetterAction::Purge => (
            format!("Remove {letters} for good?"),
            "This cannot be undone. Export them first if you want to keep them.",
            "Remove for good",
            "danger",
            "/dead-letters/purge",
        ),
    };
    let mut fields: Vec<(&str, String)> = selection_query(&selection)
        .into_iter()
        .filter_map(|(name, value)| Some((name, value?)))
        .collect();
    // Letters that are given up after this question are not part of it.
    fields.push(("until", Timestamp::now().to_string()));
    let content = html! {
        h1 { (title) }
        @if count == 0 {
            (empty("There is none", &html! { "It was sent again or removed meanwhile. " a href="/dead-letters" { "Show all dead letters" } }))
        } @else {
            p { (warning) }
            div.actions {
                (button_form(&state, address, &fields, button, class))
                a.button href="/dead-letters" { "Do nothing" }
            }
        }
    };
    Ok(layout::page(&state, Section::DeadLetters, &title, &content))
}

pub(crate) async fn replay(
    State(state): State<AppState>,
    Posted(confirmed): Posted<ConfirmedSelection>,
) -> Result<Html<String>, Fault> {
    let done = state
        .data
        .act_on_dead_letters(DeadLetterAction::Replay, &confirmed.selection())
        .await?;
    let title = format!(
        "{} sent again",
        counted(done.done, "dead letter is", "dead letters are")
    );
    Ok(result(&state, &title, &done))
}

pub(crate) async fn purge(
    State(state): State<AppState>,
    Posted(confirmed): Posted<ConfirmedSelection>,
) -> Result<Html<String>, Fault> {
    let done = state
        .data
        .act_on_dead_letters(DeadLetterAction::Purge, &confirmed.selection())
        .await?;
    let title = format!(
        "{} removed",
        counted(done.done, "dead letter was", "dead letters were")
    );
    Ok(result(&state, &title, &done))
}

fn result(state: &AppState, title: &str, done: &DeadLetterSummary) -> Html<String> {
    let content = html! {
        h1 { (title) }
        @if !done.refused.is_empty() {
            p { (counted(u64::try_from(done.refused.len()).unwrap_or(u64::MAX), "letter stays", "letters stay")) ", because Meta would refuse it again:" }
            ul {
                @for refused in done.refused.iter().take(100) {
                    li { a href=(format!("/dead-letters/{}", refused.id)) { "No. " (refused.id) } ": " (refused.reason.replace('_', " ")) ". " (refused.advice) }
                }
                @if done.refused.len() > 100 { li { "and " (done.refused.len() - 100) " more" } }
            }
        }
        p { a href="/dead-letters" { "Show the dead letters" } " · " a href="/events" { "Watch the events" } }
    };
    layout::page(state, Section::DeadLetters, title, &content)
}

pub(crate) async fn export(
    State(state): State<AppState>,
    Posted(query): Posted<SelectionQuery>,
) -> Result<Response, Fault> {
    let lines = state.data.export_dead_letters(&query.selection()).await?;
    let headers = [
        (header::CONTENT_TYPE, "application/x-ndjson"),
        (
            header::CONTENT_DISPOSITION,
            "attachment; filename=\"dead-letters.ndjson\"",
        ),
    ];
    Ok((headers, lines).into_response())
}

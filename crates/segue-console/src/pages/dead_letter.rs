//! `/dead-letters/{id}`: one event that was given up, with Meta's words.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Html;
use maud::html;

use crate::fault::Fault;
use crate::format::time_or_dash;
use crate::layout::{self, Section};
use crate::parts::{answer, button_form, cut, cut_or_dash, fields_table, link};
use crate::state::AppState;

pub(crate) async fn page(
    State(state): State<AppState>,
    Path(id): Path<String>,
) -> Result<Html<String>, Fault> {
    let id = id.parse().map_err(|_| {
        Fault::new(
            StatusCode::NOT_FOUND,
            "This is no id of a dead letter: ids are numbers. The list of dead letters has them.",
        )
    })?;
    let letter = state.data.dead_letter(id).await?;
    let name = cut(letter.event_name.as_deref().unwrap_or("Unreadable event"));
    let ask = |action: &str| {
        link(
            "/dead-letters/confirm",
            &[
                ("action", Some(action.to_owned())),
                ("id", Some(letter.id.to_string())),
            ],
        )
    };
    let content = html! {
        p { a href="/dead-letters" { "← Dead letters" } }
        h1 { (name) }
        section.sheet aria-label="Reason" {
            p.sentence { span.badge.bad { (letter.reason.replace('_', " ")) } " " (letter.meaning) }
            p { strong { "What to do: " } (letter.advice) }
            div.actions {
                a.button href=(ask("replay")) { "Send it again …" }
                (button_form(&state, "/dead-letters/export", &[("id", letter.id.to_string())], "Export it", "plain"))
                a.button.danger href=(ask("purge")) { "Remove it …" }
            }
        }
        section aria-labelledby="words" {
            h2 id="words" { "Meta's words" }
            @if letter.words.is_empty() { p.quiet { "Meta said nothing about it." } }
            @for words in &letter.words { blockquote { (words) } }
            @if let Some(last) = &letter.answer { p.quiet { (answer(last)) } }
        }
        section aria-labelledby="facts" {
            h2 id="facts" { "Facts" }
            dl.pairs {
                dt { "Number" } dd { (letter.id) }
                dt { "Destination" } dd { (cut(&letter.destination)) }
                dt { "event_id" } dd { (cut_or_dash(letter.event_id.as_deref())) }
                dt { "Meta's code" } dd { (cut_or_dash(letter.code.as_deref())) }
                dt { "Attempts" } dd { (letter.attempts) }
                dt { "Accepted" } dd { (time_or_dash(letter.first_at)) }
                dt { "Given up" } dd { (time_or_dash(letter.last_at)) }
                dt { "Meta accepts it until" } dd { (time_or_dash(letter.deliverable_until)) }
            }
        }
        section aria-labelledby="event" {
            h2 id="event" { "The event" }
            @if letter.fields.is_empty() { p.quiet { "It cannot be read." } } @else { (fields_table(&letter.fields)) }
        }
    };
    Ok(layout::page(&state, Section::DeadLetters, &name, &content))
}

//! `/dead-letters`: events that were given up, by reason and destination.

use axum::extract::{Query, State};
use axum::response::Html;
use maud::{Markup, html};
use serde::Deserialize;

use crate::data::{
    DeadLetter, DeadLetterGroup, DeadLetterList, DeadLetterPage, DeadLetterSelection,
};
use crate::fault::Fault;
use crate::figures::{counted, grouped};
use crate::format::time_or_dash;
use crate::layout::{self, Section};
use crate::parts::{button_form, choice, cut, cut_or_dash, empty, link};
use crate::state::AppState;

/// Letters on a page.
const SHOWN: usize = 50;

#[derive(Clone, Debug, Default, Deserialize)]
pub(crate) struct SelectionQuery {
    #[serde(default)]
    pub(crate) id: String,
    #[serde(default)]
    pub(crate) reason: String,
    #[serde(default)]
    pub(crate) destination: String,
    #[serde(default)]
    pub(crate) offset: String,
}

impl SelectionQuery {
    pub(crate) fn selection(&self) -> DeadLetterSelection {
        let given = |text: &String| (!text.is_empty()).then(|| text.clone());
        DeadLetterSelection {
            // What is no id is the id of no letter, not of all.
            id: given(&self.id).map(|id| id.parse().unwrap_or(u64::MAX)),
            reason: given(&self.reason),
            destination: given(&self.destination),
            until: None,
        }
    }

    pub(crate) fn page(&self) -> DeadLetterPage {
        DeadLetterPage {
            offset: self.offset.parse().unwrap_or_default(),
            limit: SHOWN,
        }
    }
}

pub(crate) async fn page(
    State(state): State<AppState>,
    Query(query): Query<SelectionQuery>,
) -> Result<Html<String>, Fault> {
    let (selection, page) = (query.selection(), query.page());
    let list = state.data.dead_letters(&selection, page).await?;
    let content = html! {
        h1 { "Dead letters" }
        p.lead { "Events that were given up. They are kept until you send them again or remove them." }
        div id="letters" data-live {
            @if list.awaiting_replay > 0 {
                p.notice { (counted(list.awaiting_replay, "dead letter waits", "dead letters wait")) " to be sent again." }
            }
            @if list.groups.is_empty() {
                (empty("No dead letters", &html! { "Nothing was given up. Events that Meta refuses will be listed here." }))
            } @else {
                (groups(&list.groups))
            }
        }
        @if !list.groups.is_empty() { (letters(&state, &list, &selection, page)) }
    };
    Ok(layout::page(
        &state,
        Section::DeadLetters,
        "Dead letters",
        &content,
    ))
}

fn groups(groups: &[DeadLetterGroup]) -> Markup {
    html! {
        h2 { "By reason" }
        table.stacked {
            thead { tr { th scope="col" { "Reason" } th scope="col" { "Destination" } th.right scope="col" { "Letters" } th scope="col" { "What to do" } } }
            tbody {
                @for group in groups {
                    tr {
                        th scope="row" data-label="Reason" {
                            a href=(link("/dead-letters", &[("reason", Some(group.reason.clone())), ("destination", Some(group.destination.clone()))])) {
                                (group.reason.replace('_', " "))
                            }
                        }
                        td data-label="Destination" { (cut(&group.destination)) }
                        td.right data-label="Letters" { (grouped(group.count)) }
                        td data-label="What to do" { span { (group.meaning) " " (group.advice) } }
                    }
                }
            }
        }
    }
}

fn letters(
    state: &AppState,
    list: &DeadLetterList,
    selection: &DeadLetterSelection,
    page: DeadLetterPage,
) -> Markup {
    let first = page.offset.saturating_add(1);
    html! {
        section aria-labelledby="selected" {
            h2 id="selected" { (counted(list.selected, "letter", "letters")) (described(selection)) }
            (filter(list, selection))
            @if list.letters.is_empty() {
                (empty("No letter is selected", &html! { a href="/dead-letters" { "Show all" } }))
            } @else {
                (actions(state, selection))
                (table(&list.letters))
                nav.pager aria-label="Parts of the list" {
                    @if page.offset > 0 { a href=(part(selection, page.offset.saturating_sub(page.limit))) { "Earlier letters" } }
                    span { (first) " to " (page.offset.saturating_add(list.letters.len())) }
                    @if u64::try_from(page.offset + list.letters.len()).is_ok_and(|end| end < list.selected) {
                        a href=(part(selection, page.offset + page.limit)) { "Later letters" }
                    }
                }
            }
        }
    }
}

/// The selection in words, after a number of letters.
pub(crate) fn described(selection: &DeadLetterSelection) -> String {
    let id = selection.id.map(|id| format!(" with the id {id}"));
    let reason = selection.reason.as_deref();
    let reason = reason.map(|reason| format!(" given up as “{}”", cut(reason).replace('_', " ")));
    let destination = selection.destination.as_deref();
    let destination = destination.map(|name| format!(" for {}", cut(name)));
    [id, reason, destination].into_iter().flatten().collect()
}

fn filter(list: &DeadLetterList, selection: &DeadLetterSelection) -> Markup {
    let mut reasons: Vec<_> = list
        .groups
        .iter()
        .map(|group| (group.reason.clone(), group.reason.replace('_', " ")))
        .collect();
    let mut destinations: Vec<_> = list
        .groups
        .iter()
        .map(|group| (group.destination.clone(), cut(&group.destination)))
        .collect();
    for values in [&mut reasons, &mut destinations] {
        values.sort();
        values.dedup();
    }
    html! {
        form.filters action="/dead-letters" method="get" aria-label="Filter" {
            (choice("reason", "Reason", &reasons, selection.reason.as_deref()))
            (choice("destination", "Destination", &destinations, selection.destination.as_deref()))
            button type="submit" { "Filter" }
        }
    }
}

/// Buttons for all selected letters. Replay and purge lead to a question.
fn actions(state: &AppState, selection: &DeadLetterSelection) -> Markup {
    let ask = |action: &str| {
        let mut query = vec![("action", Some(action.to_owned()))];
        query.extend(selection_query(selection));
        link("/dead-letters/confirm", &query)
    };
    let fields: Vec<(&str, String)> = selection_query(selection)
        .into_iter()
        .filter_map(|(name, value)| Some((name, value?)))
        .collect();
    html! {
        div.actions {
            a.button href=(ask("replay")) { "Send these again …" }
            (button_form(state, "/dead-letters/export", &fields, "Export these", "plain"))
            a.button.danger href=(ask("purge")) { "Remove these …" }
        }
    }
}

/// The selection as a query.
pub(crate) fn selection_query(
    selection: &DeadLetterSelection,
) -> Vec<(&'static str, Option<String>)> {
    vec![
        ("id", selection.id.map(|id| id.to_string())),
        ("reason", selection.reason.clone()),
        ("destination", selection.destination.clone()),
    ]
}

fn part(selection: &DeadLetterSelection, offset: usize) -> String {
    let mut query = selection_query(selection);
    query.push(("offset", Some(offset.to_string())));
    link("/dead-letters", &query)
}

fn table(letters: &[DeadLetter]) -> Markup {
    html! {
        table.stacked {
            thead {
                tr {
                    th scope="col" { "Event" } th scope="col" { "Reason" } th scope="col" { "Meta's code" }
                    th scope="col" { "Destination" } th.right scope="col" { "Attempts" } th scope="col" { "Given up" }
                }
            }
            tbody {
                @for letter in letters {
                    tr {
                        th scope="row" data-label="Event" {
                            a href=(format!("/dead-letters/{}", letter.id)) { (cut(letter.event_name.as_deref().unwrap_or("(unreadable)"))) }
                            " " span.id { "no. " (letter.id) }
                        }
                        td data-label="Reason" { (letter.reason.replace('_', " ")) }
                        td data-label="Meta's code" { (cut_or_dash(letter.code.as_deref())) }
                        td data-label="Destination" { (cut(&letter.destination)) }
                        td.right data-label="Attempts" { (letter.attempts) }
                        td data-label="Given up" { (time_or_dash(letter.last_at)) }
                    }
                }
            }
        }
    }
}

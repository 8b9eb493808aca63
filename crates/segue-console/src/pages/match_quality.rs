//! `/match-quality`: by which keys Meta can find the people of events.

use axum::extract::{Query, State};
use axum::response::Html;
use maud::{Markup, html};
use serde::Deserialize;

use crate::data::{EventQuality, MatchQuality, QualityWindow};
use crate::fault::Fault;
use crate::figures::{counted, grouped};
use crate::format::percent;
use crate::layout::{self, Section};
use crate::parts::{cut, empty, link, scroll};
use crate::state::AppState;

#[derive(Debug, Default, Deserialize)]
pub(crate) struct QualityQuery {
    #[serde(default)]
    window: String,
}

impl QualityQuery {
    pub(crate) fn window(&self) -> QualityWindow {
        QualityWindow::from_name(&self.window).unwrap_or_default()
    }
}

pub(crate) async fn page(
    State(state): State<AppState>,
    Query(query): Query<QualityQuery>,
) -> Result<Html<String>, Fault> {
    let window = query.window();
    let quality = state.data.match_quality(window).await?;
    let content = html! {
        h1 { "Match quality" }
        p.lead { "How many events have each match key. The more keys, the more people Meta finds." }
        nav.tabs aria-label="Time" {
            @for (one, words) in [(QualityWindow::Day, "Last 24 hours"), (QualityWindow::Week, "7 days")] {
                a href=(link("/match-quality", &[("window", Some(one.name().to_owned()))])) aria-current=[(one == window).then_some("true")] { (words) }
            }
        }
        div id="quality" data-live { (shares(&quality)) }
        @if !quality.advice.is_empty() { (advice(&quality)) }
    };
    Ok(layout::page(
        &state,
        Section::MatchQuality,
        "Match quality",
        &content,
    ))
}

fn shares(quality: &MatchQuality) -> Markup {
    if quality.is_off {
        return html! { p.quiet { "The history is switched off. To have shares, set enabled = true under [history] in the settings." } };
    }
    if quality.events.is_empty() {
        let next = html! { "Shares are counted as events come. " a href="/first-steps" { "Send one" } ", or run " code { "segue check --events FILE" } " over a file of events." };
        return empty("No events in this time", &next);
    }
    html! {
        @for event in &quality.events { (of_event(event)) }
    }
}

fn of_event(event: &EventQuality) -> Markup {
    let name = cut(&event.event_name);
    let has_remembered = event.keys.iter().any(|key| key.remembered > 0);
    let table = html! {
        table.keys {
            thead {
                tr {
                    th scope="col" { "Match key" } th scope="col" { "Share" } th.right scope="col" { "Events" }
                    @if has_remembered { th.right scope="col" { "Only from the match memory" } th.right scope="col" { "Share without it" } }
                }
            }
            tbody {
                @for key in &event.keys {
                    tr {
                        th scope="row" { code { (key.key) } }
                        td {
                            div.share {
                                svg.meter viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true" {
                                    rect.track width="100" height="8" {}
                                    rect.fill width=(hundredths(key.events, event.events)) height="8" {}
                                }
                                span { (percent(key.events, event.events)) }
                            }
                        }
                        td.right { (grouped(key.events)) }
                        @if has_remembered {
                            td.right { (grouped(key.remembered)) }
                            td.right { (percent(key.events.saturating_sub(key.remembered), event.events)) }
                        }
                    }
                }
            }
        }
    };
    html! {
        section aria-label=(name) {
            h2 { (name) " " small { (counted(event.events, "event", "events")) } }
            @if event.keys.is_empty() { p { "None of them has a match key." } } @else { (scroll(&format!("Match keys of {name}"), &table)) }
        }
    }
}

fn hundredths(part: u64, whole: u64) -> u64 {
    let share = u128::from(part) * 100 / u128::from(whole.max(1));
    u64::try_from(share.min(100)).unwrap_or(100)
}

fn advice(quality: &MatchQuality) -> Markup {
    html! {
        section aria-labelledby="advice" {
            h2 id="advice" { "What would help" }
            ul {
                @for one in &quality.advice {
                    li { strong { (one.finding.replace('_', " ")) } " (" (counted(one.events, "event", "events")) "): " (one.what_to_do) }
                }
            }
        }
    }
}

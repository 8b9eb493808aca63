//! `/settings`: what is in force.

use axum::extract::State;
use axum::response::Html;
use maud::{Markup, html};

use crate::data::{SettingsSection, SettingsView};
use crate::fault::Fault;
use crate::format::time;
use crate::layout::{self, Section};
use crate::parts::{cut, scroll};
use crate::state::AppState;

pub(crate) async fn page(State(state): State<AppState>) -> Result<Html<String>, Fault> {
    let view = state.data.settings().await?;
    let content = html! {
        h1 { "Settings" }
        div id="state" data-live { (status(&view)) }
        @for section in &view.sections { (one_section(section)) }
    };
    Ok(layout::page(
        &state,
        Section::Settings,
        "Settings",
        &content,
    ))
}

fn status(view: &SettingsView) -> Markup {
    html! {
        p.lead {
            @match &view.file {
                Some(file) => { "In force from " code { (file) } },
                None => "No settings file: these are the defaults",
            }
            @if let Some(at) = view.loaded_at { " since " (time(at)) }
            ". Secrets are not shown."
        }
        @if let Some(refused) = &view.refused {
            section.verdict.bad aria-label="Refused settings" {
                p.sentence { "A change was refused at " (time(refused.at)) ". The settings below stay in force." }
                ul { @for mistake in &refused.mistakes { li { (mistake) } } }
                p { "Correct the file. It is read again when it changes." }
            }
        }
        @if !view.warnings.is_empty() {
            h2 { "Warnings" }
            ul { @for warning in &view.warnings { li { (warning) } } }
        }
    }
}

fn one_section(section: &SettingsSection) -> Markup {
    let table = html! {
        table {
            thead { tr { th scope="col" { "Setting" } th scope="col" { "Value" } th scope="col" { "From" } th scope="col" { "What it is for" } } }
            tbody {
                @for row in &section.rows {
                    tr class=[row.line.is_none().then_some("default")] {
                        th scope="row" { code { (row.name) } }
                        td.value { @if row.value.is_empty() { "–" } @else { (cut(&row.value)) } }
                        td { @match row.line { Some(line) => { "line " (line) }, None => "default" } }
                        td { (row.doc) }
                    }
                }
            }
        }
    };
    html! {
        section aria-label=(section.name) {
            h2 { (section.name) }
            (scroll(&format!("Settings of {}", section.name), &table))
        }
    }
}

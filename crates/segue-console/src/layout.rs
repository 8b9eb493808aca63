//! What all pages have around their content.

use axum::response::Html;
use maud::{DOCTYPE, Markup, html};

use crate::state::AppState;

/// The pages in the order of the navigation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Section {
    Overview,
    FirstSteps,
    Events,
    Tester,
    DeadLetters,
    MatchQuality,
    Settings,
}

impl Section {
    const ALL: [(Self, &'static str, &'static str); 7] = [
        (Self::Overview, "/", "Overview"),
        (Self::FirstSteps, "/first-steps", "First steps"),
        (Self::Events, "/events", "Events"),
        (Self::Tester, "/tester", "Tester"),
        (Self::DeadLetters, "/dead-letters", "Dead letters"),
        (Self::MatchQuality, "/match-quality", "Match quality"),
        (Self::Settings, "/settings", "Settings"),
    ];
}

/// A page with the navigation. Parts with `data-live` and an id are exchanged when something changes.
pub(crate) fn page(
    state: &AppState,
    section: Section,
    title: &str,
    content: &Markup,
) -> Html<String> {
    let about = state.data.about();
    let body = html! {
        a.skip href="#content" { "Skip to the content" }
        header.top {
            p.brand { a href="/" { "segue" } }
            nav aria-label="Pages" {
                ul {
                    @for (one, address, name) in Section::ALL {
                        li { a href=(address) aria-current=[(one == section).then_some("page")] { (name) } }
                    }
                    @if let Some(sandbox) = &about.sandbox {
                        li { a.out href=(sandbox) { "Sandbox" } }
                    }
                }
            }
            // The script shows it: without one, a page does not change.
            button.live type="button" id="live" hidden { "Live updates: on" }
        }
        main id="content" tabindex="-1" { (content) }
        footer {
            p {
                "segue " (about.version)
                @if let Some(node) = &about.node { " on " (node) }
                ". Times are in UTC. " a href="/openapi.json" { "API" }
            }
        }
    };
    Html(document(title, true, &body).into_string())
}

/// A page without navigation, for those who may not see more.
pub(crate) fn bare(title: &str, content: &Markup) -> Html<String> {
    let body = html! {
        header.top { p.brand { "segue" } }
        main id="content" { (content) }
    };
    Html(document(title, false, &body).into_string())
}

fn document(title: &str, has_script: bool, body: &Markup) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (title) " · segue" }
                link rel="icon" href="/assets/icon.svg" type="image/svg+xml";
                link rel="stylesheet" href="/assets/console.css";
                @if has_script { script src="/assets/console.js" defer {} }
            }
            body { (body) }
        }
    }
}

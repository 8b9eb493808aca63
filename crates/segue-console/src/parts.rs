//! Pieces that several pages have.

use maud::{Markup, html};
use url::form_urlencoded::Serializer;

use crate::data::{Field, LastAnswer, Outcome, UnusedMember};
use crate::form::TOKEN_FIELD;
use crate::format::time;
use crate::state::AppState;

/// The most characters of a text that came from outside: names of events and ids can be of any length.
const LONGEST_TEXT: usize = 200;

/// A text from outside, cut when it is too long to be read.
pub(crate) fn cut(text: &str) -> String {
    match text.char_indices().nth(LONGEST_TEXT) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}

/// A text from outside, or a dash.
pub(crate) fn cut_or_dash(text: Option<&str>) -> String {
    text.map_or_else(|| "–".to_owned(), cut)
}

/// An outcome as a badge.
pub(crate) fn badge(outcome: Outcome) -> Markup {
    let class = match outcome {
        Outcome::Delivered => "badge good",
        Outcome::Rejected | Outcome::DeadLettered => "badge bad",
        Outcome::Held => "badge warn",
        Outcome::Accepted | Outcome::Skipped | Outcome::Duplicate => "badge",
    };
    html! { span class=(class) { (outcome.words()) } }
}

/// A page, or a part of one, that has nothing to show yet.
pub(crate) fn empty(title: &str, next: &Markup) -> Markup {
    html! {
        div.empty {
            h2 { (title) }
            p { (next) }
        }
    }
}

/// A region that scrolls sideways when its table is wider than the screen. The keyboard reaches it.
pub(crate) fn scroll(label: &str, content: &Markup) -> Markup {
    html! {
        div.scroll tabindex="0" role="region" aria-label=(label) { (content) }
    }
}

/// A form that posts the token and these fields, with one button.
pub(crate) fn button_form(
    state: &AppState,
    action: &str,
    fields: &[(&str, String)],
    button: &str,
    class: &str,
) -> Markup {
    html! {
        form method="post" action=(action) {
            (token(state))
            @for (name, value) in fields {
                input type="hidden" name=(name) value=(value);
            }
            button type="submit" class=(class) { (button) }
        }
    }
}

/// The hidden field of every form that posts.
pub(crate) fn token(state: &AppState) -> Markup {
    html! { input type="hidden" name=(TOKEN_FIELD) value=(state.token.as_str()); }
}

/// A choice of one of several values, or of none.
pub(crate) fn choice(
    name: &str,
    label: &str,
    values: &[(String, String)],
    chosen: Option<&str>,
) -> Markup {
    html! {
        label {
            span { (label) }
            select name=(name) {
                option value="" { "all" }
                @for (value, words) in values {
                    option value=(value) selected[chosen == Some(value.as_str())] { (words) }
                }
                @if let Some(chosen) = chosen.filter(|chosen| values.iter().all(|(value, _)| value != chosen)) {
                    option value=(chosen) selected { (cut(chosen)) }
                }
            }
        }
    }
}

/// An address with a query.
pub(crate) fn link(path: &str, query: &[(&str, Option<String>)]) -> String {
    let mut serializer = Serializer::new(String::new());
    for (name, value) in query {
        if let Some(value) = value.as_deref().filter(|value| !value.is_empty()) {
            serializer.append_pair(name, value);
        }
    }
    let query = serializer.finish();
    if query.is_empty() {
        path.to_owned()
    } else {
        format!("{path}?{query}")
    }
}

/// The fields of an event and where each came from.
pub(crate) fn fields_table(fields: &[Field]) -> Markup {
    // A trace knows where fields came from, and no values.
    let has_values = fields.iter().any(|field| !field.value.is_empty());
    scroll(
        "Fields of the event",
        &html! {
            table.stacked {
                thead { tr { th scope="col" { "Field" } @if has_values { th scope="col" { "Value, abbreviated" } } th scope="col" { "From" } th scope="col" { "Effect" } } }
                tbody {
                    @for field in fields {
                        tr {
                            th scope="row" { code { (cut(&field.field)) } }
                            @if has_values { td data-label="Value" { (cut(&field.value)) } }
                            td data-label="From" { @if let Some(from) = &field.from { code { (cut(from)) } } @else { "–" } }
                            td data-label="Effect" { (field.effect.replace('_', " ")) }
                        }
                    }
                }
            }
        },
    )
}

/// What was not used of a message.
pub(crate) fn unused_list(unused: &[UnusedMember]) -> Markup {
    html! {
        ul {
            @for member in unused {
                li {
                    @if let Some(from) = &member.from { code { (cut(from)) } ": " }
                    (member.why)
                }
            }
        }
    }
}

/// An answer of Meta, in words.
pub(crate) fn answer(answer: &LastAnswer) -> Markup {
    html! {
        @if let Some(status) = answer.status { "HTTP " (status) }
        @if let Some(sentence) = &answer.sentence { @if answer.status.is_some() { ": " } (cut(sentence)) }
        @if let Some(at) = answer.at { " " (time(at)) }
        @if let Some(id) = &answer.fbtrace_id { " " span.id { "fbtrace_id " (cut(id)) } }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_texts_are_cut_between_characters() {
        let long = "ü".repeat(10_000);
        assert_eq!(cut(&long).chars().count(), LONGEST_TEXT + 1);
        assert_eq!(cut("short"), "short");
    }

    #[test]
    fn addresses_are_encoded_and_leave_out_what_is_empty() {
        let query = [
            ("reason", Some("a&b c".to_owned())),
            ("none", None),
            ("empty", Some(String::new())),
        ];
        assert_eq!(link("/x", &query), "/x?reason=a%26b+c");
        assert_eq!(link("/x", &[]), "/x");
    }
}

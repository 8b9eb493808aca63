//! `/tester`: what would become of a message.

use axum::extract::State;
use axum::response::Html;
use maud::{Markup, html};
use serde::Deserialize;

use crate::data::{MessageTest, TestResult};
use crate::fault::Fault;
use crate::form::Posted;
use crate::layout::{self, Section};
use crate::parts::{answer, badge, cut, fields_table, token, unused_list};
use crate::state::AppState;

mod examples;

/// The form: a box that is not ticked is not sent.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct TesterForm {
    #[serde(default)]
    message: String,
    #[serde(default)]
    destination: String,
    #[serde(default)]
    test_event_code: String,
    #[serde(default)]
    send: String,
}

pub(crate) async fn page(State(state): State<AppState>) -> Html<String> {
    let test = MessageTest {
        message: examples::ALL[0].1.to_owned(),
        ..MessageTest::default()
    };
    render(&state, &test, None)
}

pub(crate) async fn run(
    State(state): State<AppState>,
    Posted(form): Posted<TesterForm>,
) -> Result<Html<String>, Fault> {
    let test = MessageTest {
        message: form.message,
        destination: form.destination,
        test_event_code: form.test_event_code.trim().to_owned(),
        send: !form.send.is_empty(),
    };
    let result = state.data.test_message(&test).await;
    match result {
        Ok(result) => Ok(render(&state, &test, Some(&html! { (outcome(&result)) }))),
        // What was pasted stays in the form, so that it can be corrected.
        Err(crate::data::DataError::Invalid(sentence)) => {
            let said = html! { section.sheet aria-label="Result" { p.sentence { (sentence) } } };
            Ok(render(&state, &test, Some(&said)))
        }
        Err(error) => Err(error.into()),
    }
}

fn render(state: &AppState, test: &MessageTest, result: Option<&Markup>) -> Html<String> {
    let destinations = state.data.destinations();
    let content = html! {
        h1 { "Tester" }
        p.lead { "Paste a Segment message, and see the event that Meta would get. Nothing is stored." }
        @if let Some(result) = result { (result) }
        form.tester method="post" action="/tester" {
            (token(state))
            label for="message" { "Message (JSON)" }
            textarea id="message" name="message" rows="14" spellcheck="false" data-examples { (test.message) }
            label for="destination" { "Destination" }
            select id="destination" name="destination" {
                @for name in &destinations { option value=(name) selected[*name == test.destination] { (cut(name)) } }
            }
            label.check { input type="checkbox" name="send" value="yes" checked[test.send]; " Send it as a test event" }
            label for="code" { "Test code, from the Test events page of Events Manager" }
            input id="code" type="text" name="test_event_code" value=(cut(&test.test_event_code)) autocomplete="off";
            button type="submit" { "Try it" }
        }
        section aria-labelledby="examples" {
            h2 id="examples" { "Examples" }
            p.quiet { "Copy one into the form." }
            @for (index, (name, text)) in examples::ALL.iter().enumerate() {
                details {
                    summary { (name) }
                    pre tabindex="0" id=(format!("example-{index}")) { (text) }
                    button type="button" data-example=(format!("example-{index}")) hidden { "Use “" (name) "”" }
                }
            }
        }
    };
    layout::page(state, Section::Tester, "Tester", &content)
}

fn outcome(result: &TestResult) -> Markup {
    html! {
        section.sheet aria-label="Result" {
            p.sentence { (badge(result.outcome)) " "
                @match result.outcome {
                    crate::data::Outcome::Accepted => "An event can be made of it.",
                    other => (other.sentence()),
                }
            }
            @if let Some(reason) = &result.reason { p { "Reason: " code { (reason) } } }
            @if let Some(detail) = &result.detail { p { (cut(detail)) } }
            @if let Some(name) = &result.event_name { p { "Event: " strong { (cut(name)) } " for " (cut(&result.destination)) } }
            @if let Some(sent) = &result.answer {
                p { strong { (if sent.is_accepted { "It was sent and taken. " } else { "It was sent and refused. " }) } (answer(&sent.answer)) }
            }
        }
        @if !result.fields.fields.is_empty() { h2 { "Where each field came from" } (fields_table(&result.fields.fields)) }
        @if !result.fields.warnings.is_empty() { h2 { "Warnings" } ul { @for warning in &result.fields.warnings { li { (warning) } } } }
        @if !result.fields.not_used.is_empty() { h2 { "Not used" } (unused_list(&result.fields.not_used)) }
    }
}

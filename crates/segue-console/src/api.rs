//! `/api/v1`: the data of each page as JSON.

use axum::extract::{Path, Query, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::Serialize;
use serde_json::json;

use crate::data::{DataError, DeadLetterAction, MessageTest};
use crate::fault::{Fault, Surface};
use crate::form::Posted;
use crate::pages::confirm::ConfirmedSelection;
use crate::pages::dead_letters::SelectionQuery;
use crate::pages::event::FoundBy;
use crate::pages::events::EventsQuery;
use crate::pages::match_quality::QualityQuery;
use crate::pages::overview::OverviewQuery;
use crate::state::AppState;

/// The paths of the API in the form of `OpenAPI` 3.1, as JSON with the members `paths`, `tags` and `components`.
pub const OPENAPI: &str = include_str!("openapi.json");

pub(crate) fn router() -> Router<AppState> {
    Router::new()
        .route("/about", get(about))
        .route("/overview", get(overview))
        .route("/first-steps", get(first_steps))
        .route("/events", get(events))
        .route("/events/{key}", get(event))
        .route("/tester", post(tester))
        .route("/dead-letters", get(dead_letters))
        .route("/dead-letters/{id}", get(dead_letter))
        .route("/dead-letters/replay", post(replay))
        .route("/dead-letters/purge", post(purge))
        .route("/dead-letters/export", post(export))
        .route("/match-quality", get(match_quality))
        .route("/settings", get(settings))
        .fallback(unknown)
}

async fn unknown() -> Response {
    Fault::new(
        StatusCode::NOT_FOUND,
        "There is no such path. /openapi.json lists all.",
    )
    .response(Surface::Api)
}

fn answer<T: Serialize>(result: Result<T, DataError>) -> Response {
    match result {
        Ok(data) => Json(data).into_response(),
        Err(error) => Fault::from(error).response(Surface::Api),
    }
}

/// The process, and the token that requests need which change something.
async fn about(State(state): State<AppState>) -> Response {
    let about = state.data.about();
    Json(json!({
        "version": about.version,
        "sandbox": about.sandbox,
        "node": about.node,
        "destinations": state.data.destinations(),
        "token": state.token.as_str(),
    }))
    .into_response()
}

async fn overview(State(state): State<AppState>, Query(query): Query<OverviewQuery>) -> Response {
    answer(state.data.overview(query.range()).await)
}

async fn first_steps(State(state): State<AppState>) -> Response {
    answer(state.data.first_steps().await)
}

async fn events(State(state): State<AppState>, Query(query): Query<EventsQuery>) -> Response {
    let id = query.id.trim();
    if id.is_empty() {
        answer(state.data.events(&query.filter()).await)
    } else {
        answer(state.data.search(id).await)
    }
}

async fn event(
    State(state): State<AppState>,
    Path(key): Path<String>,
    Query(found): Query<FoundBy>,
) -> Response {
    answer(state.data.event(&key, found.id()).await)
}

async fn tester(
    State(state): State<AppState>,
    posted: Result<Posted<MessageTest>, Fault>,
) -> Response {
    match posted {
        Ok(Posted(test)) => answer(state.data.test_message(&test).await),
        Err(fault) => fault.response(Surface::Api),
    }
}

async fn dead_letters(
    State(state): State<AppState>,
    Query(query): Query<SelectionQuery>,
) -> Response {
    answer(
        state
            .data
            .dead_letters(&query.selection(), query.page())
            .await,
    )
}

async fn dead_letter(State(state): State<AppState>, Path(id): Path<String>) -> Response {
    let no_id =
        || DataError::NotFound("this is no id of a dead letter: ids are numbers".to_owned());
    match id.parse() {
        Ok(id) => answer(state.data.dead_letter(id).await),
        Err(_) => answer::<()>(Err(no_id())),
    }
}

async fn replay(
    state: State<AppState>,
    posted: Result<Posted<ConfirmedSelection>, Fault>,
) -> Response {
    act(&state, DeadLetterAction::Replay, posted).await
}

async fn purge(
    state: State<AppState>,
    posted: Result<Posted<ConfirmedSelection>, Fault>,
) -> Response {
    act(&state, DeadLetterAction::Purge, posted).await
}

async fn act(
    state: &AppState,
    action: DeadLetterAction,
    posted: Result<Posted<ConfirmedSelection>, Fault>,
) -> Response {
    match posted {
        Ok(Posted(confirmed)) => answer(
            state
                .data
                .act_on_dead_letters(action, &confirmed.selection())
                .await,
        ),
        Err(fault) => fault.response(Surface::Api),
    }
}

async fn export(
    State(state): State<AppState>,
    posted: Result<Posted<SelectionQuery>, Fault>,
) -> Response {
    let lines = match posted {
        Ok(Posted(query)) => state
            .data
            .export_dead_letters(&query.selection())
            .await
            .map_err(Fault::from),
        Err(fault) => Err(fault),
    };
    match lines {
        Ok(lines) => ([(header::CONTENT_TYPE, "application/x-ndjson")], lines).into_response(),
        Err(fault) => fault.response(Surface::Api),
    }
}

async fn match_quality(
    State(state): State<AppState>,
    Query(query): Query<QualityQuery>,
) -> Response {
    answer(state.data.match_quality(query.window()).await)
}

async fn settings(State(state): State<AppState>) -> Response {
    answer(state.data.settings().await)
}

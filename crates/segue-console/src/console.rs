//! The router: all pages and files behind one guard.

use std::fmt;
use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::middleware::{Next, from_fn_with_state};
use axum::response::Response;
use axum::routing::{get, post};
use tokio::sync::Semaphore;

use crate::access::{self, Access, Guard};
use crate::data::ConsoleData;
use crate::fault::{Fault, Surface};
use crate::state::AppState;
use crate::token::FormToken;
use crate::viewers::Viewers;
use crate::{api, assets, live, pages};

/// Pages that are rendered at a time; more wait. Senders of events need the processor more.
const CONCURRENT_PAGES: usize = 4;

/// The pages over their data.
///
/// ```
/// use std::net::AddrParseError;
/// use std::sync::Arc;
///
/// use segue_console::{Access, Console, ConsoleData};
///
/// fn router(data: Arc<dyn ConsoleData>) -> Result<axum::Router, AddrParseError> {
///     let access = Access::of_listener("127.0.0.1:8081".parse()?, None);
///     Ok(Console::new(data, access).router())
/// }
/// ```
#[derive(Clone)]
pub struct Console {
    data: Arc<dyn ConsoleData>,
    access: Access,
}

impl Console {
    /// The pages over this data, for those whom `access` lets in.
    #[must_use]
    pub fn new(data: Arc<dyn ConsoleData>, access: Access) -> Self {
        Self { data, access }
    }

    /// The routes. When the console is off, only `/`, which says so.
    pub fn router(self) -> Router {
        if let Access::Off = self.access {
            return Router::new().route("/", get(pages::off::page));
        }
        let state = AppState {
            data: self.data,
            token: FormToken::generate(),
            viewers: Viewers::default(),
            rendering: Arc::new(Semaphore::new(CONCURRENT_PAGES)),
        };
        let guard = Arc::new(Guard::new(self.access));
        let rendered = Router::new()
            .route("/", get(pages::overview::page))
            .route("/first-steps", get(pages::first_steps::page))
            .route(
                "/first-steps/write-key",
                post(pages::first_steps::write_key),
            )
            .route("/events", get(pages::events::page))
            .route("/events/{key}", get(pages::event::page))
            .route("/tester", get(pages::tester::page).post(pages::tester::run))
            .route("/dead-letters", get(pages::dead_letters::page))
            .route("/dead-letters/{id}", get(pages::dead_letter::page))
            .route("/dead-letters/confirm", get(pages::confirm::page))
            .route("/dead-letters/replay", post(pages::confirm::replay))
            .route("/dead-letters/purge", post(pages::confirm::purge))
            .route("/dead-letters/export", post(pages::confirm::export))
            .route("/match-quality", get(pages::match_quality::page))
            .route("/settings", get(pages::settings::page))
            .nest("/api/v1", api::router())
            .layer(from_fn_with_state(state.clone(), take_turns));
        rendered
            .route("/live", get(live::stream))
            .route("/assets/{name}", get(assets::file))
            .fallback(unknown)
            .layer(from_fn_with_state(guard, access::check))
            .with_state(state)
    }
}

/// The middleware that lets a few pages be rendered at a time.
async fn take_turns(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let surface = Surface::of(request.uri().path());
    // It is never closed.
    let Ok(_turn) = state.rendering.acquire().await else {
        return Fault::new(StatusCode::SERVICE_UNAVAILABLE, "the console is stopping")
            .response(surface);
    };
    next.run(request).await
}

async fn unknown() -> Fault {
    Fault::new(StatusCode::NOT_FOUND, "There is no such page.")
}

impl fmt::Debug for Console {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Console")
            .field("access", &self.access)
            .finish_non_exhaustive()
    }
}

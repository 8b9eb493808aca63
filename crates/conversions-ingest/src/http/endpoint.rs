//! The endpoint as one service. Calls of the Tracking API are nearly all requests: they are answered at once, all others go
//! through a router.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use axum::Router;
use axum::body::Body;
use axum::http::{Method, Request, header};
use axum::response::Response;
use tower::{Layer as _, Service, ServiceExt as _, service_fn};
use tower_http::cors::CorsLayer;

use crate::http::calls::CallPath;
use crate::http::routes::{self, QueryKey};
use crate::http::{cors, trace};
use crate::refusal::Refusal;
use crate::request::pixel;
use crate::state::IngestState;

/// The endpoint. Clones are the same one.
#[derive(Clone)]
pub(crate) struct Endpoint(Arc<Parts>);

struct Parts {
    state: Arc<IngestState>,
    calls: Box<[CallPath]>,
    others: Router,
    cors: CorsLayer,
}

impl Endpoint {
    pub(crate) fn new(state: &Arc<IngestState>) -> Self {
        Self(Arc::new(Parts {
            state: Arc::clone(state),
            calls: CallPath::all(),
            others: routes::router(state),
            cors: cors::layer(state),
        }))
    }

    async fn answer(self, request: Request<Body>) -> Response {
        let Self(parts) = self;
        let Some(path) = CallPath::find(&parts.calls, request.uri()) else {
            return match parts.others.clone().oneshot(request).await {
                Ok(response) => response,
                Err(infallible) => match infallible {},
            };
        };
        let state = &parts.state;
        let answer = async |request: Request<Body>| {
            let compiled = state.compiled();
            if request.method() != Method::POST {
                return routes::refuse(state, &compiled, Refusal::MethodNotAllowed);
            }
            let query = request.uri().query().filter(|_| path.is_beacon());
            let key = query.and_then(|query| pixel::query_value(query, "writeKey"));
            let call = path.call(&compiled.options.limits);
            routes::track(state, &compiled, request, call, QueryKey(key)).await
        };
        let metrics = &path.metrics;
        trace::observe(request, metrics.route(), answer, |status, took| {
            metrics.record(status, took);
        })
        .await
    }
}

/// Whether a page in a browser may be asking, which needs the answers of CORS. Other programs that send events name no
/// origin.
fn is_of_page(request: &Request<Body>) -> bool {
    request.method() != Method::POST || request.headers().contains_key(header::ORIGIN)
}

impl Service<Request<Body>> for Endpoint {
    type Response = Response;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        let endpoint = self.clone();
        if !is_of_page(&request) {
            return Box::pin(async move { Ok(endpoint.answer(request).await) });
        }
        let cors = self.0.cors.clone();
        let answer = service_fn(move |request| {
            let endpoint = endpoint.clone();
            async move { Ok(endpoint.answer(request).await) }
        });
        Box::pin(cors.layer(answer).oneshot(request))
    }
}

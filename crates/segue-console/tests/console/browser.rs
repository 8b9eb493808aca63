//! A browser without a screen: requests with the headers that one sends.

use std::sync::Arc;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::request::Builder;
use axum::http::{HeaderMap, Request, StatusCode};
use segue_console::{Access, Console, ConsoleData};
use tower::ServiceExt as _;

pub(crate) struct Browser {
    pub(crate) router: Router,
}

pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

impl Browser {
    pub(crate) fn on_loopback(data: Arc<dyn ConsoleData>) -> Self {
        Self {
            router: Console::new(data, Access::Loopback).router(),
        }
    }

    pub(crate) async fn ask(&self, request: Builder, body: Body) -> Answer {
        let has_host = request
            .headers_ref()
            .is_some_and(|headers| headers.contains_key("host"));
        let request = if has_host {
            request
        } else {
            request.header("host", "localhost:8081")
        };
        let answer = self
            .router
            .clone()
            .oneshot(request.body(body).unwrap())
            .await
            .unwrap();
        let (parts, body) = answer.into_parts();
        let body = to_bytes(body, usize::MAX).await.unwrap();
        Answer {
            status: parts.status,
            headers: parts.headers,
            body: String::from_utf8(body.to_vec()).unwrap(),
        }
    }

    pub(crate) async fn get(&self, address: &str) -> Answer {
        self.ask(Request::get(address), Body::empty()).await
    }

    /// Posts a form as one of the pages does.
    pub(crate) async fn post(&self, address: &str, form: &str) -> Answer {
        let request = Request::post(address)
            .header("content-type", "application/x-www-form-urlencoded")
            .header("sec-fetch-site", "same-origin");
        let form = format!("{form}&token={}", self.token().await);
        self.ask(request, Body::from(form)).await
    }

    pub(crate) async fn token(&self) -> String {
        let about = self.get("/api/v1/about").await;
        let about: serde_json::Value = serde_json::from_str(&about.body).unwrap();
        about["token"].as_str().unwrap().to_owned()
    }
}

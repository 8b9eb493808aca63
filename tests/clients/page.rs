//! The shop that a browser visits: another origin than the one it sends its events to.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bytes::Bytes;
use hyper::Request;
use tokio::sync::mpsc;

use crate::http::{self, Answer, Listening};

/// The page that carries out a plan.
pub(crate) const SHOP: &str = include_str!("scripts/browser.html");

/// The click that led to the shop.
pub(crate) const CLICK_ID: &str = "IwAR2F4-dbP0l7Mn1IawQQGCINEz7PYXQvwjNwB_qa2ofrHyiLjcbCRxTDMgk";

/// Where a page finds analytics.js.
const UMD: &str = "/node_modules/@segment/analytics-next/dist/umd/";

/// The address of the page with the click id that a click on an advertisement adds.
pub(crate) fn url(address: SocketAddr) -> String {
    format!("http://{address}/thanks?fbclid={CLICK_ID}&colour=blue")
}

/// A server for one page, for the library's own files and for what the page has to say.
pub(crate) struct PageServer {
    pub(crate) address: SocketAddr,
    reports: mpsc::UnboundedReceiver<String>,
    _listening: Listening,
}

struct Shop {
    /// analytics.js as it is published.
    umd: PathBuf,
    page: String,
    plan: String,
    reports: mpsc::UnboundedSender<String>,
}

impl PageServer {
    pub(crate) async fn start(modules: &Path, page: String, plan: String) -> Self {
        let (sender, reports) = mpsc::unbounded_channel();
        let shop = Arc::new(Shop {
            umd: modules.join(UMD.trim_start_matches('/')),
            page,
            plan,
            reports: sender,
        });
        let listening = http::listen(move |request| {
            let answer = shop.answer(&request);
            async move { answer }
        })
        .await;
        Self {
            address: listening.address,
            reports,
            _listening: listening,
        }
    }

    /// What the page says when it is done.
    pub(crate) async fn report(&mut self) -> String {
        self.reports.recv().await.unwrap_or_default()
    }
}

impl Shop {
    fn answer(&self, request: &Request<Bytes>) -> Answer {
        let path = request.uri().path();
        if let Some(file) = path.strip_prefix(UMD) {
            let is_plain = !file.contains(['/', '\\']);
            let script = is_plain.then(|| std::fs::read(self.umd.join(file)).ok());
            return match script.flatten() {
                Some(script) => http::answer(200, "text/javascript", script),
                None => http::answer(404, "text/plain", "no such file"),
            };
        }
        match path {
            "/thanks" => http::answer(200, "text/html; charset=utf-8", self.page.clone()),
            "/plan" => http::answer(200, "application/json", self.plan.clone()),
            "/report" => {
                let said = String::from_utf8_lossy(request.body()).into_owned();
                let _ = self.reports.send(said);
                http::answer(200, "application/json", "{}")
            }
            _ => http::answer(404, "text/plain", "not here"),
        }
    }
}

//! Segment's own snippet, in a page, with nothing but its host changed: the endpoint serves the library too.

use std::path::Path;

use serde_json::json;

use crate::arrivals;
use crate::client::Tools;
use crate::page::{self, PageServer};
use crate::server::Server;

const WRITE_KEY: &str = "my-write-key";

/// Segment's generator of the snippet, which takes the host as an option.
const GENERATOR: &str = "
const snippet = require('@segment/snippet')
console.log(snippet.max({ apiKey: 'my-write-key', host: 'HOST', page: false }))
";

const PAGE: &str = r#"<!doctype html>
<meta charset="utf-8">
<title>A shop</title>
<script>SNIPPET</script>
<script>
  analytics.track(
    'Order Completed',
    { order_id: 'order-1', revenue: 42.5, currency: 'EUR' },
    { userId: 'user-1', context: { traits: { email: 'jane@example.com' } } },
  )
</script>
"#;

/// The snippet loads the bundle that npm has, and what it tracks arrives.
pub(crate) async fn run(tools: &Tools) -> String {
    let umd = "node_modules/@segment/analytics-next/dist/umd/standalone.js";
    let server = Server::with_analytics_js(WRITE_KEY, &tools.modules().join(umd)).await;
    let host = server.ingest.trim_start_matches("https://");
    let none: [&Path; 0] = [];
    let generator = GENERATOR.replace("HOST", host);
    let snippet = tools.node("snippet.cjs", &generator, &none).await;
    assert!(
        snippet.contains(&format!("https://{host}/analytics.js/v1/")),
        "the snippet loads from the endpoint: {snippet}"
    );
    let page = PAGE.replace("SNIPPET", &snippet);
    let page = PageServer::start(tools.modules(), page, String::new()).await;
    let _open = tools.browse(&page::url(page.address));
    let sandbox = server.sandbox.as_deref().expect("a sandbox");
    arrivals::wait_for(sandbox, 1).await;
    let events = arrivals::all(sandbox).await;
    let [event] = events.as_slice() else {
        panic!("one event is sent: {events:?}");
    };
    assert_eq!(event["event_name"], "Purchase");
    assert_eq!(event["custom_data"]["value"], json!(42.5));
    // The click id of the page's address: the library was at work, not only the page.
    let fbc = event["user_data"]["fbc"].as_str().unwrap_or_default();
    assert!(fbc.ends_with(page::CLICK_ID), "{event}");
    "1 sent, 1 arrived".to_owned()
}

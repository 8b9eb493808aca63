//! The quick starts of the README, as they are there, but for the address.

use std::path::Path;

use serde_json::json;

use crate::arrivals;
use crate::client::{Client, Tools};
use crate::page::{self, PageServer};
use crate::server::Server;

/// The address and the write key in the files.
const ADDRESS: &str = "http://127.0.0.1:8080";
const WRITE_KEY: &str = "my-write-key";

const NODE: &str = include_str!("../../examples/quickstart/node.mjs");
const RUDDER: &str = include_str!("../../examples/quickstart/rudder.cjs");
const PYTHON: &str = include_str!("../../examples/quickstart/python.py");
const BROWSER: &str = include_str!("../../examples/quickstart/browser.html");

/// Runs one before a server that was started as the README says.
pub(crate) async fn run(client: Client, tools: &Tools) -> String {
    let server = Server::with_sandbox(WRITE_KEY).await;
    let here = |text: &str| {
        assert!(text.contains(ADDRESS) && text.contains(WRITE_KEY));
        text.replace(ADDRESS, &server.ingest)
    };
    let none: [&Path; 0] = [];
    let _open = match client {
        Client::Node => {
            tools.node("node.mjs", &here(NODE), &none).await;
            None
        }
        Client::Rudder => {
            tools.node("rudder.cjs", &here(RUDDER), &none).await;
            None
        }
        Client::Python => {
            tools.python(&here(PYTHON), &none).await;
            None
        }
        Client::Browser => {
            let page = PageServer::start(tools.modules(), here(BROWSER), String::new()).await;
            Some((tools.browse(&page::url(page.address)), page))
        }
    };
    let sandbox = server.sandbox.as_deref().expect("a sandbox");
    arrivals::wait_for(sandbox, 1).await;
    let events = arrivals::all(sandbox).await;
    let [event] = events.as_slice() else {
        panic!("one event is sent: {events:?}");
    };
    assert_eq!(event["event_name"], "Purchase");
    assert_eq!(event["custom_data"]["value"], json!(42.5));
    assert_eq!(event["custom_data"]["currency"], "EUR");
    // The hash of jane@example.com.
    assert_eq!(
        event["user_data"]["em"],
        "8c87b489ce35cf2e2f39f80e282cb2e804932a56a213983eeeb428407d43b52d"
    );
    "1 sent, 1 arrived".to_owned()
}

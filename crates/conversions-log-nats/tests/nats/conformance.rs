//! The log does what every log does.

use std::time::Duration;

use conversions_delivery::conformance;

use crate::server::{Server, open_blocking};

#[test]
fn the_log_conforms() {
    let Some(server) = Server::start() else {
        return;
    };
    // Each list takes streams of its own; the rest of the suite's lists bring nothing new of this log.
    let open = || open_blocking(server.options()) as _;
    conformance::check_patiently(&open, Duration::from_secs(10), 24);
}

#[test]
fn the_log_conforms_when_small_requests_share_messages() {
    let Some(server) = Server::start() else {
        return;
    };
    let open = || {
        let mut options = server.options();
        options.group_small = true;
        open_blocking(options) as _
    };
    conformance::check_patiently(&open, Duration::from_secs(10), 8);
}

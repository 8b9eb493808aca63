//! The line that `segue consume` shows on a terminal while it reads.

use std::convert::Infallible;
use std::time::Duration;

use indicatif::ProgressBar;
use segue_app::serve::Endpoint;

use crate::render::terminal::Stream;

/// Shows how reading goes on, on a terminal.
pub(crate) async fn show(endpoint: &Endpoint) -> Infallible {
    if !Stream::Err.is_terminal() {
        std::future::pending::<()>().await;
    }
    let line = ProgressBar::new_spinner();
    loop {
        line.set_message(endpoint.report().await.to_string());
        line.tick();
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
}

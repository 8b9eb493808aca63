//! Posts alerts one after the other, and again when the receiver is away for a while.

use std::time::Duration;

use conversions_transport::Webhook;
use tokio::sync::mpsc;

use super::Alert;

/// Alerts that wait at most.
const MAX_WAITING: usize = 100;
/// How long to wait before each further attempt: an hour and a half together.
const RETRY_AFTER: [Duration; 6] = [
    Duration::from_secs(2),
    Duration::from_secs(15),
    Duration::from_mins(1),
    Duration::from_mins(5),
    Duration::from_mins(20),
    Duration::from_hours(1),
];

/// Takes alerts and never waits.
#[derive(Debug)]
pub(super) struct Outbox {
    waiting: mpsc::Sender<(Webhook, String)>,
}

impl Outbox {
    /// Starts the task that posts. It ends with the outbox. Must be called in a tokio runtime.
    pub(super) fn start() -> Self {
        let (waiting, mut posts) = mpsc::channel::<(Webhook, String)>(MAX_WAITING);
        tokio::spawn(async move {
            while let Some((webhook, json)) = posts.recv().await {
                post(&webhook, &json).await;
            }
        });
        Self { waiting }
    }

    /// Takes an alert. If too many wait, it is only logged.
    pub(super) fn put(&self, webhook: &Webhook, alert: &Alert) {
        let json = alert.to_json();
        let text = json["text"].as_str().unwrap_or_default();
        tracing::warn!("alert: {text}");
        let post = (webhook.clone(), json.to_string());
        if self.waiting.try_send(post).is_err() {
            tracing::error!("too many alerts wait for the webhook: this one is not posted");
        }
    }
}

async fn post(webhook: &Webhook, json: &str) {
    for wait in RETRY_AFTER.into_iter().map(Some).chain([None]) {
        match (webhook.post(json.to_owned()).await, wait) {
            (Ok(()), _) => return,
            (Err(error), Some(wait)) if error.may_pass() => {
                tracing::warn!("an alert is posted again later: {error}");
                tokio::time::sleep(wait).await;
            }
            (Err(error), _) => {
                tracing::error!("an alert is not posted: {error}");
                return;
            }
        }
    }
}

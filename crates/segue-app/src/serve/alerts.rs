//! Alerts: what is wrong with a running endpoint, told to a webhook once when it begins and once when it ends.
//!
//! [`Observer`] looks every ten seconds, [`rules`] finds what is wrong in what it sees, [`Alerts`] remembers what was told,
//! and a task of its own posts. Nothing else waits for a webhook.

mod observe;
mod outbox;
mod rules;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use conversions_transport::Webhook;
use secrecy::ExposeSecret;
use segue_settings::AlertSettings;
use serde_json::{Value, json};
use tokio::sync::watch;

use crate::destinations::resolve_secret;
use crate::error::AppError;
pub(super) use observe::Observer;
use outbox::Outbox;
use rules::{Condition, Observation, Rule};

/// Whom alerts are told to, and from when on silence is one.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct AlertTargets {
    pub(super) webhook: Option<Webhook>,
    pub(super) silence_minutes: u64,
}

impl AlertTargets {
    /// Reads the secret that the settings name.
    ///
    /// # Errors
    ///
    /// When it cannot be read, or is not an address.
    pub(super) fn resolve(settings: &AlertSettings) -> Result<Self, AppError> {
        let webhook = settings.webhook.as_ref().map(|source| {
            let address = resolve_secret("webhook", source)?;
            Webhook::new(address.expose_secret()).map_err(|error| {
                AppError::Configuration(format!("`webhook` of [alerts] cannot be used: {error}"))
            })
        });
        Ok(Self {
            webhook: webhook.transpose()?,
            silence_minutes: settings.silence_minutes,
        })
    }
}

/// The fault of the settings on disk, if the endpoint has refused them.
#[derive(Clone, Debug, Default)]
pub(super) struct SettingsFault(Arc<Mutex<Option<String>>>);

impl SettingsFault {
    pub(super) fn set(&self, fault: Option<String>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = fault;
    }

    fn get(&self) -> Option<String> {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

/// What a reload changes of alerts.
pub(super) struct AlertControls {
    targets: watch::Sender<AlertTargets>,
    pub(super) settings_fault: SettingsFault,
}

impl AlertControls {
    /// Tells other targets from now on.
    pub(super) fn put_in_force(&self, targets: AlertTargets) {
        self.targets.send_replace(targets);
    }
}

/// What was told and is not over.
#[derive(Debug, Default)]
struct Alerts {
    firing: BTreeMap<(Rule, String), Condition>,
}

/// An alert as it is told.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Alert {
    is_firing: bool,
    condition: Condition,
}

impl Alerts {
    /// Compares what is wrong with what was told, and returns what is to be told.
    fn update(&mut self, observation: &Observation) -> Vec<Alert> {
        let mut now: BTreeMap<_, _> = rules::conditions(observation)
            .into_iter()
            .map(|condition| ((condition.rule, condition.subject.clone()), condition))
            .collect();
        let mut told = Vec::new();
        for (key, condition) in std::mem::take(&mut self.firing) {
            match now.remove(&key) {
                // It goes on: its first sentence stays.
                Some(_) => {
                    self.firing.insert(key, condition);
                }
                None => told.push(Alert {
                    is_firing: false,
                    condition,
                }),
            }
        }
        for (key, condition) in now {
            told.push(Alert {
                is_firing: true,
                condition: condition.clone(),
            });
            self.firing.insert(key, condition);
        }
        told
    }
}

impl Alert {
    /// The alert for chats, in `text`, and for programs.
    fn to_json(&self) -> Value {
        let Condition {
            rule,
            subject,
            sentence,
            advice,
        } = &self.condition;
        let (status, text) = if self.is_firing {
            ("firing", format!("segue: {sentence} {advice}"))
        } else {
            ("resolved", format!("segue: it is over: {sentence}"))
        };
        json!({
            "text": text,
            "status": status,
            "rule": rule.name(),
            "subject": subject,
            "summary": sentence,
            "advice": advice,
        })
    }
}

/// Posts a test alert to the webhook of the settings, once.
///
/// # Errors
///
/// When the settings name no webhook, or it does not take the alert.
pub async fn send_test(settings: &AlertSettings) -> Result<(), AppError> {
    let Some(webhook) = AlertTargets::resolve(settings)?.webhook else {
        return Err(AppError::Configuration(
            "there is no webhook to test: set `webhook` in [alerts]".to_owned(),
        ));
    };
    let test = json!({
        "text": "segue: this is a test alert. Alerts of `segue serve` will arrive here.",
        "status": "test",
        "rule": "test",
        "subject": "",
        "summary": "This is a test alert.",
        "advice": "",
    });
    webhook
        .post(test.to_string())
        .await
        .map_err(|error| AppError::System(format!("the test alert did not arrive: {error}")))
}

#[cfg(test)]
mod tests;

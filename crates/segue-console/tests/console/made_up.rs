//! Data of a shop that never was.

#[path = "made_up/sample.rs"]
pub(crate) mod sample;

use std::sync::Mutex;

use async_trait::async_trait;
use segue_console::{
    About, Advice, ConsoleData, DataError, DeadLetter, DeadLetterAction, DeadLetterGroup,
    DeadLetterList, DeadLetterPage, DeadLetterSelection, DeadLetterSummary, DestinationState,
    DestinationSummary, EventFilter, EventLife, EventList, EventQuality, EventSummary, FirstSteps,
    KeyShare, LastAnswer, LifeStep, MatchQuality, MessageTest, Outcome, Overview, QualityWindow,
    RefusedReplay, SearchResult, SettingsView, SourceEntry, StepKind, TestResult, TimeRange,
    Verdict,
};
use tokio::sync::watch;

use sample::ago;

/// What the pages show, and what they asked for.
pub(crate) struct MadeUp {
    pub(crate) is_new: bool,
    pub(crate) text: String,
    pub(crate) changes: watch::Sender<u64>,
    pub(crate) done: Mutex<Vec<(DeadLetterAction, DeadLetterSelection)>>,
    pub(crate) tested: Mutex<Vec<MessageTest>>,
}

impl MadeUp {
    /// A shop that has run for weeks; every text from outside is this one.
    pub(crate) fn with_text(text: &str) -> Self {
        Self {
            is_new: false,
            text: text.to_owned(),
            changes: watch::Sender::new(0),
            done: Mutex::default(),
            tested: Mutex::default(),
        }
    }

    pub(crate) fn shop() -> Self {
        Self::with_text("Order Completed")
    }

    /// An installation that nobody has used yet.
    pub(crate) fn new_installation() -> Self {
        Self {
            is_new: true,
            ..Self::shop()
        }
    }
}

#[async_trait]
impl ConsoleData for MadeUp {
    fn about(&self) -> About {
        About {
            version: "0.1.0".to_owned(),
            sandbox: Some("http://127.0.0.1:9999".to_owned()),
            node: None,
        }
    }

    fn changes(&self) -> watch::Receiver<u64> {
        self.changes.subscribe()
    }

    fn destinations(&self) -> Vec<String> {
        vec!["shop-eu".to_owned(), "shop-us".to_owned()]
    }

    async fn overview(&self, range: TimeRange) -> Result<Overview, DataError> {
        let destination = |name: &str, state: DestinationState| DestinationSummary {
            name: name.to_owned(),
            state,
            sentence: (state == DestinationState::Held)
                .then(|| "The access token has expired.".to_owned()),
            accepted: 1_234_567,
            delivered: 1_234_000,
            rejected: 321,
            dead_letters: 3,
            backlog: 567,
            oldest_at: Some(ago(12)),
            last_answer: Some(LastAnswer {
                at: Some(ago(1)),
                status: Some(400),
                sentence: Some(self.text()),
                fbtrace_id: Some("AbCdEf123".to_owned()),
            }),
        };
        let verdict = if self.is_new {
            Verdict {
                is_fine: true,
                sentence: "All 2 destinations deliver.".to_owned(),
                advice: None,
            }
        } else {
            Verdict {
                is_fine: false,
                sentence: "shop-eu is held: the access token has expired.".to_owned(),
                advice: Some(
                    "Create a new access token in Events Manager and put it into the settings."
                        .to_owned(),
                ),
            }
        };
        Ok(Overview {
            verdict,
            destinations: vec![
                destination("shop-eu", DestinationState::Held),
                destination("shop-us", DestinationState::Delivering),
            ],
            charts: (!self.is_new).then(|| Self::points(range)),
            faults: Vec::new(),
        })
    }

    async fn first_steps(&self) -> Result<FirstSteps, DataError> {
        Ok(FirstSteps {
            endpoint: "http://127.0.0.1:8080".to_owned(),
            sources: vec![SourceEntry {
                name: "web".to_owned(),
                masked_key: Some("wk_7…".to_owned()),
                destinations: self.destinations(),
            }],
            first_request: Some(ago(60)),
            first_accepted: (!self.is_new).then(|| ago(59)),
            first_delivered: None,
            missing: vec!["shop-eu is held: create a new access token.".to_owned()],
        })
    }

    async fn write_key(&self, source: &str) -> Result<String, DataError> {
        match source {
            "web" => Ok("wk_7_the_whole_key".to_owned()),
            _ => Err(DataError::NotFound(
                "There is no source of this name.".to_owned(),
            )),
        }
    }

    async fn events(&self, filter: &EventFilter) -> Result<EventList, DataError> {
        let all = if self.is_new {
            Vec::new()
        } else {
            self.summaries()
        };
        let remembered = all.len();
        let passes = |one: &EventSummary| {
            filter.outcome.is_none_or(|outcome| one.outcome == outcome)
                && (filter.destination.is_none() || one.destination == filter.destination)
                && (filter.reason.is_none() || one.reason == filter.reason)
                && (filter.source.is_none() || one.source == filter.source)
                && (filter.event_name.is_none() || one.event_name == filter.event_name)
        };
        let events = all.into_iter().filter(passes).take(filter.limit);
        Ok(EventList {
            events: events.collect(),
            remembered,
            sources: vec!["web".to_owned()],
            reasons: vec!["event_time_too_old".to_owned(), "refused".to_owned()],
            event_names: vec![self.text()],
            is_off: false,
        })
    }

    async fn search(&self, id: &str) -> Result<SearchResult, DataError> {
        let found = self
            .summaries()
            .into_iter()
            .filter(|one| one.message_id.as_deref() == Some(id));
        Ok(SearchResult {
            events: found.collect(),
            since: Some(ago(60 * 24 * 7)),
            is_off: false,
        })
    }

    async fn event(&self, key: &str, _: Option<&str>) -> Result<EventLife, DataError> {
        let found = self.summaries().into_iter().find(|one| one.key == key);
        let summary = found.ok_or_else(|| {
            DataError::NotFound("Nothing is known of this event any more.".to_owned())
        })?;
        let step = |kind: StepKind, minutes: i64, facts: &[(&str, &str)]| LifeStep {
            kind,
            at: Some(ago(minutes)),
            facts: facts
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
                .collect(),
        };
        Ok(EventLife {
            reason_sentence: Some("The event is older than 7 days.".to_owned()),
            advice: Some("Send events when they happen.".to_owned()),
            more: Some(
                "https://developers.facebook.com/docs/marketing-api/conversions-api/parameters"
                    .to_owned(),
            ),
            dead_letter: (summary.outcome == Outcome::DeadLettered).then_some(42),
            steps: vec![
                step(
                    StepKind::Received,
                    7,
                    &[("source", "web"), ("library", &self.text)],
                ),
                step(StepKind::Mapped, 7, &[("event_name", "Purchase")]),
                step(
                    StepKind::Sent,
                    6,
                    &[
                        ("attempts", "2"),
                        ("HTTP status", "400"),
                        ("fbtrace_id", "AbCdEf123"),
                    ],
                ),
                step(StepKind::Ended, 5, &[]),
            ],
            fields: Some(self.fields()),
            summary,
        })
    }

    async fn test_message(&self, test: &MessageTest) -> Result<TestResult, DataError> {
        self.tested.lock().unwrap().push(test.clone());
        if test.send && test.test_event_code.is_empty() {
            return Err(DataError::Invalid(
                "Give a test code to send the event.".to_owned(),
            ));
        }
        Ok(TestResult {
            destination: "shop-eu".to_owned(),
            outcome: Outcome::Accepted,
            reason: None,
            detail: None,
            event_name: Some("Purchase".to_owned()),
            fields: self.fields(),
            answer: None,
        })
    }

    async fn dead_letters(
        &self,
        selection: &DeadLetterSelection,
        page: DeadLetterPage,
    ) -> Result<DeadLetterList, DataError> {
        if self.is_new {
            return Ok(DeadLetterList::default());
        }
        let group = |destination: &str, reason: &str, count: u64| DeadLetterGroup {
            destination: destination.to_owned(),
            reason: reason.to_owned(),
            count,
            meaning: "Meta refused the event, alone in its request.".to_owned(),
            advice: "A replay sends the same event again.".to_owned(),
        };
        let ids: Vec<u64> = match selection.id {
            Some(id) => (id == 42).then_some(id).into_iter().collect(),
            None => (1..=120).collect(),
        };
        Ok(DeadLetterList {
            groups: vec![
                group("shop-us", "refused", 118),
                group("shop-eu", "event_time_too_old", 2),
            ],
            selected: ids.len().try_into().unwrap(),
            letters: ids
                .into_iter()
                .skip(page.offset)
                .take(page.limit)
                .map(|id| self.letter(id))
                .collect(),
            awaiting_replay: 1,
        })
    }

    async fn dead_letter(&self, id: u64) -> Result<DeadLetter, DataError> {
        if id == 42 {
            Ok(self.letter(id))
        } else {
            Err(DataError::NotFound(
                "There is no dead letter of this number any more.".to_owned(),
            ))
        }
    }

    async fn act_on_dead_letters(
        &self,
        action: DeadLetterAction,
        selection: &DeadLetterSelection,
    ) -> Result<DeadLetterSummary, DataError> {
        self.done.lock().unwrap().push((action, selection.clone()));
        if selection.id.is_some_and(|id| id != 42) {
            return Err(DataError::NotFound(
                "There is no dead letter of this number any more.".to_owned(),
            ));
        }
        Ok(DeadLetterSummary {
            done: 1,
            refused: vec![RefusedReplay {
                id: 7,
                reason: "event_time_too_old".to_owned(),
                advice: "Meta no longer accepts it.".to_owned(),
            }],
        })
    }

    async fn export_dead_letters(&self, _: &DeadLetterSelection) -> Result<Vec<u8>, DataError> {
        Ok(b"{\"event_name\":\"Purchase\"}\n".to_vec())
    }

    async fn match_quality(&self, _: QualityWindow) -> Result<MatchQuality, DataError> {
        if self.is_new {
            return Ok(MatchQuality::default());
        }
        let key = |key: &str, events: u64, remembered: u64| KeyShare {
            key: key.to_owned(),
            events,
            remembered,
        };
        Ok(MatchQuality {
            events: vec![EventQuality {
                event_name: self.text(),
                events: 4000,
                keys: vec![
                    key("em", 3100, 400),
                    key("external_id", 4000, 0),
                    key("fbc", 12, 0),
                ],
            }],
            advice: vec![Advice {
                finding: "no_fbp".to_owned(),
                events: 1200,
                what_to_do: "Send the cookie _fbp.".to_owned(),
            }],
            is_off: false,
        })
    }

    async fn settings(&self) -> Result<SettingsView, DataError> {
        Ok(self.settings_view())
    }
}

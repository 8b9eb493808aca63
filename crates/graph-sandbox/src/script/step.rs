//! One step of a script.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// What happens to one request or several in a row.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// For how many requests; without it for all that follow.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub times: Option<u64>,
    /// The stage at which it happens.
    #[serde(default)]
    pub at: FaultStage,
    /// What happens.
    pub action: Action,
}

/// The stage of a request at which a fault happens.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum FaultStage {
    /// The body is not read.
    BeforeReading,
    /// The body was read, and is not looked at.
    #[default]
    AfterReading,
    /// The request is validated, and its events are stored if it has no fault. The sender cannot know.
    AfterStoring,
}

/// What happens to a request.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Action {
    /// Nothing unusual.
    Pass,
    /// An error as Graph writes it.
    GraphError {
        /// Graph's code.
        code: u32,
        /// Graph's subcode.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        subcode: Option<u32>,
        /// Whether Graph calls it transient.
        #[serde(default)]
        is_transient: bool,
        /// The HTTP status, 400 unless given.
        #[serde(default = "bad_request")]
        status: u16,
        /// More headers, as `retry-after`.
        #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
        headers: BTreeMap<String, String>,
    },
    /// Any answer.
    Answer {
        /// The HTTP status.
        status: u16,
        /// The headers.
        #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
        headers: BTreeMap<String, String>,
        /// The body.
        #[serde(default)]
        body: String,
    },
    /// The usual answer with other members.
    Amend {
        /// The `messages` of an accepted request.
        #[serde(default)]
        messages: Vec<String>,
        /// Its `events_received`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        events_received: Option<u64>,
    },
    /// The first half of the usual answer as a whole: JSON that ends early.
    Truncate,
    /// Half of the usual answer, then the end of the connection: HTTP that ends early.
    CutOff,
    /// The connection is reset without an answer.
    Reset,
    /// No answer until the client closes the connection or the sandbox ends.
    Hang,
}

fn bad_request() -> u16 {
    400
}

impl Step {
    /// A step that happens once, after the request was read.
    #[must_use]
    pub fn new(action: Action) -> Self {
        Self {
            times: Some(1),
            at: FaultStage::default(),
            action,
        }
    }

    /// Nothing unusual.
    #[must_use]
    pub fn pass() -> Self {
        Self::new(Action::Pass)
    }

    /// An error as Graph writes it, with HTTP status 400.
    #[must_use]
    pub fn graph_error(code: u32, subcode: Option<u32>) -> Self {
        Self::new(Action::GraphError {
            code,
            subcode,
            is_transient: false,
            status: bad_request(),
            headers: BTreeMap::new(),
        })
    }

    /// An HTML page, as a proxy in front of Graph sends it.
    #[must_use]
    pub fn html(status: u16) -> Self {
        Self::new(Action::Answer {
            status,
            headers: BTreeMap::from([("content-type".to_owned(), "text/html".to_owned())]),
            body: format!("<html><head><title>{status}</title></head><body>Sorry</body></html>\n"),
        })
    }

    /// An answer without a body.
    #[must_use]
    pub fn empty(status: u16) -> Self {
        Self::new(Action::Answer {
            status,
            headers: BTreeMap::new(),
            body: String::new(),
        })
    }

    /// The usual answer with `messages`.
    #[must_use]
    pub fn messages<S: Into<String>>(messages: impl IntoIterator<Item = S>) -> Self {
        let messages = messages.into_iter().map(Into::into).collect();
        Self::new(Action::Amend {
            messages,
            events_received: None,
        })
    }

    /// The usual answer with another count.
    #[must_use]
    pub fn events_received(count: u64) -> Self {
        Self::new(Action::Amend {
            messages: Vec::new(),
            events_received: Some(count),
        })
    }

    /// JSON that ends early.
    #[must_use]
    pub fn truncate() -> Self {
        Self::new(Action::Truncate)
    }

    /// HTTP that ends early.
    #[must_use]
    pub fn cut_off() -> Self {
        Self::new(Action::CutOff)
    }

    /// No answer and no connection.
    #[must_use]
    pub fn reset() -> Self {
        Self::new(Action::Reset)
    }

    /// No answer.
    #[must_use]
    pub fn hang() -> Self {
        Self::new(Action::Hang)
    }

    /// For this many requests.
    #[must_use]
    pub fn times(mut self, times: u64) -> Self {
        self.times = Some(times);
        self
    }

    /// For all requests that follow.
    #[must_use]
    pub fn always(mut self) -> Self {
        self.times = None;
        self
    }

    /// Before the body is read.
    #[must_use]
    pub fn before_reading(mut self) -> Self {
        self.at = FaultStage::BeforeReading;
        self
    }

    /// After the events of a good request are stored.
    #[must_use]
    pub fn after_storing(mut self) -> Self {
        self.at = FaultStage::AfterStoring;
        self
    }

    /// With this HTTP status, if it is an error or an answer.
    #[must_use]
    pub fn status(mut self, with: u16) -> Self {
        if let Action::GraphError { status, .. } | Action::Answer { status, .. } = &mut self.action
        {
            *status = with;
        }
        self
    }

    /// With this header, if it is an error or an answer.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        if let Action::GraphError { headers, .. } | Action::Answer { headers, .. } =
            &mut self.action
        {
            headers.insert(name.to_owned(), value.to_owned());
        }
        self
    }

    /// Called transient, if it is an error.
    #[must_use]
    pub fn transient(mut self) -> Self {
        if let Action::GraphError { is_transient, .. } = &mut self.action {
            *is_transient = true;
        }
        self
    }
}

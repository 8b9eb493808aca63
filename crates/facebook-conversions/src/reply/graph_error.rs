//! The `error` object of a reply.

use std::fmt;

use serde_json::{Map, Value};

use super::{lenient, text};

/// At most this many paths of `blame_field_specs` are kept.
const MAX_BLAMED_FIELDS: usize = 20;

/// A [Graph API error](https://developers.facebook.com/docs/graph-api/guides/error-handling): the `error` object of
/// a reply, with the HTTP status that came with it.
///
/// Decide by [`code`](Self::code), [`error_subcode`](Self::error_subcode) and
/// [`is_transient`](Self::is_transient), as [`classify`](crate::error_table::classify) does; Meta's `type` is
/// `OAuthException` for nearly everything, and is not kept. Meta's texts are in the language of the token's
/// owner and may quote values of an event: they have accessors, for dead letters and for operators, and appear in
/// neither `Debug` nor `Display`.
#[derive(Clone, PartialEq, Eq)]
pub struct GraphError {
    status: u16,
    code: Option<i64>,
    error_subcode: Option<i64>,
    is_transient: Option<bool>,
    fbtrace_id: Option<String>,
    message: Option<String>,
    error_user_title: Option<String>,
    error_user_msg: Option<String>,
    blame_field_specs: Vec<String>,
}

impl GraphError {
    /// An error made by hand, for tests and stand-ins: HTTP status, `code` and `error_subcode`.
    #[must_use]
    pub fn new(status: u16, code: i64, error_subcode: Option<i64>) -> Self {
        Self {
            code: Some(code),
            error_subcode,
            ..Self::without_code(status)
        }
    }

    fn without_code(status: u16) -> Self {
        Self {
            status,
            code: None,
            error_subcode: None,
            is_transient: None,
            fbtrace_id: None,
            message: None,
            error_user_title: None,
            error_user_msg: None,
            blame_field_specs: Vec::new(),
        }
    }

    /// The same error with this `is_transient`.
    #[must_use]
    pub fn with_transient(mut self, is_transient: bool) -> Self {
        self.is_transient = Some(is_transient);
        self
    }

    /// The same error with this `message`.
    #[must_use]
    pub fn with_message(mut self, message: &str) -> Self {
        self.message = Some(text::clean(message, &[]));
        self
    }

    /// Reads the `error` object of a reply. Members of the wrong type count as absent.
    pub(super) fn from_object(status: u16, error: &Map<String, Value>, secrets: &[&str]) -> Self {
        let words =
            |key: &str| lenient::text(error.get(key)).map(|words| text::clean(words, secrets));
        Self {
            status,
            code: lenient::integer(error.get("code")),
            error_subcode: lenient::integer(error.get("error_subcode")),
            is_transient: lenient::truth(error.get("is_transient")),
            fbtrace_id: lenient::text(error.get("fbtrace_id"))
                .and_then(|id| text::trace_id(id, secrets)),
            message: words("message"),
            error_user_title: words("error_user_title"),
            error_user_msg: words("error_user_msg"),
            blame_field_specs: blame_field_specs(error.get("error_data"), secrets),
        }
    }

    /// The HTTP status of the reply. Meta sends some errors with a misleading status: go by the code.
    #[must_use]
    pub fn status(&self) -> u16 {
        self.status
    }

    /// Meta's `code`; absent only if the reply had none that is a whole number.
    #[must_use]
    pub fn code(&self) -> Option<i64> {
        self.code
    }

    /// Meta's `error_subcode`.
    #[must_use]
    pub fn error_subcode(&self) -> Option<i64> {
        self.error_subcode
    }

    /// Meta's `is_transient`: whether it says that the same request can succeed later.
    #[must_use]
    pub fn is_transient(&self) -> Option<bool> {
        self.is_transient
    }

    /// The id by which Meta's support finds the request.
    #[must_use]
    pub fn fbtrace_id(&self) -> Option<&str> {
        self.fbtrace_id.as_deref()
    }

    /// Meta's `message`, at most 2,000 characters. It may quote values of events: for dead letters and operators, not
    /// for logs.
    #[must_use]
    pub fn message(&self) -> Option<&str> {
        self.message.as_deref()
    }

    /// Meta's `error_user_title`, in the language of the token's owner. The same care as for
    /// [`message`](Self::message).
    #[must_use]
    pub fn error_user_title(&self) -> Option<&str> {
        self.error_user_title.as_deref()
    }

    /// Meta's `error_user_msg`, in the language of the token's owner. The same care as for
    /// [`message`](Self::message).
    #[must_use]
    pub fn error_user_msg(&self) -> Option<&str> {
        self.error_user_msg.as_deref()
    }

    /// The fields that Meta blames, from `error_data`, as dotted paths (`data.0.event_time`); at most 20. Usually
    /// empty. The same care as for [`message`](Self::message).
    #[must_use]
    pub fn blame_field_specs(&self) -> &[String] {
        &self.blame_field_specs
    }
}

/// Without Meta's texts.
impl fmt::Debug for GraphError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GraphError")
            .field("status", &self.status)
            .field("code", &self.code)
            .field("error_subcode", &self.error_subcode)
            .field("is_transient", &self.is_transient)
            .field("fbtrace_id", &self.fbtrace_id)
            .finish_non_exhaustive()
    }
}

/// `code 100, subcode 2804050, HTTP 400`: without Meta's texts.
impl fmt::Display for GraphError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.code {
            Some(code) => write!(f, "code {code}")?,
            None => f.write_str("no code")?,
        }
        if let Some(subcode) = self.error_subcode {
            write!(f, ", subcode {subcode}")?;
        }
        write!(f, ", HTTP {}", self.status)
    }
}

impl std::error::Error for GraphError {}

/// `error_data` is an object, or a text that holds one.
fn blame_field_specs(error_data: Option<&Value>, secrets: &[&str]) -> Vec<String> {
    let parsed;
    let data = match error_data {
        Some(Value::String(text)) => {
            parsed = serde_json::from_str(text).unwrap_or(Value::Null);
            &parsed
        }
        Some(data) => data,
        None => return Vec::new(),
    };
    let specs = data.get("blame_field_specs").and_then(Value::as_array);
    specs
        .into_iter()
        .flatten()
        .filter_map(|spec| path(spec, secrets))
        .take(MAX_BLAMED_FIELDS)
        .collect()
}

fn path(spec: &Value, secrets: &[&str]) -> Option<String> {
    let step = |step: &Value| match step {
        Value::String(name) => Some(text::clean(name, secrets)),
        Value::Number(index) => Some(index.to_string()),
        _ => None,
    };
    let steps: Vec<String> = match spec {
        Value::Array(steps) => steps.iter().filter_map(step).collect(),
        single => step(single).into_iter().collect(),
    };
    (!steps.is_empty()).then(|| steps.join("."))
}

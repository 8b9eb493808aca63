//! The error body of the Graph API, and the faults of a request as a whole.

use serde::Serialize;

use crate::fault_table::Fault;

/// The content of `{"error": …}`.
///
/// Absent members are not written, as Graph does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct GraphError {
    /// One line for developers.
    pub message: String,
    /// `OAuthException` for nearly everything, validation and throttling included.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// Graph's code, as in 100 for an invalid parameter.
    pub code: u32,
    /// Graph's subcode.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error_subcode: Option<u32>,
    /// Whether the same request may succeed later.
    pub is_transient: bool,
    /// A title for people.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error_user_title: Option<String>,
    /// A sentence for people.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error_user_msg: Option<String>,
    /// Meta's identifier of the request.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub fbtrace_id: String,
}

impl GraphError {
    /// An `OAuthException` that is not transient, with a message and nothing else.
    #[must_use]
    pub fn new(code: u32, message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            kind: "OAuthException",
            code,
            error_subcode: None,
            is_transient: false,
            error_user_title: None,
            error_user_msg: None,
            fbtrace_id: String::new(),
        }
    }
}

impl From<&Fault> for GraphError {
    fn from(fault: &Fault) -> Self {
        Self {
            error_subcode: fault.subcode,
            error_user_title: Some(fault.title.to_owned()),
            error_user_msg: Some(fault.message.to_owned()),
            ..Self::new(fault.code, "Invalid parameter")
        }
    }
}

/// A fault of a request as a whole: what Graph answers before it looks at an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct RequestFault {
    /// The sandbox's own name of the fault, `snake_case`, stable.
    pub name: &'static str,
    /// The HTTP status of the answer.
    pub status: u16,
    /// Graph's `code`.
    pub code: u32,
    /// Graph's `error_subcode`.
    pub subcode: Option<u32>,
    /// Graph's `message`, in the sandbox's words.
    pub message: &'static str,
}

impl From<&RequestFault> for GraphError {
    fn from(fault: &RequestFault) -> Self {
        Self {
            error_subcode: fault.subcode,
            ..Self::new(fault.code, fault.message)
        }
    }
}

const fn row(
    name: &'static str,
    status: u16,
    code: u32,
    subcode: Option<u32>,
    message: &'static str,
) -> RequestFault {
    RequestFault {
        name,
        status,
        code,
        subcode,
        message,
    }
}

macro_rules! request_faults {
    ($($constant:ident = $row:expr;)*) => {
        $(pub(crate) const $constant: RequestFault = $row;)*

        /// Every fault of a request as a whole.
        pub const REQUEST_FAULTS: &[RequestFault] = &[$($constant),*];
    };
}

#[rustfmt::skip]
request_faults! {
    UNKNOWN_PATH       = row("unknown_path",       400, 2500, None,     "Unknown path components");
    UNSUPPORTED_GET    = row("unsupported_get",    400, 100,  Some(33), "Unsupported get request. The object does not exist, cannot be loaded due to missing permissions, or does not support this operation");
    UNSUPPORTED_METHOD = row("unsupported_method", 400, 100,  Some(33), "Unsupported request. The object does not support this operation");
    PIXEL_UNKNOWN      = row("pixel_unknown",      400, 100,  Some(33), "Unsupported post request. The object does not exist, cannot be loaded due to missing permissions, or does not support this operation");
    PIXEL_ALIAS        = row("pixel_alias",        404, 803,  None,     "(#803) Some of the aliases you requested do not exist");
    BODY_UNREADABLE    = row("body_unreadable",    400, 100,  None,     "(#100) The body is not valid for its content type");
    INVALID_JSON       = row("invalid_json",       400, 100,  None,     "(#100) Invalid JSON");
    TOKEN_MISSING      = row("token_missing",      401, 190,  None,     "An access token is required to request this resource.");
    TOKEN_INVALID      = row("token_invalid",      401, 190,  None,     "Invalid OAuth access token - Cannot parse access token");
    TOKEN_EXPIRED      = row("token_expired",      401, 190,  Some(463), "Error validating access token: Session has expired");
    DATA_MISSING       = row("data_missing",       400, 100,  None,     "(#100) The parameter data is required");
    DATA_NOT_A_LIST    = row("data_not_a_list",    400, 100,  None,     "(#100) param data must be an array");
    DATA_EMPTY         = row("data_empty",         400, 100,  None,     "(#100) param data must be non-empty");
    TOO_MANY_EVENTS    = row("too_many_events",    400, 100,  None,     "(#100) param data must not hold more than 1000 events");
    BROWSER_EVENT      = row("browser_event",      400, 100,  None,     "(#100) Every entry of data must be an object with an event_name");
    PARTNER_AGENT      = row("partner_agent",      400, 100,  None,     "(#100) param partner_agent must have fewer than 23 characters and at least two letters");
}

#[cfg(test)]
mod tests {
    use super::{GraphError, REQUEST_FAULTS};
    use crate::fault_table::FAULTS;

    #[test]
    fn names_are_unique_across_both_tables() {
        let mut names: Vec<_> = FAULTS.iter().map(|fault| fault.name).collect();
        names.extend(REQUEST_FAULTS.iter().map(|fault| fault.name));
        let count = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), count);
    }

    #[test]
    fn an_error_is_written_as_graph_writes_it() {
        let fault = FAULTS
            .iter()
            .find(|fault| fault.name == "purchase_without_value")
            .unwrap();
        let error = GraphError {
            fbtrace_id: "Atrace".to_owned(),
            ..fault.into()
        };
        insta::assert_json_snapshot!(error, @r#"
        {
          "message": "Invalid parameter",
          "type": "OAuthException",
          "code": 100,
          "error_subcode": 2804009,
          "is_transient": false,
          "error_user_title": "Missing value",
          "error_user_msg": "A Purchase needs custom_data.value.",
          "fbtrace_id": "Atrace"
        }
        "#);
    }
}

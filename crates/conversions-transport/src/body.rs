//! The JSON body of a request.

use facebook_conversions::{RequestParameters, write_str};

use crate::{EventsRequest, PartnerAgent};

mod request_body;
use request_body::ChunkJoiner;
pub use request_body::RequestBody;

/// Builds request bodies: `data`, and beside it the members that all requests of a destination share.
///
/// The bytes of the events are sent as they are, never parsed or changed. Those of large frames are not even copied.
///
/// ```
/// use conversions_transport::{EventsBody, EventsRequest};
///
/// let request = EventsRequest::new(vec![r#"{"event_name":"Purchase"}"#.into(), "{}".into()]);
/// let body = EventsBody::default().for_request(&request.with_test_event_code(Some("TEST123")));
/// assert_eq!(body.to_bytes(), r#"{"data":[{"event_name":"Purchase"},{}],"test_event_code":"TEST123"}"#);
/// ```
#[derive(Clone, Default)]
pub struct EventsBody {
    /// The shared members as JSON, each with a comma in front.
    members: String,
}

impl EventsBody {
    /// Names the software that sends.
    #[must_use]
    pub fn with_partner_agent(mut self, agent: &PartnerAgent) -> Self {
        self.push("partner_agent", agent.as_str());
        self
    }

    /// Adds the proof that belongs to an app secret ([`appsecret_proof`](crate::appsecret_proof())).
    #[must_use]
    pub fn with_appsecret_proof(mut self, proof: &str) -> Self {
        self.push("appsecret_proof", proof);
        self
    }

    /// Adds parameters that describe the upload.
    #[must_use]
    pub fn with_parameters(mut self, parameters: &RequestParameters<'_>) -> Self {
        let object = parameters.to_json();
        if let Some(members) = object.strip_prefix('{').and_then(|o| o.strip_suffix('}'))
            && !members.is_empty()
        {
            self.members.push(',');
            self.members.push_str(members);
        }
        self
    }

    /// The body for these events.
    #[must_use]
    pub fn for_request(&self, request: &EventsRequest) -> RequestBody {
        let mut code = Self::default();
        if let Some(test_event_code) = request.test_event_code() {
            code.push("test_event_code", test_event_code);
        }
        let mut body = ChunkJoiner::default();
        body.copy(br#"{"data":["#);
        for (index, frame) in request.frames().iter().enumerate() {
            if index > 0 {
                body.copy(b",");
            }
            body.add(frame.json());
        }
        body.copy(b"]");
        body.copy(code.members.as_bytes());
        body.copy(self.members.as_bytes());
        body.copy(b"}");
        body.finish()
    }

    fn push(&mut self, name: &str, value: &str) {
        self.members.push_str(",\"");
        self.members.push_str(name);
        self.members.push_str("\":");
        write_str(value, &mut self.members);
    }
}

/// Shows nothing: with the token, the proof is as good as a password.
impl std::fmt::Debug for EventsBody {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("EventsBody").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{EventsBody, RequestParameters};
    use crate::{EventsRequest, FrameBuilder, NewEvent};

    fn read(body: &[u8]) -> Value {
        serde_json::from_slice(body).unwrap()
    }

    #[test]
    fn members_stand_beside_data() {
        let body = EventsBody::default()
            .with_partner_agent(&"acme-1".parse().unwrap())
            .with_appsecret_proof("00ff");
        let request = EventsRequest::new(vec!["{\"a\":1.10}".into()])
            .with_test_event_code(Some("T\"\\\u{7}"));
        let bytes = body.for_request(&request).to_bytes();
        assert!(
            bytes.starts_with(b"{\"data\":[{\"a\":1.10}],"),
            "events keep their bytes"
        );
        assert_eq!(
            read(&bytes),
            json!({
                "data": [{"a": 1.1}], "test_event_code": "T\"\\\u{7}", "partner_agent": "acme-1",
                "appsecret_proof": "00ff",
            })
        );
    }

    #[test]
    fn parameters_of_the_upload_stand_beside_data() {
        let mut parameters = RequestParameters::default();
        let nothing = EventsBody::default().with_parameters(&parameters);
        parameters.upload_tag = Some("stores \"2026\"".into());
        let body = nothing
            .with_parameters(&parameters)
            .with_appsecret_proof("00ff");
        assert_eq!(
            read(
                &body
                    .for_request(&EventsRequest::new(vec!["{}".into()]))
                    .to_bytes()
            ),
            json!({"data": [{}], "upload_tag": "stores \"2026\"", "appsecret_proof": "00ff"})
        );
    }

    #[test]
    fn members_that_are_not_set_are_absent() {
        assert_eq!(
            EventsBody::default()
                .for_request(&EventsRequest::new(vec![]))
                .to_bytes(),
            r#"{"data":[]}"#
        );
    }

    #[test]
    fn the_body_of_a_half_has_the_events_of_that_half() {
        let request = EventsRequest::new(vec!["1".into(), "2".into(), "3".into()]);
        let (first, second) = request.halves();
        assert_eq!(
            EventsBody::default().for_request(&first).to_bytes(),
            r#"{"data":[1]}"#
        );
        assert_eq!(
            EventsBody::default().for_request(&second).to_bytes(),
            r#"{"data":[2,3]}"#
        );
    }

    #[test]
    fn large_frames_are_shared_and_small_ones_are_joined() {
        let frames = |sizes: &[usize]| {
            let frames = sizes.iter().flat_map(|size| {
                let mut builder = FrameBuilder::new("shop".into());
                builder.add_new_event(&NewEvent::new("shop", "x".repeat(*size), 0));
                builder.finish()
            });
            frames.collect::<Vec<_>>()
        };
        let request = EventsRequest::of_frames(frames(&[1, 2, 10_000, 3, 20_000]));
        let body = EventsBody::default()
            .with_appsecret_proof("00")
            .for_request(&request);
        let sizes: Vec<_> = body.chunks().map(bytes::Bytes::len).collect();
        assert_eq!(sizes, [14, 10_000, 5, 20_000, 25]);
        let large = body.chunks().nth(1).map(|chunk| chunk.as_ptr());
        assert_eq!(
            large,
            Some(request.frames()[2].json().as_ptr()),
            "the same memory"
        );
        assert_eq!(body.to_bytes().len(), body.len());
        let texts: Vec<_> = request.events().collect();
        assert!(
            body.to_bytes()
                .starts_with(&[br#"{"data":["#, texts.join(&b',').as_slice()].concat())
        );
    }

    #[test]
    fn debug_shows_nothing() {
        let body = EventsBody::default().with_appsecret_proof("00ff");
        assert!(!format!("{body:?}").contains("00ff"));
    }
}

//! What may stand beside `data` in the body of a request.

use crate::json::WriteJson;
use crate::object::json_object;
use crate::text::Text;

json_object! {
    /// Parameters of a request that describe the upload as a whole, beside `data` and `test_event_code`.
    ///
    /// Meta documents `platforms` and `progress` by name only, and knows the rest from its own SDKs; `upload_tag` is an
    /// aid of offline uploads. Source: [the `events`
    /// edge](https://developers.facebook.com/docs/marketing-api/reference/ads-pixel/events/).
    ///
    /// ```
    /// use facebook_conversions::{RequestParameters, UploadProgress};
    ///
    /// let mut parameters = RequestParameters::default();
    /// parameters.upload_tag = Some("stores-2026-11".into());
    /// parameters.progress = Some(UploadProgress { start_inclusive: Some(0), end_exclusive: Some(1000) });
    /// assert_eq!(
    ///     parameters.to_json(),
    ///     r#"{"upload_tag":"stores-2026-11","progress":{"start_inclusive":0,"end_exclusive":1000}}"#
    /// );
    /// ```
    #[derive(Default)]
    pub struct RequestParameters<'a> {
        /// Scope of ids of third parties.
        "namespace_id" namespace_id: Option<Text<'a>>,
        /// Id of the upload.
        "upload_id" upload_id: Option<Text<'a>>,
        /// Name of the upload, shown in Events Manager.
        "upload_tag" upload_tag: Option<Text<'a>>,
        /// Where the upload comes from.
        "upload_source" upload_source: Option<Text<'a>>,
        /// The platforms that took part.
        "platforms" platforms: Vec<Platform<'a>>,
        /// Which part of the upload this request is.
        "progress" progress: Option<UploadProgress>,
    }
}

impl RequestParameters<'_> {
    /// The parameters as one JSON object.
    #[must_use]
    pub fn to_json(&self) -> String {
        let mut json = String::new();
        self.write_json(&mut json);
        json
    }
}

json_object! {
    /// An entry of `platforms`.
    #[derive(Default)]
    pub struct Platform<'a> {
        /// Its name.
        "name" name: Option<Text<'a>>,
        /// Its kind.
        "type" kind: Option<Text<'a>>,
        /// Its version.
        "version" version: Option<Text<'a>>,
    }
}

json_object! {
    /// `progress`: positions of events within an offline upload.
    #[derive(Default)]
    pub struct UploadProgress {
        /// Position of the first event.
        "start_inclusive" start_inclusive: Option<i64>,
        /// Position behind the last event.
        "end_exclusive" end_exclusive: Option<i64>,
    }
}

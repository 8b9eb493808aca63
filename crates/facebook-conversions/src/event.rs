//! A server event: one conversion.

use crate::action_source::{ActionSource, MessagingChannel};
use crate::app_data::AppData;
use crate::attribution::{AttributionData, OriginalEventData};
use crate::custom_data::CustomData;
use crate::customer_segmentation::CustomerSegmentation;
use crate::data_processing::DataProcessingMembers;
use crate::json::WriteJson;
use crate::object::json_object;
use crate::text::Text;
use crate::user_data::UserData;

json_object! {
    /// [Server event parameters](https://developers.facebook.com/docs/marketing-api/conversions-api/parameters/server-event).
    ///
    /// ```
    /// use facebook_conversions::{ActionSource, ServerEvent};
    ///
    /// let mut event = ServerEvent::new("Lead", 1_790_000_000);
    /// event.event_id = Some("form-42".into());
    /// event.action_source = Some(ActionSource::Website);
    /// assert_eq!(
    ///     event.to_json(),
    ///     r#"{"event_name":"Lead","event_time":1790000000,"event_id":"form-42","action_source":"website"}"#
    /// );
    /// ```
    #[derive(Default)]
    pub struct ServerEvent<'a> {
        /// Name of a standard event, or a custom name of at most 50 characters.
        "event_name" event_name: Text<'a>,
        /// When it happened, Unix seconds.
        "event_time" event_time: i64,
        /// Any text that is the same for the same event on all channels. Meta documents that it discards a server event
        /// that repeats a browser event by it; it promises nothing about two server events.
        "event_id" event_id: Option<Text<'a>>,
        /// Where it happened.
        "action_source" action_source: Option<ActionSource>,
        /// The page where it happened, http or https.
        "event_source_url" event_source_url: Option<Text<'a>>,
        /// The page before.
        "referrer_url" referrer_url: Option<Text<'a>>,
        /// `true`: for attribution only, not for the delivery of ads.
        "opt_out" opt_out: Option<bool>,
        /// Who it was.
        "user_data" user_data: UserData<'a>,
        /// What it was about.
        "custom_data" custom_data: CustomData<'a>,
        /// The app and the device of an app event.
        "app_data" app_data: Option<Box<AppData<'a>>>,
        /// The event that this one adds to.
        "original_event_data" original_event_data: Option<Box<OriginalEventData<'a>>>,
        /// The ad that earned it.
        "attribution_data" attribution_data: Option<Box<AttributionData<'a>>>,
        /// Where a business conversation takes place.
        "messaging_channel" messaging_channel: Option<MessagingChannel>,
        /// What the customer is to the business: new, known, a member of its loyalty program.
        "customer_segmentation" customer_segmentation: Option<CustomerSegmentation>,
    } flattened {
        /// Limited Data Use.
        data_processing: DataProcessingMembers,
    }
}

impl<'a> ServerEvent<'a> {
    /// An event with a name and a time (Unix seconds) and nothing else.
    #[must_use]
    pub fn new(event_name: impl Into<Text<'a>>, event_time: i64) -> Self {
        Self {
            event_name: event_name.into(),
            event_time,
            ..Self::default()
        }
    }

    /// Writes the event as JSON to the end of a text.
    pub fn write_json(&self, out: &mut String) {
        WriteJson::write_json(self, out);
    }

    /// The event as JSON.
    #[must_use]
    pub fn to_json(&self) -> String {
        let mut json = String::with_capacity(1024);
        self.write_json(&mut json);
        json
    }
}

impl<T: WriteJson> WriteJson for Box<T> {
    fn is_absent(&self) -> bool {
        (**self).is_absent()
    }

    fn write_json(&self, out: &mut String) {
        (**self).write_json(out);
    }
}

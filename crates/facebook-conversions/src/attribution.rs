//! What an event says about another: the one that it completes, and the ad that earned it.

use crate::json::Number;
use crate::names::names;
use crate::object::json_object;
use crate::text::Text;

json_object! {
    /// `original_event_data`: the event that this one adds to.
    #[derive(Default)]
    pub struct OriginalEventData<'a> {
        /// Its name.
        "event_name" event_name: Option<Text<'a>>,
        /// Its time, Unix seconds.
        "event_time" event_time: Option<i64>,
        /// Id of its order.
        "order_id" order_id: Option<Text<'a>>,
        /// Its id.
        "event_id" event_id: Option<Text<'a>>,
    }
}

json_object! {
    /// `attribution_data` of an `AppendAttribution` event.
    #[derive(Default)]
    pub struct AttributionData<'a> {
        /// Scope of the attribution.
        "scope" scope: Option<Text<'a>>,
        /// Unix seconds of the visit.
        "visit_time" visit_time: Option<i64>,
        /// Id of the ad.
        "ad_id" ad_id: Option<Text<'a>>,
        /// Id of the ad set.
        "adset_id" adset_id: Option<Text<'a>>,
        /// Id of the campaign.
        "campaign_id" campaign_id: Option<Text<'a>>,
        /// Share of the credit, 0 to 1.
        "attribution_share" attribution_share: Option<Number<'a>>,
        /// Model of the attribution.
        "attribution_model" attribution_model: Option<AttributionModel>,
        /// Window of the attribution, in days.
        "attr_window" attr_window: Option<i64>,
        /// Value of the credit.
        "attribution_value" attribution_value: Option<Number<'a>>,
        /// Who attributed.
        "attribution_source" attribution_source: Option<Text<'a>>,
        /// Kind of touchpoint.
        "touchpoint_type" touchpoint_type: Option<Text<'a>>,
        /// Unix seconds of the touchpoint.
        "touchpoint_ts" touchpoint_ts: Option<i64>,
        /// How the touchpoint was found.
        "attribution_method" attribution_method: Option<AttributionMethod>,
        /// Why the touchpoint earned nothing.
        "decline_reason" decline_reason: Option<Text<'a>>,
        /// Token by which the attribution can be audited.
        "auditing_token" auditing_token: Option<Text<'a>>,
        /// Key that links the touchpoints of one person.
        "linkage_key" linkage_key: Option<Text<'a>>,
        /// Id of the touchpoint.
        "touchpoint_id" touchpoint_id: Option<Text<'a>>,
        /// Windows within which installs and returns count.
        "attribution_setting" attribution_setting: Option<AttributionSetting>,
        /// Credit of all touchpoints together.
        "total_credit" total_credit: Option<Number<'a>>,
        /// Id of the advertiser at the measurement partner.
        "partner_client_id" partner_client_id: Option<Text<'a>>,
    }
}

json_object! {
    /// `attribution_setting` of [`AttributionData`].
    #[derive(Default)]
    pub struct AttributionSetting {
        /// Hours without activity after which a user counts as inactive.
        "inactivity_window_hours" inactivity_window_hours: Option<i64>,
        /// Hours within which a user who comes back is attributed anew.
        "reattribution_window_hours" reattribution_window_hours: Option<i64>,
    }
}

names! {
    /// `attribution_model`.
    pub enum AttributionModel {
        /// A model of the advertiser's own
        CustomizedMultiTouch = "customized_multi_touch",
        /// All credit to the first touchpoint
        FirstTouch = "first_touch",
        /// All credit to the last click
        LastClick = "last_click",
        /// All credit to the last touchpoint
        LastTouch = "last_touch",
        /// Equal credit
        Linear = "linear",
        /// Credit by position
        PositionBased = "position_based",
        /// More credit to later touchpoints
        TimeDecay = "time_decay",
        /// Not known
        Unknown = "unknown",
    }
}

names! {
    /// `attribution_method`.
    pub enum AttributionMethod {
        /// A deep link
        Deeplink = "deeplink",
        /// The install referrer of Google Play
        Gpir = "gpir",
        /// The network's answer was invalid
        InvalidResponse = "invalid_response",
        /// The Meta install referrer
        Mir = "mir",
        /// A self-reporting network
        Srn = "srn",
    }
}

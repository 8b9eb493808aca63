//! The fields of the server event that rows write: those of the tables, and those of the settings.

use crate::rules::row::{
    Bool, Channel, Contents, CurrencyCode, Delivery, ExternalIds, Field, Hashes, Integer, Json,
    Method, Model, Money, Segmentation, Signed, Text, TextList, WritableField, ZeroOrOne,
};
use crate::transforms as via;

/// The member of an object of the event, which may be an optional box.
macro_rules! member {
    ($event:ident, is_set, [$boxed:ident] $member:ident) => {
        $event.$boxed.as_ref().is_some_and(|object| object.$member.is_set())
    };
    ($event:ident, is_set, $($member:ident).+) => {
        $event.$($member).+.is_set()
    };
    ($event:ident, $value:ident, [$boxed:ident] $member:ident) => {
        $event.$boxed.get_or_insert_default().$member = $value.into()
    };
    ($event:ident, $value:ident, $($member:ident).+) => {
        $event.$($member).+ = $value.into()
    };
}

/// Declares fields: name, kind, path, member of the event, and the transform by which rows of the settings write it.
macro_rules! fields {
    ($( $name:ident: $kind:ident = $path:literal, $via:ident, [$($member:tt)+]; )*) => {
        $(
            #[doc = concat!("`", $path, "`")]
            pub(crate) const $name: Field<$kind> = Field {
                path: $path,
                via: via::$via,
                is_set: |event| member!(event, is_set, $($member)+),
                set: |event, value| member!(event, value, $($member)+),
            };
        )*

        /// The fields of this object.
        pub(crate) const ALL: &[&dyn WritableField] = &[$(&$name),*];
    };
}

/// Every field that a row of the settings may write.
pub(crate) fn all() -> impl Iterator<Item = &'static dyn WritableField> {
    let objects = [
        event::ALL,
        user_data::ALL,
        custom_data::ALL,
        app_data::ALL,
        original_event_data::ALL,
        attribution_data::ALL,
    ];
    objects.into_iter().flatten().copied()
}

/// The fields that rows of the settings may write: path, and what the field takes.
///
/// ```
/// let mut fields = conversions_mapping::writable_fields();
/// assert!(fields.any(|(path, takes)| path == "opt_out" && takes == "true or false, or 1 or 0"));
/// ```
pub fn writable_fields() -> impl Iterator<Item = (&'static str, &'static str)> {
    all().map(|field| (field.path(), field.via()))
}

/// Whether a member of the event has a value.
trait IsSet {
    fn is_set(&self) -> bool;
}

impl<T> IsSet for Option<T> {
    fn is_set(&self) -> bool {
        self.is_some()
    }
}

impl<T> IsSet for Vec<T> {
    fn is_set(&self) -> bool {
        !self.is_empty()
    }
}

impl<T> IsSet for facebook_conversions::OneOrMany<T> {
    fn is_set(&self) -> bool {
        !self.is_empty()
    }
}

/// Members of the event itself.
#[rustfmt::skip]
pub(crate) mod event {
    use super::{Bool, Channel, Field, Segmentation, Text, WritableField, IsSet as _, via};

    fields! {
        // name, kind, path, transform, member
        EVENT_ID: Text                      = "event_id",              TEXT,                  [event_id];
        EVENT_SOURCE_URL: Text              = "event_source_url",      HTTP_URL,              [event_source_url];
        REFERRER_URL: Text                  = "referrer_url",          HTTP_URL,              [referrer_url];
        OPT_OUT: Bool                       = "opt_out",               BOOL,                  [opt_out];
        CUSTOMER_SEGMENTATION: Segmentation = "customer_segmentation", CUSTOMER_SEGMENTATION, [customer_segmentation];
        MESSAGING_CHANNEL: Channel          = "messaging_channel",     CHANNEL,               [messaging_channel];
    }
}

/// `user_data`.
#[rustfmt::skip]
pub(crate) mod user_data {
    use super::{ExternalIds, Field, Hashes, Integer, Text, WritableField, IsSet as _, via};

    fields! {
        // name, kind, path, transform, member
        EM: Hashes                         = "user_data.em",                           EM,           [user_data.em];
        PH: Hashes                         = "user_data.ph",                           PH,           [user_data.ph];
        FN: Hashes                         = "user_data.fn",                           FIRST_NAME,   [user_data.r#fn];
        LN: Hashes                         = "user_data.ln",                           LAST_NAME,    [user_data.ln];
        DB: Hashes                         = "user_data.db",                           DB,           [user_data.db];
        GE: Hashes                         = "user_data.ge",                           GE,           [user_data.ge];
        CT: Hashes                         = "user_data.ct",                           CT,           [user_data.ct];
        ST: Hashes                         = "user_data.st",                           ST,           [user_data.st];
        ZP: Hashes                         = "user_data.zp",                           ZP,           [user_data.zp];
        COUNTRY: Hashes                    = "user_data.country",                      COUNTRY,      [user_data.country];
        EXTERNAL_ID: ExternalIds           = "user_data.external_id",                  EXTERNAL_IDS, [user_data.external_id];
        CLIENT_IP_ADDRESS: Text            = "user_data.client_ip_address",            IP_ADDRESS,   [user_data.client_ip_address];
        CLIENT_USER_AGENT: Text            = "user_data.client_user_agent",            TEXT_AS_IS,   [user_data.client_user_agent];
        FBC: Text                          = "user_data.fbc",                          FBC,          [user_data.fbc];
        FBP: Text                          = "user_data.fbp",                          FBP,          [user_data.fbp];
        SUBSCRIPTION_ID: Text              = "user_data.subscription_id",              TEXT,         [user_data.subscription_id];
        FB_LOGIN_ID: Integer               = "user_data.fb_login_id",                  INTEGER,      [user_data.fb_login_id];
        LEAD_ID: Integer                   = "user_data.lead_id",                      LEAD_ID,      [user_data.lead_id];
        PARTNER_ID: Text                   = "user_data.partner_id",                   TEXT,         [user_data.partner_id];
        PARTNER_NAME: Text                 = "user_data.partner_name",                 TEXT,         [user_data.partner_name];
        ANON_ID: Text                      = "user_data.anon_id",                      TEXT,         [user_data.anon_id];
        MADID: Text                        = "user_data.madid",                        TEXT,         [user_data.madid];
        PAGE_ID: Text                      = "user_data.page_id",                      TEXT,         [user_data.page_id];
        PAGE_SCOPED_USER_ID: Text          = "user_data.page_scoped_user_id",          TEXT,         [user_data.page_scoped_user_id];
        CTWA_CLID: Text                    = "user_data.ctwa_clid",                    TEXT,         [user_data.ctwa_clid];
        WHATSAPP_BUSINESS_ACCOUNT_ID: Text = "user_data.whatsapp_business_account_id", TEXT,         [user_data.whatsapp_business_account_id];
        IG_ACCOUNT_ID: Text                = "user_data.ig_account_id",                TEXT,         [user_data.ig_account_id];
        IG_SID: Text                       = "user_data.ig_sid",                       TEXT,         [user_data.ig_sid];
    }
}

/// `custom_data`.
#[rustfmt::skip]
pub(crate) mod custom_data {
    use super::{Contents, CurrencyCode, Delivery, Field, Integer, Json, Money, Text, TextList, WritableField, IsSet as _, via};

    fields! {
        // name, kind, path, transform, member
        CURRENCY: CurrencyCode      = "custom_data.currency",          ISO_4217,          [custom_data.currency];
        VALUE: Money                = "custom_data.value",             MONEY,             [custom_data.value];
        CONTENT_IDS: TextList       = "custom_data.content_ids",       TEXT_LIST,         [custom_data.content_ids];
        CONTENTS: Contents          = "custom_data.contents",          ITEMS,             [custom_data.contents];
        CONTENT_TYPE: Text          = "custom_data.content_type",      CONTENT_TYPE,      [custom_data.content_type];
        CONTENT_NAME: Text          = "custom_data.content_name",      TEXT,              [custom_data.content_name];
        CONTENT_CATEGORY: Text      = "custom_data.content_category",  TEXT,              [custom_data.content_category];
        ORDER_ID: Text              = "custom_data.order_id",          TEXT,              [custom_data.order_id];
        PREDICTED_LTV: Money        = "custom_data.predicted_ltv",     MONEY,             [custom_data.predicted_ltv];
        NUM_ITEMS: Integer          = "custom_data.num_items",         INTEGER,           [custom_data.num_items];
        SEARCH_STRING: Text         = "custom_data.search_string",     TEXT,              [custom_data.search_string];
        STATUS: Json                = "custom_data.status",            JSON,              [custom_data.status];
        ITEM_NUMBER: Text           = "custom_data.item_number",       TEXT,              [custom_data.item_number];
        DELIVERY_CATEGORY: Delivery = "custom_data.delivery_category", DELIVERY_CATEGORY, [custom_data.delivery_category];
        NET_REVENUE: Money          = "custom_data.net_revenue",       MONEY,             [custom_data.net_revenue];
        EVENT_SOURCE: Text          = "custom_data.event_source",      TEXT,              [custom_data.event_source];
        LEAD_EVENT_SOURCE: Text     = "custom_data.lead_event_source", TEXT,              [custom_data.lead_event_source];
    }
}

/// `app_data`, except `extinfo`, which the context decides.
#[rustfmt::skip]
pub(crate) mod app_data {
    use super::{Bool, Field, ZeroOrOne, Json, Text, TextList, WritableField, IsSet as _, via};

    fields! {
        // name, kind, path, transform, member
        ADVERTISER_TRACKING_ENABLED: ZeroOrOne  = "app_data.advertiser_tracking_enabled",  FLAG,      [[app_data] advertiser_tracking_enabled];
        APPLICATION_TRACKING_ENABLED: ZeroOrOne = "app_data.application_tracking_enabled", FLAG,      [[app_data] application_tracking_enabled];
        CAMPAIGN_IDS: Text                     = "app_data.campaign_ids",                 TEXT,      [[app_data] campaign_ids];
        CONSIDER_VIEWS: Bool                   = "app_data.consider_views",               BOOL,      [[app_data] consider_views];
        INCLUDE_DWELL_DATA: Bool               = "app_data.include_dwell_data",           BOOL,      [[app_data] include_dwell_data];
        INCLUDE_VIDEO_DATA: Bool               = "app_data.include_video_data",           BOOL,      [[app_data] include_video_data];
        INSTALL_REFERRER: Text                 = "app_data.install_referrer",             TEXT,      [[app_data] install_referrer];
        INSTALLER_PACKAGE: Text                = "app_data.installer_package",            TEXT,      [[app_data] installer_package];
        RECEIPT_DATA: Json                     = "app_data.receipt_data",                 JSON,      [[app_data] receipt_data];
        URL_SCHEMES: TextList                  = "app_data.url_schemes",                  TEXT_LIST, [[app_data] url_schemes];
        WINDOWS_ATTRIBUTION_ID: Text           = "app_data.windows_attribution_id",       TEXT,      [[app_data] windows_attribution_id];
    }
}

/// `original_event_data`: the event that this one adds to.
#[rustfmt::skip]
pub(crate) mod original_event_data {
    use super::{Field, Signed, Text, WritableField, IsSet as _, via};

    fields! {
        // name, kind, path, transform, member
        EVENT_NAME: Text    = "original_event_data.event_name", TEXT, [[original_event_data] event_name];
        EVENT_TIME: Signed = "original_event_data.event_time", TIME, [[original_event_data] event_time];
        ORDER_ID: Text      = "original_event_data.order_id",   TEXT, [[original_event_data] order_id];
        EVENT_ID: Text      = "original_event_data.event_id",   TEXT, [[original_event_data] event_id];
    }
}

/// `attribution_data` of `AppendAttribution` events, except `attribution_setting`, an object.
#[rustfmt::skip]
pub(crate) mod attribution_data {
    use super::{Method, Model, Field, Money, Signed, Text, WritableField, IsSet as _, via};

    fields! {
        // name, kind, path, transform, member
        SCOPE: Text                            = "attribution_data.scope",              TEXT,               [[attribution_data] scope];
        VISIT_TIME: Signed                    = "attribution_data.visit_time",         TIME,               [[attribution_data] visit_time];
        AD_ID: Text                            = "attribution_data.ad_id",              TEXT,               [[attribution_data] ad_id];
        ADSET_ID: Text                         = "attribution_data.adset_id",           TEXT,               [[attribution_data] adset_id];
        CAMPAIGN_ID: Text                      = "attribution_data.campaign_id",        TEXT,               [[attribution_data] campaign_id];
        ATTRIBUTION_SHARE: Money               = "attribution_data.attribution_share",  MONEY,              [[attribution_data] attribution_share];
        ATTRIBUTION_MODEL: Model   = "attribution_data.attribution_model",  ATTRIBUTION_MODEL,  [[attribution_data] attribution_model];
        ATTR_WINDOW: Signed                   = "attribution_data.attr_window",        DAYS,               [[attribution_data] attr_window];
        ATTRIBUTION_VALUE: Money               = "attribution_data.attribution_value",  MONEY,              [[attribution_data] attribution_value];
        ATTRIBUTION_SOURCE: Text               = "attribution_data.attribution_source", TEXT,               [[attribution_data] attribution_source];
        TOUCHPOINT_TYPE: Text                  = "attribution_data.touchpoint_type",    TEXT,               [[attribution_data] touchpoint_type];
        TOUCHPOINT_TS: Signed                 = "attribution_data.touchpoint_ts",      TIME,               [[attribution_data] touchpoint_ts];
        ATTRIBUTION_METHOD: Method = "attribution_data.attribution_method", ATTRIBUTION_METHOD, [[attribution_data] attribution_method];
        DECLINE_REASON: Text                   = "attribution_data.decline_reason",     TEXT,               [[attribution_data] decline_reason];
        AUDITING_TOKEN: Text                   = "attribution_data.auditing_token",     TEXT,               [[attribution_data] auditing_token];
        LINKAGE_KEY: Text                      = "attribution_data.linkage_key",        TEXT,               [[attribution_data] linkage_key];
        TOUCHPOINT_ID: Text                    = "attribution_data.touchpoint_id",      TEXT,               [[attribution_data] touchpoint_id];
        TOTAL_CREDIT: Money                    = "attribution_data.total_credit",       MONEY,              [[attribution_data] total_credit];
        PARTNER_CLIENT_ID: Text                = "attribution_data.partner_client_id",  TEXT,               [[attribution_data] partner_client_id];
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use facebook_conversions::{
        AppData, AttributionData, CustomData, OriginalEventData, ServerEvent, UserData,
    };

    /// Members that no row of the settings may write: those that decide whether there is an event, the objects, and two
    /// members that are not single values.
    const NOT_WRITABLE: [&str; 10] = [
        "event_name",
        "event_time",
        "action_source",
        "user_data",
        "custom_data",
        "app_data",
        "original_event_data",
        "attribution_data",
        "app_data.extinfo",
        "attribution_data.attribution_setting",
    ];

    #[test]
    fn every_member_of_the_event_is_a_field_or_listed_as_not_writable() {
        let members = [
            ("", ServerEvent::MEMBERS),
            ("user_data.", UserData::MEMBERS),
            ("custom_data.", CustomData::MEMBERS),
            ("app_data.", AppData::MEMBERS),
            ("original_event_data.", OriginalEventData::MEMBERS),
            ("attribution_data.", AttributionData::MEMBERS),
        ];
        let members: BTreeSet<String> = members
            .into_iter()
            .flat_map(|(object, members)| members.iter().map(move |name| format!("{object}{name}")))
            .filter(|path| !NOT_WRITABLE.contains(&path.as_str()))
            .collect();
        let fields: BTreeSet<String> = super::all().map(|field| field.path().to_owned()).collect();
        assert_eq!(members, fields);
    }
}

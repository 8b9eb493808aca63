//! The fields of the server event that rows write.

use crate::rules::row::{
    Channel, Contents, CurrencyCode, Delivery, ExternalIds, Field, Hashes, Integer, Json, Money,
    Text, TextList,
};

/// Declares fields: name, kind, path in the event.
macro_rules! fields {
    ($( $name:ident: $kind:ident = $path:literal => $($member:ident).+, $test:ident; )*) => {$(
        #[doc = concat!("`", $path, "`")]
        pub(crate) const $name: Field<$kind> = Field {
            path: $path,
            is_set: |event| event.$($member).+.$test(),
            set: |event, value| event.$($member).+ = value.into(),
        };
    )*};
}

/// Whether a member of the event has a value.
trait IsThere {
    fn is_there(&self) -> bool;
}

impl<T> IsThere for Option<T> {
    fn is_there(&self) -> bool {
        self.is_some()
    }
}

impl<T> IsThere for Vec<T> {
    fn is_there(&self) -> bool {
        !self.is_empty()
    }
}

impl<T> IsThere for facebook_conversions::OneOrMany<T> {
    fn is_there(&self) -> bool {
        !self.is_empty()
    }
}

/// Members of the event itself.
pub(crate) mod event {
    use super::{Channel, Field, IsThere as _, Text};

    fields! {
        EVENT_ID: Text = "event_id" => event_id, is_there;
        EVENT_SOURCE_URL: Text = "event_source_url" => event_source_url, is_there;
        REFERRER_URL: Text = "referrer_url" => referrer_url, is_there;
        MESSAGING_CHANNEL: Channel = "messaging_channel" => messaging_channel, is_there;
    }
}

/// `user_data`.
pub(crate) mod user_data {
    use super::{ExternalIds, Field, Hashes, IsThere as _, Text};

    fields! {
        EM: Hashes = "user_data.em" => user_data.em, is_there;
        PH: Hashes = "user_data.ph" => user_data.ph, is_there;
        FN: Hashes = "user_data.fn" => user_data.r#fn, is_there;
        LN: Hashes = "user_data.ln" => user_data.ln, is_there;
        DB: Hashes = "user_data.db" => user_data.db, is_there;
        GE: Hashes = "user_data.ge" => user_data.ge, is_there;
        CT: Hashes = "user_data.ct" => user_data.ct, is_there;
        ST: Hashes = "user_data.st" => user_data.st, is_there;
        ZP: Hashes = "user_data.zp" => user_data.zp, is_there;
        COUNTRY: Hashes = "user_data.country" => user_data.country, is_there;
        EXTERNAL_ID: ExternalIds = "user_data.external_id" => user_data.external_id, is_there;
        CLIENT_IP_ADDRESS: Text = "user_data.client_ip_address" => user_data.client_ip_address, is_there;
        CLIENT_USER_AGENT: Text = "user_data.client_user_agent" => user_data.client_user_agent, is_there;
        FBC: Text = "user_data.fbc" => user_data.fbc, is_there;
        FBP: Text = "user_data.fbp" => user_data.fbp, is_there;
    }
}

/// `custom_data`.
pub(crate) mod custom_data {
    use super::{
        Contents, CurrencyCode, Delivery, Field, Integer, IsThere as _, Json, Money, Text, TextList,
    };

    fields! {
        CONTENTS: Contents = "custom_data.contents" => custom_data.contents, is_there;
        CONTENT_IDS: TextList = "custom_data.content_ids" => custom_data.content_ids, is_there;
        CONTENT_TYPE: Text = "custom_data.content_type" => custom_data.content_type, is_there;
        CURRENCY: CurrencyCode = "custom_data.currency" => custom_data.currency, is_there;
        DELIVERY_CATEGORY: Delivery = "custom_data.delivery_category" => custom_data.delivery_category, is_there;
        NET_REVENUE: Money = "custom_data.net_revenue" => custom_data.net_revenue, is_there;
        NUM_ITEMS: Integer = "custom_data.num_items" => custom_data.num_items, is_there;
        ORDER_ID: Text = "custom_data.order_id" => custom_data.order_id, is_there;
        PREDICTED_LTV: Money = "custom_data.predicted_ltv" => custom_data.predicted_ltv, is_there;
        SEARCH_STRING: Text = "custom_data.search_string" => custom_data.search_string, is_there;
        STATUS: Json = "custom_data.status" => custom_data.status, is_there;
        VALUE: Money = "custom_data.value" => custom_data.value, is_there;
    }
}

//! The members of a message that rows take their values from.

use segment_spec::{Kind, Raw};

use crate::context::Cx;
use crate::note::Path;
use crate::rules::known::Known;

/// Where traits stand, but in Identify calls.
const TRAITS: &str = "context.traits.";

/// A member of the message.
#[derive(Clone, Copy)]
pub(crate) struct Source {
    pub(crate) path: SourcePath,
    pub(crate) get: for<'a> fn(&Cx<'_, 'a>) -> Option<Raw<'a>>,
    /// The value is taken away from the properties.
    pub(crate) moves: bool,
}

/// How a source is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SourcePath {
    Fixed(&'static str),
    /// The property that the setting `value_identifier` names.
    ValueIdentifier,
    /// A member of this destination's entry of `integrations`, by whichever name.
    Entry {
        path: &'static str,
        member: &'static str,
    },
}

impl Source {
    /// The path, for documentation.
    #[must_use]
    pub(crate) fn path(&self) -> &'static str {
        match self.path {
            SourcePath::Fixed(path) | SourcePath::Entry { path, .. } => path,
            SourcePath::ValueIdentifier => "properties.<value_identifier>",
        }
    }

    /// Whether the value is taken away from the properties.
    pub(crate) fn moves_in(&self, cx: &Cx<'_, '_>) -> bool {
        self.moves
            || (self.path == SourcePath::ValueIdentifier && cx.value_identifier_name() == "revenue")
    }

    pub(crate) fn note_path<'a>(&self, cx: &Cx<'_, 'a>) -> Path<'a> {
        match self.path {
            SourcePath::Fixed(path) if cx.traits_at_top && path.starts_with(TRAITS) => {
                Path::Fixed(path.strip_prefix("context.").unwrap_or(path))
            }
            SourcePath::Fixed(path) => Path::Fixed(path),
            SourcePath::Entry { member, .. } => cx.entry.path(member),
            SourcePath::ValueIdentifier => Path::Key("properties", cx.value_identifier_key()),
        }
    }
}

/// Declares sources: name, path, where it is.
macro_rules! sources {
    ($( $name:ident = $path:literal: $get:expr; )*) => {$(
        #[doc = concat!("`", $path, "`")]
        pub(crate) const $name: Source = Source { path: SourcePath::Fixed($path), get: $get, moves: false };
    )*};
}

/// Declares properties that do not stay among the properties.
macro_rules! moving {
    ($( $name:ident = $path:literal: $get:expr; )*) => {$(
        #[doc = concat!("`", $path, "`, which does not stay")]
        pub(crate) const $name: Source = Source { path: SourcePath::Fixed($path), get: $get, moves: true };
    )*};
}

/// Members of the message itself, and this destination's entry of `integrations`.
pub(crate) mod message {
    use super::{Source, SourcePath};

    sources! {
        MESSAGE_ID = "messageId": |cx| cx.message.message_id;
        USER_ID = "userId": |cx| cx.message.user_id;
        ANONYMOUS_ID = "anonymousId": |cx| cx.message.anonymous_id;
    }

    /// `fbc` of this destination's entry.
    pub(crate) const ENTRY_FBC: Source = Source {
        path: SourcePath::Entry {
            path: "integrations.<destination>.fbc",
            member: "fbc",
        },
        get: |cx| cx.entry.fbc,
        moves: false,
    };

    /// `fbp` of this destination's entry.
    pub(crate) const ENTRY_FBP: Source = Source {
        path: SourcePath::Entry {
            path: "integrations.<destination>.fbp",
            member: "fbp",
        },
        get: |cx| cx.entry.fbp,
        moves: false,
    };
}

/// `context`.
pub(crate) mod context {
    use super::{Source, SourcePath};

    sources! {
        IP = "context.ip": |cx| cx.message.context.ip;
        USER_AGENT = "context.userAgent": |cx| cx.message.context.user_agent;
        PAGE_URL = "context.page.url": |cx| cx.message.context.page.url;
        PAGE_SEARCH = "context.page.search": |cx| cx.message.context.page.search;
        PAGE_REFERRER = "context.page.referrer": |cx| cx.message.context.page.referrer;
        FBC = "context.fbc": |cx| cx.message.context.fbc;
        FBP = "context.fbp": |cx| cx.message.context.fbp;
    }
}

/// `context.traits`; of several spellings each is a source.
pub(crate) mod traits {
    use super::{Source, SourcePath};

    sources! {
        EMAIL = "context.traits.email": |cx| cx.message.context.traits.email;
        PHONE = "context.traits.phone": |cx| cx.message.context.traits.phone;
        FIRST_NAME = "context.traits.firstName": |cx| cx.message.context.traits.first_name[0];
        FIRST_NAME_SNAKE = "context.traits.first_name": |cx| cx.message.context.traits.first_name[1];
        FIRST_NAME_LOWER = "context.traits.firstname": |cx| cx.message.context.traits.first_name[2];
        LAST_NAME = "context.traits.lastName": |cx| cx.message.context.traits.last_name[0];
        LAST_NAME_SNAKE = "context.traits.last_name": |cx| cx.message.context.traits.last_name[1];
        LAST_NAME_LOWER = "context.traits.lastname": |cx| cx.message.context.traits.last_name[2];
        BIRTHDAY = "context.traits.birthday": |cx| cx.message.context.traits.birthday;
        GENDER = "context.traits.gender": |cx| cx.message.context.traits.gender;
        CITY = "context.traits.address.city": |cx| cx.message.context.traits.address.city;
        STATE = "context.traits.address.state": |cx| cx.message.context.traits.address.state;
        COUNTRY = "context.traits.address.country": |cx| cx.message.context.traits.address.country;
        POSTAL_CODE = "context.traits.address.postalCode": |cx| cx.message.context.traits.address.postal_code[0];
        POSTAL_CODE_SNAKE = "context.traits.address.postal_code": |cx| cx.message.context.traits.address.postal_code[1];
        POSTAL_CODE_LOWER = "context.traits.address.postalcode": |cx| cx.message.context.traits.address.postal_code[2];
        ZIP = "context.traits.address.zip": |cx| cx.message.context.traits.address.postal_code[3];
    }
}

/// `properties`.
pub(crate) mod props {
    use super::{Kind, Known, Source, SourcePath};

    moving! {
        ACTION_SOURCE = "properties.action_source": |cx| cx.property(Known::ActionSource);
        ACTION_SOURCE_CAMEL = "properties.actionSource": |cx| cx.property(Known::ActionSourceCamel);
        FBC = "properties.fbc": |cx| cx.property(Known::Fbc);
        FBP = "properties.fbp": |cx| cx.property(Known::Fbp);
        MESSAGING_CHANNEL = "properties.messaging_channel": |cx| cx.messaging_channel();
        PRODUCTS = "properties.products": |cx| cx.property(Known::Products);
        QUERY = "properties.query": |cx| cx.property(Known::Query);
        REVENUE = "properties.revenue": |cx| cx.property(Known::Revenue);
    }

    sources! {
        CONTENT_IDS = "properties.content_ids": |cx| cx.property(Known::ContentIds);
        CONTENT_TYPE = "properties.content_type": |cx| cx.property(Known::ContentType);
        CONTENTS = "properties.contents": |cx| cx.property(Known::Contents);
        CURRENCY = "properties.currency": |cx| cx.property(Known::Currency);
        DELIVERY_CATEGORY = "properties.delivery_category": |cx| cx.property(Known::DeliveryCategory);
        NET_REVENUE = "properties.net_revenue": |cx| cx.property(Known::NetRevenue);
        NUM_ITEMS = "properties.num_items": |cx| cx.property(Known::NumItems);
        ORDER_ID = "properties.order_id": |cx| cx.property(Known::OrderId);
        PREDICTED_LTV = "properties.predicted_ltv": |cx| cx.property(Known::PredictedLtv);
        SEARCH_STRING = "properties.search_string": |cx| cx.property(Known::SearchString);
        STATUS = "properties.status": |cx| cx.property(Known::Status);
        TOTAL = "properties.total": |cx| cx.property(Known::Total);
        VALUE = "properties.value": |cx| cx.property(Known::Value).filter(|_| !cx.tried_value);
        PRODUCTS_LENGTH = "properties.products": |cx| cx.property(Known::Products).filter(|list| list.kind() == Kind::Array);
    }

    /// The property that the setting `value_identifier` names.
    pub(crate) const VALUE_IDENTIFIER: Source = Source {
        path: SourcePath::ValueIdentifier,
        get: |cx| cx.value_identifier(),
        moves: false,
    };
}

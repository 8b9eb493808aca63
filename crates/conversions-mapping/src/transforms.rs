//! How values become what fields hold. One transform, one room; here they get their names.

mod contents;
mod fb_id;
pub(crate) mod hashed;
pub(crate) mod ids;
pub(crate) mod input;
mod ip_address;
mod lists;
pub(crate) mod money;
pub(crate) mod number;
pub(crate) mod owned;
pub(crate) mod plain_text;
pub(crate) mod products;
mod text;
pub(crate) mod time;
pub(crate) mod transformed;
mod yes_no;

use facebook_conversions::normalize::HashedKey;

use crate::rules::row::{
    Bool, Channel, Contents, CurrencyCode, Delivery, ExternalIds, Hashes, Integer, Json, Method,
    Model, Money, Segmentation, Signed, Text, TextList, Transform, ZeroOrOne,
};

/// Declares the transforms: constant, kind of value, name in the documentation, function.
macro_rules! transforms {
    ($( $name:ident: $kind:ident = $doc:literal, $run:expr; )*) => {$(
        #[doc = concat!("`", $doc, "`")]
        pub(crate) const $name: Transform<$kind> = Transform { name: $doc, run: $run };
    )*};
}

transforms! {
    ID: Text = "text; a number becomes its digits", text::id;
    TEXT: Text = "text; a number becomes its digits; not an e-mail address", text::text;
    TEXT_AS_IS: Text = "text, as it is", text::as_is;
    TEXT_LIST: TextList = "list of texts, also as JSON text; a single text becomes a list", text::list;
    HTTP_URL: Text = "http(s) address, without e-mail addresses", text::http_url;
    BOOL: Bool = "true or false, or 1 or 0", yes_no::yes_no;
    FLAG: ZeroOrOne = "true or false, or 1 or 0; sent as 1 or 0", yes_no::flag;
    CONTENT_TYPE: Text = "product, product_group or a type of a catalogue", text::content_type;
    JSON: Json = "any JSON, as it is, without personal data", text::json;
    CHANNEL: Channel = "whatsapp, messenger or instagram", text::channel;
    CUSTOMER_SEGMENTATION: Segmentation = "one of Meta's segments of customers", text::customer_segmentation;
    ATTRIBUTION_MODEL: Model = "one of Meta's models of attribution", text::attribution_model;
    ATTRIBUTION_METHOD: Method = "one of Meta's methods of attribution", text::attribution_method;
    DELIVERY_CATEGORY: Delivery = "in_store, curbside or home_delivery", text::delivery_category;
    MONEY: Money = "number, or text by the grammar of money", money::money;
    ISO_4217: CurrencyCode = "currency of ISO 4217, upper case", text::iso_4217;
    LEAD_ID: Integer = "whole number of 15 or 16 digits", number::lead_id;
    DAYS: Signed = "whole number", number::signed;
    TIME: Signed = "time in any form that timestamp may have; Unix seconds", time::seconds;
    INTEGER: Integer = "whole number, or its digits as text", number::integer;
    LIST_LENGTH: Integer = "length of the list", products::count;
    CONTENTS: Contents = "list of products, also as JSON text, as an object with the keys 0, 1, 2, or a single product", products::products;
    ITEMS: Contents = "list of products or of objects with id, also in the other forms of products", products::items;
    EXPLICIT_CONTENTS: Contents = "list of objects with id, also as JSON text", contents::explicit;
    IP_ADDRESS: Text = "public IP address, without port", ip_address::ip_address;
    FBC: Text = "fb.<index>.<milliseconds>.<fbclid>, never altered", fb_id::fbc;
    FBP: Text = "fb.<index>.<milliseconds>.<number>, never altered", fb_id::fbp;
    EXTERNAL_IDS: ExternalIds = "id or list of ids, trimmed; an e-mail address is hashed", ids::external_ids;
    EXTERNAL_ID: ExternalIds = "id, trimmed; an e-mail address is hashed", ids::external_id;
    EM: Hashes = "e-mail address, or a list: normalized, SHA-256", |input, cx| hashed::list(HashedKey::Em, input, cx);
    PH: Hashes = "phone number, or a list: normalized, SHA-256", |input, cx| hashed::list(HashedKey::Ph, input, cx);
    FIRST_NAME: Hashes = "first name: normalized, SHA-256", |input, cx| hashed::one(HashedKey::Fn, input, cx);
    LAST_NAME: Hashes = "last name: normalized, SHA-256", |input, cx| hashed::one(HashedKey::Ln, input, cx);
    DB: Hashes = "date of birth: normalized, SHA-256", |input, cx| hashed::one(HashedKey::Db, input, cx);
    GE: Hashes = "gender: normalized, SHA-256", |input, cx| hashed::one(HashedKey::Ge, input, cx);
    CT: Hashes = "city: normalized, SHA-256", |input, cx| hashed::one(HashedKey::Ct, input, cx);
    ST: Hashes = "state: normalized, SHA-256", |input, cx| hashed::one(HashedKey::St, input, cx);
    ZP: Hashes = "postcode: normalized, SHA-256", |input, cx| hashed::one(HashedKey::Zp, input, cx);
    COUNTRY: Hashes = "country: normalized, SHA-256", |input, cx| hashed::one(HashedKey::Country, input, cx);
}

//! How values become what fields hold. One transform, one room; here they get their names.

mod contents;
mod fb_id;
mod hashed;
pub(crate) mod ids;
mod ip_address;
pub(crate) mod money;
pub(crate) mod number;
pub(crate) mod plain_text;
mod products;
mod text;
pub(crate) mod time;
pub(crate) mod transformed;

use facebook_conversions::normalize::HashedKey;

use crate::rules::row::{
    Channel, Contents, CurrencyCode, Delivery, ExternalIds, Hashes, Integer, Json, Money, Text,
    TextList, Transform,
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
    TEXT_LIST: TextList = "list of texts; a single one becomes a list", text::list;
    HTTP_URL: Text = "http(s) address, without e-mail addresses", text::http_url;
    CONTENT_TYPE: Text = "product, product_group or a type of a catalogue", text::content_type;
    JSON: Json = "any JSON, as it is, without personal data", text::json;
    CHANNEL: Channel = "whatsapp, messenger or instagram", text::channel;
    DELIVERY_CATEGORY: Delivery = "in_store, curbside or home_delivery", text::delivery_category;
    MONEY: Money = "number, or text by the grammar of money", money::money;
    ISO_4217: CurrencyCode = "currency of ISO 4217, upper case", text::iso_4217;
    INTEGER: Integer = "whole number, or its digits as text", number::integer;
    LIST_LENGTH: Integer = "length of the list", products::count;
    CONTENTS: Contents = "list of products", products::products;
    EXPLICIT_CONTENTS: Contents = "list of objects with id", contents::explicit;
    IP_ADDRESS: Text = "public IP address, without port", ip_address::ip_address;
    FBC: Text = "fb.<index>.<milliseconds>.<fbclid>, never altered", fb_id::fbc;
    FBP: Text = "fb.<index>.<milliseconds>.<number>, never altered", fb_id::fbp;
    EXTERNAL_ID: ExternalIds = "id, trimmed; an e-mail address is hashed", ids::external_id;
    EM: Hashes = "e-mail address, or a list: normalized, SHA-256", |raw, source, cx| hashed::list(HashedKey::Em, raw, source, cx);
    PH: Hashes = "phone number, or a list: normalized, SHA-256", |raw, source, cx| hashed::list(HashedKey::Ph, raw, source, cx);
    FIRST_NAME: Hashes = "first name: normalized, SHA-256", |raw, _, cx| hashed::one(HashedKey::Fn, raw, cx);
    LAST_NAME: Hashes = "last name: normalized, SHA-256", |raw, _, cx| hashed::one(HashedKey::Ln, raw, cx);
    DB: Hashes = "date of birth: normalized, SHA-256", |raw, _, cx| hashed::one(HashedKey::Db, raw, cx);
    GE: Hashes = "gender: normalized, SHA-256", |raw, _, cx| hashed::one(HashedKey::Ge, raw, cx);
    CT: Hashes = "city: normalized, SHA-256", |raw, _, cx| hashed::one(HashedKey::Ct, raw, cx);
    ST: Hashes = "state: normalized, SHA-256", |raw, _, cx| hashed::one(HashedKey::St, raw, cx);
    ZP: Hashes = "postcode: normalized, SHA-256", |raw, _, cx| hashed::one(HashedKey::Zp, raw, cx);
    COUNTRY: Hashes = "country: normalized, SHA-256", |raw, _, cx| hashed::one(HashedKey::Country, raw, cx);
}

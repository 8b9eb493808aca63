//! Copies values that borrow from a text which does not live as long as the event.

use facebook_conversions::{Content, ExternalId, Number, OneOrMany, RawJson};

pub(crate) fn own_number<'a>(number: &Number<'_>) -> Option<Number<'a>> {
    Number::parse(number.as_str().to_owned())
}

pub(crate) fn own_json<'a>(json: &RawJson<'_>) -> RawJson<'a> {
    RawJson::trusted(json.as_str().to_owned())
}

pub(crate) fn own_ids<'a>(ids: OneOrMany<ExternalId<'_>>) -> OneOrMany<ExternalId<'a>> {
    let own = |id| match id {
        ExternalId::Plain(text) => ExternalId::Plain(text.into_owned().into()),
        ExternalId::Hashed(hash) => ExternalId::Hashed(hash),
    };
    match ids {
        OneOrMany::None => OneOrMany::None,
        OneOrMany::One(id) => OneOrMany::One(own(id)),
        OneOrMany::Many(ids) => OneOrMany::Many(ids.into_iter().map(own).collect()),
    }
}

pub(crate) fn own_content<'a>(content: Content<'_>) -> Option<Content<'a>> {
    let mut owned = Content::new(content.id.into_owned());
    owned.quantity = content.quantity;
    owned.item_price = match &content.item_price {
        Some(price) => Some(own_number(price)?),
        None => None,
    };
    owned.delivery_category = content.delivery_category;
    for (key, value) in content.other.iter() {
        owned.other.push(key.to_owned(), own_json(value));
    }
    Some(owned)
}

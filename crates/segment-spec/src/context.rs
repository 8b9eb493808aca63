//! The `context` of a message, as far as a destination may want it.

use serde::de::MapAccess;

use crate::raw::Raw;
use crate::read::{Key, Members, Value};

/// `context`: [what surrounds the event](https://segment.com/docs/connections/spec/common/#context).
#[derive(Debug, Clone, Default)]
pub struct Context<'a> {
    /// `app`: name, version, build and namespace of the app.
    pub app: Option<Raw<'a>>,
    /// `consent`: the categories that the user agreed to.
    pub consent: Option<Raw<'a>>,
    /// `device`: id, advertising id, model, whether tracking is allowed.
    pub device: Option<Raw<'a>>,
    /// `fbc`: Meta's click id, when a site adds it here.
    pub fbc: Option<Raw<'a>>,
    /// `fbp`: Meta's browser id, when a site adds it here.
    pub fbp: Option<Raw<'a>>,
    /// `ip`: the address of the user.
    pub ip: Option<Raw<'a>>,
    /// `locale`, such as `en-US`.
    pub locale: Option<Raw<'a>>,
    /// `network`: carrier and kind of connection.
    pub network: Option<Raw<'a>>,
    /// `os`: name and version.
    pub os: Option<Raw<'a>>,
    /// `page`: where in a site the event happened.
    pub page: Page<'a>,
    /// `screen`: width, height and density.
    pub screen: Option<Raw<'a>>,
    /// `timezone`: a name of the tz database.
    pub timezone: Option<Raw<'a>>,
    /// `traits`: what is known of the user.
    pub traits: Traits<'a>,
    /// `userAgent` of the browser or app.
    pub user_agent: Option<Raw<'a>>,
    /// Whether something that is neither an object nor `null` stands in its place.
    pub wrong_type: bool,
}

/// `context.page`: where in a site the event happened.
#[derive(Debug, Clone, Default)]
pub struct Page<'a> {
    /// `referrer`: the address of the page before.
    pub referrer: Option<Raw<'a>>,
    /// `search`: the query of the address, with its `?`.
    pub search: Option<Raw<'a>>,
    /// `url`: the whole address.
    pub url: Option<Raw<'a>>,
    /// Whether something that is neither an object nor `null` stands in its place.
    pub wrong_type: bool,
}

/// `context.traits`: [what is known of the user](https://segment.com/docs/connections/spec/identify/#traits), each
/// spelling on its own.
#[derive(Debug, Clone, Default)]
pub struct Traits<'a> {
    /// `address`.
    pub address: Address<'a>,
    /// `birthday`.
    pub birthday: Option<Raw<'a>>,
    /// `email`, one or a list.
    pub email: Option<Raw<'a>>,
    /// `firstName`, `first_name`, `firstname`.
    pub first_name: [Option<Raw<'a>>; 3],
    /// `gender`.
    pub gender: Option<Raw<'a>>,
    /// `lastName`, `last_name`, `lastname`.
    pub last_name: [Option<Raw<'a>>; 3],
    /// `name`: first and last name.
    pub name: Option<Raw<'a>>,
    /// `phone`, one or a list.
    pub phone: Option<Raw<'a>>,
    /// Whether something that is neither an object nor `null` stands in its place.
    pub wrong_type: bool,
}

/// `context.traits.address`.
#[derive(Debug, Clone, Default)]
pub struct Address<'a> {
    /// `city`.
    pub city: Option<Raw<'a>>,
    /// `country`.
    pub country: Option<Raw<'a>>,
    /// `postalCode`, `postal_code`, `postalcode`, `zip`.
    pub postal_code: [Option<Raw<'a>>; 4],
    /// `state`.
    pub state: Option<Raw<'a>>,
    /// Whether something that is neither an object nor `null` stands in its place.
    pub wrong_type: bool,
}

impl<'de> Members<'de> for Context<'de> {
    fn member<A: MapAccess<'de>>(
        &mut self,
        key: Key<'de>,
        value: Value<'_, A>,
    ) -> Result<(), A::Error> {
        match &*key.0 {
            "app" => self.app = Some(value.raw()?),
            "consent" => self.consent = Some(value.raw()?),
            "device" => self.device = Some(value.raw()?),
            "fbc" => self.fbc = Some(value.raw()?),
            "fbp" => self.fbp = Some(value.raw()?),
            "ip" => self.ip = Some(value.raw()?),
            "locale" => self.locale = Some(value.raw()?),
            "network" => self.network = Some(value.raw()?),
            "os" => self.os = Some(value.raw()?),
            "page" => self.page = value.object()?,
            "screen" => self.screen = Some(value.raw()?),
            "timezone" => self.timezone = Some(value.raw()?),
            "traits" => self.traits = value.object()?,
            "userAgent" => self.user_agent = Some(value.raw()?),
            _ => value.skip()?,
        }
        Ok(())
    }

    fn wrong_type(&mut self) {
        self.wrong_type = true;
    }
}

impl<'de> Members<'de> for Page<'de> {
    fn member<A: MapAccess<'de>>(
        &mut self,
        key: Key<'de>,
        value: Value<'_, A>,
    ) -> Result<(), A::Error> {
        match &*key.0 {
            "referrer" => self.referrer = Some(value.raw()?),
            "search" => self.search = Some(value.raw()?),
            "url" => self.url = Some(value.raw()?),
            _ => value.skip()?,
        }
        Ok(())
    }

    fn wrong_type(&mut self) {
        self.wrong_type = true;
    }
}

impl<'de> Members<'de> for Traits<'de> {
    fn member<A: MapAccess<'de>>(
        &mut self,
        key: Key<'de>,
        value: Value<'_, A>,
    ) -> Result<(), A::Error> {
        match &*key.0 {
            "address" => self.address = value.object()?,
            "birthday" => self.birthday = Some(value.raw()?),
            "email" => self.email = Some(value.raw()?),
            "firstName" => self.first_name[0] = Some(value.raw()?),
            "first_name" => self.first_name[1] = Some(value.raw()?),
            "firstname" => self.first_name[2] = Some(value.raw()?),
            "gender" => self.gender = Some(value.raw()?),
            "lastName" => self.last_name[0] = Some(value.raw()?),
            "last_name" => self.last_name[1] = Some(value.raw()?),
            "lastname" => self.last_name[2] = Some(value.raw()?),
            "name" => self.name = Some(value.raw()?),
            "phone" => self.phone = Some(value.raw()?),
            _ => value.skip()?,
        }
        Ok(())
    }

    fn wrong_type(&mut self) {
        self.wrong_type = true;
    }
}

impl<'de> Members<'de> for Address<'de> {
    fn member<A: MapAccess<'de>>(
        &mut self,
        key: Key<'de>,
        value: Value<'_, A>,
    ) -> Result<(), A::Error> {
        match &*key.0 {
            "city" => self.city = Some(value.raw()?),
            "country" => self.country = Some(value.raw()?),
            "postalCode" => self.postal_code[0] = Some(value.raw()?),
            "postal_code" => self.postal_code[1] = Some(value.raw()?),
            "postalcode" => self.postal_code[2] = Some(value.raw()?),
            "zip" => self.postal_code[3] = Some(value.raw()?),
            "state" => self.state = Some(value.raw()?),
            _ => value.skip()?,
        }
        Ok(())
    }

    fn wrong_type(&mut self) {
        self.wrong_type = true;
    }
}

//! The `context` of a message, as far as a destination may want it.

use crate::raw::Raw;
use crate::read::{Broken, Key, Object, Value};

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

impl<'a> Object<'a> for Context<'a> {
    fn member(&mut self, key: Key<'a>, value: Value<'_, '_, 'a>) -> Result<(), Broken> {
        match key.as_bytes() {
            b"app" => self.app = Some(value.raw()?),
            b"consent" => self.consent = Some(value.raw()?),
            b"device" => self.device = Some(value.raw()?),
            b"fbc" => self.fbc = Some(value.raw()?),
            b"fbp" => self.fbp = Some(value.raw()?),
            b"ip" => self.ip = Some(value.raw()?),
            b"locale" => self.locale = Some(value.raw()?),
            b"network" => self.network = Some(value.raw()?),
            b"os" => self.os = Some(value.raw()?),
            b"page" => value.object(&mut self.page)?,
            b"screen" => self.screen = Some(value.raw()?),
            b"timezone" => self.timezone = Some(value.raw()?),
            b"traits" => value.object(&mut self.traits)?,
            b"userAgent" => self.user_agent = Some(value.raw()?),
            _ => value.skip()?,
        }
        Ok(())
    }

    fn wrong_type(&mut self) {
        self.wrong_type = true;
    }
}

impl<'a> Object<'a> for Page<'a> {
    fn member(&mut self, key: Key<'a>, value: Value<'_, '_, 'a>) -> Result<(), Broken> {
        match key.as_bytes() {
            b"referrer" => self.referrer = Some(value.raw()?),
            b"search" => self.search = Some(value.raw()?),
            b"url" => self.url = Some(value.raw()?),
            _ => value.skip()?,
        }
        Ok(())
    }

    fn wrong_type(&mut self) {
        self.wrong_type = true;
    }
}

impl<'a> Object<'a> for Traits<'a> {
    fn member(&mut self, key: Key<'a>, value: Value<'_, '_, 'a>) -> Result<(), Broken> {
        match key.as_bytes() {
            b"address" => value.object(&mut self.address)?,
            b"birthday" => self.birthday = Some(value.raw()?),
            b"email" => self.email = Some(value.raw()?),
            b"firstName" => self.first_name[0] = Some(value.raw()?),
            b"first_name" => self.first_name[1] = Some(value.raw()?),
            b"firstname" => self.first_name[2] = Some(value.raw()?),
            b"gender" => self.gender = Some(value.raw()?),
            b"lastName" => self.last_name[0] = Some(value.raw()?),
            b"last_name" => self.last_name[1] = Some(value.raw()?),
            b"lastname" => self.last_name[2] = Some(value.raw()?),
            b"name" => self.name = Some(value.raw()?),
            b"phone" => self.phone = Some(value.raw()?),
            _ => value.skip()?,
        }
        Ok(())
    }

    fn wrong_type(&mut self) {
        self.wrong_type = true;
    }
}

impl<'a> Object<'a> for Address<'a> {
    fn member(&mut self, key: Key<'a>, value: Value<'_, '_, 'a>) -> Result<(), Broken> {
        match key.as_bytes() {
            b"city" => self.city = Some(value.raw()?),
            b"country" => self.country = Some(value.raw()?),
            b"postalCode" => self.postal_code[0] = Some(value.raw()?),
            b"postal_code" => self.postal_code[1] = Some(value.raw()?),
            b"postalcode" => self.postal_code[2] = Some(value.raw()?),
            b"zip" => self.postal_code[3] = Some(value.raw()?),
            b"state" => self.state = Some(value.raw()?),
            _ => value.skip()?,
        }
        Ok(())
    }

    fn wrong_type(&mut self) {
        self.wrong_type = true;
    }
}

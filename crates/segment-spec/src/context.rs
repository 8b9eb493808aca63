//! The `context` of a message, as far as a destination may want it.

mod defaults;

pub use self::defaults::ContextDefaults;
use skim_json::Raw;
use skim_json::{JsonObject, Slot};

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
    /// `library`: name and version of what sent the message.
    pub library: Option<Raw<'a>>,
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
    /// The context that it was filled from.
    defaults: Option<Raw<'a>>,
    is_present: bool,
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
    is_present: bool,
}

/// `context.traits`: [what is known of the user](https://segment.com/docs/connections/spec/identify/#traits), each
/// spelling on its own. The Spec has the parts of an address in `address`; many senders have them directly here.
#[derive(Debug, Clone, Default)]
pub struct Traits<'a> {
    /// `address`.
    pub address: Address<'a>,
    /// `birthday`.
    pub birthday: Option<Raw<'a>>,
    /// `city`.
    pub city: Option<Raw<'a>>,
    /// `country`.
    pub country: Option<Raw<'a>>,
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
    /// `postalCode`, `postal_code`, `postalcode`, `zip`.
    pub postal_code: [Option<Raw<'a>>; 4],
    /// `state`.
    pub state: Option<Raw<'a>>,
    /// Whether something that is neither an object nor `null` stands in its place.
    pub wrong_type: bool,
    is_present: bool,
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
    is_present: bool,
}

impl Traits<'_> {
    /// Whether there is none of these traits.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        let Self {
            address,
            birthday,
            city,
            country,
            email,
            first_name,
            gender,
            last_name,
            name,
            phone,
            postal_code,
            state,
            wrong_type: _,
            is_present: _,
        } = self;
        let single = [birthday, city, country, email, gender, name, phone, state];
        let spellings = first_name.iter().chain(last_name).chain(postal_code);
        let mut traits = single.into_iter().chain(spellings);
        traits.all(Option::is_none) && address.is_empty()
    }
}

impl Address<'_> {
    /// Whether there is none of these parts.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        let Self {
            city,
            country,
            postal_code,
            state,
            wrong_type: _,
            is_present: _,
        } = self;
        let mut parts = [city, country, state].into_iter().chain(postal_code);
        parts.all(Option::is_none)
    }
}

impl<'a> JsonObject<'a> for Context<'a> {
    #[inline]
    fn slot(&mut self, key: &[u8]) -> Slot<'_, 'a> {
        match key {
            b"app" => Slot::Value(&mut self.app),
            b"consent" => Slot::Value(&mut self.consent),
            b"device" => Slot::Value(&mut self.device),
            b"fbc" => Slot::Value(&mut self.fbc),
            b"fbp" => Slot::Value(&mut self.fbp),
            b"ip" => Slot::Value(&mut self.ip),
            b"library" => Slot::Value(&mut self.library),
            b"locale" => Slot::Value(&mut self.locale),
            b"network" => Slot::Value(&mut self.network),
            b"os" => Slot::Value(&mut self.os),
            b"page" => Slot::Object(&mut self.page),
            b"screen" => Slot::Value(&mut self.screen),
            b"timezone" => Slot::Value(&mut self.timezone),
            b"traits" => Slot::Object(&mut self.traits),
            b"userAgent" => Slot::Value(&mut self.user_agent),
            _ => Slot::Ignored,
        }
    }

    fn mark_wrong_type(&mut self) {
        self.wrong_type = true;
    }

    fn is_present(&mut self) -> &mut bool {
        &mut self.is_present
    }
}

impl<'a> JsonObject<'a> for Page<'a> {
    #[inline]
    fn slot(&mut self, key: &[u8]) -> Slot<'_, 'a> {
        match key {
            b"referrer" => Slot::Value(&mut self.referrer),
            b"search" => Slot::Value(&mut self.search),
            b"url" => Slot::Value(&mut self.url),
            _ => Slot::Ignored,
        }
    }

    fn mark_wrong_type(&mut self) {
        self.wrong_type = true;
    }

    fn is_present(&mut self) -> &mut bool {
        &mut self.is_present
    }
}

impl<'a> JsonObject<'a> for Traits<'a> {
    #[inline]
    fn slot(&mut self, key: &[u8]) -> Slot<'_, 'a> {
        match key {
            b"address" => Slot::Object(&mut self.address),
            b"birthday" => Slot::Value(&mut self.birthday),
            b"city" => Slot::Value(&mut self.city),
            b"country" => Slot::Value(&mut self.country),
            b"email" => Slot::Value(&mut self.email),
            b"firstName" => Slot::Value(&mut self.first_name[0]),
            b"first_name" => Slot::Value(&mut self.first_name[1]),
            b"firstname" => Slot::Value(&mut self.first_name[2]),
            b"gender" => Slot::Value(&mut self.gender),
            b"lastName" => Slot::Value(&mut self.last_name[0]),
            b"last_name" => Slot::Value(&mut self.last_name[1]),
            b"lastname" => Slot::Value(&mut self.last_name[2]),
            b"name" => Slot::Value(&mut self.name),
            b"phone" => Slot::Value(&mut self.phone),
            b"postalCode" => Slot::Value(&mut self.postal_code[0]),
            b"postal_code" => Slot::Value(&mut self.postal_code[1]),
            b"postalcode" => Slot::Value(&mut self.postal_code[2]),
            b"state" => Slot::Value(&mut self.state),
            b"zip" => Slot::Value(&mut self.postal_code[3]),
            _ => Slot::Ignored,
        }
    }

    fn mark_wrong_type(&mut self) {
        self.wrong_type = true;
    }

    fn is_present(&mut self) -> &mut bool {
        &mut self.is_present
    }
}

impl<'a> JsonObject<'a> for Address<'a> {
    #[inline]
    fn slot(&mut self, key: &[u8]) -> Slot<'_, 'a> {
        match key {
            b"city" => Slot::Value(&mut self.city),
            b"country" => Slot::Value(&mut self.country),
            b"postalCode" => Slot::Value(&mut self.postal_code[0]),
            b"postal_code" => Slot::Value(&mut self.postal_code[1]),
            b"postalcode" => Slot::Value(&mut self.postal_code[2]),
            b"zip" => Slot::Value(&mut self.postal_code[3]),
            b"state" => Slot::Value(&mut self.state),
            _ => Slot::Ignored,
        }
    }

    fn mark_wrong_type(&mut self) {
        self.wrong_type = true;
    }

    fn is_present(&mut self) -> &mut bool {
        &mut self.is_present
    }
}

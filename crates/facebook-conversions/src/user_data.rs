//! `user_data`: who it was.

use std::fmt;

use crate::hashed::HashedValue;
use crate::json::{BEHIND_STRING, Key, WriteJson, write_str};
use crate::object::json_object;
use crate::one_or_many::OneOrMany;
use crate::text::Text;

json_object! {
    /// [Customer information parameters](https://developers.facebook.com/docs/marketing-api/conversions-api/parameters/customer-information-parameters).
    ///
    /// Parameters that Meta wants hashed hold a [`HashedValue`], which only hashing makes.
    ///
    /// ```
    /// use facebook_conversions::UserData;
    /// use facebook_conversions::normalize::{HashedKey, NormalizeContext};
    ///
    /// let mut user = UserData::default();
    /// user.em.extend(HashedKey::Em.hash(" Jane@Example.com ", &NormalizeContext::in_year(2026)));
    /// user.client_ip_address = Some("203.0.113.7".into());
    /// assert_eq!(user.present().collect::<Vec<_>>(), ["em", "client_ip_address"]);
    /// ```
    ///
    /// A plain text does not fit:
    ///
    /// ```compile_fail,E0308
    /// let mut user = facebook_conversions::UserData::default();
    /// user.em = facebook_conversions::OneOrMany::One("jane@example.com");
    /// ```
    #[derive(Default)]
    pub struct UserData<'a> {
        /// E-mail addresses, hashed.
        "em" em: OneOrMany<HashedValue>,
        /// Phone numbers with country code, hashed.
        "ph" ph: OneOrMany<HashedValue>,
        /// First names, hashed.
        "fn" r#fn: OneOrMany<HashedValue>,
        /// Last names, hashed.
        "ln" ln: OneOrMany<HashedValue>,
        /// Dates of birth, hashed.
        "db" db: OneOrMany<HashedValue>,
        /// Genders, hashed.
        "ge" ge: OneOrMany<HashedValue>,
        /// Cities, hashed.
        "ct" ct: OneOrMany<HashedValue>,
        /// States or regions, hashed.
        "st" st: OneOrMany<HashedValue>,
        /// Postcodes, hashed.
        "zp" zp: OneOrMany<HashedValue>,
        /// Countries, hashed.
        "country" country: OneOrMany<HashedValue>,
        /// Ids of the advertiser's own: of the user, the membership, the cookie.
        "external_id" external_id: OneOrMany<ExternalId<'a>>,
        /// IP address of the user, version 4 or 6. Never hashed.
        "client_ip_address" client_ip_address: Option<Text<'a>>,
        /// User agent of the user's browser. Never hashed.
        "client_user_agent" client_user_agent: Option<Text<'a>>,
        /// Click id: `fb.` subdomain index `.` Unix milliseconds `.` fbclid. Never altered.
        "fbc" fbc: Option<Text<'a>>,
        /// Browser id: `fb.` subdomain index `.` Unix milliseconds `.` random number. Never altered.
        "fbp" fbp: Option<Text<'a>>,
        /// Id of a subscription.
        "subscription_id" subscription_id: Option<Text<'a>>,
        /// App-scoped id of a Facebook login, an integer. Never hashed.
        "fb_login_id" fb_login_id: Option<u64>,
        /// Id of a lead of a lead ad, an integer of 15 or 16 digits. Never hashed.
        "lead_id" lead_id: Option<u64>,
        /// Id of the installation of an app.
        "anon_id" anon_id: Option<Text<'a>>,
        /// Advertising id of the device (IDFA, AAID). Never hashed.
        "madid" madid: Option<Text<'a>>,
        /// Id of the page of a Messenger conversation.
        "page_id" page_id: Option<Text<'a>>,
        /// Id of the user, scoped to that page.
        "page_scoped_user_id" page_scoped_user_id: Option<Text<'a>>,
        /// Id of a click from an ad to WhatsApp.
        "ctwa_clid" ctwa_clid: Option<Text<'a>>,
        /// Id of the WhatsApp business account.
        "whatsapp_business_account_id" whatsapp_business_account_id: Option<Text<'a>>,
        /// Id of the Instagram account.
        "ig_account_id" ig_account_id: Option<Text<'a>>,
        /// Id of the user, scoped to Instagram.
        "ig_sid" ig_sid: Option<Text<'a>>,
        /// Id that an identity partner gives the user. Never hashed. Meta's page does not list it; Segment's newer
        /// destination sends it.
        "partner_id" partner_id: Option<Text<'a>>,
        /// Name of that partner.
        "partner_name" partner_name: Option<Text<'a>>,
    }
}

/// One `external_id`: in clear, as Meta allows, or hashed, as it recommends.
#[derive(Clone, PartialEq, Eq, Hash)]
pub enum ExternalId<'a> {
    /// As the advertiser knows it.
    Plain(Text<'a>),
    /// Its SHA-256.
    Hashed(HashedValue),
}

impl ExternalId<'_> {
    /// The text that is sent.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Plain(id) => id,
            Self::Hashed(hash) => hash.as_str(),
        }
    }
}

impl WriteJson for ExternalId<'_> {
    fn write_json(&self, out: &mut String) {
        write_str(self.as_str(), out);
    }
}

impl WriteJson for HashedValue {
    fn write_json(&self, out: &mut String) {
        // Hexadecimal digits and a suffix of letters: nothing to escape.
        out.push('"');
        out.push_str(self.as_str());
        out.push('"');
    }

    #[inline]
    fn write_member(&self, key: &Key, out: &mut String) {
        out.push_str(key.before_string);
        out.push_str(self.as_str());
        out.push_str(BEHIND_STRING);
    }
}

/// Says how it is sent, not what it is.
impl fmt::Debug for ExternalId<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Plain(_) => f.write_str("Plain(…)"),
            Self::Hashed(hash) => f.debug_tuple("Hashed").field(hash).finish(),
        }
    }
}

//! Where a conversion happened.

use std::time::Duration;

use crate::names::names;

names! {
    /// [`action_source`](https://developers.facebook.com/docs/marketing-api/conversions-api/parameters/server-event#action-source).
    pub enum ActionSource {
        /// Over e-mail.
        Email = "email",
        /// On a website; should have `client_user_agent` and `event_source_url`.
        Website = "website",
        /// In an app; requires `app_data`.
        App = "app",
        /// Over the phone.
        PhoneCall = "phone_call",
        /// Through a messaging app, SMS or chat.
        Chat = "chat",
        /// In person at a store; may be 62 days old.
        PhysicalStore = "physical_store",
        /// By itself, such as a subscription that renews.
        SystemGenerated = "system_generated",
        /// From an ad that opens a conversation; requires `messaging_channel`.
        BusinessMessaging = "business_messaging",
        /// In a way that is not listed.
        Other = "other",
    }
}

impl ActionSource {
    /// How old an event from here may be when Meta receives it: 62 days for `physical_store`, 7 for all others.
    ///
    /// ```
    /// use facebook_conversions::ActionSource;
    /// assert_eq!(ActionSource::PhysicalStore.max_age().as_secs(), 5_356_800);
    /// assert_eq!(ActionSource::Website.max_age().as_secs(), 604_800);
    /// ```
    #[must_use]
    pub const fn max_age(self) -> Duration {
        const DAY: u64 = 24 * 60 * 60;
        match self {
            Self::PhysicalStore => Duration::from_secs(62 * DAY),
            _ => Duration::from_secs(7 * DAY),
        }
    }
}

names! {
    /// `messaging_channel`: where a business conversation takes place.
    pub enum MessagingChannel {
        /// WhatsApp
        Whatsapp = "whatsapp",
        /// Messenger
        Messenger = "messenger",
        /// Instagram
        Instagram = "instagram",
    }
}

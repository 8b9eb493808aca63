//! Where a conversion happened.

use crate::names::names;

names! {
    /// [`action_source`](https://developers.facebook.com/docs/marketing-api/conversions-api/parameters/server-event#action-source).
    pub enum ActionSource {
        /// Over e-mail.
        Email = "email",
        /// On a website; wants `client_user_agent` and `event_source_url`.
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
    /// How old an event from here may be when it is sent, in seconds: 62 days for `physical_store`, 7 for all others.
    #[must_use]
    pub fn max_age(self) -> i64 {
        const DAY: i64 = 86_400;
        if self == Self::PhysicalStore {
            62 * DAY
        } else {
            7 * DAY
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

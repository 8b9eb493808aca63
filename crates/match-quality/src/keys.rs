//! The match keys that the report counts, and where Segment has them.

use conversions_mapping::{Settings, computed_fields, rules};
use facebook_conversions::UserData;

/// Members of `user_data` that exist in one channel only: an app, Messenger, WhatsApp, Instagram, a lead ad, a subscription, a
/// partner. Nearly every report would say 0 % of them.
const CHANNEL_IDS: &[&str] = &[
    "subscription_id",
    "fb_login_id",
    "lead_id",
    "anon_id",
    "page_id",
    "page_scoped_user_id",
    "ctwa_clid",
    "whatsapp_business_account_id",
    "ig_account_id",
    "ig_sid",
    "partner_id",
    "partner_name",
];

/// Every key, in the order of the report: all members of `user_data` but the ids of channels.
pub(crate) fn match_keys() -> impl Iterator<Item = &'static str> {
    let members = UserData::MEMBERS.iter().copied();
    members.filter(|name| !CHANNEL_IDS.contains(name))
}

/// The member of a Segment message that becomes the key: the first source of its row, or what the settings say.
pub(crate) fn segment_field(key: &str, settings: &Settings) -> String {
    if let ("external_id", Some(path)) = (key, &settings.external_id_prop) {
        return path.clone();
    }
    let mut rows = rules().chain(computed_fields());
    let row = rows.find(|row| row.field.strip_prefix("user_data.") == Some(key));
    let source = row.and_then(|row| row.sources.first().copied());
    source.unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_channel_id_is_a_member() {
        for id in CHANNEL_IDS {
            assert!(UserData::MEMBERS.contains(id), "{id}");
        }
    }

    #[test]
    fn every_key_has_a_source_in_the_mapping() {
        let mut settings = Settings::default();
        for key in match_keys() {
            assert!(
                segment_field(key, &settings).contains(['.', 'I']),
                "{key} comes from nowhere"
            );
        }
        assert_eq!(segment_field("em", &settings), "context.traits.email");
        settings.external_id_prop = Some("properties.member".to_owned());
        assert_eq!(segment_field("external_id", &settings), "properties.member");
    }
}

//! The match keys that the report counts, and where Segment has them.

use conversions_mapping::{Settings, computed_fields, rules};
use facebook_conversions::UserData;

/// A member of `user_data` by which Meta finds the person.
pub(crate) struct MatchKey {
    /// The name on the wire.
    pub(crate) name: &'static str,
    pub(crate) is_in: fn(&UserData<'_>) -> bool,
}

const fn key(name: &'static str, is_in: fn(&UserData<'_>) -> bool) -> MatchKey {
    MatchKey { name, is_in }
}

/// Every one, in the order of the report.
#[rustfmt::skip]
pub(crate) const KEYS: [MatchKey; 16] = [
    key("em",                |user| !user.em.is_empty()),
    key("ph",                |user| !user.ph.is_empty()),
    key("fn",                |user| !user.r#fn.is_empty()),
    key("ln",                |user| !user.ln.is_empty()),
    key("db",                |user| !user.db.is_empty()),
    key("ge",                |user| !user.ge.is_empty()),
    key("ct",                |user| !user.ct.is_empty()),
    key("st",                |user| !user.st.is_empty()),
    key("zp",                |user| !user.zp.is_empty()),
    key("country",           |user| !user.country.is_empty()),
    key("external_id",       |user| !user.external_id.is_empty()),
    key("client_ip_address", |user| user.client_ip_address.is_some()),
    key("client_user_agent", |user| user.client_user_agent.is_some()),
    key("fbc",               |user| user.fbc.is_some()),
    key("fbp",               |user| user.fbp.is_some()),
    key("madid",             |user| user.madid.is_some()),
];

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
    use facebook_conversions::HashedValue;
    use facebook_conversions::normalize::{HashedKey, NormalizeContext};

    use super::*;

    fn hash() -> HashedValue {
        HashedKey::Em
            .hash("jane@example.com", &NormalizeContext::in_year(2026))
            .unwrap()
    }

    #[test]
    fn each_key_looks_at_the_member_of_its_name() {
        #[rustfmt::skip]
        let members: [fn(&mut UserData<'static>); 16] = [
            |user| user.em.push(hash()), |user| user.ph.push(hash()), |user| user.r#fn.push(hash()), |user| user.ln.push(hash()),
            |user| user.db.push(hash()), |user| user.ge.push(hash()), |user| user.ct.push(hash()), |user| user.st.push(hash()),
            |user| user.zp.push(hash()), |user| user.country.push(hash()),
            |user| user.external_id.push(facebook_conversions::ExternalId::Hashed(hash())),
            |user| user.client_ip_address = Some("203.0.113.7".into()), |user| user.client_user_agent = Some("Mozilla".into()),
            |user| user.fbc = Some("fb.1.1.a".into()), |user| user.fbp = Some("fb.1.1.1".into()), |user| user.madid = Some("a".into()),
        ];
        for set in members {
            let mut user = UserData::default();
            set(&mut user);
            let seen: Vec<_> = KEYS
                .iter()
                .filter(|key| (key.is_in)(&user))
                .map(|key| key.name)
                .collect();
            assert_eq!(seen, user.present().collect::<Vec<_>>());
        }
    }

    #[test]
    fn every_key_has_a_source_in_the_mapping() {
        let mut settings = Settings::default();
        for key in &KEYS {
            assert!(
                segment_field(key.name, &settings).contains(['.', 'I']),
                "{} comes from nowhere",
                key.name
            );
        }
        assert_eq!(segment_field("em", &settings), "context.traits.email");
        settings.external_id_prop = Some("properties.member".to_owned());
        assert_eq!(segment_field("external_id", &settings), "properties.member");
    }
}

//! Contact data among the properties as match keys, if the setting `match_properties` is on.

use facebook_conversions::normalize::HashedKey;
use facebook_conversions::{HashedValue, OneOrMany, ServerEvent, UserData};

use crate::context::RuleContext;
use crate::note::{Effect, Path};
use crate::privacy::pii::fold;
use crate::rules::source::SourcePath;
use crate::transforms::hashed;
use crate::transforms::input::Input;

/// The field of a match key, its path, and the names of its properties without case and `_`, in order of precedence.
type MatchKey = (HashedKey, &'static str, &'static [&'static str]);

#[rustfmt::skip]
const KEYS: [MatchKey; 4] = [
    (HashedKey::Em, "user_data.em", &["email", "emailaddress", "customeremail"]),
    (HashedKey::Ph, "user_data.ph", &["phone", "phonenumber", "mobile"]),
    (HashedKey::Fn, "user_data.fn", &["firstname"]),
    (HashedKey::Ln, "user_data.ln", &["lastname"]),
];

/// Fills the match keys that the traits leave empty. The properties are removed from `custom_data` as ever.
pub(crate) fn apply<'a>(event: &mut ServerEvent<'a>, cx: &mut RuleContext<'_, 'a>) {
    if !cx.compiled.settings.match_properties {
        return;
    }
    for (key, field, names) in KEYS {
        if !member(&mut event.user_data, key).is_some_and(|values| values.is_empty()) {
            continue;
        }
        let properties = cx.message.properties.as_slice();
        let spellings = names.iter().flat_map(|name| {
            let has_name = move |key: &str| fold(key) == **name;
            properties
                .iter()
                .filter(move |property| has_name(&property.key))
        });
        for property in spellings.filter(|property| !property.value.is_blank()) {
            let input = Input {
                raw: property.value,
                from: &SourcePath::Configured("properties"),
                message: None,
            };
            let path = || Path::Key("properties", property.key.clone());
            match hashed::list(key, input, cx) {
                Ok((values, _)) => {
                    if let Some(member) = member(&mut event.user_data, key) {
                        *member = values;
                    }
                    cx.notes.wrote(field, Effect::Hashed, path);
                    break;
                }
                Err(_) => cx.notes.left_out(path),
            }
        }
    }
}

/// The member of a match key.
fn member<'e>(
    user: &'e mut UserData<'_>,
    key: HashedKey,
) -> Option<&'e mut OneOrMany<HashedValue>> {
    match key {
        HashedKey::Em => Some(&mut user.em),
        HashedKey::Ph => Some(&mut user.ph),
        HashedKey::Fn => Some(&mut user.r#fn),
        HashedKey::Ln => Some(&mut user.ln),
        _ => None,
    }
}

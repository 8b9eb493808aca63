//! Which customer information is enough.

use crate::user_data::UserData;

/// Sets that are too broad to match anybody, alone or in part. [Since version
/// 13](https://developers.facebook.com/docs/graph-api/changelog/version13.0#conversions-api) Meta refuses an event
/// whose parameters all lie inside one of them.
const TOO_BROAD: [&[&str]; 4] = [
    &["ct", "country", "st", "zp", "ge", "client_user_agent"],
    &["db", "client_user_agent"],
    &["fn", "ge"],
    &["ln", "ge"],
];

/// Whether the parameters that are present can match a person.
pub(super) fn is_sufficient(user: &UserData<'_>) -> bool {
    // Each of these is in none of the sets, and most events have one of them: the list of all parameters
    // is then never made.
    if !user.em.is_empty() || !user.ph.is_empty() || !user.external_id.is_empty() {
        return true;
    }
    // Meta does not document these two, so they do not count.
    let documented = user
        .present()
        .filter(|key| !matches!(*key, "partner_id" | "partner_name"));
    can_match(documented)
}

/// Whether parameters, by wire name, can match a person.
fn can_match(present: impl Iterator<Item = &'static str>) -> bool {
    // One bit for each set that holds all parameters so far.
    let mut inside = [true; TOO_BROAD.len()];
    let mut any = false;
    for key in present {
        any = true;
        for (set, inside) in TOO_BROAD.iter().zip(&mut inside) {
            *inside &= set.contains(&key);
        }
        if !inside.contains(&true) {
            return true;
        }
    }
    any && !inside.contains(&true)
}

#[cfg(test)]
mod tests {
    use super::can_match;

    #[test]
    fn metas_sets_and_all_their_parts_are_refused() {
        for keys in [
            &[][..],
            &["client_user_agent"],
            &["country", "client_user_agent"],
            &["ct", "country", "st", "zp", "ge", "client_user_agent"],
            &["db"],
            &["db", "client_user_agent"],
            &["fn", "ge"],
            &["ln"],
            &["ge"],
        ] {
            assert!(!can_match(keys.iter().copied()), "{keys:?}");
        }
    }

    #[test]
    fn one_key_outside_is_enough() {
        for keys in [
            &["em"][..],
            &["fn", "ln"],
            &["db", "ge"],
            &["fn", "client_user_agent"],
            &["client_ip_address", "client_user_agent"],
            &["external_id"],
            &["fbp"],
            &["madid"],
        ] {
            assert!(can_match(keys.iter().copied()), "{keys:?}");
        }
    }
}

//! "Did you mean …?"

/// The name that was probably meant: the nearest by edit distance, if it is near. Case, `_`, `-`, `.`, and blanks do not
/// count.
pub(crate) fn closest<'n>(
    given: &str,
    names: impl IntoIterator<Item = &'n str>,
) -> Option<&'n str> {
    let given = plain(given);
    let near = |name: &'n str| {
        let distance = strsim::damerau_levenshtein(&given, &plain(name));
        let allowed = (given.chars().count().min(name.chars().count()) / 3).max(1);
        (distance <= allowed).then_some((distance, name))
    };
    let best = names.into_iter().filter_map(near).min();
    best.map(|(_, name)| name)
}

fn plain(name: &str) -> String {
    let letters = name
        .chars()
        .filter(|letter| !matches!(letter, '_' | '-' | ' ' | '.'));
    letters.flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::closest;

    #[test]
    fn near_names_are_suggested_and_far_ones_are_not() {
        let names = ["pixel_id", "access_token", "standard_events"];
        assert_eq!(closest("PixelID", names), Some("pixel_id"));
        assert_eq!(closest("acess-tokne", names), Some("access_token"));
        assert_eq!(closest("standart_event", names), Some("standard_events"));
        assert_eq!(closest("colour", names), None);
    }
}

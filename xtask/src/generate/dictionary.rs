//! `fuzz/words.dict`: what libFuzzer puts into inputs. The names of the mapping's sources come from its tables.

use std::collections::BTreeSet;
use std::fmt::Write;

/// The lines below it are generated, those above are written by hand.
const MARK: &str =
    "# Below: the names of all sources of the mapping, written by `cargo xtask gen`.\n";

/// The lines above the mark as they are, and a line for each name that a message can hold.
pub(super) fn renew(dictionary: &str) -> String {
    let by_hand = dictionary.split(MARK).next().unwrap_or_default();
    let mut renewed = format!("{by_hand}{MARK}");
    let rules = conversions_mapping::rules();
    let sources: Vec<&str> = rules.into_iter().flat_map(|rule| rule.sources).collect();
    let names: BTreeSet<&str> = sources
        .iter()
        .flat_map(|source| source.split('.'))
        .collect();
    let is_name = |name: &&str| {
        name.chars()
            .all(|c| c.is_alphanumeric() || c == '_' || c == '$')
    };
    for name in names
        .into_iter()
        .filter(is_name)
        .filter(|name| !name.is_empty())
    {
        let _ = writeln!(renewed, r#""\"{name}\":""#);
    }
    renewed
}

#[cfg(test)]
mod tests {
    use super::renew;

    #[test]
    fn names_of_sources_follow_the_lines_written_by_hand() {
        let once = renew("\"null\"\n");
        assert!(once.starts_with("\"null\"\n# Below"));
        assert!(once.contains("\n\"\\\"postalCode\\\":\"\n"), "{once}");
        assert_eq!(renew(&once), once);
    }
}

//! Inputs: what people and systems write where a key is wanted, then bent out of shape.
//!
//! Characters come from scripts that Unicode has had for long, so that a Node whose Unicode is older than ours does not
//! count as a difference.

mod bend;
mod build;
mod samples;

use std::collections::HashSet;

use facebook_conversions::normalize::HashedKey;
use fastrand::Rng;

use super::rules;

/// An input, and what its normalization can depend on.
#[derive(Clone, Debug)]
pub(super) struct Case {
    pub(super) key: HashedKey,
    pub(super) raw: String,
    pub(super) in_us: bool,
    pub(super) year: i16,
}

/// About `count` different inputs of a key: the samples and the rules' examples as they are, then made-up ones.
pub(super) fn of(key: HashedKey, count: usize, seed: u64, year: i16) -> Vec<Case> {
    let mut rng =
        Rng::with_seed(seed ^ key.name().bytes().fold(0, |sum, b| sum * 31 + u64::from(b)));
    let mut known = HashSet::new();
    let mut cases = Vec::with_capacity(count);
    let fixed = samples::of(key).iter().copied().chain(rules::examples(key));
    let mut texts: Vec<String> = fixed.map(str::to_owned).collect();
    // Some keys have few different inputs: after twenty attempts for each wanted one there are enough.
    for _ in 0..count.saturating_mul(20) {
        if cases.len() >= count {
            break;
        }
        let raw = texts.pop().unwrap_or_else(|| {
            let text = build::text(key, &mut rng);
            bend::bent(text, &mut rng)
        });
        let in_us = rng.bool();
        if known.insert((raw.clone(), in_us && key == HashedKey::Zp)) {
            cases.push(Case {
                key,
                raw,
                in_us,
                year,
            });
        }
    }
    cases
}

#[cfg(test)]
mod tests {
    use facebook_conversions::normalize::HashedKey;

    use super::of;

    #[test]
    fn a_seed_always_makes_the_same_inputs_and_another_makes_others() {
        let raw = |seed| -> Vec<String> {
            of(HashedKey::Ct, 500, seed, 2026)
                .into_iter()
                .map(|case| case.raw)
                .collect()
        };
        assert_eq!(raw(7), raw(7));
        assert_ne!(raw(7), raw(8));
    }

    #[test]
    fn every_key_has_as_many_inputs_as_were_asked_for() {
        for key in HashedKey::ALL {
            assert_eq!(of(key, 3_000, 1, 2026).len(), 3_000, "{key}");
        }
    }

    #[test]
    fn a_good_part_of_the_inputs_is_usable() {
        let context = facebook_conversions::normalize::NormalizeContext::in_year(2026);
        for key in HashedKey::ALL {
            let cases = of(key, 1_000, 1, 2026);
            let usable = cases
                .iter()
                .filter(|case| key.normalize(&case.raw, &context).is_some());
            let usable = usable.count();
            assert!(usable >= 100, "{key}: {usable} of 1000");
        }
    }
}

//! The greatest age of an event as one bit, as it stands on disk.

use std::time::Duration;

use facebook_conversions::ActionSource;

/// Whether an event may be older than most: whether it happened in a physical store.
pub(crate) fn is_extended(max_age: Duration) -> bool {
    max_age > ActionSource::Website.max_age()
}

/// The greatest age that the bit stands for.
pub(crate) const fn from_bit(is_extended: bool) -> Duration {
    if is_extended {
        ActionSource::PhysicalStore.max_age()
    } else {
        ActionSource::Website.max_age()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bit_keeps_the_age_of_every_action_source() {
        for source in ActionSource::ALL {
            let max_age = source.max_age();
            assert_eq!(from_bit(is_extended(max_age)), max_age, "{source}");
        }
    }
}

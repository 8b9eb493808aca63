//! Identifiers like Meta's `fbtrace_id`.

use std::sync::atomic::{AtomicU64, Ordering};

/// A sequence of distinct identifiers, the same in each run.
#[derive(Debug, Default)]
pub(crate) struct TraceIds(AtomicU64);

impl TraceIds {
    pub(crate) fn next(&self) -> String {
        const DIGITS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
        let mut number = scramble(self.0.fetch_add(1, Ordering::Relaxed));
        let mut trace = String::from("A");
        for _ in 0..10 {
            let digit = usize::try_from(number % 62).unwrap_or_default();
            trace.push(DIGITS.get(digit).copied().map_or('0', char::from));
            number /= 62;
        }
        trace
    }
}

/// `SplitMix64` by Steele, Lea and Flood: spreads a counter over all 64 bits.
pub(crate) fn scramble(number: u64) -> u64 {
    let mut z = number.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::TraceIds;

    #[test]
    fn identifiers_differ() {
        let traces = TraceIds::default();
        let seen: BTreeSet<String> = (0..10_000).map(|_| traces.next()).collect();
        assert_eq!(seen.len(), 10_000);
        assert!(
            seen.iter()
                .all(|trace| trace.len() == 11 && trace.starts_with('A'))
        );
    }
}

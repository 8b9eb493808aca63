//! Records are read as they were written, and any other bytes do no harm.

use proptest::prelude::*;

use super::*;

fn keys_of(keys: &[u64]) -> (Vec<(u64, u64)>, usize) {
    let mut out = Vec::new();
    put_keys(&mut out, keys.iter().map(|key| (*key, 1)));
    let ranges = KeyRanges {
        decoder: Decoder(&out),
        end: 0,
    };
    (ranges.collect(), out.len())
}

#[test]
fn keys_in_a_row_take_one_range() {
    let many: Vec<_> = (1_000_000..1_001_000).collect();
    let (ranges, bytes) = keys_of(&many);
    assert_eq!(ranges, [(1_000_000, 1000)]);
    assert!(bytes <= 5, "{bytes}");
    assert_eq!(keys_of(&[5, 6, 9, 2, 3]).0, [(5, 2), (9, 1), (2, 2)]);
    assert_eq!(keys_of(&[]).0, []);
    assert_eq!(keys_of(&[u64::MAX]).0, [(u64::MAX, 1)]);
}

proptest! {
    #[test]
    fn a_range_contains_exactly_its_keys(keys in proptest::collection::vec(0..60_u64, 0..40)) {
        let mut out = Vec::new();
        put_keys(&mut out, keys.iter().map(|key| (*key, 1)));
        let ranges = KeyRanges { decoder: Decoder(&out), end: 0 };
        for key in 0..60 {
            prop_assert_eq!(ranges.contains(key), keys.contains(&key));
        }
    }

    #[test]
    fn no_bytes_make_reading_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        for record in records(&bytes) {
            let _ = read_happened(&record).map(|happened| happened.keys.contains(7));
            let _ = (read_event(&record), has_id(&record, 7));
        }
        let (before, body) = bytes.split_at(bytes.len() / 2);
        for kind in [EVENT, ATTEMPT, SETTLEMENT] {
            let record = Record { kind, body, before };
            let _ = read_happened(&record).map(|happened| happened.keys.contains(7));
            let _ = (read_event(&record), has_id(&record, 7));
        }
    }
}

//! Inflates gzip, and stops as soon as the result exceeds a limit.

use std::io::Read as _;

use flate2::bufread::MultiGzDecoder;

use crate::limits::budget::Share;
use crate::refusal::Refusal;

/// The ratio is checked beyond this size only: batches of similar events compress well.
const RATIO_CHECKED_BEYOND: usize = 1024 * 1024;

/// Whether bytes are gzip: no JSON starts like this.
pub(crate) fn is_gzip(bytes: &[u8]) -> bool {
    bytes.starts_with(&[0x1f, 0x8b])
}

/// Inflates to at most `max_bytes`, and beyond [`RATIO_CHECKED_BEYOND`] to at most `max_ratio` times the size.
pub(crate) fn inflate(
    bytes: &[u8],
    max_bytes: usize,
    max_ratio: usize,
    share: &mut Share,
) -> Result<Vec<u8>, Refusal> {
    let mut decoder = MultiGzDecoder::new(bytes);
    let mut inflated = Vec::with_capacity(bytes.len().saturating_mul(4).min(max_bytes));
    let mut chunk = [0u8; 16 * 1024];
    loop {
        let count = decoder
            .read(&mut chunk)
            .map_err(|_| Refusal::BadCompression)?;
        let Some(read) = chunk.get(..count).filter(|read| !read.is_empty()) else {
            return Ok(inflated);
        };
        let length = inflated.len() + count;
        if length > max_bytes {
            return Err(Refusal::PayloadTooLarge);
        }
        if length > RATIO_CHECKED_BEYOND && length / bytes.len().max(1) > max_ratio {
            return Err(Refusal::BadCompression);
        }
        if !share.grow(count) {
            return Err(Refusal::Overloaded);
        }
        inflated.extend_from_slice(read);
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;
    use std::sync::Arc;

    use flate2::{Compression, write::GzEncoder};
    use proptest::prelude::*;

    use super::{inflate, is_gzip};
    use crate::limits::budget::Budget;

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(bytes).expect("memory");
        encoder.finish().expect("memory")
    }

    fn code(bytes: &[u8], max_bytes: usize, max_ratio: usize, budget: usize) -> &'static str {
        let mut share = Arc::new(Budget::default()).share(budget);
        inflate(bytes, max_bytes, max_ratio, &mut share)
            .map_or_else(super::Refusal::code, |_| "fine")
    }

    #[test]
    fn inflating_stops_at_the_first_of_three_limits() {
        let bomb = gzip(&vec![b' '; 8_000_000]);
        assert_eq!(code(&bomb, 500_000, 2000, usize::MAX), "payload_too_large");
        assert_eq!(code(&bomb, 9_000_000, 100, usize::MAX), "bad_compression");
        assert_eq!(code(&bomb, 9_000_000, 2000, 1_000_000), "overloaded");
        assert_eq!(code(&bomb, 9_000_000, 2000, usize::MAX), "fine");
    }

    #[test]
    fn up_to_a_megabyte_any_ratio_is_allowed() {
        assert_eq!(
            code(&gzip(&vec![b' '; 500_000]), 500_000, 2, usize::MAX),
            "fine"
        );
    }

    #[test]
    fn gzip_that_is_cut_off_is_refused() {
        let whole = gzip(b"{\"a\":1}");
        for length in 2..whole.len() {
            assert_eq!(
                code(&whole[..length], 1000, 100, 1000),
                "bad_compression",
                "{length}"
            );
        }
    }

    proptest! {
        #[test]
        fn compressed_bytes_come_out_as_they_were(bytes in prop::collection::vec(any::<u8>(), 0..2000)) {
            let mut share = Arc::new(Budget::default()).share(usize::MAX);
            let compressed = gzip(&bytes);
            prop_assert!(is_gzip(&compressed));
            prop_assert_eq!(inflate(&compressed, 2000, 100, &mut share), Ok(bytes));
        }

        #[test]
        fn any_bytes_inflate_or_are_refused(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let mut share = Arc::new(Budget::default()).share(usize::MAX);
            let _ = inflate(&[&[0x1f, 0x8b, 8, 0], bytes.as_slice()].concat(), 2000, 100, &mut share);
        }
    }
}

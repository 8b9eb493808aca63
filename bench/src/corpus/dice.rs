//! Random values that several parts of a message need.

use std::fmt::Write;

use fastrand::Rng;

/// True in this percentage of calls.
pub(super) fn chance(rng: &mut Rng, percent: u8) -> bool {
    rng.u8(..100) < percent
}

/// One of the texts.
pub(super) fn pick<'a, T: ?Sized>(rng: &mut Rng, from: &[&'a T]) -> &'a T {
    #[expect(
        clippy::indexing_slicing,
        reason = "the index is below the length; no list is empty"
    )]
    from[rng.usize(..from.len())]
}

/// A number from 0 to `most`; each has `percent` of the probability of the number before.
pub(super) fn falling(rng: &mut Rng, percent: u8, most: usize) -> usize {
    let mut drawn = 0;
    while drawn < most && chance(rng, percent) {
        drawn += 1;
    }
    drawn
}

/// Random hex digits.
pub(super) fn hex(rng: &mut Rng, digits: usize) -> String {
    let mut text = String::with_capacity(digits + 16);
    while text.len() < digits {
        let _ = write!(text, "{:016x}", rng.u64(..));
    }
    text.truncate(digits);
    text
}

/// A random UUID, version 4.
pub(super) fn uuid(rng: &mut Rng) -> String {
    let bits = rng.u128(..) & !(0xf000 << 64) & !(0xc << 60) | (0x4000 << 64) | (0x8 << 60);
    format!(
        "{:08x}-{:04x}-{:04x}-{:04x}-{:012x}",
        bits >> 96,
        bits >> 80 & 0xffff,
        bits >> 64 & 0xffff,
        bits >> 48 & 0xffff,
        bits & 0xffff_ffff_ffff
    )
}

/// Random letters and digits.
pub(super) fn letters_and_digits(rng: &mut Rng, count: usize) -> String {
    std::iter::repeat_with(|| rng.alphanumeric())
        .take(count)
        .collect()
}

/// An amount of money as JavaScript writes it: 12, 12.5, 12.34.
pub(super) fn money(cents: u64) -> String {
    let (whole, part) = (cents / 100, cents % 100);
    match (part, part % 10) {
        (0, _) => whole.to_string(),
        (_, 0) => format!("{whole}.{}", part / 10),
        _ => format!("{whole}.{part:02}"),
    }
}

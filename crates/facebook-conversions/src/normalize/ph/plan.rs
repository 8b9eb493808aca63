//! How the telephone numbers of a country are built.

/// The numbering plan of a country.
pub(super) struct Plan {
    /// ISO 3166 alpha-2, and `XK` for Kosovo.
    pub(super) country: [u8; 2],
    /// The calling code, which international numbers begin with.
    pub(super) calling_code: &'static str,
    /// What stands before national numbers and is left out behind the calling code, longest first. None in countries,
    /// such as Italy and Spain, whose national numbers follow the calling code as they are.
    pub(super) trunk_prefixes: &'static [&'static str],
    /// How many digits national numbers have, without trunk prefix.
    pub(super) lengths: Lengths,
    /// Whether national numbers may begin with a zero that is no trunk prefix and stays behind the calling code.
    pub(super) keeps_zero: bool,
}

/// A set of numbers of digits: bit *n* stands for *n* digits.
#[derive(Clone, Copy)]
pub(super) struct Lengths(u32);

/// Numbers of some lengths whose first digits lie between two texts of the same length, both included. They begin with
/// the calling code of their country, and could be national by their length.
pub(super) struct Span {
    pub(super) first: &'static str,
    pub(super) last: &'static str,
    lengths: Lengths,
}

impl Lengths {
    pub(super) const fn contains(self, digits: usize) -> bool {
        digits < u32::BITS as usize && self.0 >> digits & 1 == 1
    }
}

impl Span {
    pub(super) fn is_before(&self, digits: &str) -> bool {
        self.last < digits.get(..self.last.len()).unwrap_or(digits)
    }

    pub(super) fn contains(&self, digits: &str) -> bool {
        self.lengths.contains(digits.len())
            && digits
                .get(..self.first.len())
                .is_some_and(|start| (self.first..=self.last).contains(&start))
    }
}

/// A row of the generated table of plans.
pub(super) const fn plan(
    country: [u8; 2],
    calling_code: &'static str,
    trunk_prefixes: &'static [&'static str],
    lengths: &[u8],
    keeps_zero: bool,
) -> Plan {
    Plan {
        country,
        calling_code,
        trunk_prefixes,
        lengths: lengths_of(lengths),
        keeps_zero,
    }
}

/// An entry of the generated table of spans.
pub(super) const fn span(first: &'static str, last: &'static str, lengths: &[u8]) -> Span {
    Span {
        first,
        last,
        lengths: lengths_of(lengths),
    }
}

const fn lengths_of(digits: &[u8]) -> Lengths {
    let mut bits = 0;
    let mut rest = digits;
    while let [first, others @ ..] = rest {
        bits |= 1 << *first;
        rest = others;
    }
    Lengths(bits)
}

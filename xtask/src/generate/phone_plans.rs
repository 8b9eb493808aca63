//! The tables by which telephone numbers are completed, out of `xtask/data/phone-plans.txt`.

mod international;

use super::rust_source::{Source, byte_string};
use international::international_numbers;

/// Where the tables come from.
const ORIGIN: &str = "`xtask/data/phone-plans.txt`";
const DATA: &str = include_str!("../../data/phone-plans.txt");

/// A line of the data.
struct Plan {
    country: &'static str,
    calling_code: &'static str,
    /// Whether it stands for all countries that share its calling code.
    is_main: bool,
    trunk_prefixes: Vec<&'static str>,
    lengths: Vec<u8>,
    /// Pattern of everything that looks like a number of the country.
    possible: &'static str,
    /// Pattern of the numbers that the country has assigned.
    valid: &'static str,
}

/// Numbers of some lengths whose first digits lie between two texts, both included.
#[derive(Debug, PartialEq, Eq)]
struct Span {
    first: String,
    last: String,
    lengths: Vec<u8>,
}

/// `normalize/ph/plans.rs`.
pub(super) fn plans() -> String {
    let plans = read();
    let rows: String = plans.iter().map(row).collect();
    let mut source = Source::new("Numbering plans by country.", ORIGIN);
    source.lines("use super::plan::{Plan, plan};");
    source.lines(&format!(
        "/// Sorted by country.\n#[rustfmt::skip]\npub(super) static PLANS: [Plan; {}] = [\n    \
         //   country, calling code, trunk prefixes, lengths, keeps a zero\n\
         {rows}];",
        plans.len(),
    ));
    source.into_text()
}

fn row(plan: &Plan) -> String {
    let Plan {
        country,
        calling_code,
        trunk_prefixes,
        lengths,
        ..
    } = plan;
    format!(
        "    plan({}, {calling_code:?}, &{trunk_prefixes:?}, &{lengths:?}, {}),\n",
        byte_string(country),
        international::keeps_zero(plan),
    )
}

/// `normalize/ph/international.rs`.
pub(super) fn spans() -> String {
    let mut source = Source::new(
        "Numbers that begin with the calling code of their country, and could be national by their length.",
        ORIGIN,
    );
    source.lines("use super::plan::{Span, span};");
    let mut spans: Vec<Span> = read()
        .iter()
        .filter(|plan| plan.is_main)
        .flat_map(international_numbers)
        .collect();
    spans.sort_by(|one, other| one.first.cmp(&other.first));
    let rows: Vec<String> = spans
        .iter()
        .map(
            |Span {
                 first,
                 last,
                 lengths,
             }| format!("span({first:?}, {last:?}, &{lengths:?})"),
        )
        .collect();
    source.list(
        "Sorted. No text is the beginning of another one.",
        "static INTERNATIONAL",
        "Span",
        &rows,
    );
    source.into_text()
}

fn read() -> Vec<Plan> {
    lines().filter_map(parse).collect()
}

fn lines() -> impl Iterator<Item = &'static str> {
    DATA.lines().filter(|line| !line.starts_with('#'))
}

fn parse(line: &'static str) -> Option<Plan> {
    let mut fields = line.split(' ');
    let (country, calling_code) = (fields.next()?, fields.next()?);
    let is_main = fields.next()? == "main";
    let trunk_prefixes = match fields.next()? {
        "-" => Vec::new(),
        prefixes => prefixes.split(',').collect(),
    };
    let lengths = fields.next()?.split(',').map(str::parse);
    Some(Plan {
        country,
        calling_code,
        is_main,
        trunk_prefixes,
        lengths: lengths.collect::<Result<_, _>>().ok()?,
        possible: fields.next()?,
        valid: fields.next()?,
    })
}

#[cfg(test)]
mod tests {
    use super::{lines, parse};

    #[test]
    fn every_line_of_the_data_is_read() {
        for line in lines() {
            assert!(parse(line).is_some(), "{line}");
        }
    }
}

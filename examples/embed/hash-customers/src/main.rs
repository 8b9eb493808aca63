//! Hashes a list of customers: `hash-customers [FILE]`, CSV without quotes, whose head names Meta's keys.
//!
//! Uses `facebook-conversions` and nothing else: no runtime, no network, no clock.

use std::error::Error;
use std::fs;

use facebook_conversions::CountryCode;
use facebook_conversions::normalize::{HashedKey, NormalizeContext};

const CUSTOMERS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/customers.csv");
/// The current year; nobody is born later. A real program asks its clock.
const YEAR: i16 = 2026;

fn main() -> Result<(), Box<dyn Error>> {
    let path = std::env::args().nth(1);
    let text = fs::read_to_string(path.as_deref().unwrap_or(CUSTOMERS))?;
    let mut lines = text.lines();
    let head = lines.next().ok_or("the file is empty")?;
    let keys = head
        .split(',')
        .map(|name| {
            HashedKey::from_name(name.trim()).ok_or("the head has a name that is no key of Meta's")
        })
        .collect::<Result<Vec<_>, _>>()?;

    println!("{head}");
    for line in lines {
        let values: Vec<&str> = line.split(',').collect();
        let cells = || keys.iter().zip(&values);
        let country = cells().find(|(key, _)| **key == HashedKey::Country);
        let country = country.and_then(|(_, value)| CountryCode::parse(value.trim()));
        // A telephone number without a calling code gets that of the customer's country.
        let context = NormalizeContext::in_year(YEAR)
            .in_country(country)
            .completing_phones(None);
        let hashes = cells().map(|(key, value)| key.hash(value, &context));
        let texts: Vec<String> = hashes
            .map(|hash| {
                hash.map(|hash| hash.as_str().to_owned())
                    .unwrap_or_default()
            })
            .collect();
        println!("{}", texts.join(","));
    }
    Ok(())
}

//! The user's IP address.

use std::borrow::Cow;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use facebook_conversions::{Text, is_suffix, strip_suffix};

use crate::context::RuleContext;
use crate::transforms::input::Input;
use crate::transforms::plain_text::text_of;
use crate::transforms::transformed::{Change, Transformed, Unusable};

pub(super) fn ip_address<'v>(
    input: Input<'v, '_>,
    _: &mut RuleContext<'_, '_>,
) -> Transformed<Text<'v>> {
    let text = text_of(input.raw).ok_or(Unusable::Unreadable)?;
    match public_address(&text).ok_or(Unusable::Unreadable)? {
        // What is borrowed is part of the text: all of it, if it is as long.
        Cow::Borrowed(address) if address.len() == text.len() => Ok((text, Change::Same)),
        address => Ok((Text::from(address.into_owned()), Change::Normalized)),
    }
}

/// The first usable address of a text that holds one, or a list with commas as in `X-Forwarded-For`.
fn public_address(text: &str) -> Option<Cow<'_, str>> {
    if let Some(address) = dotted_quad(text.as_bytes()) {
        return is_public_v4(address).then_some(Cow::Borrowed(text));
    }
    text.split(',').find_map(single_address)
}

/// The address without blanks, brackets, port and the `::ffff:` of IPv4-mapped addresses. A suffix that Meta's parameter
/// builder appended stays. `None` if the text is not an address, or a private or otherwise unroutable one.
fn single_address(text: &str) -> Option<Cow<'_, str>> {
    let text = text.trim();
    let bare = without_port(text)?;
    let (address, suffix) = if let Ok(address) = bare.parse::<IpAddr>() {
        (address, "")
    } else {
        let stripped = strip_suffix(bare);
        (stripped.parse().ok()?, bare.get(stripped.len()..)?)
    };
    match address {
        IpAddr::V4(v4) => is_public_v4(v4).then_some(Cow::Borrowed(bare)),
        IpAddr::V6(v6) => match v6.to_ipv4_mapped() {
            Some(v4) => is_public_v4(v4).then(|| Cow::Owned(format!("{v4}{suffix}"))),
            None => is_public_v6(v6).then_some(Cow::Borrowed(bare)),
        },
    }
}

/// Reads the most frequent form faster than the standard library does: four numbers up to 255, without leading zeros.
fn dotted_quad(text: &[u8]) -> Option<Ipv4Addr> {
    let mut octets = [0u8; 4];
    let mut rest = text;
    for (index, octet) in octets.iter_mut().enumerate() {
        if index > 0 {
            rest = rest.strip_prefix(b".")?;
        }
        let digits = rest
            .iter()
            .take(3)
            .take_while(|byte| byte.is_ascii_digit())
            .count();
        let (number, behind) = rest.split_at_checked(digits)?;
        let has_leading_zero = digits > 1 && number.starts_with(b"0");
        let value = number
            .iter()
            .fold(0u16, |sum, digit| sum * 10 + u16::from(digit - b'0'));
        *octet = u8::try_from(value)
            .ok()
            .filter(|_| digits > 0 && !has_leading_zero)?;
        rest = behind;
    }
    rest.is_empty().then(|| Ipv4Addr::from(octets))
}

/// Strips brackets and port from `[v6]`, `[v6]:port` and `v4:port`; returns any other text unchanged.
fn without_port(text: &str) -> Option<&str> {
    let is_port =
        |port: &str| port.bytes().all(|byte| byte.is_ascii_digit()) && port.parse::<u16>().is_ok();
    if let Some(rest) = text.strip_prefix('[') {
        let (address, behind) = rest.split_once(']')?;
        let well_formed = behind.is_empty()
            || behind.strip_prefix(':').is_some_and(is_port)
            || behind.strip_prefix('.').is_some_and(is_suffix);
        return well_formed.then_some(address);
    }
    match text.split_once(':') {
        Some((v4, port)) if v4.contains('.') && is_port(port) => Some(v4),
        _ => Some(text),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [first, second, ..] = address.octets();
    let is_shared = first == 100 && (64..128).contains(&second);
    !(first == 0
        || is_shared
        || address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_multicast())
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    !(address.is_unspecified()
        || address.is_loopback()
        || address.is_unique_local()
        || address.is_unicast_link_local()
        || address.is_multicast())
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use proptest::prelude::*;

    use super::{dotted_quad, public_address};

    proptest! {
        #[test]
        fn dotted_quads_are_read_as_the_standard_library_reads_them(text in "[0-9]{1,4}(\\.[0-9]{0,3}){3}|[0-9.]{0,16}") {
            prop_assert_eq!(dotted_quad(text.as_bytes()), text.parse::<Ipv4Addr>().ok(), "{}", text);
        }
    }

    #[test]
    fn public_addresses_lose_port_brackets_and_mapping() {
        for (text, address) in [
            ("203.0.113.7", "203.0.113.7"),
            (" 203.0.113.7:8080 ", "203.0.113.7"),
            ("2001:DB8::0:1", "2001:DB8::0:1"),
            ("[2001:db8::1]", "2001:db8::1"),
            ("[2001:db8::1]:443", "2001:db8::1"),
            ("::ffff:203.0.113.7", "203.0.113.7"),
            ("::ffff:cb00:7107", "203.0.113.7"),
            ("203.0.113.7.AQQCAQMA", "203.0.113.7.AQQCAQMA"),
            ("2001:db8::1.BA", "2001:db8::1.BA"),
            ("10.0.0.7, 203.0.113.9", "203.0.113.9"),
            ("203.0.113.7,198.51.100.2", "203.0.113.7"),
            ("unknown, ,[2001:db8::1]:443 , 203.0.113.9", "2001:db8::1"),
        ] {
            assert_eq!(public_address(text).as_deref(), Some(address), "{text}");
        }
    }

    #[test]
    fn texts_and_private_addresses_are_no_public_address() {
        for text in [
            "",
            "localhost",
            "256.1.1.1",
            "1.2.3",
            "01.2.3.4",
            "10.0.0.7, 192.168.1.1",
            ", ,",
            "unknown, 10.0.0.7",
            "1.2.3.4:",
            "1.2.3.4:http",
            "[1::2",
            "10.0.0.1",
            "172.16.0.1",
            "172.31.255.255",
            "192.168.1.1",
            "127.0.0.1",
            "169.254.1.1",
            "0.1.2.3",
            "100.64.0.1",
            "100.127.255.255",
            "224.0.0.1",
            "::",
            "::1",
            "fe80::1",
            "fe80::1%eth0",
            "fd00::1",
            "ff02::1",
            "::ffff:10.0.0.1",
            "::ffff:127.0.0.1:80",
            "10.0.0.1.AQQCAQMA",
        ] {
            assert_eq!(public_address(text), None, "{text}");
        }
        for text in [
            "172.15.0.1",
            "172.32.0.1",
            "100.63.0.1",
            "100.128.0.1",
            "11.0.0.1",
        ] {
            assert!(public_address(text).is_some(), "{text}");
        }
    }
}

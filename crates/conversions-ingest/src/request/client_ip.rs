//! The address of the user's device, past the proxies that are ours.

use std::net::IpAddr;

use axum::http::HeaderMap;
use ipnet::IpNet;

const X_FORWARDED_FOR: &str = "x-forwarded-for";

/// The address that a request comes from, if it is not one of our own.
///
/// If the peer is a trusted proxy, the last address of `X-Forwarded-For` that is none: what stands before it could have
/// been written by anybody. Something that is no address ends the search without a result.
pub(crate) fn client_ip(
    peer: Option<IpAddr>,
    headers: &HeaderMap,
    trusted: &[IpNet],
) -> Option<IpAddr> {
    let is_trusted = |address: &IpAddr| trusted.iter().any(|network| network.contains(address));
    let peer = peer?.to_canonical();
    if !is_trusted(&peer) {
        return Some(peer);
    }
    let lines: Vec<&str> = headers
        .get_all(X_FORWARDED_FOR)
        .iter()
        .map(|line| line.to_str().unwrap_or("?"))
        .collect();
    for entry in lines.iter().rev().flat_map(|line| line.rsplit(',')) {
        let address = read(entry)?;
        if !is_trusted(&address) {
            return Some(address);
        }
    }
    None
}

/// An address, with or without port and brackets; an IPv4 address in the form of IPv6 becomes one of IPv4.
fn read(entry: &str) -> Option<IpAddr> {
    let entry = entry.trim();
    let bare = match entry.strip_prefix('[') {
        Some(rest) => rest.split_once(']')?.0,
        // With one colon it is the port's; with more they are the address's.
        None => match entry.split_once(':') {
            Some((address, port)) if !port.contains(':') => address,
            _ => entry,
        },
    };
    bare.parse()
        .ok()
        .map(|address: IpAddr| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use axum::http::{HeaderMap, HeaderValue};
    use ipnet::IpNet;

    use super::client_ip;

    fn from(peer: &str, forwarded: &[&str], trusted: &[&str]) -> Option<String> {
        let mut headers = HeaderMap::new();
        for line in forwarded {
            headers.append(
                "x-forwarded-for",
                HeaderValue::from_str(line).expect("a value"),
            );
        }
        let trusted: Vec<IpNet> = trusted
            .iter()
            .map(|one| one.parse().expect("a network"))
            .collect();
        client_ip(peer.parse().ok(), &headers, &trusted).map(|address| address.to_string())
    }

    #[test]
    fn nobody_is_believed_unless_trusted() {
        let spoofed = from("203.0.113.7", &["1.1.1.1"], &["10.0.0.0/8"]);
        assert_eq!(spoofed.as_deref(), Some("203.0.113.7"));
    }

    #[test]
    fn the_rightmost_address_that_is_not_ours_counts() {
        let ours = ["10.0.0.0/8", "2001:db8::/32"];
        for (forwarded, expected) in [
            (&["6.6.6.6, 198.51.100.4"][..], Some("198.51.100.4")),
            (&["6.6.6.6, 198.51.100.4, 10.1.1.1"], Some("198.51.100.4")),
            (&["6.6.6.6", "198.51.100.4,10.1.1.1"], Some("198.51.100.4")),
            (&["198.51.100.4:4711"], Some("198.51.100.4")),
            (&["[2a00:1450::1]:443"], Some("2a00:1450::1")),
            (&["2a00:1450::1"], Some("2a00:1450::1")),
            (&["::ffff:198.51.100.4"], Some("198.51.100.4")),
            (&["6.6.6.6, unknown"], None),
            (&["6.6.6.6, "], None),
            (&["10.9.9.9, 10.1.1.1"], None),
            (&[], None),
        ] {
            assert_eq!(
                from("::ffff:10.0.0.1", forwarded, &ours).as_deref(),
                expected,
                "{forwarded:?}"
            );
        }
    }

    #[test]
    fn without_a_connection_there_is_no_address() {
        assert_eq!(from("", &["1.1.1.1"], &["0.0.0.0/0"]), None);
    }
}

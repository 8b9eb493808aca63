//! The address of the user's device, behind proxies that are trusted.

use std::net::IpAddr;

use axum::http::HeaderMap;
use ipnet::IpNet;

const X_FORWARDED_FOR: &str = "x-forwarded-for";

/// The address that a request comes from; `None` if only trusted proxies are known.
///
/// If the peer is a trusted proxy, it is the rightmost address of `X-Forwarded-For` that is not a trusted proxy.
/// Senders can write anything to the left of it. An entry that is not an address ends the search without a result.
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
        let address = parse(entry)?;
        if !is_trusted(&address) {
            return Some(address);
        }
    }
    None
}

/// Parses an address with or without port and brackets; an IPv4-mapped IPv6 address becomes an IPv4 address.
fn parse(entry: &str) -> Option<IpAddr> {
    let entry = entry.trim();
    let bare = match entry.strip_prefix('[') {
        Some(rest) => rest.split_once(']')?.0,
        // One colon separates a port; several belong to an IPv6 address.
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
    fn x_forwarded_for_of_an_untrusted_peer_is_ignored() {
        let spoofed = from("203.0.113.7", &["1.1.1.1"], &["10.0.0.0/8"]);
        assert_eq!(spoofed.as_deref(), Some("203.0.113.7"));
    }

    #[test]
    fn the_rightmost_address_that_is_not_trusted_is_the_client_s() {
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
    fn without_a_peer_there_is_no_address() {
        assert_eq!(from("", &["1.1.1.1"], &["0.0.0.0/0"]), None);
    }
}

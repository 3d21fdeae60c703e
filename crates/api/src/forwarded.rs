//! Which address asks, when a proxy stands in front?
//!
//! A connection says only who is next door. What a request says of where it comes from is
//! believed of proxies that the configuration names, and of nobody else: everybody can
//! write a header.

use std::net::{IpAddr, SocketAddr};

use http::HeaderMap;
use ipnet::IpNet;

/// Each proxy appends the address that it heard from.
const HEADER: &str = "x-forwarded-for";

/// The networks whose `X-Forwarded-For` is believed; of none by default.
#[derive(Clone, Debug, Default)]
pub struct TrustedProxies(Vec<IpNet>);

impl TrustedProxies {
    /// These networks; a proxy of one address is a network of one (`10.0.0.7/32`).
    pub fn new(networks: Vec<IpNet>) -> Self {
        Self(networks)
    }

    /// The client behind a connection from `peer`: the last address in the header that is
    /// no trusted proxy, because whatever stands before it could have been made up. The
    /// peer itself where it is not trusted, or says nothing that can be read.
    pub fn client(&self, peer: SocketAddr, headers: &HeaderMap) -> SocketAddr {
        if !self.trusts(peer.ip()) {
            return peer;
        }
        let mut client = peer;
        for hop in hops(headers).rev() {
            let Some(address) = hop else { break };
            client = SocketAddr::new(address, 0);
            if !self.trusts(address) {
                break;
            }
        }
        client
    }

    fn trusts(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.0.iter().any(|network| network.contains(&address))
    }
}

/// The addresses as they were appended, over all lines of the header; `None` is something
/// that is no address.
fn hops(headers: &HeaderMap) -> impl DoubleEndedIterator<Item = Option<IpAddr>> {
    let lines = headers.get_all(HEADER).iter();
    let texts = lines.map(|line| line.to_str().unwrap_or("?"));
    let hops: Vec<_> = texts
        .flat_map(|text| text.split(','))
        .map(address)
        .collect();
    hops.into_iter()
}

/// `192.0.2.7`, `192.0.2.7:4711`, `2001:db8::7`, `[2001:db8::7]:4711`.
fn address(text: &str) -> Option<IpAddr> {
    let text = text.trim();
    let bare = text.trim_start_matches('[').trim_end_matches(']');
    let with_port = || text.parse::<SocketAddr>().ok().map(|both| both.ip());
    let address = bare.parse().ok().or_else(with_port)?;
    Some(IpAddr::to_canonical(&address))
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn behind(networks: &[&str], peer: &str, lines: &[&'static str]) -> String {
        let networks = networks.iter().map(|text| text.parse().unwrap()).collect();
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(HEADER, HeaderValue::from_static(line));
        }
        let peer = SocketAddr::new(peer.parse().unwrap(), 4711);
        let client = TrustedProxies::new(networks).client(peer, &headers);
        client.ip().to_string()
    }

    #[test]
    fn nobody_is_believed_unless_named() {
        assert_eq!(behind(&[], "10.0.0.1", &["192.0.2.7"]), "10.0.0.1");
        let named = ["10.0.0.0/30"];
        assert_eq!(behind(&named, "10.0.0.3", &["192.0.2.7"]), "192.0.2.7");
        assert_eq!(behind(&named, "10.0.0.4", &["192.0.2.7"]), "10.0.0.4");
        assert_eq!(
            behind(&named, "::ffff:10.0.0.3", &["192.0.2.7"]),
            "192.0.2.7"
        );
    }

    /// B47: who writes a header before the proxy does changes only what is not believed.
    #[test]
    fn the_last_address_that_is_no_proxy_counts() {
        let named = ["10.0.0.0/8", "2001:db8:1::/48"];
        let told = |lines: &[&'static str]| behind(&named, "10.0.0.1", lines);
        assert_eq!(told(&["203.0.113.9, 192.0.2.7"]), "192.0.2.7");
        assert_eq!(told(&["203.0.113.9", "192.0.2.7, 10.0.0.2"]), "192.0.2.7");
        assert_eq!(told(&["192.0.2.7:80, [2001:db8:1::2]:80"]), "192.0.2.7");
        assert_eq!(told(&["2001:db8::7"]), "2001:db8::7");
    }

    #[test]
    fn what_is_no_address_ends_the_search() {
        let named = ["10.0.0.0/8"];
        let told = |lines: &[&'static str]| behind(&named, "10.0.0.1", lines);
        assert_eq!(told(&[]), "10.0.0.1");
        assert_eq!(told(&[""]), "10.0.0.1");
        assert_eq!(told(&["192.0.2.7, unknown"]), "10.0.0.1");
        assert_eq!(told(&["192.0.2.7, _hidden, 10.0.0.2"]), "10.0.0.2");
        assert_eq!(told(&["10.0.0.3, 10.0.0.2"]), "10.0.0.3");
    }
}

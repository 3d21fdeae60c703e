//! Which addresses may a connection go to?
//!
//! Pure: addresses in, a verdict out. Never resolves a name. The table follows the
//! IANA special-purpose registries (RFC 6890 and its updates) and the well-known
//! ways of hiding an IPv4 address inside an IPv6 one.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::IpNet;

/// Who wrote the host name down.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Trust {
    /// The operator, in the configuration: a mail server, a source, the heartbeat.
    /// Inside addresses are fine; link-local ones only if listed.
    Trusted,
    /// Somebody else, or a place that takes arbitrary requests: a webhook target.
    /// Public addresses and those in `egress.allow_cidrs`, nothing else.
    Guarded,
}

/// Why an address may not be connected to.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "{address} is {range}, which is not connected to; add its network to `egress.allow_cidrs` if that is meant"
)]
pub struct Refusal {
    /// The address as it was given or resolved.
    pub address: IpAddr,
    /// What the address belongs to, in words.
    pub range: &'static str,
}

/// The rule for all connections: the built-in table, opened where the operator says so.
#[derive(Clone, Debug, Default)]
pub struct AddressPolicy {
    allow: Vec<IpNet>,
}

impl AddressPolicy {
    /// A policy that opens the listed networks, and no others, of the forbidden ones.
    pub fn new(allow: Vec<IpNet>) -> Self {
        Self { allow }
    }

    /// Decides on one address. An IPv4 address inside an IPv6 one must pass as well.
    ///
    /// # Errors
    /// The range that forbids it.
    pub fn check(&self, address: IpAddr, trust: Trust) -> Result<(), Refusal> {
        let canonical = address.to_canonical();
        if let Some(inner) = self.unlisted_inner(canonical) {
            let refused = |r: Refusal| Refusal {
                address,
                range: r.range,
            };
            self.check(IpAddr::V4(inner), trust).map_err(refused)?;
        }
        match forbidden(canonical) {
            Some(range) if !range.closed_to(trust) => Ok(()),
            Some(range) if !self.opens(canonical, range) => Err(Refusal {
                address,
                range: range.name,
            }),
            _ => Ok(()),
        }
    }

    /// The IPv4 address inside, unless the operator listed this very IPv6 address.
    fn unlisted_inner(&self, canonical: IpAddr) -> Option<Ipv4Addr> {
        match canonical {
            IpAddr::V6(outer) if !self.lists(canonical, 128) => embedded_v4(outer),
            _ => None,
        }
    }

    /// Link-local networks open only to an entry that lies inside them: `0.0.0.0/0`
    /// in the list must not lead to a cloud's metadata service by accident.
    fn opens(&self, address: IpAddr, range: &Range) -> bool {
        self.lists(address, if range.explicit { range.prefix } else { 0 })
    }

    fn lists(&self, address: IpAddr, prefix_min: u8) -> bool {
        self.allow
            .iter()
            .any(|net| net.contains(&address) && net.prefix_len() >= prefix_min)
    }
}

/// One row of the table.
struct Range {
    network: IpAddr,
    prefix: u8,
    name: &'static str,
    /// Closed to trusted hosts too, and opened only by an entry inside the range.
    explicit: bool,
}

impl Range {
    fn closed_to(&self, trust: Trust) -> bool {
        self.explicit || trust == Trust::Guarded
    }

    fn holds(&self, address: IpAddr) -> bool {
        IpNet::new(self.network, self.prefix).is_ok_and(|net| net.contains(&address))
    }
}

const fn v4(a: u8, b: u8, c: u8, d: u8, prefix: u8, name: &'static str, explicit: bool) -> Range {
    Range {
        network: IpAddr::V4(Ipv4Addr::new(a, b, c, d)),
        prefix,
        name,
        explicit,
    }
}

const fn v6(network: Ipv6Addr, prefix: u8, name: &'static str, explicit: bool) -> Range {
    Range {
        network: IpAddr::V6(network),
        prefix,
        name,
        explicit,
    }
}

const fn groups(a: u16, b: u16, c: u16) -> Ipv6Addr {
    Ipv6Addr::new(a, b, c, 0, 0, 0, 0, 0)
}

/// The narrower range stands before the wider one.
const FORBIDDEN: &[Range] = &[
    v4(0, 0, 0, 0, 8, "\"this network\" (RFC 1122)", false),
    v4(10, 0, 0, 0, 8, "a private network (RFC 1918)", false),
    v4(100, 64, 0, 0, 10, "carrier-grade NAT (RFC 6598)", false),
    v4(127, 0, 0, 0, 8, "loopback (RFC 1122)", false),
    v4(
        169,
        254,
        0,
        0,
        16,
        "link-local, where cloud metadata is served (RFC 3927)",
        true,
    ),
    v4(172, 16, 0, 0, 12, "a private network (RFC 1918)", false),
    v4(192, 0, 0, 0, 24, "reserved for protocols (RFC 6890)", false),
    v4(
        192,
        0,
        2,
        0,
        24,
        "an example in documents (RFC 5737)",
        false,
    ),
    v4(192, 88, 99, 0, 24, "a 6to4 relay (RFC 7526)", false),
    v4(192, 168, 0, 0, 16, "a private network (RFC 1918)", false),
    v4(198, 18, 0, 0, 15, "a benchmark network (RFC 2544)", false),
    v4(
        198,
        51,
        100,
        0,
        24,
        "an example in documents (RFC 5737)",
        false,
    ),
    v4(
        203,
        0,
        113,
        0,
        24,
        "an example in documents (RFC 5737)",
        false,
    ),
    v4(224, 0, 0, 0, 4, "multicast (RFC 5771)", true),
    v4(240, 0, 0, 0, 4, "reserved or broadcast (RFC 1112)", true),
    v6(
        Ipv6Addr::UNSPECIFIED,
        128,
        "the unspecified address (RFC 4291)",
        false,
    ),
    v6(Ipv6Addr::LOCALHOST, 128, "loopback (RFC 4291)", false),
    v6(
        Ipv6Addr::UNSPECIFIED,
        96,
        "an IPv4-compatible address (RFC 4291)",
        false,
    ),
    v6(
        groups(0x64, 0xff9b, 0),
        96,
        "an IPv4 address behind NAT64 (RFC 6052)",
        false,
    ),
    v6(
        groups(0x64, 0xff9b, 1),
        48,
        "an IPv4 address behind NAT64 (RFC 8215)",
        false,
    ),
    v6(
        groups(0x100, 0, 0),
        64,
        "a discard prefix (RFC 6666)",
        false,
    ),
    v6(
        groups(0x2001, 0, 0),
        23,
        "reserved for protocols, Teredo among them (RFC 2928)",
        false,
    ),
    v6(
        groups(0x2001, 0xdb8, 0),
        32,
        "an example in documents (RFC 3849)",
        false,
    ),
    v6(
        groups(0x2002, 0, 0),
        16,
        "an IPv4 address in 6to4 (RFC 3056)",
        false,
    ),
    v6(
        groups(0x3fff, 0, 0),
        20,
        "an example in documents (RFC 9637)",
        false,
    ),
    v6(
        groups(0x5f00, 0, 0),
        16,
        "a segment-routing prefix (RFC 9602)",
        false,
    ),
    v6(
        groups(0xfc00, 0, 0),
        7,
        "a unique local network (RFC 4193)",
        false,
    ),
    v6(groups(0xfe80, 0, 0), 10, "link-local (RFC 4291)", true),
    v6(groups(0xfec0, 0, 0), 10, "site-local (RFC 3879)", false),
    v6(groups(0xff00, 0, 0), 8, "multicast (RFC 4291)", true),
];

fn forbidden(canonical: IpAddr) -> Option<&'static Range> {
    FORBIDDEN.iter().find(|range| range.holds(canonical))
}

/// The IPv4 address that an IPv6 one leads to: compatible, NAT64, 6to4, ISATAP.
fn embedded_v4(address: Ipv6Addr) -> Option<Ipv4Addr> {
    let [a, b, c, d, e, f, g, h] = address.segments();
    let v4 = |hi: u16, lo: u16| Some(Ipv4Addr::from(u32::from(hi) << 16 | u32::from(lo)));
    match (a, b, c, d, e, f) {
        _ if address.is_unspecified() || address.is_loopback() => None,
        (0, 0, 0, 0, 0, 0) | (0x64, 0xff9b, _, _, _, _) => v4(g, h),
        (0x2002, hi, lo, ..) => v4(hi, lo),
        (_, _, _, _, 0 | 0x200, 0x5efe) => v4(g, h),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn policy(nets: &[&str]) -> AddressPolicy {
        AddressPolicy::new(nets.iter().map(|n| n.parse().unwrap()).collect())
    }

    fn ok(policy: &AddressPolicy, address: &str, trust: Trust) -> bool {
        policy.check(address.parse().unwrap(), trust).is_ok()
    }

    /// B53: addresses inside, however they are written, are refused.
    #[test]
    fn inside_addresses_are_refused_however_they_are_written() {
        for inside in [
            "0.0.0.0",
            "0.1.2.3",
            "10.0.0.1",
            "10.255.255.255",
            "100.64.0.0",
            "100.127.255.255",
            "127.0.0.1",
            "127.255.255.254",
            "169.254.169.254",
            "172.16.0.0",
            "172.31.255.255",
            "192.0.0.8",
            "192.0.2.1",
            "192.88.99.1",
            "192.168.0.1",
            "198.18.0.1",
            "198.19.255.255",
            "198.51.100.1",
            "203.0.113.1",
            "224.0.0.1",
            "239.255.255.255",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "::ffff:169.254.169.254",
            "::127.0.0.1",
            "64:ff9b::7f00:1",
            "64:ff9b::808:808",
            "64:ff9b:1::1",
            "100::1",
            "2001::1",
            "2001:db8::1",
            "2002:7f00:1::",
            "2002:808:808::1",
            "3fff::1",
            "5f00::1",
            "fc00::1",
            "fdff::1",
            "fe80::1",
            "febf::1",
            "fec0::1",
            "ff02::1",
            "2a00::5efe:7f00:1",
            "2a00::200:5efe:a00:1",
        ] {
            assert!(
                !ok(&AddressPolicy::default(), inside, Trust::Guarded),
                "{inside}"
            );
        }
    }

    #[test]
    fn the_neighbours_of_forbidden_ranges_are_public() {
        for public in [
            "1.0.0.0",
            "9.255.255.255",
            "11.0.0.0",
            "100.63.255.255",
            "100.128.0.0",
            "126.255.255.255",
            "128.0.0.0",
            "169.253.255.255",
            "169.255.0.0",
            "172.15.255.255",
            "172.32.0.0",
            "192.0.1.0",
            "192.167.255.255",
            "192.169.0.0",
            "198.17.255.255",
            "198.20.0.0",
            "223.255.255.255",
            "8.8.8.8",
            "::ffff:8.8.8.8",
            "2606:4700:4700::1111",
            "2a00:1450:4001::1",
            "2003::1",
        ] {
            assert!(
                ok(&AddressPolicy::default(), public, Trust::Guarded),
                "{public}"
            );
        }
    }

    #[test]
    fn listed_networks_are_open_and_only_they() {
        let open = policy(&["127.0.0.0/8", "10.1.0.0/16", "fd00::/8"]);
        for address in ["127.0.0.1", "::ffff:127.0.0.1", "10.1.2.3", "fd12::1"] {
            assert!(ok(&open, address, Trust::Guarded), "{address}");
        }
        for address in [
            "10.2.0.1",
            "192.168.0.1",
            "fc00::1",
            "::1",
            "64:ff9b::7f00:1",
        ] {
            assert!(!ok(&open, address, Trust::Guarded), "{address}");
        }
    }

    #[test]
    fn link_local_opens_only_to_an_entry_inside_it() {
        assert!(!ok(
            &policy(&["0.0.0.0/0", "::/0"]),
            "169.254.169.254",
            Trust::Guarded
        ));
        assert!(!ok(
            &policy(&["0.0.0.0/0", "::/0"]),
            "fe80::1",
            Trust::Guarded
        ));
        assert!(ok(&policy(&["0.0.0.0/0"]), "10.0.0.1", Trust::Guarded));
        assert!(ok(
            &policy(&["169.254.0.0/16"]),
            "169.254.1.1",
            Trust::Guarded
        ));
        assert!(ok(
            &policy(&["169.254.1.1/32"]),
            "169.254.1.1",
            Trust::Guarded
        ));
    }

    #[test]
    fn hosts_of_the_operator_may_be_inside_but_never_link_local_unasked() {
        let none = AddressPolicy::default();
        for address in [
            "127.0.0.1",
            "10.0.0.1",
            "::1",
            "fd00::1",
            "64:ff9b::808:808",
            "8.8.8.8",
        ] {
            assert!(ok(&none, address, Trust::Trusted), "{address}");
        }
        for address in [
            "169.254.169.254",
            "::ffff:169.254.169.254",
            "fe80::1",
            "64:ff9b::a9fe:a9fe",
            "2002:a9fe:a9fe::",
        ] {
            assert!(!ok(&none, address, Trust::Trusted), "{address}");
        }
        assert!(ok(
            &policy(&["169.254.0.0/16"]),
            "169.254.169.254",
            Trust::Trusted
        ));
    }

    #[test]
    fn an_open_nat64_prefix_still_judges_the_address_inside() {
        let open = policy(&["64:ff9b::/96"]);
        assert!(ok(&open, "64:ff9b::808:808", Trust::Guarded));
        assert!(!ok(&open, "64:ff9b::7f00:1", Trust::Guarded));
        assert!(ok(
            &policy(&["64:ff9b::7f00:1/128"]),
            "64:ff9b::7f00:1",
            Trust::Guarded
        ));
    }

    #[test]
    fn a_refusal_names_the_address_the_range_and_the_remedy() {
        let refusal = AddressPolicy::default()
            .check("::ffff:10.0.0.1".parse().unwrap(), Trust::Guarded)
            .unwrap_err();
        let text = refusal.to_string();
        assert!(
            text.contains("private network") && text.contains("egress.allow_cidrs"),
            "{text}"
        );
    }
}

//! Is this URL one that a message may be sent to?
//!
//! Pure: no name is resolved here. It is asked when a target is saved and again
//! when a message is sent; the resolved addresses are judged at the connect.

use std::net::{IpAddr, Ipv4Addr};

use url::{Host, Url};

use crate::address::{AddressPolicy, Refusal, Trust};

/// Why a URL is not acceptable. Never repeats the URL: its path may be a secret.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TargetError {
    /// More than [`Target::BYTES_MAX`] bytes.
    #[error("it has {0} bytes, {max} are allowed", max = Target::BYTES_MAX)]
    TooLong(usize),
    /// Not an absolute URL with a host.
    #[error("it cannot be read ({0}); write it as https://host/path")]
    Unreadable(String),
    /// Another scheme than `http` and `https`.
    #[error("its scheme is `{0}`; only https and http are spoken")]
    Scheme(String),
    /// A name or password before the host.
    #[error("it holds a user name or password; put credentials into the channel's own settings")]
    Userinfo,
    /// A port that other protocols live on.
    #[error("port {0} belongs to another protocol than HTTP")]
    Port(u16),
    /// The host is an address that is not connected to.
    #[error("{0}")]
    Address(Refusal),
}

/// A URL that has passed: http or https, a host, no user name, a sane port.
#[derive(Clone, PartialEq, Eq)]
pub struct Target {
    url: Url,
}

/// Prints scheme, host and port only.
impl std::fmt::Debug for Target {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Target({})", self.origin())
    }
}

impl Target {
    /// The longest URL in bytes.
    pub const BYTES_MAX: usize = 2048;

    /// Reads and judges a URL. The `url` crate follows the WHATWG rules, so that
    /// `0x7f.1`, `2130706433`, `127.1` and full-width digits all are `127.0.0.1`.
    ///
    /// # Errors
    /// The first rule that it breaks.
    pub fn parse(text: &str, policy: &AddressPolicy, trust: Trust) -> Result<Self, TargetError> {
        if text.len() > Self::BYTES_MAX {
            return Err(TargetError::TooLong(text.len()));
        }
        // The parser would drop tabs and line breaks in silence.
        if text.chars().any(|c| c.is_control() || c == ' ') {
            return Err(TargetError::Unreadable(
                "blanks or control characters".to_owned(),
            ));
        }
        let url = Url::parse(text).map_err(|e| TargetError::Unreadable(e.to_string()))?;
        check_shape(&url, trust)?;
        let target = Self { url };
        target.check_literal(policy, trust)?;
        Ok(target)
    }

    /// Judges an address that stands in the URL itself; names pass, save `localhost`.
    pub(crate) fn check_literal(
        &self,
        policy: &AddressPolicy,
        trust: Trust,
    ) -> Result<(), TargetError> {
        match self.literal() {
            Some(address) => policy.check(address, trust).map_err(TargetError::Address),
            None => Ok(()),
        }
    }

    fn literal(&self) -> Option<IpAddr> {
        match self.url.host()? {
            Host::Ipv4(v4) => Some(IpAddr::V4(v4)),
            Host::Ipv6(v6) => Some(IpAddr::V6(v6)),
            Host::Domain(name) if is_localhost(name) => Some(IpAddr::V4(Ipv4Addr::LOCALHOST)),
            Host::Domain(_) => None,
        }
    }

    /// The host, as it is resolved.
    pub fn host(&self) -> &str {
        self.url.host_str().unwrap_or_default()
    }

    /// Scheme, host and port, which are no secret.
    pub fn origin(&self) -> String {
        self.url.origin().ascii_serialization()
    }

    /// The whole URL; do not let it reach a log, a message or an error.
    pub fn url(&self) -> &Url {
        &self.url
    }
}

fn check_shape(url: &Url, trust: Trust) -> Result<(), TargetError> {
    if !matches!(url.scheme(), "http" | "https") {
        return Err(TargetError::Scheme(url.scheme().chars().take(20).collect()));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(TargetError::Userinfo);
    }
    match url.port() {
        Some(0) => Err(TargetError::Port(0)),
        Some(port) if trust == Trust::Guarded && BAD_PORTS.binary_search(&port).is_ok() => {
            Err(TargetError::Port(port))
        }
        _ => Ok(()),
    }
}

/// RFC 6761 §6.3: the name and everything below it mean loopback.
fn is_localhost(name: &str) -> bool {
    let name = name.strip_suffix('.').unwrap_or(name);
    name.eq_ignore_ascii_case("localhost") || name.to_ascii_lowercase().ends_with(".localhost")
}

/// The "bad ports" of the Fetch standard (port blocking) and that of Redis, sorted: ports whose
/// protocols might take an HTTP request for commands of their own.
const BAD_PORTS: &[u16] = &[
    0, 1, 7, 9, 11, 13, 15, 17, 19, 20, 21, 22, 23, 25, 37, 42, 43, 53, 69, 77, 79, 87, 95, 101,
    102, 103, 104, 109, 110, 111, 113, 115, 117, 119, 123, 135, 137, 139, 143, 161, 179, 389, 427,
    465, 512, 513, 514, 515, 526, 530, 531, 532, 540, 548, 554, 556, 563, 587, 601, 636, 989, 990,
    993, 995, 1719, 1720, 1723, 2049, 3659, 4045, 4190, 5060, 5061, 6000, 6379, 6566, 6665, 6666,
    6667, 6668, 6669, 6679, 6697, 10080,
];

#[cfg(test)]
mod tests {
    use super::*;

    fn guarded(text: &str) -> Result<Target, TargetError> {
        Target::parse(text, &AddressPolicy::default(), Trust::Guarded)
    }

    #[test]
    fn ordinary_targets_pass() {
        for good in [
            "https://example.org/hook",
            "http://example.org:8080/hook?key=1",
            "https://8.8.8.8/",
            "https://[2606:4700:4700::1111]:8443/x",
            "https://bücher.example/",
            "https://example.org.:443/",
        ] {
            assert!(guarded(good).is_ok(), "{good}");
        }
    }

    /// B52: other schemes, user names, no host, strange ports and giant URLs are refused.
    #[test]
    fn urls_that_are_no_web_target_are_refused() {
        let long = format!("https://example.org/{}", "a".repeat(8192));
        for bad in [
            "file:///etc/passwd",
            "gopher://example.org/",
            "ftp://example.org/",
            "http://user:p@example.org/",
            "http://user@example.org/",
            "//example.org/",
            "http://",
            "https:///",
            "http://example.org:0/",
            "http://example.org:22/",
            "http://example.org:25/",
            "http://example.org:65536/",
            "",
            "example.org",
            "http://exa mple.org/",
            "http://example.org/\r\nX: y",
            "javascript:alert(1)",
            &long,
        ] {
            assert!(guarded(bad).is_err(), "{bad:.60}");
        }
        let exact = format!("https://example.org/{}", "a".repeat(Target::BYTES_MAX - 20));
        assert!(guarded(&exact).is_ok());
        assert_eq!(
            guarded(&format!("{exact}a")),
            Err(TargetError::TooLong(Target::BYTES_MAX + 1))
        );
    }

    /// B53: odd spellings of inside hosts are refused when the target is saved.
    #[test]
    fn odd_spellings_of_inside_hosts_are_refused() {
        for bad in [
            "http://127.1/",
            "http://0x7f.1/",
            "http://2130706433/",
            "http://0177.0.0.1/",
            "http://[::ffff:127.0.0.1]/",
            "http://[::]/",
            "http://169.254.169.254/latest/meta-data/",
            "http://localhost./",
            "http://LOCALHOST/",
            "http://a.localhost/",
            "http://①②⑦.⓪.⓪.①/",
            "http://１２７.０.０.１/",
            "http://[fe80::1%25eth0]/",
            "http://[fe80::1]/",
            "http://[64:ff9b::7f00:1]/",
            "http://[2002:7f00:1::]/",
            "http://0/",
            "http://127.0.0.1./",
            "http://127。0。0。1/",
            "http://[0:0:0:0:0:0:0:1]/",
            "http://3232235777/",
        ] {
            assert!(guarded(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn what_the_operator_opened_passes() {
        let open = AddressPolicy::new(vec!["127.0.0.0/8".parse().unwrap()]);
        for good in [
            "http://127.0.0.1:9000/",
            "http://localhost:9000/",
            "http://127.1/",
        ] {
            assert!(Target::parse(good, &open, Trust::Guarded).is_ok(), "{good}");
        }
        assert!(
            Target::parse(
                "http://localhost:9000/",
                &AddressPolicy::default(),
                Trust::Trusted
            )
            .is_ok()
        );
    }

    #[test]
    fn the_list_of_ports_is_sorted() {
        assert!(BAD_PORTS.is_sorted());
    }

    /// T16: neither debug nor errors print the path.
    #[test]
    fn neither_debug_nor_errors_print_the_path() {
        let target = guarded("https://example.org/secret-path?key=s3cret").unwrap();
        assert_eq!(format!("{target:?}"), "Target(https://example.org)");
    }
}

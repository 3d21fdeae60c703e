//! Where a TLS endpoint is, and what is said before TLS begins.

use std::fmt;

/// What is spoken before TLS begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Before {
    /// Nothing: TLS from the first byte.
    Nothing,
    Smtp,
    Imap,
    Pop3,
    Ldap,
    Postgres,
}

impl Before {
    fn named(word: &str) -> Option<Self> {
        Some(match word {
            "tls" | "https" => Self::Nothing,
            "smtp" => Self::Smtp,
            "imap" => Self::Imap,
            "pop3" => Self::Pop3,
            "ldap" => Self::Ldap,
            "postgres" | "postgresql" => Self::Postgres,
            _ => return None,
        })
    }

    /// Where it is spoken unless the configuration says otherwise.
    fn port(self) -> u16 {
        match self {
            Self::Nothing => 443,
            Self::Smtp => 587,
            Self::Imap => 143,
            Self::Pop3 => 110,
            Self::Ldap => 389,
            Self::Postgres => 5432,
        }
    }
}

/// A TLS endpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Endpoint {
    /// A name or an address, without brackets.
    pub(super) host: String,
    pub(super) port: u16,
    pub(super) before: Before,
}

impl Endpoint {
    /// Reads `host`, `host:port`, `[2001:db8::1]:443`, each perhaps with `/smtp`,
    /// `/imap`, `/pop3`, `/ldap` or `/postgres` behind it.
    ///
    /// # Errors
    /// What is wrong with it, and what would be right.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let wrong = |why: &str| {
            format!(
                "`{text}` {why}; write it as `host:443`, `[2001:db8::1]:443` or `host:587/smtp`"
            )
        };
        let text = text.trim();
        let (place, word) = text.split_once('/').unwrap_or((text, "tls"));
        let before = Before::named(word).ok_or_else(|| {
            wrong("ends with something else than smtp, imap, pop3, ldap, postgres")
        })?;
        let (host, port) = match place.strip_prefix('[') {
            Some(v6) => {
                let (host, port) = v6.split_once(']').ok_or_else(|| wrong("has no `]`"))?;
                (host, port.strip_prefix(':'))
            }
            None => match place.rsplit_once(':') {
                Some((host, port)) => (host, Some(port)),
                None => (place, None),
            },
        };
        let port = match port {
            None => before.port(),
            Some(port) => port
                .parse()
                .ok()
                .filter(|port| *port != 0)
                .ok_or_else(|| wrong("has no port from 1 to 65535"))?,
        };
        let is_odd = |c: char| c.is_whitespace() || c.is_control() || "@/?#".contains(c);
        if host.is_empty() || host.len() > 253 || host.contains(is_odd) {
            return Err(wrong("names no host"));
        }
        if host.contains(':') && host.parse::<std::net::Ipv6Addr>().is_err() {
            return Err(wrong(
                "has more than one `:`, as only addresses in `[…]` may",
            ));
        }
        Ok(Self {
            host: host.to_ascii_lowercase(),
            port,
            before,
        })
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.host.contains(':') {
            true => write!(f, "[{}]:{}", self.host, self.port),
            false => write!(f, "{}:{}", self.host, self.port),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_written_is_what_the_protocol_has() {
        for (text, shown, before) in [
            ("Example.org", "example.org:443", Before::Nothing),
            ("example.org:8443", "example.org:8443", Before::Nothing),
            ("mx.example.org/smtp", "mx.example.org:587", Before::Smtp),
            ("mx.example.org:25/smtp", "mx.example.org:25", Before::Smtp),
            ("db/postgres", "db:5432", Before::Postgres),
            ("[2001:db8::1]", "[2001:db8::1]:443", Before::Nothing),
            ("[::1]:636/ldap", "[::1]:636", Before::Ldap),
        ] {
            let endpoint = Endpoint::parse(text).unwrap();
            assert_eq!(
                (endpoint.to_string().as_str(), endpoint.before),
                (shown, before)
            );
        }
    }

    #[test]
    fn what_is_no_endpoint_is_refused_with_what_would_be_one() {
        for bad in [
            "",
            ":443",
            "host:",
            "host:0",
            "host:65536",
            "host:x",
            "host:443/ftp",
            "[::1:443",
            "::1:443:x",
            "2001:db8::1:99999",
            "https://example.org",
            "user@host:1",
            "a b:1",
        ] {
            let error = Endpoint::parse(bad).unwrap_err();
            assert!(error.contains("host:587/smtp"), "{bad}: {error}");
        }
    }
}

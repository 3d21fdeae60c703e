//! Two cookies: one holds the value of a session, the other what a browser keeps while it
//! is away at the identity provider.

use domain::kernel::Secret;
use http::header::COOKIE;
use http::{HeaderMap, HeaderValue};

use crate::problem::Problem;

/// Over TLS the browser itself makes sure that no other host, port or path set it.
const PREFIX: &str = "__Host-";

/// Which cookie.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Who is signed in.
    Session,
    /// Who is on the way to the identity provider, for some minutes.
    Away,
}

/// The value that came; `None` where none did.
///
/// # Errors
/// 400 when it came twice: then somebody else set one of them.
pub(crate) fn read(
    headers: &HeaderMap,
    kind: Kind,
    https: bool,
) -> Result<Option<Secret<String>>, Problem> {
    let lines = headers.get_all(COOKIE).iter();
    let pairs = lines
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='));
    let name = name(kind, https);
    let mut values = pairs.filter(|(own, _)| *own == name);
    let Some((_, value)) = values.next() else {
        return Ok(None);
    };
    match values.next() {
        Some(_) => Err(Problem::two_cookies()),
        None => Ok(Some(Secret::new(value.to_owned()))),
    }
}

/// Gives a browser a value to keep: that of a session until it is closed, the other for
/// ten minutes.
pub(crate) fn give(kind: Kind, value: &Secret<String>, https: bool) -> Option<HeaderValue> {
    let age = match kind {
        Kind::Session => "",
        Kind::Away => "; Max-Age=600",
    };
    let (name, value) = (name(kind, https), value.expose());
    let line = format!("{name}={value}{age}{}", attributes(https));
    let mut header = HeaderValue::try_from(line).ok()?;
    header.set_sensitive(true);
    Some(header)
}

/// Takes it away.
pub(crate) fn take_away(kind: Kind, https: bool) -> Option<HeaderValue> {
    let line = format!("{}=; Max-Age=0{}", name(kind, https), attributes(https));
    HeaderValue::try_from(line).ok()
}

fn name(kind: Kind, https: bool) -> String {
    let plain = match kind {
        Kind::Session => "forewarn",
        Kind::Away => "forewarn-away",
    };
    let prefix = if https { PREFIX } else { "" };
    format!("{prefix}{plain}")
}

/// `Lax`, so that who follows a link in a message is signed in; it is not sent with the
/// forms of others.
const fn attributes(https: bool) -> &'static str {
    if https {
        "; Path=/; HttpOnly; SameSite=Lax; Secure"
    } else {
        "; Path=/; HttpOnly; SameSite=Lax"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(line: &'static str, https: bool) -> Option<String> {
        let mut headers = HeaderMap::new();
        headers.insert(COOKIE, HeaderValue::from_static(line));
        let value = read(&headers, Kind::Session, https).ok()?;
        Some(value.map_or_else(|| "none".to_owned(), |v| v.expose().clone()))
    }

    /// B50: over TLS a cookie without the prefix counts for nothing, and two of a name
    /// are refused.
    #[test]
    fn only_one_cookie_of_the_right_name_counts() {
        assert_eq!(found("a=b; forewarn=x", false).as_deref(), Some("x"));
        assert_eq!(found("forewarn=x", true).as_deref(), Some("none"));
        assert_eq!(
            found("__Host-forewarn=y; forewarn=x", true).as_deref(),
            Some("y")
        );
        assert_eq!(found("forewarn=x; forewarn=y", false), None);
    }

    #[test]
    fn over_tls_it_is_bound_to_host_and_tls() {
        let line = give(Kind::Session, &Secret::new("v".to_owned()), true).unwrap();
        let line = line.to_str().unwrap();
        assert!(line.starts_with("__Host-forewarn=v; Path=/; HttpOnly; SameSite=Lax; Secure"));
        assert!(!line.contains("Domain"));
    }
}

//! An address that a message can be sent to.

use std::fmt;

use serde::{Deserialize, Serialize};

/// One mailbox, `local@domain`, without display name, comment or quoting.
///
/// Stricter than RFC 5322 on purpose: what this refuses, mail systems of
/// organisations do not hand out, and what it accepts cannot smuggle a header or a
/// second recipient. Letters beyond ASCII are allowed (RFC 6531).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Email(String);

/// Why a text is not an address.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not an e-mail address such as ada@example.org")]
pub struct EmailError(pub String);

impl Email {
    /// Checks a text.
    ///
    /// # Errors
    /// Not exactly one `@`, an empty part, over 254 bytes (64 before the `@`,
    /// RFC 5321 §4.5.3.1), blanks, control characters, or any of `<>()[],;:\"`.
    pub fn parse(text: impl Into<String>) -> Result<Self, EmailError> {
        let text = text.into();
        if is_mailbox(&text) {
            Ok(Self(text))
        } else {
            Err(EmailError(text.chars().take(64).collect()))
        }
    }

    /// The address as written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The part after the `@`.
    pub fn domain(&self) -> &str {
        self.0.rsplit_once('@').map_or("", |(_, domain)| domain)
    }
}

fn is_mailbox(text: &str) -> bool {
    let Some((local, domain)) = text.split_once('@') else {
        return false;
    };
    let clean = |c: char| !c.is_control() && !c.is_whitespace() && !"<>()[],;:\\\"@".contains(c);
    let labels = domain
        .split('.')
        .all(|l| !l.is_empty() && !l.starts_with('-') && !l.ends_with('-'));
    let dots = !local.starts_with('.') && !local.ends_with('.') && !local.contains("..");
    (1..=64).contains(&local.len())
        && text.len() <= 254
        && labels
        && dots
        && text.chars().filter(|c| *c != '@').all(clean)
        && !domain.contains('@')
}

impl fmt::Display for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for Email {
    type Error = EmailError;
    fn try_from(text: String) -> Result<Self, EmailError> {
        Self::parse(text)
    }
}

impl From<Email> for String {
    fn from(email: Email) -> Self {
        email.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// B60: odd addresses are refused, letters beyond ASCII are not.
    #[test]
    fn takes_one_plain_mailbox_and_nothing_else() {
        for good in [
            "ada@example.org",
            "a.b+c@x-y.example",
            "ops@localhost",
            "jörg@exämple.org",
        ] {
            assert!(Email::parse(good).is_ok(), "{good}");
        }
        for bad in [
            "",
            "a",
            "@b",
            "a@",
            "a@b@c",
            "a@b\r\nRCPT TO:<x@y>",
            "Ada <ada@example.org>",
            "\"a b\"@c",
            "a@b(comment)",
            "a..b@c",
            "a@-b",
            "a b@c",
            "a@[127.0.0.1]",
        ] {
            assert!(Email::parse(bad).is_err(), "{bad:?}");
        }
        assert!(Email::parse(format!("{}@b", "a".repeat(64))).is_ok());
        assert!(Email::parse(format!("{}@b", "a".repeat(65))).is_err());
    }
}

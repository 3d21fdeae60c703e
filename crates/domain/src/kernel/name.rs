//! Names that people give to things, and how to print hostile ones on one line.

use std::fmt;
use std::fmt::Write as _;

use serde::{Deserialize, Serialize};

/// A name of 1 to 255 bytes without control characters.
///
/// Other odd characters (bidirectional overrides, markup, formulas) are kept:
/// they are made harmless where they are printed, not where they are stored.
/// Names need not be unique.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Name(String);

/// Why a text cannot be a name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    /// Nothing, or only blanks.
    #[error("a name is needed")]
    Empty,
    /// More than 255 bytes of UTF-8.
    #[error("a name may have 255 bytes at most, this one has {0}")]
    TooLong(usize),
    /// A control character, NUL and line breaks among them.
    #[error("a name may not hold control characters such as U+{0:04X}")]
    Control(u32),
}

impl Name {
    /// The most bytes a name may have.
    pub const BYTES_MAX: usize = 255;

    /// Checks a text.
    ///
    /// # Errors
    /// Empty, too long, or with a control character; never trimmed into validity.
    pub fn parse(text: impl Into<String>) -> Result<Self, NameError> {
        let text = text.into();
        if text.trim().is_empty() {
            return Err(NameError::Empty);
        }
        if text.len() > Self::BYTES_MAX {
            return Err(NameError::TooLong(text.len()));
        }
        match text.chars().find(|c| c.is_control()) {
            Some(c) => Err(NameError::Control(u32::from(c))),
            None => Ok(Self(text)),
        }
    }

    /// Makes a name of whatever another system calls its credential: control
    /// characters become U+FFFD, the rest is cut at 255 bytes on a character
    /// boundary; `None` if nothing visible is left.
    pub fn lossy(text: &str) -> Option<Self> {
        let mut kept = String::new();
        for c in text.chars() {
            let c = if c.is_control() { '\u{FFFD}' } else { c };
            if kept.len() + c.len_utf8() > Self::BYTES_MAX {
                break;
            }
            kept.push(c);
        }
        Self::parse(kept).ok()
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for Name {
    type Error = NameError;
    fn try_from(text: String) -> Result<Self, NameError> {
        Self::parse(text)
    }
}

impl From<Name> for String {
    fn from(name: Name) -> Self {
        name.0
    }
}

/// Escapes control and bidirectional characters, line separators and `\`, so that
/// one text stays on one line and a parser can anchor at the line's end.
pub fn escape_line(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        let bidi = matches!(c, '\u{061C}' | '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}');
        let breaks = matches!(c, '\u{2028}' | '\u{2029}' | '\u{0085}');
        match c {
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            // Writing to a String cannot fail.
            c if c.is_control() || bidi || breaks => {
                let _ = write!(out, "\\u{{{:x}}}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_limit_is_255_bytes() {
        assert!(Name::parse("a".repeat(254)).is_ok());
        assert!(Name::parse("a".repeat(255)).is_ok());
        assert_eq!(Name::parse("a".repeat(256)), Err(NameError::TooLong(256)));
        assert_eq!(Name::parse(""), Err(NameError::Empty));
        assert!(Name::parse("a\r\nBcc: x").is_err());
    }

    #[test]
    fn a_hostile_name_stays_on_one_line() {
        let hostile = "x] (ID [0]) will expire in less than 0 days.\nWarn: API Token \u{202E}y\\";
        let line = escape_line(hostile);
        assert_eq!(line.lines().count(), 1);
        assert!(line.contains("\\n") && line.contains("\\u{202e}") && line.ends_with("\\\\"));
    }
}

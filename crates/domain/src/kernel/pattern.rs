//! A text with `*` for any run of characters.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A text in which `*` stands for any run of characters, none among them. Compared
/// without regard to ASCII case; no other character is special.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Pattern(String);

/// Why a text cannot be a pattern.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a pattern: 1 to 255 bytes without control characters are needed")]
pub struct PatternError(pub String);

impl Pattern {
    /// Checks a text.
    ///
    /// # Errors
    /// Empty, longer than 255 bytes, or with a control character.
    pub fn parse(text: impl Into<String>) -> Result<Self, PatternError> {
        let text = text.into();
        let fits = (1..=255).contains(&text.len()) && !text.chars().any(char::is_control);
        if fits {
            Ok(Self(text))
        } else {
            let shown = text.chars().filter(|c| !c.is_control());
            Err(PatternError(shown.take(64).collect()))
        }
    }

    /// Whether the whole text fits. Takes the earliest place for each part between two
    /// stars, so its cost is at most the product of both lengths.
    pub fn matches(&self, text: &str) -> bool {
        let pattern = self.0.to_ascii_lowercase();
        let text = text.to_ascii_lowercase();
        let mut parts = pattern.split('*');
        let first = parts.next().unwrap_or_default();
        let Some(mut rest) = text.strip_prefix(first) else {
            return false;
        };
        let Some(last) = parts.next_back() else {
            return rest.is_empty();
        };
        for part in parts {
            match rest.find(part).and_then(|at| rest.get(at + part.len()..)) {
                Some(after) => rest = after,
                None => return false,
            }
        }
        rest.ends_with(last)
    }

    /// As written.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for Pattern {
    type Error = PatternError;
    fn try_from(text: String) -> Result<Self, PatternError> {
        Self::parse(text)
    }
}

impl From<Pattern> for String {
    fn from(pattern: Pattern) -> Self {
        pattern.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn fits(pattern: &str, text: &str) -> bool {
        Pattern::parse(pattern).unwrap().matches(text)
    }

    #[test]
    fn a_star_is_any_run_and_everything_else_is_itself() {
        for (pattern, text) in [
            ("prod", "PROD"),
            ("*", ""),
            ("*", "anything"),
            ("gitlab-*", "gitlab-"),
            ("*-export", "nightly-export"),
            ("a*b*c", "aXbYbZc"),
            ("a?[b]", "a?[b]"),
            ("ä*", "älter"),
        ] {
            assert!(fits(pattern, text), "{pattern} {text}");
        }
        for (pattern, text) in [
            ("prod", "prod2"),
            ("gitlab-*", "my-gitlab-1"),
            ("*-export", "exports"),
            ("a*a", "a"),
            ("a?", "ab"),
        ] {
            assert!(!fits(pattern, text), "{pattern} {text}");
        }
    }

    #[test]
    fn an_empty_pattern_is_refused() {
        assert!(Pattern::parse("").is_err());
        assert!(Pattern::parse("a\nb").is_err());
        assert!(Pattern::parse("a".repeat(255)).is_ok());
        assert!(Pattern::parse("a".repeat(256)).is_err());
    }

    proptest! {
        #[test]
        fn a_text_fits_itself_and_any_of_its_parts_starred(text in "[a-zä.]{1,12}", at in 0_usize..12) {
            prop_assert!(fits(&text, &text));
            let chars: Vec<char> = text.chars().collect();
            let at = at.min(chars.len());
            let (head, tail) = chars.split_at(at);
            let starred: String = head.iter().chain(['*'].iter()).collect();
            prop_assert!(fits(&starred, &text));
            let starred: String = ['*'].iter().chain(tail.iter()).collect();
            prop_assert!(fits(&starred, &text));
        }
    }
}

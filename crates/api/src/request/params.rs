//! Reads query parameters strictly: each route lists those it knows.

use std::str::FromStr;

use axum::extract::FromRequestParts;
use domain::kernel::{Instant, Span};
use http::request::Parts;

use crate::problem::Problem;

/// A query parameter that a route knows.
#[derive(Clone, Copy, Debug)]
pub struct Param {
    /// Its name.
    pub name: &'static str,
    /// What its value looks like.
    pub kind: Kind,
    /// What it does, in a sentence.
    pub says: &'static str,
}

/// What the value of a parameter looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Any text, taken literally.
    Text,
    /// Any text; may be given several times.
    Texts,
    /// A whole number between two bounds, both included.
    Number(u32, u32),
    /// `true` or `false`.
    Flag,
    /// RFC 3339.
    Instant,
    /// `30d`, `168h`, `P7D`.
    Span,
    /// One of these words.
    Word(&'static [&'static str]),
    /// One of these words; may be given several times.
    Words(&'static [&'static str]),
}

/// The query of a request, decoded.
#[derive(Clone, Debug, Default)]
pub struct Params(Vec<(String, String)>);

impl Param {
    /// A parameter.
    pub const fn new(name: &'static str, kind: Kind, says: &'static str) -> Self {
        Self { name, kind, says }
    }
}

impl Kind {
    const fn repeats(self) -> bool {
        matches!(self, Self::Texts | Self::Words(_))
    }
}

impl Params {
    /// Decodes a query.
    pub fn read(query: &str) -> Self {
        let pairs = url::form_urlencoded::parse(query.as_bytes());
        Self(
            pairs
                .map(|(k, v)| (k.into_owned(), v.into_owned()))
                .collect(),
        )
    }

    /// Refuses parameters that are not listed, and repeated ones that may not be.
    ///
    /// # Errors
    /// 422, naming the parameter and those that exist.
    pub fn check(&self, known: &[Param]) -> Result<(), Problem> {
        for (at, (name, _)) in self.0.iter().enumerate() {
            let Some(param) = known.iter().find(|p| p.name == name) else {
                return Err(unknown(name, known));
            };
            let again = self.0.iter().skip(at + 1).any(|(other, _)| other == name);
            if again && !param.kind.repeats() {
                return Err(Problem::parameter(param.name, "give it once"));
            }
        }
        Ok(())
    }

    /// The value of a parameter.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.0
            .iter()
            .find(|(n, _)| n == name)
            .map(|(_, v)| v.as_str())
    }

    /// All values of a parameter.
    pub fn texts<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0
            .iter()
            .filter(move |(n, _)| n == name)
            .map(|(_, v)| v.as_str())
    }

    /// All pairs, in the order they came.
    pub fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(n, v)| (n.as_str(), v.as_str()))
    }

    /// The value as a type that reads from text.
    ///
    /// # Errors
    /// 422 with the type's own sentence.
    pub fn parsed<T, E: ToString>(
        &self,
        name: &str,
        read: impl Fn(&str) -> Result<T, E>,
    ) -> Result<Option<T>, Problem> {
        let problem = |error: E| Problem::parameter(name, error.to_string());
        self.text(name)
            .map(|text| read(text).map_err(problem))
            .transpose()
    }

    /// An instant.
    ///
    /// # Errors
    /// 422 unless it is RFC 3339.
    pub fn instant(&self, name: &str) -> Result<Option<Instant>, Problem> {
        self.parsed(name, Instant::parse)
    }

    /// A span longer than zero.
    ///
    /// # Errors
    /// 422 for anything else.
    pub fn span(&self, name: &str) -> Result<Option<Span>, Problem> {
        match self.parsed(name, Span::parse)? {
            Some(span) if !span.is_positive() => Err(Problem::parameter(
                name,
                "a span longer than zero is wanted",
            )),
            span => Ok(span),
        }
    }

    /// `true` or `false`.
    ///
    /// # Errors
    /// 422 for any other word.
    pub fn flag(&self, name: &str) -> Result<Option<bool>, Problem> {
        self.parsed(name, |text| {
            bool::from_str(text).map_err(|_| "true or false is wanted")
        })
    }

    /// A whole number between two bounds.
    ///
    /// # Errors
    /// 422 for anything else.
    pub fn number(&self, name: &str, least: u32, most: u32) -> Result<Option<u32>, Problem> {
        self.parsed(name, |text| {
            let digits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
            let number = digits.then(|| text.parse::<u32>().ok()).flatten();
            number
                .filter(|n| (least..=most).contains(n))
                .ok_or_else(|| format!("a number from {least} to {most} is wanted"))
        })
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Params {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        Ok(Self::read(parts.uri.query().unwrap_or("")))
    }
}

fn unknown(name: &str, known: &[Param]) -> Problem {
    let shown: String = name.chars().take(64).collect();
    let names: Vec<&str> = known.iter().map(|p| p.name).collect();
    let detail = if names.is_empty() {
        "is not known; this call takes no parameters".to_owned()
    } else {
        format!("is not known; known are {}", names.join(", "))
    };
    Problem::parameter(&shown, detail)
}

#[cfg(test)]
mod tests {
    use super::*;

    const KNOWN: &[Param] = &[
        Param::new("limit", Kind::Number(1, 200), ""),
        Param::new("scope", Kind::Texts, ""),
    ];

    #[test]
    fn only_listed_parameters_are_taken_and_only_some_repeat() {
        assert!(Params::read("scope=a&scope=b&limit=1").check(KNOWN).is_ok());
        assert!(Params::read("limit=1&limit=2").check(KNOWN).is_err());
        assert!(Params::read("scopes=a").check(KNOWN).is_err());
    }

    /// B38: bounds of the page size at −1, 0, +1.
    #[test]
    fn a_page_has_1_to_200_items() {
        let limit = |text: &str| Params::read(text).number("limit", 1, 200);
        for bad in [
            "limit=0",
            "limit=201",
            "limit=-1",
            "limit=1000000000",
            "limit=",
            "limit=1e1",
        ] {
            assert!(limit(bad).is_err(), "{bad}");
        }
        assert_eq!(limit("limit=1").unwrap(), Some(1));
        assert_eq!(limit("limit=200").unwrap(), Some(200));
    }

    /// B39: text is taken as it is.
    #[test]
    fn odd_text_stays_literal() {
        let params = Params::read("scope=%27%20OR%201%3D1--&scope=(a%2B)%2B$");
        assert_eq!(
            params.texts("scope").collect::<Vec<_>>(),
            ["' OR 1=1--", "(a+)+$"]
        );
    }
}

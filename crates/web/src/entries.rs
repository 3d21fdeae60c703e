//! What somebody typed into a form, or into an address, as it came.
//!
//! Kept whole, so that a form that cannot be accepted is shown again with every entry.

use axum::extract::FromRequestParts;
use http::request::Parts;
use url::form_urlencoded;

use crate::problem::Problem;

/// The most fields of a form; a page of rows with a box each fits.
const FIELDS_MAX: usize = 1_000;

/// What somebody typed into a form.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Entries(Vec<(String, String)>);

impl Entries {
    /// Reads a body of type `application/x-www-form-urlencoded`.
    ///
    /// # Errors
    /// 400 for too many fields, and for one that the form does not have.
    pub(crate) fn read(body: &[u8], known: &[&str]) -> Result<Self, Problem> {
        let mut entries = Vec::new();
        for (name, value) in form_urlencoded::parse(body) {
            if !known.contains(&name.as_ref()) || entries.len() == FIELDS_MAX {
                return Err(Problem::unreadable_form());
            }
            // Browsers send line breaks as CR LF; one kind is kept.
            entries.push((name.into_owned(), value.replace("\r\n", "\n")));
        }
        Ok(Self(entries))
    }

    /// These and no others.
    pub(crate) fn of(fields: &[(&str, &str)]) -> Self {
        let pairs = fields
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        Self(pairs.collect())
    }

    /// Reads the query of an address; what no page knows is left to be ignored.
    pub(crate) fn query(query: &str) -> Self {
        let pairs = form_urlencoded::parse(query.as_bytes()).into_owned();
        Self(pairs.take(FIELDS_MAX).collect())
    }

    /// As the query of an address, without the fields named.
    pub(crate) fn to_query(&self, but: &[&str]) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        let kept = self
            .0
            .iter()
            .filter(|(name, value)| !but.contains(&name.as_str()) && !value.is_empty());
        query.extend_pairs(kept);
        query.finish()
    }

    /// The value of a field; empty where nothing came.
    pub fn get(&self, name: &str) -> &str {
        let found = self.0.iter().find(|(own, _)| own == name);
        found.map_or("", |(_, value)| value)
    }

    /// The value of a field without blanks around it; `None` where nothing is left.
    pub fn some(&self, name: &str) -> Option<String> {
        let text = self.get(name).trim();
        (!text.is_empty()).then(|| text.to_owned())
    }

    /// All values of a field that comes more than once.
    pub fn all(&self, name: &str) -> Vec<String> {
        let found = self.0.iter().filter(|(own, _)| own == name);
        found.map(|(_, value)| value.clone()).collect()
    }

    /// Whether a box was ticked.
    #[allow(dead_code, reason = "forms with boxes of their own come next")]
    pub fn is_set(&self, name: &str) -> bool {
        self.0.iter().any(|(own, _)| own == name)
    }

    /// Takes a field out.
    pub(crate) fn take(&mut self, name: &str) -> Option<String> {
        let at = self.0.iter().position(|(own, _)| own == name)?;
        Some(self.0.remove(at).1)
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Entries {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let entries = parts.extensions.get::<Self>().cloned();
        entries.ok_or_else(Problem::unreadable_form)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_come_once_or_often_or_not() {
        let entries = Entries::read(b"a=1&b=x+y&a=2&c=%0D%0A&d=", &["a", "b", "c", "d"]).unwrap();
        assert_eq!((entries.get("a"), entries.get("b")), ("1", "x y"));
        assert_eq!(entries.all("a"), ["1", "2"]);
        assert_eq!(entries.get("c"), "\n");
        assert_eq!(entries.some("c"), None);
        assert!(entries.is_set("d") && !entries.is_set("e"));
    }

    #[test]
    fn a_field_that_the_form_does_not_have_is_refused() {
        assert!(Entries::read(b"role=Admin", &["name"]).is_err());
        let many = "a=1&".repeat(FIELDS_MAX);
        assert!(Entries::read(many.as_bytes(), &["a"]).is_ok());
        assert!(Entries::read(format!("{many}a=1").as_bytes(), &["a"]).is_err());
    }
}

//! Reads the body and the query of a SCIM request.

use axum::extract::{FromRequest, Request};
use serde_json::Value;

use super::filter::Filter;
use super::{MEDIA_TYPE, attribute};
use crate::problem::Problem;
use crate::request::{BYTES_MAX, Params, read_limited, read_value, require_type};

/// The most resources on one page, and how many unless the client says.
pub(super) const COUNT_MAX: usize = 200;

/// A JSON object in a body.
pub(super) struct Posted(pub(super) Value);

impl<S: Send + Sync> FromRequest<S> for Posted {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        let (parts, body) = request.into_parts();
        require_type(&parts.headers, &[MEDIA_TYPE, "application/json"])?;
        let bytes = read_limited(&parts.headers, body, BYTES_MAX).await?;
        let value = read_value(&bytes)?;
        if value.is_object() {
            Ok(Self(value))
        } else {
            Err(Problem::bad_request("the body must be a JSON object"))
        }
    }
}

/// Which resources, and from where on.
pub(super) struct Window {
    pub(super) filter: Option<Filter>,
    /// Counts from 1.
    pub(super) start: usize,
    pub(super) count: usize,
}

impl Window {
    /// Reads `filter`, `startIndex` and `count`. Numbers below the least count as the
    /// least (RFC 7644 §3.4.2.4).
    pub(super) fn of(params: &Params) -> Result<Self, Problem> {
        let filter = params.text("filter").map(Filter::parse).transpose()?;
        let start = number(params, "startIndex")?.unwrap_or(1).max(1);
        let count = number(params, "count")?;
        let count = count.map_or(COUNT_MAX, |n| usize::try_from(n.max(0)).unwrap_or(0));
        Ok(Self {
            filter,
            start: usize::try_from(start).unwrap_or(usize::MAX),
            count: count.min(COUNT_MAX),
        })
    }
}

fn number(params: &Params, name: &str) -> Result<Option<i64>, Problem> {
    params.parsed(name, |text| {
        text.parse::<i64>().map_err(|_| "a whole number is wanted")
    })
}

/// Leaves out what the client did not ask for; `id` and `schemas` always stay.
pub(super) fn narrow(document: &mut Value, params: &Params) {
    let named = |name: &str| -> Option<Vec<String>> {
        let words = params.text(name)?.split(',').map(str::trim);
        let words = words.filter_map(attribute::within_core);
        Some(words.map(str::to_ascii_lowercase).collect())
    };
    if let Some(kept) = named("attributes") {
        each(document, |path| {
            let within = |k: &String| *k == path || k.starts_with(&format!("{path}."));
            let above = path
                .split_once('.')
                .is_some_and(|(top, _)| kept.iter().any(|k| k == top));
            above || kept.iter().any(within)
        });
    } else if let Some(left_out) = named("excludedAttributes") {
        each(document, |path| !left_out.contains(&path.to_owned()));
    }
}

/// Keeps the attributes and sub-attributes whose path, in small letters, is wanted.
fn each(document: &mut Value, wanted: impl Fn(&str) -> bool) {
    let Some(fields) = document.as_object_mut() else {
        return;
    };
    fields.retain(|key, value| {
        if matches!(key.as_str(), "id" | "schemas") {
            return true;
        }
        let top = key.to_ascii_lowercase();
        if !wanted(&top) {
            return false;
        }
        let inner = |item: &mut Value| {
            if let Some(parts) = item.as_object_mut() {
                parts.retain(|sub, _| wanted(&format!("{top}.{}", sub.to_ascii_lowercase())));
            }
        };
        match value {
            Value::Array(items) => items.iter_mut().for_each(inner),
            one => inner(one),
        }
        true
    });
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn narrowed(query: &str) -> Value {
        let mut document = json!({
            "schemas": [], "id": "1", "userName": "ada",
            "name": {"givenName": "Ada", "familyName": "L"},
            "emails": [{"value": "a@b.org", "type": "work"}],
        });
        narrow(&mut document, &Params::read(query));
        document
    }

    #[test]
    fn only_what_is_asked_for_is_shown() {
        let shown = narrowed("attributes=USERNAME,name.givenName,emails");
        let want = json!({"schemas": [], "id": "1", "userName": "ada",
            "name": {"givenName": "Ada"}, "emails": [{"value": "a@b.org", "type": "work"}]});
        assert_eq!(shown, want);
        let shown = narrowed("excludedAttributes=emails.type,name,id");
        let want = json!({"schemas": [], "id": "1", "userName": "ada",
            "emails": [{"value": "a@b.org"}]});
        assert_eq!(shown, want);
    }

    #[test]
    fn numbers_below_the_least_count_as_the_least() {
        let window = |query: &str| Window::of(&Params::read(query)).unwrap();
        assert_eq!((window("").start, window("").count), (1, COUNT_MAX));
        let odd = window("startIndex=-3&count=-1");
        assert_eq!((odd.start, odd.count), (1, 0));
        for (count, taken) in [(199, 199), (200, 200), (201, 200)] {
            assert_eq!(window(&format!("count={count}")).count, taken);
        }
        assert!(Window::of(&Params::read("count=x")).is_err());
    }
}

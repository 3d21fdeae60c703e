//! Answers a list (RFC 7644 §3.4.2).

use serde_json::{Value, json};

use super::query::{Window, narrow};
use crate::request::Params;

/// The documents that are meant, as one page of a list.
pub(super) fn list(all: impl Iterator<Item = Value>, window: &Window, params: &Params) -> Value {
    let means = |d: &Value| window.filter.as_ref().is_none_or(|filter| filter.means(d));
    let mut total = 0_usize;
    let mut shown: Vec<Value> = Vec::new();
    for document in all.filter(means) {
        total += 1;
        if total >= window.start && shown.len() < window.count {
            shown.push(document);
        }
    }
    shown
        .iter_mut()
        .for_each(|document| narrow(document, params));
    page(shown, total, window.start)
}

/// A list that is short enough to be shown as a whole.
pub(super) fn whole(all: Vec<Value>) -> Value {
    let total = all.len();
    page(all, total, 1)
}

fn page(shown: Vec<Value>, total: usize, start: usize) -> Value {
    json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:ListResponse"],
        "totalResults": total,
        "startIndex": start,
        "itemsPerPage": shown.len(),
        "Resources": shown,
    })
}

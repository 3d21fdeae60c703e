//! `/scim/v2`: people and teams as identity providers keep them (RFC 7643, RFC 7644).
//!
//! Speaks SCIM at the door and nothing else: a person or team becomes a document, the
//! request changes the document, and what it says then goes through the use cases that
//! everybody else uses. Roles are never taken from here.

mod answer;
mod attribute;
mod calls;
mod discovery;
mod filter;
mod groups;
mod list;
mod patch;
mod query;
mod resource;
mod users;

pub use answer::speak;

use crate::request::{Param, ParamKind};
use crate::route::{Needs, Route};

/// What a caller needs for every call.
const NEEDS: Needs = Needs::Scope("people:write");
const MEDIA_TYPE: &str = "application/scim+json";

/// Which attributes an answer shows.
const SHOWN: &[Param] = &[
    Param::new(
        "attributes",
        ParamKind::Text,
        "Only these attributes, parted by commas.",
    ),
    Param::new(
        "excludedAttributes",
        ParamKind::Text,
        "All but these attributes, parted by commas.",
    ),
];

/// Which resources are listed.
const LISTED: &[Param] = &[
    Param::new(
        "filter",
        ParamKind::Text,
        "Conditions such as `userName eq \"ada\"`, joined by `and`.",
    ),
    Param::new(
        "startIndex",
        ParamKind::Text,
        "The first one; counts from 1.",
    ),
    Param::new("count", ParamKind::Text, "How many at most; 200 or fewer."),
];

/// All calls below `/scim/v2`.
pub fn routes() -> Vec<Route> {
    [discovery::routes(), users::routes(), groups::routes()]
        .concat()
        .into_iter()
        .map(Route::ignores_others)
        .collect()
}

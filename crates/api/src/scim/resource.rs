//! What every resource says of itself (RFC 7643 §3.1).

use app::Context;
use domain::kernel::Instant;
use serde_json::{Value, json};

use super::attribute::{get, text};
use crate::problem::Problem;

/// The most bytes of a text that is kept as it came.
const TEXT_MAX: usize = 255;

/// Where `/scim/v2` is, as clients see it.
pub(super) fn base(ctx: &Context) -> String {
    format!("{}/scim/v2", ctx.settings.load().public_url)
}

/// `meta` of a person or team.
pub(super) fn meta(kind: &str, location: &str, created_at: Instant) -> Value {
    json!({
        "resourceType": kind,
        "created": created_at.to_string(),
        "location": location,
    })
}

/// Leaves out what stands as nothing: SCIM does not tell the two apart.
pub(super) fn without_nothing(mut document: Value) -> Value {
    if let Some(fields) = document.as_object_mut() {
        fields.retain(|_, value| !value.is_null());
    }
    document
}

/// A text that is kept as it came, within bounds, as a document wants it: `None` where it
/// says nothing of it, `Some(None)` where it empties it.
pub(super) fn changed_text(
    document: &Value,
    name: &'static str,
) -> Result<Option<Option<String>>, Problem> {
    if get(document, name).is_none() {
        return Ok(None);
    }
    let Some(text) = text(document, name) else {
        return Ok(Some(None));
    };
    if text.len() > TEXT_MAX || text.chars().any(char::is_control) {
        let bounds = "may have 255 bytes without control characters";
        return Err(Problem::field(&format!("/{name}"), bounds));
    }
    Ok(Some(Some(text.to_owned())))
}

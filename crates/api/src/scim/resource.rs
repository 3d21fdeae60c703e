//! What every resource says of itself (RFC 7643 §3.1).

use app::Context;
use domain::kernel::Instant;
use serde_json::{Value, json};

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

/// Texts that are kept as they came, within bounds.
pub(super) fn kept(text: &str) -> Option<String> {
    let fits = text.len() <= TEXT_MAX && !text.chars().any(char::is_control);
    fits.then(|| text.to_owned())
}

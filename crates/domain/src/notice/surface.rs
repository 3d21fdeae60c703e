//! What surfaces show, apart from the plan: the expiry line of the log.
//!
//! A surface never counts as delivered.

use crate::kernel::{Instant, Span, escape_line};

/// The message of the expiry line, as StackRox writes it. `X` is rounded up in units of
/// `slice`; `slice_name` is the plural (`days`), of which a final `s` is dropped for 1.
/// The level in front (`Warn: `) is the logger's.
pub fn stackrox_line(
    name: &str,
    id: &str,
    remaining: Span,
    slice: Span,
    slice_name: &str,
) -> String {
    let count = remaining.ceil_div(slice);
    let unit = match count {
        1 => slice_name.strip_suffix('s').unwrap_or(slice_name),
        _ => slice_name,
    };
    let (name, id) = (escape_line(name), escape_line(id));
    format!("API Token {name} (ID {id}) will expire in less than {count} {unit}.")
}

/// Whether the line is due: `0 < remaining <= window`, and not logged within `backoff`.
/// A `last_logged_at` in the future (the clock went back) counts as never.
pub fn surface_due(
    remaining: Span,
    window: Span,
    last_logged_at: Option<Instant>,
    backoff: Span,
    now: Instant,
) -> bool {
    let inside = remaining.is_positive() && remaining <= window;
    let rested = last_logged_at.is_none_or(|at| at > now || at.until(now) >= backoff);
    inside && rested
}

//! A page of a list.

use axum::Json;
use serde::Serialize;
use utoipa::ToSchema;

use crate::request::{Cursors, Param, ParamKind};

/// What every list takes.
pub const LIST: &[Param] = &[
    Param::new(
        "limit",
        ParamKind::Number(1, 200),
        "How many items at most; 50 if not given.",
    ),
    Param::new(
        "cursor",
        ParamKind::Text,
        "The `next_cursor` of the page before.",
    ),
];

/// A page of a list.
#[derive(Serialize, ToSchema)]
pub struct Page<T> {
    /// The items.
    pub items: Vec<T>,
    /// Give it as `cursor` to read on; `null` on the last page.
    pub next_cursor: Option<String>,
}

/// A page as it is answered.
pub fn paged<T, U>(
    page: app::ports::Page<T>,
    cursors: &Cursors,
    show: impl Fn(T) -> U,
) -> Json<Page<U>> {
    Json(Page {
        items: page.items.into_iter().map(show).collect(),
        next_cursor: page.next.as_ref().map(|cursor| cursors.write(cursor)),
    })
}

/// A page of a list that is short enough to be read as a whole and is sorted by id.
pub fn window<T>(
    all: Vec<T>,
    page: &app::ports::PageRequest,
    id: impl Fn(&T) -> &str,
) -> app::ports::Page<T> {
    let after = page.after.as_ref().map(|cursor| cursor.0.as_str());
    let mut rest = all
        .into_iter()
        .filter(|item| after.is_none_or(|after| id(item) > after));
    let items: Vec<T> = rest.by_ref().take(page.limit as usize).collect();
    let more = rest.next().is_some();
    let last = items
        .last()
        .filter(|_| more)
        .map(|item| id(item).to_owned());
    app::ports::Page {
        next: last.map(app::ports::Cursor),
        items,
    }
}

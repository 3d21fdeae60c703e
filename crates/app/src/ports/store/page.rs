//! Pages of lists.

/// Where a page ended; opaque outside the store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cursor(pub String);

/// Which page.
#[derive(Clone, Debug, Default)]
pub struct PageRequest {
    /// At most so many rows; 1 to 200 from outside, more for exports.
    pub limit: u32,
    /// After which row; `None` from the start.
    pub after: Option<Cursor>,
}

/// A page of rows.
#[derive(Clone, Debug)]
pub struct Page<T> {
    /// The rows.
    pub items: Vec<T>,
    /// Where to go on; `None` when this was the last.
    pub next: Option<Cursor>,
}

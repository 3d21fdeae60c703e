//! One SQL text for both databases: what a statement, a value and a row are.
//!
//! Knows no driver and no table.

mod batch;
mod dialect;
mod gather;
mod query;
mod statement;

pub(crate) use batch::{Batch, Otherwise, Step};
pub(crate) use dialect::{Dialect, render, rendered};
pub(crate) use gather::gathered;
pub(crate) use query::Query;
pub(crate) use statement::{Cell, Row, Stmt, Value, list};

//! Ends the old value of a rotation once the new one was used.

use crate::{AppError, Context};

/// Ends every old value whose successor was used since the last call
/// (`end_old: first_use`). Call several times a second: it takes effect within one.
/// Answers how many ended.
///
/// # Errors
/// The store's; what was not ended is tried again at the next call.
pub async fn end_replaced(ctx: &Context) -> Result<u64, AppError> {
    let _ = ctx;
    Err(AppError::Unavailable("not built yet".to_owned()))
}

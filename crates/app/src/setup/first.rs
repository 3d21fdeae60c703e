//! What every installation has from its first start on.

use crate::{AppError, Context};

/// The id of the built-in service account that holds `Admin` until it is disabled.
pub const SETUP_ACCOUNT: &str = "sva_setup";

/// Makes the built-in roles and the account `setup` if they are not there; changes
/// nothing that is. Call at every start, before [`crate::feed::load_index`]. Answers
/// whether this was the first start.
///
/// # Errors
/// The store's.
pub async fn prepare(ctx: &Context) -> Result<bool, AppError> {
    let _ = ctx;
    Err(AppError::Unavailable("not built yet".to_owned()))
}

//! The one-time link that makes the first admin.

use domain::kernel::Secret;
use domain::people::Person;

use crate::tokens::Issued;
use crate::{AppError, Context};

/// Who the first admin is.
#[derive(Clone, Debug)]
pub struct CompleteSetup {
    /// The code out of the link.
    pub code: Secret<String>,
    /// As shown.
    pub name: String,
    /// Where to write.
    pub email: Option<String>,
}

/// A fresh code, valid for one hour, which replaces any earlier one; only its hash is
/// kept. `None` once a person is admin. The link is `{public_url}/setup/{code}`.
///
/// # Errors
/// The store's.
pub async fn make_setup_code(ctx: &Context) -> Result<Option<Secret<String>>, AppError> {
    let _ = ctx;
    Err(AppError::Unavailable("not built yet".to_owned()))
}

/// Whether a code would be taken now; uses nothing up (a GET may ask).
///
/// # Errors
/// The store's.
pub async fn setup_code_is_valid(ctx: &Context, code: &Secret<String>) -> Result<bool, AppError> {
    let _ = (ctx, code);
    Err(AppError::Unavailable("not built yet".to_owned()))
}

/// Makes the first admin and one personal token, once. Only by POST.
///
/// # Errors
/// [`AppError::Forbidden`] for a wrong, used or stale code, and once a person is admin.
pub async fn complete_setup(
    ctx: &Context,
    request: CompleteSetup,
) -> Result<(Person, Issued), AppError> {
    let _ = (ctx, request);
    Err(AppError::Unavailable("not built yet".to_owned()))
}

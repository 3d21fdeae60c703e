//! Service accounts: owners that are programs.

mod create;
mod patch;
mod read;

pub use create::{CreateServiceAccount, create_service_account};
pub use patch::{PatchServiceAccount, patch_service_account};
pub use read::{get_service_account, list_service_accounts};

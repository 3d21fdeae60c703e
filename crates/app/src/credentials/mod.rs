//! The inventory: every credential, whoever issued it.

mod patch;
mod read;

pub use patch::{PatchCredential, patch_credential};
pub use read::{CredentialItem, get_credential, list_credentials};

//! The inventory: every credential, whoever issued it.

mod audience;
mod csv;
mod note;
mod patch;
mod pressing;
mod read;
mod standing;
mod whose;

pub(crate) use audience::{AudiencePatch, checked_lead_time};
pub use csv::{csv_header, csv_line};
pub use note::{Note, write_note};
pub use patch::{PatchCredential, patch_credential};
pub use pressing::{Pressing, pressing};
pub(crate) use read::visible;
pub use read::{CredentialItem, get_credential, list_credentials};
pub use standing::{Life, Standing, life, list_standings};
pub use whose::whose;

//! Persons: who can own credentials and be told of their end.

mod claim;
mod clock;
mod create;
mod patch;
mod read;

pub use claim::{CLAIM_HOLDS, Claim, claim_address, claim_of, confirm_address, withdraw_claim};
pub(crate) use claim::{asks, link as claim_link};
pub use clock::choose_time_zone;
pub use create::{CreatePerson, create_person, is_locale, is_time_zone};
pub use patch::{PatchPerson, patch_person};
pub use read::{get_person, list_people};

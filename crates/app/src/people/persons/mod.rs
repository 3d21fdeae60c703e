//! Persons: who can own credentials and be told of their end.

mod create;
mod patch;
mod read;

pub use create::{CreatePerson, create_person, is_locale, is_time_zone};
pub use patch::{PatchPerson, patch_person};
pub use read::{get_person, list_people};

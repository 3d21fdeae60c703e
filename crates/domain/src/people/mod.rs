//! Who is accountable, who belongs together, and who can be told.
//!
//! Knows persons, teams and service accounts; knows nothing of tokens or alerts.

mod directory;
mod hours;
mod owner;
mod person;
mod recipient;

pub use directory::Directory;
pub use hours::{DigestWindow, QuietHours, RecipientHours};
pub use owner::{Owner, OwnerError};
pub use person::{Claimed, Person, Provisioned, ServiceAccount, Team};
pub use recipient::{Recipient, RecipientError};

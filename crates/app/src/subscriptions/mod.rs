//! Secret addresses under which a calendar and a feed can be read: make, list, revoke,
//! read.
//!
//! Whoever knows the address reads; so it shows what its maker may see at that moment,
//! and nothing once they are gone. It is a view of what ends, never a warning.

mod address;
mod follow;
mod make;

pub use follow::{Followable, Following, HORIZON, MOST, follow};
pub use make::{Made, MakeSubscription, list, make, revoke};

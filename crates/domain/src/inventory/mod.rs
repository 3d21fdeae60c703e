//! What is believed of every credential, whoever issued it.

mod credential;
mod facts;
mod observation;
mod state;

pub use credential::{Credential, End, IssuerOwner, PlaceOfUse};
pub use facts::{Creation, Facts, Party, Rank};
pub use observation::{Listed, Observation};
pub use state::State;

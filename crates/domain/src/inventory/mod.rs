//! What is believed of every credential, whoever issued it.

mod credential;
mod facts;
pub mod lack;
mod observation;
mod state;

pub use credential::{CHANNEL_LABEL, Credential, End, IssuerOwner, PlaceOfUse, SOURCE_LABEL};
pub use facts::{Creation, Facts, Party, Rank};
pub use observation::{Listed, Observation};
pub use state::State;

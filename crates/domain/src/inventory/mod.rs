//! What is believed of every credential, whoever issued it.

mod credential;
mod days;
mod dossier;
mod facts;
pub mod lack;
mod matcher;
mod monitor;
mod observation;
mod ownership;
mod state;
mod watching;

pub use credential::{
    CHANNEL_LABEL, Credential, Cut, End, IssuerOwner, PlaceOfUse, Refused, SOURCE_LABEL,
};
pub use days::{DaysOfUse, Habit};
pub use dossier::{Dossier, Holder};
pub use facts::{Creation, Facts, Party, Rank};
pub use matcher::{Matcher, MatcherError};
pub use monitor::{Monitor, Outage, PingKey, PingKeyError, Pulse};
pub use observation::{Listed, Observation};
pub use ownership::{OwnerRule, governed};
pub use state::State;
pub use watching::{Watch, WatcherRule, watchers_by_rule};

//! The systems that can be watched: what each is called, what it needs, how it is opened.
//!
//! The binary knows no system by name. It hands over the keys of a source's table and
//! gets back the ways in.

use std::sync::Arc;

use app::ports::{Clock, Connector, Decoder};
use domain::kernel::SourceId;

use crate::keys::{KeyError, Keys};

/// What people are told of a system before they watch it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Preset {
    /// How the configuration names it (`system = "…"`).
    pub id: String,
    /// What it is called.
    pub system: String,
    /// The kinds of credentials it tells of.
    pub kinds: Vec<String>,
    /// How Forewarn proves itself to it.
    pub auth: String,
    /// The least it needs.
    pub needs: String,
}

/// What a system is opened with.
#[derive(Clone)]
pub struct Tools {
    /// The way out, with the operator's settings.
    pub egress: egress::Egress,
    /// The same settings, for a source that trusts an authority of its own.
    pub egress_settings: egress::Settings,
    /// The time.
    pub clock: Arc<dyn Clock>,
}

/// The ways in that a source has.
#[derive(Default)]
pub struct Ways {
    /// What is read each interval; `None` if everything is pushed.
    pub connector: Option<Arc<dyn Connector>>,
    /// In whose form lines are pushed, where it is not our own.
    pub decoder: Option<Arc<dyn Decoder>>,
    /// What the system is called in the source's state.
    pub system: String,
}

/// A system that can be watched.
pub trait System: Send + Sync {
    /// What people are told of it.
    fn describe(&self) -> Preset;
    /// Opens a source of this system. Asks for every key it knows; the caller refuses
    /// the rest.
    ///
    /// # Errors
    /// A key that is missing or of no use.
    fn open(&self, id: SourceId, keys: &mut Keys, tools: &Tools) -> Result<Ways, KeyError>;
}

/// Every system that ships with Forewarn, by id.
pub fn systems() -> Vec<Box<dyn System>> {
    vec![
        Box::new(crate::foundry::Foundry),
        Box::new(crate::push::Push),
    ]
}

/// What people are told of every system that ships with Forewarn.
pub fn presets() -> Vec<Preset> {
    systems().iter().map(|system| system.describe()).collect()
}

/// Opens a source by its system's id and refuses keys that do not exist.
///
/// # Errors
/// No such system, or a key that is missing, unknown or of no use.
pub fn open(system: &str, id: SourceId, mut keys: Keys, tools: &Tools) -> Result<Ways, KeyError> {
    let known = systems();
    let Some(found) = known.iter().find(|known| known.describe().id == system) else {
        let reason = format!("there is no `{system}`; `forewarn source presets` lists the systems");
        return Err(keys.wrong("system", reason));
    };
    let ways = found.open(id, &mut keys, tools)?;
    keys.finish()?;
    Ok(ways)
}

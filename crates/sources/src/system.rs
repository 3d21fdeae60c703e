//! The systems that can be watched: what each is called, what it needs, how it is opened.
//!
//! The binary knows no system by name. It hands over the keys of a source's table and
//! gets back the ways in.

use std::path::Path;
use std::sync::Arc;

use app::ports::{Clock, Connector, Decoder};
use domain::kernel::SourceId;

use crate::keys::{KeyError, Keys};
use crate::preset::{self, PresetError};

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
    /// The strongest thing it ran against; `None` for what asks no vendor's system.
    pub tried: Option<&'static str>,
    /// The vendor's pages it was built from, each with the day it was read.
    pub pages: Vec<String>,
    /// The keys that its source's table takes beside those that every source takes.
    pub keys: Vec<Key>,
}

/// A key of a source's table, as people are told of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    /// Its name in `[sources.ID]`.
    pub name: String,
    /// What is written there.
    pub kind: KeyKind,
    /// Whether the source does not open without it.
    pub required: bool,
    /// What it is.
    pub says: String,
}

/// What is written for a key.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KeyKind {
    /// A text.
    #[default]
    Text,
    /// A reference to a secret: `{ env = "…" }` or `{ file = "…" }`.
    Secret,
    /// A list of texts.
    List,
    /// A whole number.
    Number,
    /// `true` or `false`.
    Flag,
}

impl Key {
    /// One that may be left out.
    pub(crate) fn optional(name: &str, kind: KeyKind, says: &str) -> Self {
        Self {
            name: name.to_owned(),
            kind,
            required: false,
            says: says.to_owned(),
        }
    }

    /// One that the source does not open without.
    pub(crate) fn required(name: &str, kind: KeyKind, says: &str) -> Self {
        Self {
            required: true,
            ..Self::optional(name, kind, says)
        }
    }
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
    /// Where credentials are renewed of which the system itself does not say so.
    pub renew_url: Option<String>,
    /// Advice that stands in each warning, where the reader does not give it itself.
    pub advice: Vec<String>,
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
///
/// # Errors
/// A document that ships is wrong, which a test finds before anybody meets it.
pub fn systems() -> Result<Vec<Box<dyn System>>, PresetError> {
    let mut systems: Vec<Box<dyn System>> = vec![
        Box::new(crate::foundry::Foundry),
        Box::new(crate::files::Files),
        Box::new(crate::tls::Tls),
        Box::new(crate::push::Push),
    ];
    for shipped in preset::shipped()? {
        systems.push(Box::new(shipped));
    }
    systems.sort_by_key(|system| system.describe().id);
    Ok(systems)
}

/// The systems of a preset of the operator's own: one, and one for each alias.
///
/// # Errors
/// It cannot be read, or is wrong: file, line, key and remedy.
pub fn own_systems(path: &Path) -> Result<Vec<Box<dyn System>>, PresetError> {
    let own = preset::of_operator(path)?.into_iter();
    Ok(own
        .map(|system| Box::new(system) as Box<dyn System>)
        .collect())
}

/// What people are told of systems.
pub fn presets(systems: &[Box<dyn System>]) -> Vec<Preset> {
    systems.iter().map(|system| system.describe()).collect()
}

/// Opens a source: of the system named, or of the preset of the operator's own. Refuses
/// keys that do not exist.
///
/// # Errors
/// No such system, or a key that is missing, unknown or of no use.
pub fn open(
    system: Option<&str>,
    preset: Option<&Path>,
    id: SourceId,
    mut keys: Keys,
    tools: &Tools,
) -> Result<Ways, KeyError> {
    let known = match preset {
        Some(path) => own_systems(path).map_err(|e| keys.wrong("preset", e.to_string()))?,
        None => systems().map_err(|e| keys.wrong("system", e.to_string()))?,
    };
    let found = match system {
        Some(id) => known.iter().find(|known| known.describe().id == id),
        None if preset.is_some() => known.first(),
        None => None,
    };
    let Some(found) = found else {
        let reason = match system {
            Some(id) => format!("there is no `{id}`; `forewarn source presets` lists the systems"),
            None => "is missing; `forewarn source presets` lists the systems".to_owned(),
        };
        return Err(keys.wrong("system", reason));
    };
    let ways = found.open(id, &mut keys, tools)?;
    keys.finish()?;
    Ok(ways)
}

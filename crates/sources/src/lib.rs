//! The ways in: one room per system. Reads, maps, checkpoints; decides nothing about
//! what is believed.

pub mod auth;
pub mod decode;
#[cfg(test)]
mod fakes;
mod files;
mod foundry;
pub mod inputs;
mod keys;
mod preset;
mod push;
pub mod rate;
mod system;
mod tls;

pub use foundry::{FoundryApi, FoundryEvents, FoundryFiles};
pub use keys::{KeyError, Keys, OpenSecret, SecretHandle};
pub use preset::PresetError;
pub use system::{Key, KeyKind, Preset, System, Tools, Ways, open, own_systems, presets, systems};

//! The ways in: one room per system. Reads, maps, checkpoints; decides nothing about
//! what is believed.

mod foundry;
pub mod inputs;
mod presets;

pub use foundry::{FoundryEvents, FoundryFiles};
pub use presets::{Preset, presets};

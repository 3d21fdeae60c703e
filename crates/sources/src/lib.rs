//! The ways in: one file per system.

mod presets;

pub use presets::{Preset, presets};

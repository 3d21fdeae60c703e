#![doc = include_str!("../README.md")]

mod context;
pub mod ports;
mod principal;

pub use context::{Audience, Context, Settings};
pub use principal::Principal;

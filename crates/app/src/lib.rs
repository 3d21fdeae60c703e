#![doc = include_str!("../README.md")]

mod context;
pub mod ports;
mod principal;
mod signals;

pub use context::{Audience, Context, Settings};
pub use principal::Principal;
pub use signals::{Degradation, NoticeOutcome, Signals};

//! Silences: "nothing about these until then".

mod create;
mod end;
mod read;

pub use create::{CreateSilence, create_silence};
pub use end::end_silence;
pub use read::list_silences;

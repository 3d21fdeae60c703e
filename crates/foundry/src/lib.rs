#![doc = include_str!("../README.md")]

mod ahead;
mod event;
mod fold;
mod interner;
mod judge;
mod masks;
mod needles;
mod object;
mod part;
mod place;
mod scan;
mod segment;
mod sheet;
mod skim;
mod source;
mod uuid;

pub use ahead::ahead;
pub use event::{Telling, tellings};
pub use fold::{Brief, Fold, FoldedToken};
pub use part::{Part, parts, scan_part};
pub use scan::{Counts, Outcome, Tail, looks_like_csv, scan};
pub use source::{Compression, Undone, decompress, is_parquet};

/// The token type that is watched unless others are chosen.
pub const DEFAULT_TOKEN_TYPE: &str = "API_TOKEN";

/// What a token without a name is called: the log holds none.
pub fn made_up_name(id: &str) -> String {
    let from = id.char_indices().rev().nth(7).map_or(0, |(at, _)| at);
    format!("Foundry token …{}", id.get(from..).unwrap_or(id))
}

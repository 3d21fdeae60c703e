//! Times, names and links as a page shows them.
//!
//! What comes from other systems is hostile until it passed here.

mod browser;
mod form;
mod link;
mod reader;
mod text;

pub(crate) use browser::browser;
pub(crate) use domain::kernel::{count, length, still_left, thousands};
pub(crate) use form::Form;
pub(crate) use link::{own_path, path_part, web_url};
pub(crate) use reader::{Left, Reader, Urgency, When};
pub(crate) use text::{
    NAME_CHARS, kind_words, origin_words, owner_words, place_of, plain, source_words,
};

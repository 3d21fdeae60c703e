//! What does a message say to a person?
//!
//! Pure: content in, subject and bodies out. Names come from other systems and are
//! hostile until they are made plain; links lead only where the content says.

mod card;
mod dates;
mod letter;
mod links;
mod review;
mod sentences;
mod template;
mod text;
mod urgency;
mod words;

use app::ports::MessageContent;
use askama::Template;

pub(crate) use dates::moment_utc;
pub use letter::Letter;
pub(crate) use links::{act_url, acts, alert_url, subject_url, web_url};
pub use review::{Row, Sheet};
pub(crate) use sentences::{headline, name, places, to_do};
pub use template::{TemplateError, TemplateSettings, Templates};
pub(crate) use urgency::Urgency;
pub(crate) use words::{others, others_need_attention, plain};

/// A message for a person, complete in each of its two bodies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rendered {
    /// One line. For a single alert it stays the same at every step, so that mail
    /// programs keep the conversation together.
    pub subject: String,
    /// The whole message as plain text.
    pub text: String,
    /// The whole message as HTML without anything remote.
    pub html: String,
}

/// The most rows that one message shows; the others are counted.
pub const ROWS_MAX: usize = 50;

/// Renders a message.
///
/// # Errors
/// Only when the template cannot be filled, which would be a defect of ours.
pub fn render(content: &MessageContent) -> Result<Rendered, askama::Error> {
    let letter = Letter::write(content);
    let text = text::body(&letter);
    let html = Html { letter: &letter }.render()?;
    Ok(Rendered {
        subject: letter.subject.clone(),
        text,
        html,
    })
}

#[derive(Template)]
#[template(path = "message.html")]
struct Html<'a> {
    letter: &'a Letter,
}

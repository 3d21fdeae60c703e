//! What stands around every page: who is signed in, where one can go, what presses.

mod banner;
mod nav;

use askama::filters::HtmlSafe;
use std::fmt;

use crate::guard::SignedIn;
use crate::problem::Problem;
use crate::show::{Reader, plain};
use crate::state::Web;

pub(crate) use banner::Banner;
pub use nav::Place;
pub(crate) use nav::{NavItem, items};

/// A name in the corner is cut at so many characters.
const NAME_CHARS: usize = 60;

/// What stands around every page. A template that extends `layout.html` has it as `shell`.
pub struct Shell {
    /// Of the page; the first words of the tab.
    pub(crate) title: String,
    pub(crate) name: String,
    pub(crate) initials: String,
    pub(crate) nav: Vec<NavItem>,
    pub(crate) banner: Option<Banner>,
    /// Stands in every form of the page.
    pub(crate) form_field: FormField,
    /// What was just done.
    pub(crate) said: Option<&'static str>,
    pub(crate) zone: String,
    /// For whom times are written.
    pub(crate) reader: Reader,
}

/// The hidden field that proves that a form is ours.
pub(crate) struct FormField(String);

// It consists of letters and digits.
impl HtmlSafe for FormField {}

impl fmt::Display for FormField {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let token = &self.0;
        write!(
            f,
            r#"<input type="hidden" name="form_token" value="{token}">"#
        )
    }
}

impl Shell {
    /// What stands around a page of this title, for this person.
    pub(crate) async fn load(
        web: &Web,
        who: &SignedIn,
        place: Place,
        title: &str,
    ) -> Result<Self, Problem> {
        let person = &who.visitor.person;
        let reader = Reader::of(person.time_zone.as_deref(), web.ctx.now());
        let pressing = app::credentials::pressing(&web.ctx, who.principal()).await?;
        Ok(Self {
            title: title.to_owned(),
            name: plain(person.name.as_str(), NAME_CHARS),
            initials: initials(person.name.as_str()),
            nav: items(place, who.principal()),
            banner: Banner::load(web, &pressing, &who.principal().owner, &reader).await?,
            form_field: FormField(who.form_token(web)),
            said: None,
            zone: reader.zone_name(),
            reader,
        })
    }

    /// Says what was just done: `word` comes from the address, `words` are the page's own.
    #[must_use]
    pub(crate) fn said(mut self, word: Option<&str>, words: &[(&str, &'static str)]) -> Self {
        let found = words.iter().find(|(own, _)| Some(*own) == word);
        self.said = found.map(|(_, sentence)| *sentence).or(self.said);
        self
    }
}

/// The first letters of the first and the last word.
fn initials(name: &str) -> String {
    let mut words = name.split_whitespace();
    let letter = |word: &str| word.chars().find(|c| c.is_alphanumeric());
    let first = words.next().and_then(letter);
    let last = words.next_back().and_then(letter);
    let both: String = first.into_iter().chain(last).collect();
    both.to_uppercase()
}

#[cfg(test)]
mod tests {
    use super::initials;

    #[test]
    fn initials_are_letters_of_the_name() {
        assert_eq!(initials("Ines de la Okafor"), "IO");
        assert_eq!(initials("Óscar"), "Ó");
        assert_eq!(initials("<script> x"), "SX");
        assert_eq!(initials("…"), "");
    }
}

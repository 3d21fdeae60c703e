//! Could this line tell of a token? Answered from its bytes alone, never wrongly no.

use memchr::memmem::Finder;

/// What a token event holds somewhere: its name, its category, or an escape behind
/// which a letter of either can hide; JSON has no other way to hide one.
const NEEDLES: [&str; 5] = [
    "CREATE_TOKEN",
    "REVOKE_TOKEN",
    "tokenGeneration",
    "tokenRevoke",
    "\\u",
];

/// The prepared searches.
pub(crate) struct Needles([Finder<'static>; 5]);

impl Needles {
    pub(crate) fn new() -> Self {
        Self(NEEDLES.map(Finder::new))
    }

    pub(crate) fn may_tell(&self, line: &[u8]) -> bool {
        self.0.iter().any(|needle| needle.find(line).is_some())
    }
}

//! The headers that keep mail programs, lists and vacation replies well-behaved.

use lettre::message::header::{Header, HeaderName, HeaderValue};

type ParseError = Box<dyn std::error::Error + Send + Sync>;

macro_rules! header {
    ($(#[$doc:meta])* $name:ident = $wire:literal) => {
        $(#[$doc])*
        #[derive(Clone, Debug)]
        pub(crate) struct $name(pub(crate) String);

        impl Header for $name {
            fn name() -> HeaderName {
                HeaderName::new_from_ascii_str($wire)
            }
            fn parse(text: &str) -> Result<Self, ParseError> {
                Ok(Self(text.to_owned()))
            }
            fn display(&self) -> HeaderValue {
                HeaderValue::new(Self::name(), self.0.clone())
            }
        }
    };
}

header! {
    /// RFC 3834: a program wrote this, so no vacation reply, please.
    AutoSubmitted = "Auto-Submitted"
}
header! {
    /// The same wish in Exchange's words.
    XAutoResponseSuppress = "X-Auto-Response-Suppress"
}
header! {
    /// RFC 2919: what filters can sort by.
    ListId = "List-Id"
}

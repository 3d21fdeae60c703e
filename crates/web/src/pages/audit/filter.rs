//! Which rows does an address ask for?

use app::ports::AuditFilter;
use domain::kernel::{Instant, Span};

use crate::entries::Entries;
use crate::show::{Form, Reader};

/// What the address asks for; what cannot be read stands in the form, and narrows nothing.
pub(super) struct Wanted {
    pub(super) filter: AuditFilter,
    pub(super) form: Form,
}

/// Days are those of the reader; the last one is included.
pub(super) fn read(query: &Entries, reader: &Reader) -> Wanted {
    let mut form = Form::again(query.clone());
    let mut day = |name: &'static str, read: &dyn Fn(&str) -> Option<Instant>| {
        let text = query.some(name)?;
        let at = Instant::parse(&text).ok().or_else(|| read(&text));
        if at.is_none() {
            form = std::mem::take(&mut form).with(name, "a day such as 2026-12-31 is wanted");
        }
        at
    };
    let from = day("from", &|text| reader.start_of_day(text));
    let last = |text: &str| Some(reader.end_of_day(text)? + Span::seconds(1));
    let until = day("until", &last);
    let filter = AuditFilter {
        actors: query.some("actor").into_iter().collect(),
        action: query.some("action"),
        target: query.some("target"),
        from,
        until,
    };
    Wanted { filter, form }
}

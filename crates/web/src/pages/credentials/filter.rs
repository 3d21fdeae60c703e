//! Which credentials does an address ask for? In the words of the API, so that a saved
//! view reads like a call.

use app::Context;
use app::credentials::whose;
use app::ports::{CredentialFilter, CredentialSort};
use domain::inventory::State;
use domain::kernel::{Instant, SourceId, Span};

use crate::entries::Entries;
use crate::problem::Problem;
use crate::show::Form;

/// What works, or might.
const LIVING: [State; 3] = [State::Active, State::Suspended, State::UnknownEnd];

/// What the address asks for; what cannot be read stands in the form, and narrows nothing.
pub(super) struct Wanted {
    pub(super) filter: CredentialFilter,
    pub(super) form: Form,
}

/// Reads it.
///
/// # Errors
/// The store's.
pub(super) async fn read(ctx: &Context, query: &Entries) -> Result<Wanted, Problem> {
    let mut form = Form::again(query.clone());
    let now = ctx.now();
    let mut filter = CredentialFilter {
        now,
        name: query.some("name"),
        role: query.some("role"),
        scopes: query
            .all("scope")
            .into_iter()
            .filter(|s| !s.is_empty())
            .collect(),
        sort: sort(query.get("sort")),
        ..CredentialFilter::default()
    };
    let (owner, team) = (query.some("owner"), query.some("team"));
    match whose(ctx, owner.as_deref(), team.as_deref()).await {
        Ok((owner, team)) => (filter.owner, filter.team) = (owner, team),
        Err(error) => form = form.refused(error, &["team"])?,
    }
    filter.source = query.some("source").and_then(|id| SourceId::parse(id).ok());
    filter.orphaned = (query.get("orphaned") == "true").then_some(true);
    filter.states = states(query);
    let instant = |name: &'static str, form: &mut Form| match query.some(name).map(|t| at(&t)) {
        Some(None) => {
            let wrong = "a day such as 2026-12-31 is wanted";
            *form = std::mem::take(form).with(name, wrong);
            None
        }
        found => found.flatten(),
    };
    filter.expires_before = instant("expires_before", &mut form);
    filter.expires_after = instant("expires_after", &mut form);
    filter.last_used_before = instant("unused_since", &mut form);
    filter.created_after = instant("created_after", &mut form);
    if let Some(text) = query.some("expires_within") {
        match Span::parse(&text) {
            Ok(span) if span.is_positive() => within(&mut filter, span, now),
            _ => form = form.with("expires_within", "a span such as 7d is wanted"),
        }
    }
    Ok(Wanted { filter, form })
}

fn within(filter: &mut CredentialFilter, span: Span, now: Instant) {
    // What ends with the span is inside it.
    let until = now + span + Span::from_micros(1);
    filter.expires_before = Some(filter.expires_before.map_or(until, |at| at.min(until)));
    filter.expires_after = Some(filter.expires_after.map_or(now, |at| at.max(now)));
    filter.states = vec![State::Active];
}

fn states(query: &Entries) -> Vec<State> {
    match query.get("state") {
        "" if query.get("view") == "ended" => vec![State::Expired],
        "" => LIVING.to_vec(),
        "any" => Vec::new(),
        word => word
            .parse()
            .map_or_else(|_| LIVING.to_vec(), |state| vec![state]),
    }
}

/// Only these orders exist, whatever the store calls its columns.
fn sort(word: &str) -> CredentialSort {
    match word {
        "newest" => CredentialSort::Newest,
        "name" => CredentialSort::Name,
        _ => CredentialSort::ExpiresAt,
    }
}

/// A day, at whose first instant in UTC it begins, or an instant.
fn at(text: &str) -> Option<Instant> {
    let day = || Instant::parse(&format!("{text}T00:00:00Z"));
    Instant::parse(text).or_else(|_| day()).ok()
}

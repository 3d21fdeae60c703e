//! What is due for a source: that it is blind, that most of it is missing.

use domain::expiry::{Alert, AlertKind, Reading, Subject, blind, vanished};
use domain::inventory::{Credential, End};
use domain::kernel::{Instant, SourceId, escape_line};

use crate::ports::SourceState;

use super::decide::told;
use super::load::{Page, Surroundings};
use super::page::Decided;

/// Both rules; a source that was forgotten has nothing wrong with it any more.
pub(super) fn decide(around: &Surroundings, page: &Page, id: &SourceId) -> Decided {
    let (now, backoff) = (around.now, around.settings.backoff);
    let state = page.sources.get(id);
    let reading = state.map(|state| reading(around, page, state));
    let wrong = reading.and_then(|reading| reading.wrong(now));
    let wrong = wrong.map(|wrong| match page.own.get(id) {
        Some(own) if state.is_some_and(|s| s.refused) => {
            format!("{wrong}; {}", read_with(own, now))
        }
        _ => wrong,
    });
    let before = alert(page, id, AlertKind::Blind);
    let planned = blind(id, wrong.as_deref(), before, backoff, now);
    let mut decided = told(around, None, before, planned);
    let held = state.and_then(|s| s.held.as_ref()).map(|h| h.missing());
    let missing = held.and_then(|held| held.wrong(id, now));
    let before = alert(page, id, AlertKind::Vanished);
    let planned = vanished(id, missing.as_deref(), before, backoff, now);
    decided.extend(told(around, None, before, planned));
    let look_again = [
        decided.next,
        reading.and_then(|reading| reading.look_again(now)),
        held.and_then(|held| held.look_again(now)),
    ];
    decided.next = look_again.into_iter().flatten().min();
    decided
}

fn alert<'a>(page: &'a Page, id: &SourceId, kind: AlertKind) -> Option<&'a Alert> {
    let subject = Subject::Source(id.clone());
    page.alerts.get(&Alert::id_of(&subject, kind))
}

fn reading<'a>(around: &Surroundings, page: &Page, state: &'a SourceState) -> Reading<'a> {
    let sentence = |told: &'a Option<(Instant, String)>| {
        let told = told.as_ref();
        told.map(|(since, why)| (*since, why.as_str()))
    };
    Reading {
        failing: sentence(&state.failing),
        refused: state.refused,
        partial: sentence(&state.partial),
        succeeded_at: state.succeeded_at,
        complete_at: state.complete_at,
        alive_at: page.alive.get(&state.id).copied(),
        interval: around.settings.interval_of(&state.id),
    }
}

/// Names the credential that is refused, and says whether it has ended.
fn read_with(own: &Credential, now: Instant) -> String {
    let name = escape_line(own.name.as_str());
    let named = format!("it is read with {name} (ID {})", own.external_id);
    match (own.revoked_at, own.end) {
        (Some(at), _) => format!("{named}, which was revoked at {at}"),
        (None, End::Known(end)) if end <= now => format!("{named}, which ended at {end}"),
        (None, End::Known(end)) => format!("{named}, which ends at {end}"),
        (None, End::Never | End::Unknown) => named,
    }
}

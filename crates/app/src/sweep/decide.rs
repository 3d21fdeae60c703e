//! What is due for one subject, by the rule module of its kind.

use std::collections::BTreeSet;

use domain::expiry::{
    Alert, AlertKind, ContextFacts, CredentialView, Plan, Reason, Resolution, Resolved, Saying,
    Step, Subject, carried, fell_silent, lapsed, no_way_out, orphaned, plan, refused, standing,
    undeliverable, unheard, used_after_end, used_in_overlap,
};
use domain::inventory::{Credential, governed};
use domain::kernel::{ChannelId, Span};
use domain::notice::{Concerned, audience};

use crate::ports::Write;

use super::gather::{Whom, gather};
use super::load::{Page, Surroundings};
use super::monitor;
use super::page::Decided;
use super::review;
use super::source;

/// After so long without another the outbox is sound again.
const EXHAUSTED_LASTS: Span = Span::days(1);

/// What is due for one subject. Pure: everything it looks at was read before.
pub(super) fn decide(around: &Surroundings, page: &Page, subject: &Subject) -> Decided {
    match subject {
        Subject::Credential(id) => match page.credentials.get(id) {
            Some(credential) => of_credential(around, page, credential),
            None => of_forgotten(around, page, subject),
        },
        Subject::Source(id) => source::decide(around, page, id),
        Subject::Channel(id) => of_channel(around, page, id),
        Subject::System(what) => of_system(around, page, what),
        Subject::Monitor(id) => match page.monitors.get(id) {
            Some(monitor) => monitor::decide(around, page, monitor),
            None => of_forgotten(around, page, subject),
        },
        Subject::Review(id) => review::decide(around, page, id),
    }
}

/// First who answers for it at this moment, then what is due.
fn of_credential(around: &Surroundings, page: &Page, stored: &Credential) -> Decided {
    let rules = &around.settings.owners;
    let Some(credential) = governed(stored, rules, &around.directory, around.now) else {
        return of_owned(around, page, stored);
    };
    let mut decided = of_owned(around, page, &credential);
    let write = Write::PutCredential(Box::new(credential));
    decided.writes.insert(0, write);
    decided
}

fn of_owned(around: &Surroundings, page: &Page, credential: &Credential) -> Decided {
    let none = ContextFacts::default();
    let facts = page.facts.get(&credential.id).unwrap_or(&none);
    let view = CredentialView::of(credential, facts);
    let (policy, turns_at) = around.policy(credential, around.now);
    let subject = Subject::Credential(credential.id.clone());
    let alert = |kind| page.alerts.get(&Alert::id_of(&subject, kind));
    let now = around.now;
    let about = around.concerned(credential, around.now);
    let close = Whom::Close(&about, &policy.hours);
    let mut decided = Decided {
        next: turns_at,
        ..Decided::default()
    };
    let expiry = alert(AlertKind::Expiry);
    gather(
        around,
        &close,
        expiry,
        plan(&view, policy, expiry, now),
        &mut decided,
    );
    for kind in [
        AlertKind::UsedAfterEnd,
        AlertKind::UsedInOverlap,
        AlertKind::Refused,
        AlertKind::FellSilent,
    ] {
        let before = alert(kind);
        let planned = match kind {
            AlertKind::UsedAfterEnd => used_after_end(&view, before, now),
            AlertKind::UsedInOverlap => used_in_overlap(&view, before, now),
            AlertKind::Refused => refused(&view, before, policy.backoff, now),
            _ => fell_silent(&view, expiry, before, now),
        };
        gather(around, &close, before, planned, &mut decided);
    }
    let before = alert(AlertKind::Orphaned);
    // An owner whom nobody could ever resolve shows in lists and in every notice; an
    // owner who is lost is news.
    if credential.owner.is_some() || before.is_some() {
        let planned = orphaned(&view, before, now);
        gather(around, &close, before, planned, &mut decided);
    }
    let before = alert(AlertKind::Unheard);
    let nobody = nobody_hears(around, &about);
    let whom = Whom::Operators(None);
    let carries = credential.carries_for_a_person(around.depended_on.contains(&credential.id));
    let hangs = alert(AlertKind::Carried);
    let planned = carried(&view, carries, hangs, now);
    gather(around, &whom, hangs, planned, &mut decided);
    gather(
        around,
        &whom,
        before,
        unheard(&view, nobody, before, now),
        &mut decided,
    );
    decided
}

/// Whether nobody at all would hear of the widest step.
fn nobody_hears(around: &Surroundings, about: &Concerned) -> bool {
    let shared = around.shared(None);
    let saying = Saying {
        step: Step::Lead(Span::days(30)),
        occurrence: 1,
        reason: Reason::Entered,
        scaled: false,
        acknowledged: false,
        let_lapse: false,
        still_used: false,
        newer_exists: false,
        broken: false,
        newcomers_only: false,
        gathers: false,
        whom: None,
        escalated_to: BTreeSet::new(),
    };
    audience(
        about,
        &saying,
        &around.directory,
        &around.audience,
        &shared,
        around.now,
    )
    .nobody
}

/// It exists no longer, with its source or by itself: what stands about it is over, and nobody needs to hear.
fn of_forgotten(around: &Surroundings, page: &Page, subject: &Subject) -> Decided {
    let open = page
        .alerts
        .values()
        .filter(|a| a.subject == *subject && a.resolved.is_none());
    let close = |alert: &Alert| {
        let mut alert = alert.clone();
        let how = Resolution::Gone;
        alert.resolved = Some(Resolved {
            at: around.now,
            how,
        });
        Write::PutAlert(Box::new(alert))
    };
    Decided {
        writes: open.map(close).collect(),
        ..Decided::default()
    }
}

fn of_channel(around: &Surroundings, page: &Page, id: &ChannelId) -> Decided {
    let configured = around.ways.channel(id).is_some();
    let wrong = around.ways.health(id).wrong().filter(|_| configured);
    let subject = Subject::Channel(id.clone());
    let before = page
        .alerts
        .get(&Alert::id_of(&subject, AlertKind::Undeliverable));
    let backoff = around.settings.backoff;
    let planned = undeliverable(id, wrong.as_deref(), before, backoff, around.now);
    // Over the channel itself nobody would hear that it is dead.
    told(around, Some(id), before, planned)
}

fn of_system(around: &Surroundings, page: &Page, what: &str) -> Decided {
    let subject = Subject::System(what.to_owned());
    let alert = |kind| page.alerts.get(&Alert::id_of(&subject, kind));
    let (backoff, now) = (around.settings.backoff, around.now);
    match what {
        "audience" => {
            let before = alert(AlertKind::NoWayOut);
            told(
                around,
                None,
                before,
                no_way_out(nobody_reached(around), before, backoff, now),
            )
        }
        "outbox" => {
            let recent = page.exhausted.as_ref();
            let recent = recent.filter(|(at, _)| *at <= now && at.until(now) < EXHAUSTED_LASTS);
            let before = alert(AlertKind::Undeliverable);
            let wrong = recent.map(|(_, why)| why.as_str());
            let kind = AlertKind::Undeliverable;
            let mut planned = standing(&subject, kind, wrong, before, backoff, now);
            let sound = recent.map(|(at, _)| *at + EXHAUSTED_LASTS);
            planned.next_due_at = sound.or(planned.next_due_at);
            told(around, None, before, planned)
        }
        "notifier" => {
            let before = alert(AlertKind::LapsedWhileDown);
            told(around, None, before, lapsed(0, before, now))
        }
        _ => Decided::default(),
    }
}

fn nobody_reached(around: &Surroundings) -> Option<&'static str> {
    if !around.can_be_heard() {
        return Some("no configured channel reaches a person; add one, such as [channels.mail]");
    }
    around
        .operators(None)
        .nobody
        .then_some("no administrator can be reached; set audience.admins or audience.catch_all")
}

/// To the operators, not over the channel named.
pub(super) fn told(
    around: &Surroundings,
    but: Option<&ChannelId>,
    before: Option<&Alert>,
    planned: Plan,
) -> Decided {
    let mut decided = Decided::default();
    gather(around, &Whom::Operators(but), before, planned, &mut decided);
    decided
}

//! What is due for one subject, by the rule module of its kind.

use domain::expiry::{
    Alert, AlertKind, Plan, Resolution, Resolved, Subject, lapsed, no_way_out, plan, standing,
    undeliverable,
};
use domain::inventory::{Credential, governed};
use domain::kernel::{ChannelId, Span};

use crate::ports::Write;

use super::gather::{Whom, gather};
use super::load::{Page, Surroundings};
use super::monitor;
use super::page::Decided;
use super::review;
use super::source;
use super::stand::{BESIDE, Stand, is_for_operators};

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
    let stand = Stand::of(around, page, credential, around.now);
    let subject = Subject::Credential(credential.id.clone());
    let alert = |kind| page.alerts.get(&Alert::id_of(&subject, kind));
    let mut decided = Decided {
        next: stand.turns_at,
        ..Decided::default()
    };
    let expiry = alert(AlertKind::Expiry);
    let planned = plan(&stand.view, stand.policy, expiry, around.now);
    let close = Whom::Close(&stand.about, &stand.policy.hours);
    gather(around, &close, expiry, planned, &mut decided);
    for kind in BESIDE {
        let before = alert(kind);
        let planned = stand.beside(kind, expiry, before);
        let whom = if is_for_operators(kind) {
            &Whom::Operators(None)
        } else {
            &close
        };
        gather(around, whom, before, planned, &mut decided);
    }
    decided
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

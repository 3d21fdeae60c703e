//! What each write means in statements. Pure: a unit of work becomes a batch.

mod alert;
mod audit;
mod credential;
mod document;
mod due;
mod memory;
mod message;
mod meta;
mod monitor;
mod people;
mod session;
mod silence;
mod subscription;
mod watch;

use app::ports::{Changes, Pinged, StoreError, Usage, Write};
use domain::kernel::Instant;
use serde::Serialize;

use crate::sql::{Batch, Step};

pub(crate) use audit::chain;
pub(crate) use message::claim;

/// A unit of work as one batch: its writes in their order, then its audit rows.
pub(crate) fn batch(changes: &Changes) -> Result<Batch, StoreError> {
    // The store has no clock; the audit rows of a change say when it happened.
    let now = changes.audit.iter().map(|entry| entry.at).max();
    let writes = changes.writes.iter().map(|write| steps(write, now));
    let audit = changes
        .audit
        .iter()
        .map(|entry| Ok(vec![audit::add(entry)]));
    writes.chain(audit).collect::<Result<_, _>>().map(Batch)
}

fn steps(write: &Write, now: Option<Instant>) -> Result<Vec<Step>, StoreError> {
    Ok(match write {
        Write::PutCredential(credential) => credential::put(credential)?,
        Write::PutToken(token) => credential::put_token(token)?,
        Write::PutMonitor(monitor) => monitor::put(monitor)?,
        Write::RemoveMonitor(id, version) => monitor::remove(id, *version),
        Write::PutRole(role) => people::put_role(role)?,
        Write::RemoveRole(name, version) => people::remove_role(name, *version),
        Write::PutPerson(person) => people::put_person(person)?,
        Write::PutTeam(team) => people::put_team(team)?,
        Write::PutServiceAccount(account) => people::put_service_account(account)?,
        Write::PutAlert(alert) => alert::put(alert)?,
        Write::PutSilence(silence) => silence::put(silence)?,
        Write::RemoveSilence(id, version) => silence::remove(id, *version),
        Write::PutWatch(watch) => watch::put(watch)?,
        Write::RemoveWatch(id, version) => watch::remove(id, *version),
        Write::SetDue(subject, at) => due::set(subject, *at),
        Write::DueAtLatest(subject, at) => due::at_latest(subject, *at),
        Write::AskAbout(whose, at) => due::ask_about(whose, *at),
        Write::SettleDue {
            subject,
            asked,
            next,
        } => due::settle(subject, *asked, *next),
        Write::AddNotice(notice) => alert::add_notice(notice)?,
        Write::SetNotice(key, state) => alert::set_notice(key, state)?,
        Write::AddMessage(message) => message::add(message)?,
        Write::ReleaseSweep(sweep) => message::release(sweep),
        Write::FinishMessage(message) => message::finish(message)?,
        Write::PutAttempt(attempt) => message::put_attempt(attempt)?,
        Write::PutSource(source) => meta::put_source(source)?,
        Write::ReleaseImport(source, at) => due::release_import(source, *at),
        Write::ForgetSource(id, at) => meta::forget_source(id, *at),
        Write::SetMeta(name, value) => meta::set(name, value),
        Write::SwapMeta { name, from, to } => meta::swap(name, from.as_deref(), to.as_deref()),
        Write::SetMemory {
            channel,
            alert,
            value,
        } => memory::set(channel, alert, value.as_deref()),
        Write::PutSubscription(made) => subscription::put(made)?,
        Write::RemoveSubscription(id) => subscription::remove(id),
        Write::PutSession(session) => session::put(session)?,
        Write::RemoveSession(id) => session::remove(id),
        Write::RemoveSessionsOf(person, but) => session::remove_of(person, but.as_ref()),
        Write::PutPassword(password) => session::put_password(password)?,
        Write::AddIdempotent(made) => meta::add_idempotent(made, now),
    })
}

/// Counts of use as one batch; in the order of ids, so that two nodes wait for each
/// other instead of blocking each other.
pub(crate) fn usage(mut usage: Vec<Usage>) -> Batch {
    usage.sort_by(|a, b| a.id.cmp(&b.id));
    Batch(usage.iter().map(credential::add_usage).collect())
}

/// What was heard of monitors as one batch, in the order of ids like uses.
pub(crate) fn heard(mut heard: Vec<Pinged>) -> Batch {
    heard.sort_by(|a, b| a.id.cmp(&b.id));
    Batch(heard.iter().map(|h| monitor::heard(h).into()).collect())
}

/// What is past its time, a limited number of rows of each kind.
pub(crate) fn prune(before: Instant, now: Instant, limit: u32) -> Batch {
    Batch(vec![
        message::prune(before, limit),
        alert::prune(before, limit),
        silence::prune(before, limit),
        meta::prune(now, limit),
        memory::prune(limit),
        session::prune(now, limit),
    ])
}

/// The document of a value.
fn doc(value: &impl Serialize, what: &str) -> Result<String, StoreError> {
    serde_json::to_string(value)
        .map_err(|e| StoreError::Unavailable(format!("{what} cannot be written down: {e}")))
}

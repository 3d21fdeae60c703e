//! Plans some subjects and commits what follows; alone where together fails.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};

use domain::expiry::Subject;
use domain::kernel::{Instant, MessageId};
use domain::notice::Message;

use crate::Context;
use crate::ports::{StoreError, Write};

use super::load::{Page, Pass, Surroundings};
use super::{SET_ASIDE, SweepReport, commit, decide};

/// How often a subject is planned again when it was changed meanwhile.
const TRIES: usize = 4;

/// What is decided for one subject.
#[derive(Default)]
pub(super) struct Decided {
    /// Alerts, in their new state.
    pub writes: Vec<Write>,
    /// Messages with the notices they carry.
    pub messages: Vec<Message>,
    /// Notices made.
    pub notices: u64,
    /// When to look again.
    pub next: Option<Instant>,
}

impl Decided {
    /// Adds what another rule decided for the same subject.
    pub fn extend(&mut self, other: Self) {
        self.writes.extend(other.writes);
        self.messages.extend(other.messages);
        self.notices += other.notices;
        self.next = [self.next, other.next].into_iter().flatten().min();
    }
}

/// Plans the subjects and commits what follows.
pub(super) async fn settle(
    ctx: &Context,
    pass: &Pass,
    subjects: &[Subject],
    report: &mut SweepReport,
) -> Result<(), StoreError> {
    if subjects.is_empty() {
        return Ok(());
    }
    report.examined += u64::try_from(subjects.len()).unwrap_or(0);
    match together(ctx, pass, subjects).await {
        Ok(notices) => {
            report.notices += notices;
            Ok(())
        }
        Err(error) if is_for_all(&error) => Err(error),
        Err(_) => one_by_one(ctx, pass, subjects, report).await,
    }
}

/// Errors that would meet every other subject too.
fn is_for_all(error: &StoreError) -> bool {
    matches!(error, StoreError::Unavailable(_) | StoreError::Full(_))
}

async fn one_by_one(
    ctx: &Context,
    pass: &Pass,
    subjects: &[Subject],
    report: &mut SweepReport,
) -> Result<(), StoreError> {
    for subject in subjects {
        match alone(ctx, pass, subject).await {
            Ok(notices) => report.notices += notices,
            Err(error) if is_for_all(&error) => return Err(error),
            Err(error) => {
                report.set_aside += 1;
                tracing::error!(%subject, %error, "this subject cannot be planned; it is looked at again in an hour");
                let later = Some(pass.now + SET_ASIDE);
                commit(ctx, vec![Write::SetDue(subject.clone(), later)]).await?;
            }
        }
    }
    Ok(())
}

async fn alone(ctx: &Context, pass: &Pass, subject: &Subject) -> Result<u64, StoreError> {
    let one = std::slice::from_ref(subject);
    let mut last = together(ctx, pass, one).await;
    for _ in 1..TRIES {
        if !matches!(
            last,
            Err(StoreError::Conflict(_) | StoreError::Duplicate(_))
        ) {
            break;
        }
        last = together(ctx, pass, one).await;
    }
    last
}

/// Reads what was asked first and what the plan rests on afterwards: whatever changes in
/// between is either seen or asks again, and what was asked again stays on the queue.
async fn together(ctx: &Context, pass: &Pass, subjects: &[Subject]) -> Result<u64, StoreError> {
    let asked = ctx.store.asked(subjects).await?;
    let around = Surroundings::load(ctx, pass).await?;
    let page = Page::load(ctx, &around, subjects).await?;
    let mut writes = Vec::new();
    let mut messages: BTreeMap<MessageId, Message> = BTreeMap::new();
    let mut notices = 0;
    for subject in subjects {
        let decided = decide_or_say(&around, &page, subject)?;
        writes.extend(decided.writes);
        notices += decided.notices;
        writes.push(Write::SettleDue {
            subject: subject.clone(),
            asked: asked.get(subject).copied(),
            next: decided.next,
        });
        for message in decided.messages {
            merge(&mut messages, message);
        }
    }
    let messages = messages.into_values().map(Box::new);
    writes.extend(messages.map(Write::AddMessage));
    commit(ctx, writes).await?;
    Ok(notices)
}

/// A rule that panics must not stop the others' warnings.
fn decide_or_say(
    around: &Surroundings,
    page: &Page,
    subject: &Subject,
) -> Result<Decided, StoreError> {
    let decided = catch_unwind(AssertUnwindSafe(|| decide::decide(around, page, subject)));
    decided.map_err(|_| StoreError::Corrupt {
        table: "due",
        row: subject.to_string(),
    })
}

fn merge(messages: &mut BTreeMap<MessageId, Message>, message: Message) {
    match messages.get_mut(&message.id) {
        Some(known) => {
            known.notices.extend(message.notices);
            known.deadline = known.deadline.min(message.deadline);
        }
        None => drop(messages.insert(message.id.clone(), message)),
    }
}

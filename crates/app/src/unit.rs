//! One unit of work: writes and audit rows that become true together.

use domain::expiry::Subject;
use domain::kernel::{CredentialId, Instant, MonitorId};
use serde_json::Value;

use crate::ports::{Answering, AuditEntry, Changes, Write};
use crate::{AppError, Context, Principal};

/// Tries a decision again when somebody else changed what it was made on; the last try
/// answers as it is.
macro_rules! until_settled {
    ($decide:expr) => {{
        let mut left = 5_u8;
        loop {
            left -= 1;
            match $decide.await {
                Err($crate::AppError::Overtaken(_)) if left > 0 => {}
                settled => break settled,
            }
        }
    }};
}
pub(crate) use until_settled;

/// Gathers what one decision changes.
pub(crate) struct Unit {
    actor: String,
    now: Instant,
    changes: Changes,
}

impl Unit {
    /// A unit of this caller.
    pub(crate) fn of(principal: &Principal, now: Instant) -> Self {
        Self::by(principal.actor(), now)
    }

    /// A unit of Forewarn itself (`system`, `setup`).
    pub(crate) fn by(actor: impl Into<String>, now: Instant) -> Self {
        let actor = actor.into();
        let changes = Changes::default();
        Self {
            actor,
            now,
            changes,
        }
    }

    pub(crate) fn write(&mut self, write: Write) -> &mut Self {
        self.changes.writes.push(write);
        self
    }

    /// A row of the audit log in the same commit; details never hold a secret.
    pub(crate) fn audit(&mut self, action: &str, target: String, details: Value) -> &mut Self {
        self.changes.audit.push(AuditEntry {
            at: self.now,
            actor: self.actor.clone(),
            action: action.to_owned(),
            target,
            details,
        });
        self
    }

    /// The credential may be due now: the next sweep looks and finds the real instant.
    pub(crate) fn look_at(&mut self, id: &CredentialId) -> &mut Self {
        self.write(Write::DueAtLatest(
            Subject::Credential(id.clone()),
            self.now,
        ))
    }

    /// Whoever hears of what they answer for may be somebody else now. In the commit that
    /// says so, hence in one list.
    pub(crate) fn look_at_all_of(&mut self, whose: Answering) -> &mut Self {
        self.write(Write::AskAbout(whose, self.now))
    }

    /// The monitor may be missed, or no longer.
    pub(crate) fn look_at_monitor(&mut self, id: &MonitorId) -> &mut Self {
        self.write(Write::DueAtLatest(Subject::Monitor(id.clone()), self.now))
    }

    /// Makes it all true, or nothing.
    pub(crate) async fn commit(self, ctx: &Context) -> Result<(), AppError> {
        let due = |w: &Write| matches!(w, Write::DueAtLatest(..) | Write::AskAbout(..));
        let wake = self.changes.writes.iter().any(due);
        ctx.store.commit(self.changes).await?;
        if wake {
            ctx.sweep_wanted.notify_one();
        }
        Ok(())
    }
}

/// Refuses when the caller has seen another version than stands.
pub(crate) fn expect_version(
    what: impl FnOnce() -> String,
    now: u64,
    if_match: Option<u64>,
) -> Result<(), AppError> {
    match if_match {
        Some(seen) if seen != now => Err(AppError::Stale { what: what(), now }),
        _ => Ok(()),
    }
}

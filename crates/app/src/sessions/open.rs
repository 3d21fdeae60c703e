//! Opening a session, whatever the proof was.

use domain::kernel::{Instant, PersonId, Secret};
use serde_json::json;

use super::cookie;
use crate::ports::{Session, Way, Write};
use crate::unit::Unit;
use crate::{AppError, Context};

/// So much is kept of what a browser says it is.
const AGENT_CHARS: usize = 200;

/// A session that has just begun.
#[derive(Clone, Debug)]
pub struct Opened {
    /// The session.
    pub session: Session,
    /// The value for the cookie; nobody can show it again.
    pub cookie: Secret<String>,
}

/// Begins a session in the unit that says why it may. Its id is always a new one: what a
/// browser brought along is never taken over.
pub(crate) fn open(
    ctx: &Context,
    unit: &mut Unit,
    person: &PersonId,
    way: Way,
    agent: &str,
) -> Result<Opened, AppError> {
    let now = ctx.now();
    let (id, cookie) = cookie::generate(&mut ctx.random.as_ref())
        .ok_or_else(|| AppError::conflict("no session could be made; try again"))?;
    let lifetime = ctx.settings.load().sign_in.lifetime;
    let mut session = Session {
        id,
        person: person.clone(),
        hash: cookie::hash(&cookie),
        agent: shortened(agent),
        opened_at: now,
        seen_at: now,
        ends_at: now.checked_add(lifetime).unwrap_or(Instant::MAX),
        way,
        version: 0,
    };
    unit.write(Write::PutSession(Box::new(session.clone())))
        .audit(
            "session.open",
            format!("session:{}", session.id),
            json!({ "way": session.way }),
        );
    session.version = 1;
    Ok(Opened { session, cookie })
}

fn shortened(agent: &str) -> String {
    let clean = agent.chars().filter(|c| !c.is_control());
    clean.take(AGENT_CHARS).collect()
}

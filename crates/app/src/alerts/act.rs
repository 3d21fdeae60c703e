//! Acknowledge, snooze, let lapse, escalate: allowed to owner, team, or with `alerts:write`.

use domain::expiry::{self, ActionError, Alert};
use domain::kernel::{AlertId, Instant};
use serde_json::{Value, json};

use super::AlertItem;
use super::read::{handles, visible};
use crate::ports::Write;
use crate::unit::{Unit, until_settled};
use crate::{AppError, Context, Principal};

/// "Somebody is on it": no repeats and no escalation until the next step.
///
/// # Errors
/// [`AppError::Conflict`] when the alert is over.
pub async fn acknowledge(
    ctx: &Context,
    principal: &Principal,
    id: &str,
    note: Option<String>,
) -> Result<AlertItem, AppError> {
    let note = bounded(note, "note")?;
    let told = json!({ "note": note });
    let act = |alert: &Alert, by: &str, now| expiry::acknowledge(alert, by, note.clone(), now);
    until_settled!(attempt(
        ctx,
        principal,
        id,
        ("alert.acknowledge", &told),
        act
    ))
}

/// "Not before `until`", at the latest a day before the end.
///
/// # Errors
/// [`AppError::Conflict`] when over or on the last day, [`AppError::Invalid`] for the
/// past.
pub async fn snooze(
    ctx: &Context,
    principal: &Principal,
    id: &str,
    until: Instant,
) -> Result<AlertItem, AppError> {
    let told = json!({ "until": until });
    let act = |alert: &Alert, by: &str, now| expiry::snooze(alert, until, by, now);
    until_settled!(attempt(ctx, principal, id, ("alert.snooze", &told), act))
}

/// Takes a snooze back.
///
/// # Errors
/// [`AppError::Conflict`] when there is none.
pub async fn unsnooze(
    ctx: &Context,
    principal: &Principal,
    id: &str,
) -> Result<AlertItem, AppError> {
    let act = |alert: &Alert, _: &str, now| expiry::unsnooze(alert, now);
    until_settled!(attempt(
        ctx,
        principal,
        id,
        ("alert.unsnooze", &Value::Null),
        act
    ))
}

/// "It may lapse": bound to the end the alert is about.
///
/// # Errors
/// [`AppError::Conflict`] when over, ended, or not about an end.
pub async fn let_lapse(
    ctx: &Context,
    principal: &Principal,
    id: &str,
    reason: Option<String>,
) -> Result<AlertItem, AppError> {
    let reason = bounded(reason, "reason")?;
    let told = json!({ "reason": reason });
    let act = |alert: &Alert, by: &str, now| expiry::let_lapse(alert, by, reason.clone(), now);
    until_settled!(attempt(ctx, principal, id, ("alert.let_lapse", &told), act))
}

/// "Tell those next in line": the current step is said again at once, also to the teams
/// above, to the admins and to whom the policy names.
///
/// # Errors
/// [`AppError::Conflict`] when over, ended, about no end, may lapse, or escalated already.
pub async fn escalate(
    ctx: &Context,
    principal: &Principal,
    id: &str,
    note: Option<String>,
) -> Result<AlertItem, AppError> {
    let note = bounded(note, "note")?;
    let told = json!({ "note": note });
    let act = |alert: &Alert, by: &str, now| expiry::escalate(alert, by, note.clone(), now);
    until_settled!(attempt(ctx, principal, id, ("alert.escalate", &told), act))
}

/// "It may lapse", said in a review: whoever may decide there needs no right over alerts.
/// Answers whether an alert stands that could be told so.
///
/// # Errors
/// [`AppError::Invalid`] for a reason beyond bounds; the store's.
pub(crate) async fn let_lapse_reviewed(
    ctx: &Context,
    principal: &Principal,
    id: &AlertId,
    reason: Option<String>,
) -> Result<bool, AppError> {
    let reason = bounded(reason, "reason")?;
    let told = json!({ "reason": reason });
    let act = |alert: &Alert, by: &str, now| expiry::let_lapse(alert, by, reason.clone(), now);
    let attempt = async || match ctx.store.alert(id).await? {
        Some(alert) => {
            let item = AlertItem {
                alert,
                credential: None,
                monitor: None,
            };
            let actor = principal.actor();
            act_on(ctx, actor, item, ("alert.let_lapse", &told), act)
                .await
                .map(Some)
        }
        None => Ok(None),
    };
    match until_settled!(attempt()) {
        // Over, ended, or not about an end: nothing that could be let lapse.
        Err(AppError::Conflict { .. }) => Ok(false),
        done => done.map(|item| item.is_some()),
    }
}

async fn attempt(
    ctx: &Context,
    principal: &Principal,
    id: &str,
    said: (&str, &Value),
    act: impl Fn(&Alert, &str, Instant) -> Result<Alert, ActionError>,
) -> Result<AlertItem, AppError> {
    let item = visible(ctx, principal, id, &["alerts:read", "alerts:write"]).await?;
    if !handles(ctx, principal, &["alerts:write"], &item).await? {
        let to_do = "to handle alerts about credentials of others";
        return Err(AppError::lacks("alerts:write", to_do));
    }
    act_on(ctx, principal.actor(), item, said, act).await
}

pub(super) async fn act_on(
    ctx: &Context,
    actor: String,
    mut item: AlertItem,
    (action, told): (&str, &Value),
    act: impl Fn(&Alert, &str, Instant) -> Result<Alert, ActionError>,
) -> Result<AlertItem, AppError> {
    let now = ctx.now();
    item.alert = act(&item.alert, &actor, now).map_err(refused)?;
    let mut unit = Unit::by(actor, now);
    unit.write(Write::PutAlert(Box::new(item.alert.clone())))
        .write(Write::DueAtLatest(item.alert.subject.clone(), now))
        .audit(action, format!("alert:{}", item.alert.id), told.clone());
    unit.commit(ctx).await?;
    ctx.upkeep_wanted.notify_one();
    item.alert.version += 1;
    Ok(item)
}

fn refused(error: ActionError) -> AppError {
    match error {
        ActionError::NotInFuture => AppError::invalid("until", error),
        ActionError::Resolved
        | ActionError::LastDay
        | ActionError::NotSnoozed
        | ActionError::NoEnd
        | ActionError::Ended
        | ActionError::NotAboutEnd
        | ActionError::MayLapse
        | ActionError::Escalated => AppError::conflict(error),
    }
}

/// What somebody wrote, within bounds; several lines are fine.
fn bounded(text: Option<String>, field: &'static str) -> Result<Option<String>, AppError> {
    const BYTES_MAX: usize = 1000;
    let odd = |c: char| c.is_control() && c != '\n';
    match text {
        Some(text) if text.len() > BYTES_MAX || text.chars().any(odd) => {
            let problem = format!("at most {BYTES_MAX} bytes without control characters");
            Err(AppError::invalid(field, problem))
        }
        text => Ok(text.filter(|t| !t.trim().is_empty())),
    }
}

//! What people do about the end of one credential.

use app::AppError;
use app::alerts::{acknowledge, escalate, let_lapse, snooze, unsnooze};
use axum::extract::{Path, State};
use axum::response::Redirect;
use domain::expiry::{Alert, AlertKind, Subject};
use domain::kernel::{CredentialId, Span};

use crate::entries::Entries;
use crate::guard::SignedIn;
use crate::problem::Problem;
use crate::show::path_part;
use crate::state::Web;

/// What an action says afterwards, beside what lists say.
pub(super) const OWN: &[(&str, &str)] = &[
    ("snoozed", "Snoozed. You hear nothing of it until then."),
    ("noted", "The note is kept."),
    ("woken", "The snooze is taken back."),
    (
        "escalated",
        "Escalated. Owner, team, those above them and the admins are told at once.",
    ),
    (
        "changed",
        "Changed. Whoever is new hears the current step at once.",
    ),
];

pub(super) async fn handle(
    State(web): State<Web>,
    who: SignedIn,
    Path(id): Path<String>,
    entries: Entries,
) -> Result<Redirect, Problem> {
    let unknown = |_| Problem::from(AppError::not_found("this credential"));
    let credential = CredentialId::parse(id.clone()).map_err(unknown)?;
    let alert = Alert::id_of(&Subject::Credential(credential), AlertKind::Expiry).to_string();
    let (ctx, principal, note) = (&web.ctx, who.principal(), entries.some("note"));
    let said = match entries.get("do") {
        "acknowledge" => acknowledge(ctx, principal, &alert, note)
            .await
            .map(|_| "acknowledged"),
        "let-lapse" => let_lapse(ctx, principal, &alert, note)
            .await
            .map(|_| "lapses"),
        "escalate" => escalate(ctx, principal, &alert, note)
            .await
            .map(|_| "escalated"),
        "unsnooze" => unsnooze(ctx, principal, &alert).await.map(|_| "woken"),
        "snooze" => {
            let days = entries.get("days").parse::<i64>().unwrap_or(1).clamp(1, 90);
            let until = ctx.now() + Span::days(days);
            snooze(ctx, principal, &alert, until)
                .await
                .map(|_| "snoozed")
        }
        _ => return Err(Problem::unreadable_form()),
    };
    let said = said?;
    Ok(Redirect::to(&format!(
        "/credentials/{}?said={said}",
        path_part(&id)
    )))
}

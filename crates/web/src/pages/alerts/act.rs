//! What people do about alerts: to one, or to several at once, each by itself.

use app::alerts::{acknowledge, escalate, let_lapse, snooze, unsnooze};
use app::{AppError, Principal};
use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use domain::kernel::{Instant, Span};
use http::StatusCode;

use super::super::several::{MOST, Tally, lead_back};
use super::show;
use crate::entries::Entries;
use crate::guard::SignedIn;
use crate::problem::Problem;
use crate::route::{Needs, Route};
use crate::shell::Place;
use crate::show::{Form, own_path, path_part};
use crate::state::Web;

/// A snooze is a day to so many.
const DAYS_MAX: i64 = 90;

/// What an action says on the page it leads back to.
pub(super) const SAID: &[(&str, &str)] = &[
    (
        "acknowledged",
        "Acknowledged. Nothing is repeated until the next step.",
    ),
    (
        "snoozed",
        "Snoozed. It wakes by itself, at the latest a day before the end.",
    ),
    ("woken", "The snooze is taken back."),
    (
        "lapses",
        "It may lapse. One last note goes out a day before its end.",
    ),
    (
        "escalated",
        "Escalated. Owner, team, those above them and the admins are told at once.",
    ),
    ("nothing", "No alert was chosen, so nothing was changed."),
];

pub(crate) fn routes() -> Vec<Route> {
    vec![
        Route::post("/alerts/act", Needs::Session, several)
            .takes(&["id", "one", "do", "days", "note", "back"]),
        Route::post("/alerts/{id}", Needs::Session, one).takes(&["do", "days", "note"]),
    ]
}

/// What somebody wants done.
enum Deed {
    Acknowledge(Option<String>),
    Snooze(Instant),
    Unsnooze,
    LetLapse(Option<String>),
    Escalate(Option<String>),
}

impl Deed {
    fn read(entries: &Entries, now: Instant) -> Option<Self> {
        let note = entries.some("note");
        match entries.get("do") {
            _ if entries.is_set("one") => Some(Self::Acknowledge(None)),
            "acknowledge" => Some(Self::Acknowledge(note)),
            "let-lapse" => Some(Self::LetLapse(note)),
            "escalate" => Some(Self::Escalate(note)),
            "unsnooze" => Some(Self::Unsnooze),
            "snooze" => {
                let days = entries.get("days").parse::<i64>().unwrap_or(1);
                Some(Self::Snooze(now + Span::days(days.clamp(1, DAYS_MAX))))
            }
            _ => None,
        }
    }

    const fn said(&self) -> &'static str {
        match self {
            Self::Acknowledge(_) => "acknowledged",
            Self::Snooze(_) => "snoozed",
            Self::Unsnooze => "woken",
            Self::LetLapse(_) => "lapses",
            Self::Escalate(_) => "escalated",
        }
    }

    async fn apply(&self, web: &Web, principal: &Principal, id: &str) -> Result<(), AppError> {
        let ctx = &web.ctx;
        match self {
            Self::Acknowledge(note) => acknowledge(ctx, principal, id, note.clone()).await,
            Self::Snooze(until) => snooze(ctx, principal, id, *until).await,
            Self::Unsnooze => unsnooze(ctx, principal, id).await,
            Self::LetLapse(reason) => let_lapse(ctx, principal, id, reason.clone()).await,
            Self::Escalate(note) => escalate(ctx, principal, id, note.clone()).await,
        }
        .map(drop)
    }
}

async fn one(
    State(web): State<Web>,
    who: SignedIn,
    Path(id): Path<String>,
    entries: Entries,
) -> Result<Response, Problem> {
    let deed = Deed::read(&entries, web.ctx.now()).ok_or_else(Problem::unreadable_form)?;
    match deed.apply(&web, who.principal(), &id).await {
        Ok(()) => {
            let back = format!("/alerts/{}?said={}", path_part(&id), deed.said());
            Ok(Redirect::to(&back).into_response())
        }
        Err(error @ (AppError::Conflict { .. } | AppError::Invalid { .. })) => {
            let form = Form::again(entries).refused(error, &["note"])?;
            show::page(
                &web,
                &who,
                StatusCode::UNPROCESSABLE_ENTITY,
                &id,
                form,
                None,
            )
            .await
        }
        Err(error) => Err(error.into()),
    }
}

async fn several(
    State(web): State<Web>,
    who: SignedIn,
    entries: Entries,
) -> Result<Response, Problem> {
    let back = own_path(entries.get("back")).to_owned();
    let ids = match entries.some("one") {
        Some(one) => vec![one],
        None => entries.all("id"),
    };
    let deed = Deed::read(&entries, web.ctx.now()).filter(|_| !ids.is_empty());
    let Some(deed) = deed else {
        return Ok(lead_back(&back, "nothing"));
    };
    let mut tally = Tally::default();
    for id in ids.iter().take(MOST) {
        tally.note(id, deed.apply(&web, who.principal(), id).await)?;
    }
    let place = Place::Alerts;
    tally.answer(&web, &who, place, back, deed.said()).await
}

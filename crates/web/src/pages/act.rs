//! `/act`: where the buttons in messages lead: one alert, and three things that can be done.
//!
//! Opening the page changes nothing, for mail scanners follow every link; a press acts. The
//! signature in the path is what proves who it was sent to, so nobody has to sign in, and
//! nobody can forge a request to an address they do not know. The address is a secret: it is
//! told to no other page.

use app::alerts::{HeldLink, act_by_link, held_link};
use app::people::Names;
use app::ports::Act;
use app::{AppError, Context};
use askama::Template;
use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use domain::expiry::AlertState;
use domain::kernel::Span;
use http::header::REFERRER_POLICY;
use http::{Extensions, HeaderValue, StatusCode};

use super::alerts::{about, fact, for_strangers, over_words, tag};
use super::credential::{Line, acts};
use crate::entries::Entries;
use crate::problem::{Problem, render, sentence};
use crate::route::{Needs, Route};
use crate::show::{Left, NAME_CHARS, Reader, When, path_part, plain};
use crate::state::Web;

/// The longest snooze that the page offers, in days.
const DAYS_MAX: i64 = 7;

pub(crate) fn routes() -> Vec<Route> {
    vec![
        Route::get("/act/{alert}/{code}", Needs::Link, show),
        Route::post("/act/{alert}/{code}", Needs::Link, press).takes(&["do", "days"]),
    ]
}

#[derive(Template)]
#[template(path = "act_link.html")]
struct ActPage {
    action: String,
    sign_in: String,
    name: String,
    what: String,
    fact: &'static str,
    to: String,
    left: Option<Left>,
    ends: Option<When>,
    tag: (&'static str, &'static str),
    over: Option<(&'static str, When)>,
    past: Vec<Line>,
    /// What can be done, that which was pressed in the message first.
    offered: Vec<&'static str>,
    may_act: bool,
    said: Option<&'static str>,
    error: Option<String>,
}

async fn show(
    State(web): State<Web>,
    Path((alert, code)): Path<(String, String)>,
    client: Extensions,
    query: Entries,
) -> Result<Response, Problem> {
    let held = match held_link(&web.ctx, &alert, &code).await {
        Ok(held) => held,
        Err(error) => return refused(&web, &client, &alert, error),
    };
    let said = match query.get("said") {
        "acknowledge" => Some("Acknowledged. Nothing is repeated until the next step."),
        "snooze" => Some("Snoozed. It wakes by itself, at the latest a day before the end."),
        "let-lapse" => Some("It may lapse. One last note goes out a day before its end."),
        _ => None,
    };
    let page = page(&web, &held, (&alert, &code), query.get("do")).await?;
    Ok(quiet(render(StatusCode::OK, &ActPage { said, ..page })))
}

async fn press(
    State(web): State<Web>,
    Path((alert, code)): Path<(String, String)>,
    client: Extensions,
    entries: Entries,
) -> Result<Response, Problem> {
    let verb = entries.get("do");
    let days = entries.get("days").parse::<i64>().unwrap_or(1);
    let act = match verb {
        "acknowledge" => Act::Acknowledge,
        "snooze" => Act::Snooze(Span::days(days.clamp(1, DAYS_MAX))),
        "let-lapse" => Act::LetLapse,
        _ => return Err(Problem::unreadable_form()),
    };
    if !web.attempts.may_press(&client, Some(&code)) {
        return Err(too_many());
    }
    match act_by_link(&web.ctx, &alert, &code, act).await {
        Ok(_) => {
            let here = address(&alert, &code);
            let back = Redirect::to(&format!("{here}?said={verb}"));
            Ok(quiet(back.into_response()))
        }
        Err(AppError::Conflict { sentence: why }) => {
            let held = held_link(&web.ctx, &alert, &code).await?;
            let page = page(&web, &held, (&alert, &code), verb).await?;
            let error = Some(sentence(&why));
            let status = StatusCode::UNPROCESSABLE_ENTITY;
            Ok(quiet(render(status, &ActPage { error, ..page })))
        }
        Err(error @ AppError::NotFound { .. }) => refused(&web, &client, &alert, error),
        Err(error) => Err(error.into()),
    }
}

async fn page(
    web: &Web,
    held: &HeldLink,
    (id, code): (&str, &str),
    first: &str,
) -> Result<ActPage, Problem> {
    let ctx: &Context = &web.ctx;
    let names = Names::load(ctx).await?;
    let reader = Reader::of(held.time_zone.as_deref(), ctx.now());
    let alert = &held.item.alert;
    let (name, what, _) = about(&held.item, &names);
    let next = format!("/alerts/{}", path_part(alert.id.as_str()));
    let over = alert
        .resolved
        .map(|r| (over_words(r.how), reader.when(r.at)));
    Ok(ActPage {
        action: address(id, code),
        sign_in: Entries::of(&[("next", &next)]).to_query(&[]),
        name,
        what,
        fact: fact(alert, &reader),
        to: plain(&held.name, NAME_CHARS),
        left: alert.end.map(|end| reader.left(end)),
        ends: alert.end.map(|end| reader.when(end)),
        tag: tag(alert.state(reader.now)),
        over,
        past: acts(alert, &names, &reader),
        offered: offered(held, first, &reader),
        may_act: held.may_act,
        said: None,
        error: None,
    })
}

/// What is left to do, that which is wanted first.
fn offered(held: &HeldLink, first: &str, reader: &Reader) -> Vec<&'static str> {
    let (alert, now) = (&held.item.alert, reader.now);
    let left = alert.end.map(|end| now.until(end));
    let all = [
        ("acknowledge", Act::Acknowledge, true),
        (
            "snooze",
            Act::Snooze(Span::days(1)),
            left.is_none_or(|left| left > Span::days(1)),
        ),
        (
            "let-lapse",
            Act::LetLapse,
            held.may_let_lapse && left.is_some_and(Span::is_positive),
        ),
    ];
    let open = held.may_act && alert.state(now) != AlertState::Resolved;
    let possible = all
        .into_iter()
        .filter(|(_, act, possible)| open && *possible && !held.is_done(*act, now));
    let mut verbs: Vec<&str> = possible.map(|(verb, ..)| verb).collect();
    verbs.sort_by_key(|verb| *verb != first);
    verbs
}

fn address(alert: &str, code: &str) -> String {
    format!("/act/{}/{}", path_part(alert), path_part(code))
}

/// A link that is none costs a try; while links need a sign-in, the page leads there.
fn refused(
    web: &Web,
    client: &Extensions,
    alert: &str,
    error: AppError,
) -> Result<Response, Problem> {
    match error {
        AppError::Forbidden { .. } => Ok(quiet(for_strangers(web, Some(alert.to_owned())))),
        AppError::NotFound { .. } if !web.attempts.may_press(client, None) => Err(too_many()),
        AppError::NotFound { .. } => Err(spent()),
        other => Err(other.into()),
    }
}

fn spent() -> Problem {
    Problem::new(
        StatusCode::GONE,
        "This link does not work any more",
        "What it was about is over, or begins anew with a later message; or it is too old, or was sent to somebody who is not here any more. Sign in to see what stands.",
    )
}

fn too_many() -> Problem {
    Problem::new(
        StatusCode::TOO_MANY_REQUESTS,
        "Too many tries",
        "Nothing was changed. Wait a minute, then try again.",
    )
}

/// The address is a secret of whoever got the message: no other page is told it.
fn quiet(mut response: Response) -> Response {
    let none = HeaderValue::from_static("no-referrer");
    response.headers_mut().insert(REFERRER_POLICY, none);
    response
}

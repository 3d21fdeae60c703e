//! `/sign-in/provider`: to the organisation's identity provider and back.
//!
//! What the browser keeps meanwhile ties the answer to the question: an answer that
//! somebody else asked for signs nobody in.

use app::AppError;
use app::ports::{IdentityProvider, ProviderError};
use app::sessions::sign_in_vouched;
use axum::extract::State;
use axum::response::{IntoResponse as _, Redirect, Response};
use domain::kernel::Secret;
use http::header::SET_COOKIE;
use http::{Extensions, HeaderMap, StatusCode};
use std::sync::Arc;
use url::form_urlencoded;

use super::sign_in::{agent, welcome};
use crate::cookies::{self, Kind};
use crate::entries::Entries;
use crate::guard::SignedIn;
use crate::problem::{Problem, sentence};
use crate::route::{Needs, Route};
use crate::show::own_path;
use crate::state::Web;

const BACK: &str = "/sign-in/provider/back";

pub(crate) fn routes() -> Vec<Route> {
    vec![
        Route::get("/sign-in/provider", Needs::Nothing, away),
        Route::get(BACK, Needs::Nothing, back),
    ]
}

/// Between what the provider gave to keep and where to go afterwards.
const JOINT: char = '~';

fn provider(web: &Web) -> Result<Arc<dyn IdentityProvider>, Problem> {
    let provider = web.ctx.provider.load_full();
    let none = || {
        let remedy = "No identity provider is configured. Sign in in another way.";
        Problem::new(StatusCode::NOT_FOUND, "There is nothing here", remedy)
    };
    provider.as_ref().clone().ok_or_else(none)
}

fn redirect(web: &Web) -> String {
    format!("{}{BACK}", web.ctx.settings.load().public_url)
}

async fn away(
    State(web): State<Web>,
    client: Extensions,
    query: Entries,
) -> Result<Response, Problem> {
    slow_down(&web, &client)?;
    let asked = provider(&web)?.ask(&redirect(&web)).await.map_err(failed)?;
    let next = own_path(query.get("next"));
    let next: String = form_urlencoded::byte_serialize(next.as_bytes()).collect();
    let kept = Secret::new(format!("{}{JOINT}{next}", asked.keep.expose()));
    let mut response = Redirect::to(&asked.url).into_response();
    let cookie = cookies::give(Kind::Away, &kept, web.is_https());
    let cookie = cookie.ok_or_else(Problem::broken)?;
    response.headers_mut().append(SET_COOKIE, cookie);
    Ok(response)
}

async fn back(
    State(web): State<Web>,
    before: Option<SignedIn>,
    client: Extensions,
    headers: HeaderMap,
    query: Entries,
) -> Result<Response, Problem> {
    slow_down(&web, &client)?;
    let kept = cookies::read(&headers, Kind::Away, web.is_https())?;
    let kept =
        kept.ok_or_else(|| refused("This browser did not ask to sign in, or it took too long."))?;
    let (keep, next) = kept
        .expose()
        .split_once(JOINT)
        .unwrap_or((kept.expose(), ""));
    if !query.get("error").is_empty() {
        return Err(refused("The identity provider let nobody in."));
    }
    let code = Secret::new(query.get("code").to_owned());
    let keep = Secret::new(keep.to_owned());
    let asked = provider(&web)?;
    let redirect = redirect(&web);
    let vouched = asked.answer(&redirect, &keep, query.get("state"), &code);
    let vouched = vouched.await.map_err(failed)?;
    let opened = sign_in_vouched(&web.ctx, &vouched, agent(&headers)).await;
    let opened = opened.map_err(|error| match error {
        AppError::Forbidden {
            sentence: words, ..
        } => refused(&sentence(&words)),
        other => other.into(),
    })?;
    let next = form_urlencoded::parse(format!("next={next}").as_bytes())
        .next()
        .map_or_else(String::new, |(_, path)| path.into_owned());
    let mut response = welcome(&web, before, &opened, &next).await?;
    if let Some(cookie) = cookies::take_away(Kind::Away, web.is_https()) {
        response.headers_mut().append(SET_COOKIE, cookie);
    }
    Ok(response)
}

/// Each of these asks the provider, which nobody may have done without limit.
fn slow_down(web: &Web, client: &Extensions) -> Result<(), Problem> {
    let remedy = "Wait a minute, then start again at the sign-in.";
    let slow = || Problem::new(StatusCode::TOO_MANY_REQUESTS, "Too many tries", remedy);
    web.attempts.may_come(client).then_some(()).ok_or_else(slow)
}

fn failed(error: ProviderError) -> Problem {
    tracing::warn!(%error, "nobody could be signed in through the identity provider");
    match error {
        ProviderError::Unavailable(_) => Problem::new(
            StatusCode::BAD_GATEWAY,
            "The identity provider does not answer",
            "Try again shortly, or sign in in another way; the server's log says more.",
        ),
        ProviderError::Refused(_) => refused(
            "What came back from the identity provider is not an answer to what this browser asked.",
        ),
    }
}

fn refused(why: &str) -> Problem {
    let remedy = format!("{why} Go to the sign-in and start again.");
    Problem::new(StatusCode::FORBIDDEN, "You are not signed in", remedy)
}

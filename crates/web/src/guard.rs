//! Stands before every page: who is it, may they, and is the form one of ours?
//!
//! The use cases authorise themselves as well; the guard makes sure that no page is
//! forgotten, and that a form from elsewhere reaches none of them.

use std::panic::AssertUnwindSafe;

use app::Principal;
use app::sessions::{Visitor, form_token, form_token_proves, resume};
use axum::body::{Body, to_bytes};
use axum::extract::{FromRequestParts, OptionalFromRequestParts, Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use domain::kernel::Secret;
use futures_util::FutureExt as _;
use http::header::CONTENT_TYPE;
use http::request::Parts;
use http::{HeaderMap, Method};

use crate::cookies::Kind;
use crate::entries::Entries;
use crate::problem::Problem;
use crate::route::{Needs, Route};
use crate::shell::{Place, Shell};
use crate::state::Web;
use crate::{cookies, origin};

/// The most bytes of a form.
const FORM_BYTES_MAX: usize = 64 * 1024;
/// The field of the token that each form holds.
const TOKEN_FIELD: &str = "form_token";

/// What the guard must know of a page.
#[derive(Clone)]
pub(crate) struct Post {
    web: Web,
    needs: Needs,
    fields: &'static [&'static str],
}

/// Somebody who is signed in. As an argument of a page it lets nobody else in; as an
/// `Option` it tells whether somebody is.
#[derive(Clone, Debug)]
pub struct SignedIn {
    /// Who, with which session.
    pub visitor: Visitor,
    cookie: Secret<String>,
}

impl SignedIn {
    /// As use cases want to be asked.
    pub fn principal(&self) -> &Principal {
        &self.visitor.principal
    }

    /// The token for the forms of one page.
    pub(crate) fn form_token(&self, web: &Web) -> String {
        form_token(&mut web.ctx.random.as_ref(), &self.cookie)
    }
}

impl Post {
    pub(crate) fn before(route: &Route, web: &Web) -> Self {
        Self {
            web: web.clone(),
            needs: route.needs,
            fields: route.fields,
        }
    }
}

/// Recognises who asks, reads the form, and goes on only when both are right.
pub(crate) async fn guard(State(post): State<Post>, request: Request, next: Next) -> Response {
    let who = match recognise(&post.web, request.headers()).await {
        Ok(who) => who,
        Err(problem) => return problem.into_response(),
    };
    let response = match admit(&post, request, who.clone()).await {
        Ok(request) => run(request, next).await,
        Err(problem) => problem.into_response(),
    };
    within_shell(&post.web, who.as_ref(), response).await
}

/// Recognises who asks for what nobody answers, so that they are told in their shell.
pub(crate) async fn meet(State(web): State<Web>, request: Request, next: Next) -> Response {
    let who = recognise(&web, request.headers()).await.ok().flatten();
    within_shell(&web, who.as_ref(), next.run(request).await).await
}

async fn run(request: Request, next: Next) -> Response {
    if *request.method() == Method::POST {
        // A browser that hangs up must not stop a change between its commit and what
        // follows it.
        let done = tokio::spawn(next.run(request)).await;
        return done.unwrap_or_else(|_| Problem::broken().into_response());
    }
    let shown = AssertUnwindSafe(next.run(request)).catch_unwind().await;
    shown.unwrap_or_else(|_| Problem::broken().into_response())
}

/// Who is signed in goes on from what went wrong as from any other page. When even the
/// shell cannot be had, the bare page stays.
async fn within_shell(web: &Web, who: Option<&SignedIn>, mut response: Response) -> Response {
    let problem = response.extensions_mut().remove::<Problem>();
    if let (Some(problem), Some(who)) = (problem, who)
        && let Ok(shell) = Shell::load(web, who, Place::Account, problem.title()).await
    {
        *response.body_mut() = problem.within(shell).into_body();
    }
    response
}

async fn admit(
    post: &Post,
    request: Request,
    signed_in: Option<SignedIn>,
) -> Result<Request, Problem> {
    let (mut parts, body) = request.into_parts();
    if parts.method == Method::POST {
        let entries = form(post, &parts, body, signed_in.as_ref()).await?;
        parts.extensions.insert(entries);
    } else {
        let query = parts.uri.query().unwrap_or_default();
        parts.extensions.insert(Entries::query(query));
    }
    match (&signed_in, post.needs) {
        (_, Needs::Nothing | Needs::Link) | (Some(_), Needs::Session) => {}
        (Some(who), Needs::Scope(scope)) => {
            if !who.principal().holds(scope) {
                return Err(Problem::lacks(scope));
            }
        }
        (None, _) => return Err(Problem::signed_out(&parts.method, &parts.uri)),
    }
    if let Some(who) = signed_in {
        parts.extensions.insert(who);
    }
    Ok(Request::from_parts(parts, Body::empty()))
}

async fn recognise(web: &Web, headers: &HeaderMap) -> Result<Option<SignedIn>, Problem> {
    let Some(cookie) = cookies::read(headers, Kind::Session, web.is_https())? else {
        return Ok(None);
    };
    let visitor = resume(&web.ctx, &cookie).await?;
    Ok(visitor.map(|visitor| SignedIn { visitor, cookie }))
}

async fn form(
    post: &Post,
    parts: &Parts,
    body: Body,
    signed_in: Option<&SignedIn>,
) -> Result<Entries, Problem> {
    let public_url = post.web.ctx.settings.load().public_url.clone();
    // A page that tells no referrer has no origin either, where the browser says no more.
    let untold = post.needs == Needs::Link && origin::is_untold(&parts.headers);
    if !untold && origin::is_foreign(&parts.headers, &public_url) {
        return Err(Problem::foreign_form());
    }
    let kind = parts.headers.get(CONTENT_TYPE);
    let is_form = kind.is_some_and(|kind| {
        kind.as_bytes()
            .starts_with(b"application/x-www-form-urlencoded")
    });
    let bytes = to_bytes(body, FORM_BYTES_MAX).await;
    let bytes = bytes.ok().filter(|_| is_form);
    let bytes = bytes.ok_or_else(Problem::unreadable_form)?;
    let known = [post.fields, &[TOKEN_FIELD]].concat();
    let mut entries = Entries::read(&bytes, &known)?;
    let token = entries.take(TOKEN_FIELD).unwrap_or_default();
    match signed_in {
        // What nobody has to be signed in for needs no token of a session.
        Some(_) if matches!(post.needs, Needs::Nothing | Needs::Link) => Ok(entries),
        Some(who) if !form_token_proves(&token, &who.cookie) => Err(Problem::foreign_form()),
        _ => Ok(entries),
    }
}

impl<S: Send + Sync> FromRequestParts<S> for SignedIn {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let who = parts.extensions.get::<Self>().cloned();
        // Without a guard nobody is let in: a page that forgot its need fails closed.
        who.ok_or_else(|| Problem::signed_out(&parts.method, &parts.uri))
    }
}

impl<S: Send + Sync> OptionalFromRequestParts<S> for SignedIn {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Option<Self>, Problem> {
        Ok(parts.extensions.get::<Self>().cloned())
    }
}

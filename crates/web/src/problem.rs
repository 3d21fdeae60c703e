//! What a person is told when something cannot be done: what happened, and what to do now.
//!
//! Never holds a secret, a path of the machine or a query text.

use app::{AppError, AuthError};
use askama::Template;
use axum::response::{Html, IntoResponse, Redirect, Response};
use http::{Method, StatusCode, Uri};
use url::form_urlencoded;

use crate::shell::Shell;
use crate::show::plain;

/// A sentence is cut at so many characters.
const SENTENCE_CHARS: usize = 500;

/// A page that says one thing.
#[derive(Clone, Debug)]
pub struct Problem {
    status: StatusCode,
    title: &'static str,
    remedy: String,
    to: Next,
}

/// Where one goes from here.
#[derive(Clone, Debug)]
enum Next {
    /// To the first page.
    Start,
    /// To the sign-in, by a link.
    SignIn,
    /// To the sign-in, at once, and back to this address.
    SignInFor(String),
}

#[derive(Template)]
#[template(path = "problem.html")]
struct ProblemPage<'a> {
    title: &'a str,
    remedy: &'a str,
    sign_in: bool,
}

/// The same within the shell of somebody who is signed in.
#[derive(Template)]
#[template(path = "problem_within.html")]
struct ProblemWithin<'a> {
    shell: Shell,
    title: &'a str,
    remedy: &'a str,
    sign_in: bool,
}

impl Problem {
    /// A problem with its status, its title and what to do.
    pub fn new(status: StatusCode, title: &'static str, remedy: impl Into<String>) -> Self {
        Self {
            status,
            title,
            remedy: remedy.into(),
            to: Next::Start,
        }
    }

    /// 400: the form is not what the page sends.
    pub(crate) fn unreadable_form() -> Self {
        Self::new(
            StatusCode::BAD_REQUEST,
            "This form could not be read",
            "Nothing was changed. Go back, reload the page and send it again.",
        )
    }

    /// 403: the form does not come from a page of ours, or of an older session.
    pub(crate) fn foreign_form() -> Self {
        Self::new(
            StatusCode::FORBIDDEN,
            "This form is not from here",
            "It was sent by another site, or by a page from before you signed in again. Nothing was changed. Open the page anew and send it from there.",
        )
    }

    /// 400: somebody else set a cookie of our name.
    pub(crate) fn two_cookies() -> Self {
        Self::new(
            StatusCode::BAD_REQUEST,
            "Your browser sent two sessions",
            "Another site on this domain may have set one of them. Delete the cookies of this site and sign in again.",
        )
    }

    /// 404: no page has this address.
    pub(crate) fn no_page() -> Self {
        Self::new(
            StatusCode::NOT_FOUND,
            "There is no page here",
            "The address may be mistyped, or what it led to may be gone.",
        )
    }

    /// 405: the address belongs to a form, or to a page that takes none.
    pub(crate) fn other_method() -> Self {
        Self::new(
            StatusCode::METHOD_NOT_ALLOWED,
            "This address cannot be opened like that",
            "It belongs to a form on another page. Nothing was changed: go back, and send the form from there.",
        )
    }

    /// 408: the form came too slowly, or the answer took too long.
    pub(crate) fn too_slow() -> Self {
        Self::new(
            StatusCode::REQUEST_TIMEOUT,
            "This took too long",
            "Look whether what you wanted was done, and try again.",
        )
    }

    /// 403 for a scope that is missing.
    pub(crate) fn lacks(scope: &str) -> Self {
        AppError::lacks(scope, "for this page").into()
    }

    /// Nobody is signed in: a page leads to the sign-in and back, a form says so.
    pub(crate) fn signed_out(method: &Method, uri: &Uri) -> Self {
        let mut problem = Self::new(
            StatusCode::UNAUTHORIZED,
            "You are signed out",
            "Your session has ended, and nothing was changed. Sign in in another tab, go back here, and send the form again: what you typed is still there.",
        );
        problem.to = Next::SignIn;
        if *method != Method::POST {
            let here = uri.path_and_query().map_or("/", |path| path.as_str());
            problem.to = Next::SignInFor(here.to_owned());
        }
        problem
    }
}

impl From<AppError> for Problem {
    fn from(error: AppError) -> Self {
        let sentence = sentence(&error.to_string());
        match error {
            AppError::NotFound { .. } => Self::new(
                StatusCode::NOT_FOUND,
                "There is nothing here",
                format!("{sentence} It may be gone, or belong to somebody else."),
            ),
            AppError::Forbidden { .. } => {
                Self::new(StatusCode::FORBIDDEN, "You may not do this", sentence)
            }
            AppError::Invalid { .. } => Self::new(
                StatusCode::UNPROCESSABLE_ENTITY,
                "This cannot be accepted",
                sentence,
            ),
            AppError::Conflict { .. } | AppError::Overtaken(_) | AppError::Stale { .. } => {
                Self::new(
                    StatusCode::CONFLICT,
                    "Something stands in the way",
                    sentence,
                )
            }
            AppError::BadCursor => Self::new(
                StatusCode::BAD_REQUEST,
                "This address is incomplete",
                "Start again from the first page of the list.",
            ),
            AppError::Unauthenticated(AuthError::Stale) | AppError::Unavailable(_) => {
                tracing::warn!(why = %error, "a page could not be served");
                Self::unavailable()
            }
            AppError::Unauthenticated(_) => {
                Self::new(StatusCode::UNAUTHORIZED, "You are signed out", sentence)
            }
            AppError::Corrupt(why) => {
                tracing::error!(why, "a page failed");
                Self::broken()
            }
        }
    }
}

impl Problem {
    /// What it is called.
    pub(crate) const fn title(&self) -> &'static str {
        self.title
    }

    /// The page within a shell.
    pub(crate) fn within(&self, shell: Shell) -> Response {
        let page = ProblemWithin {
            shell,
            title: self.title,
            remedy: &self.remedy,
            sign_in: matches!(self.to, Next::SignIn),
        };
        render(self.status, &page)
    }

    fn unavailable() -> Self {
        Self::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "This cannot be done right now",
            "Nothing was changed. Try again shortly; the server's log says more.",
        )
    }

    /// 500: a fault of ours.
    pub(crate) fn broken() -> Self {
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "Something went wrong here",
            "This is a fault of ours; the server's log says more.",
        )
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        if let Next::SignInFor(here) = &self.to {
            let mut query = form_urlencoded::Serializer::new(String::new());
            let query = query.append_pair("next", here).finish();
            return Redirect::to(&format!("/sign-in?{query}")).into_response();
        }
        let page = ProblemPage {
            title: self.title,
            remedy: &self.remedy,
            sign_in: matches!(self.to, Next::SignIn),
        };
        let mut response = render(self.status, &page);
        // Whoever knows who is signed in shows it within their shell.
        response.extensions_mut().insert(self);
        response
    }
}

/// From a template to a reply.
pub fn render(status: StatusCode, template: &impl Template) -> Response {
    match template.render() {
        Ok(html) => (status, Html(html)).into_response(),
        Err(error) => {
            tracing::error!(%error, "a page could not be written");
            let text = "Something went wrong here.\n";
            (StatusCode::INTERNAL_SERVER_ERROR, text).into_response()
        }
    }
}

/// An error's words as a sentence for a page. They may hold what was typed.
pub fn sentence(words: &str) -> String {
    let words = plain(words, SENTENCE_CHARS);
    let mut chars = words.chars();
    let first = chars.next().map(|c| c.to_uppercase().to_string());
    let text = format!("{}{}", first.unwrap_or_default(), chars.as_str());
    let ends = text.ends_with(['.', '?']);
    if ends { text } else { format!("{text}.") }
}

//! `/setup/{code}`: makes the first admin, signs them in, and shows one token, once.
//!
//! Reading the page uses nothing up, so that a link preview or a mail scanner cannot
//! take the code away. The code in the path is what protects the form: nobody can forge
//! a request to an address they do not know.

use app::AppError;
use app::sessions::PASSWORD_CHARS_MIN;
use app::setup::{CompleteSetup, Founded, complete_setup, setup_code_is_valid};
use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use domain::kernel::Secret;
use http::{HeaderMap, StatusCode};

use super::sign_in::{agent, with_cookie};
use crate::entries::Entries;
use crate::problem::{Problem, render};
use crate::route::{Needs, Route};
use crate::show::{Form, NAME_CHARS, plain};
use crate::state::Web;

pub(crate) fn routes() -> Vec<Route> {
    vec![
        Route::get("/setup/{code}", Needs::Nothing, show),
        Route::post("/setup/{code}", Needs::Nothing, finish).takes(&FIELDS),
    ]
}

const FIELDS: [&str; 3] = ["name", "email", "password"];

#[derive(Template)]
#[template(path = "setup.html")]
struct FormPage<'a> {
    code: &'a str,
    form: Form,
    passwords: bool,
    least: usize,
}

#[derive(Template)]
#[template(path = "token.html")]
struct TokenPage<'a> {
    name: &'a str,
    value: &'a str,
    ends: String,
    public_url: &'a str,
    /// The address that goes with the password, where one was chosen.
    signs_in_as: Option<String>,
}

async fn show(State(web): State<Web>, Path(code): Path<String>) -> Result<Response, Problem> {
    if setup_code_is_valid(&web.ctx, &Secret::new(code.clone())).await? {
        Ok(form(&web, StatusCode::OK, &code, Form::default()))
    } else {
        Err(spent())
    }
}

async fn finish(
    State(web): State<Web>,
    Path(code): Path<String>,
    headers: HeaderMap,
    entries: Entries,
) -> Result<Response, Problem> {
    let password = entries.get("password");
    let has_password = !password.is_empty();
    let request = CompleteSetup {
        code: Secret::new(code.clone()),
        name: entries.get("name").to_owned(),
        email: entries.some("email"),
        password: has_password.then(|| Secret::new(password.to_owned())),
        agent: agent(&headers).to_owned(),
    };
    match complete_setup(&web.ctx, request).await {
        Ok(founded) => token(&web, &founded, has_password),
        Err(AppError::Forbidden { .. } | AppError::NotFound { .. }) => Err(spent()),
        Err(error) => {
            let again = Form::again(entries).refused(error, &FIELDS)?;
            Ok(form(&web, StatusCode::UNPROCESSABLE_ENTITY, &code, again))
        }
    }
}

fn form(web: &Web, status: StatusCode, code: &str, form: Form) -> Response {
    let page = FormPage {
        code,
        form,
        passwords: web.ctx.settings.load().sign_in.passwords,
        least: PASSWORD_CHARS_MIN,
    };
    render(status, &page)
}

fn token(web: &Web, founded: &Founded, has_password: bool) -> Result<Response, Problem> {
    let value = founded.issued.value.as_ref().ok_or_else(spent)?;
    let ends = founded.issued.item.credential.expires_at();
    let address = founded.person.email.as_ref().filter(|_| has_password);
    let page = TokenPage {
        signs_in_as: address.map(ToString::to_string),
        name: &plain(founded.person.name.as_str(), NAME_CHARS),
        value: value.expose(),
        ends: ends.map_or_else(|| "never".to_owned(), |at| at.to_string()),
        public_url: &web.ctx.settings.load().public_url,
    };
    with_cookie(render(StatusCode::OK, &page), web, &founded.opened)
}

fn spent() -> Problem {
    Problem::new(
        StatusCode::NOT_FOUND,
        "This link does not work",
        "It is wrong, was used already, or is older than an hour. While nobody is admin, every start of the server prints a fresh one.",
    )
}

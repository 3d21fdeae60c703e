//! What follows when several tokens are rotated or revoked, before it is done; and the new
//! values, once.

use app::AppError;
use app::credentials::{CredentialItem, get_credential};
use app::tokens::{RotateToken, Which, rotate_token};
use askama::Template;
use axum::response::Response;
use domain::kernel::Span;
use domain::token::DEFAULT_OVERLAP;
use http::StatusCode;

use super::row::is_living;
use crate::entries::Entries;
use crate::guard::SignedIn;
use crate::problem::{Problem, render, sentence};
use crate::shell::{Place, Shell};
use crate::show::{Form, NAME_CHARS, Reader, When, count, length, path_part, plain};
use crate::state::Web;

/// Used within so long, it is taken to be in use.
const IN_USE: Span = Span::days(7);

/// What is asked about.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Asked {
    Rotate,
    Revoke,
}

#[derive(Template)]
#[template(path = "credentials/ask.html")]
struct Ask {
    shell: Shell,
    title: String,
    rotates: bool,
    tokens: Vec<Token>,
    /// Left as they are, each with the reason.
    left: Vec<(String, &'static str)>,
    in_use: usize,
    form: Form,
    back: String,
}

struct Token {
    id: String,
    href: String,
    name: String,
    used: Option<When>,
    in_use: bool,
    places: Vec<String>,
    ends: Option<When>,
    /// Whether it is the token with which this session was opened.
    is_own: bool,
}

#[derive(Template)]
#[template(path = "credentials/values.html")]
struct Values {
    shell: Shell,
    made: Vec<Made>,
    refused: Vec<(String, String)>,
    /// What becomes of the old values.
    overlap: String,
    back: String,
}

/// A new value.
struct Made {
    href: String,
    name: String,
    value: String,
}

/// Asks once more, with everything that follows.
pub(super) async fn ask(
    web: &Web,
    who: &SignedIn,
    asked: Asked,
    ids: &[String],
    back: String,
    form: Form,
) -> Result<Response, Problem> {
    let place = Place::Credentials;
    let shell = Shell::load(web, who, place, "Are you sure?").await?;
    let (mut tokens, mut left) = (Vec::new(), Vec::new());
    for id in ids {
        let item = match get_credential(&web.ctx, who.principal(), id).await {
            Ok(item) => item,
            Err(AppError::NotFound { .. }) => {
                left.push((plain(id, NAME_CHARS), "is not there, or not yours to see"));
                continue;
            }
            Err(error) => return Err(error.into()),
        };
        match why_not(&item, asked, &shell.reader) {
            Some(why) => left.push((plain(item.credential.name.as_str(), NAME_CHARS), why)),
            None => tokens.push(token(&item, who, &shell.reader)),
        }
    }
    let verb = match asked {
        Asked::Rotate => "Rotate",
        Asked::Revoke => "Revoke",
    };
    let status = match form.error("overlap") {
        Some(_) => StatusCode::UNPROCESSABLE_ENTITY,
        None => StatusCode::OK,
    };
    let page = Ask {
        title: format!("{verb} {}?", count(tokens.len() as u64, "token")),
        rotates: asked == Asked::Rotate,
        in_use: tokens.iter().filter(|t| t.in_use).count(),
        tokens,
        left,
        form,
        back,
        shell,
    };
    Ok(render(status, &page))
}

fn why_not(item: &CredentialItem, asked: Asked, reader: &Reader) -> Option<&'static str> {
    let Some(token) = &item.token else {
        return Some("was issued elsewhere, and is renewed and revoked there");
    };
    if !is_living(item.credential.state(reader.now)) {
        return Some("is over already");
    }
    let rotated = asked == Asked::Rotate && token.rotated_to.is_some();
    rotated.then_some("was rotated already")
}

fn token(item: &CredentialItem, who: &SignedIn, reader: &Reader) -> Token {
    let credential = &item.credential;
    let used = credential.last_used_at;
    Token {
        id: credential.id.to_string(),
        href: format!("/tokens/{}", path_part(credential.id.as_str())),
        name: plain(credential.name.as_str(), NAME_CHARS),
        used: used.map(|at| reader.when(at)),
        in_use: used.is_some_and(|at| reader.now <= at + IN_USE),
        places: credential
            .used_by
            .iter()
            .map(|place| plain(&place.what, NAME_CHARS))
            .collect(),
        ends: credential.expires_at().map(|at| reader.when(at)),
        is_own: who.principal().token.as_ref() == Some(&credential.id),
    }
}

/// What becomes of the old values.
fn old_words(overlap: Span, is_one: bool) -> String {
    let long = length(overlap);
    match (overlap.is_positive(), is_one) {
        (false, true) => "that one has stopped working".to_owned(),
        (false, false) => "those have stopped working".to_owned(),
        (true, true) => format!("that one works for {long} more, but never past its own end"),
        (true, false) => format!("those work for {long} more, but never past their own ends"),
    }
}

/// Rotates them, each by itself, and shows every new value this once.
pub(super) async fn rotate(
    web: &Web,
    who: &SignedIn,
    ids: &[String],
    back: String,
    entries: Entries,
) -> Result<Response, Problem> {
    let text = entries.some("overlap");
    let overlap = text.as_deref().map(Span::parse);
    let Ok(overlap) = overlap.transpose() else {
        let form = Form::again(entries).with("overlap", "a span such as 24h or 7d is wanted");
        return ask(web, who, Asked::Rotate, ids, back, form).await;
    };
    let (mut made, mut refused) = (Vec::new(), Vec::new());
    for id in ids {
        let request = RotateToken {
            overlap,
            ..RotateToken::default()
        };
        // Of two clicks the second finds it rotated already, and makes nothing.
        match rotate_token(&web.ctx, who.principal(), &Which::Id(id.clone()), request).await {
            Ok(issued) => made.extend(issued.value.map(|value| Made {
                href: format!("/tokens/{}", path_part(issued.item.token.id.as_str())),
                name: plain(issued.item.credential.name.as_str(), NAME_CHARS),
                value: value.expose().clone(),
            })),
            // What was made stands on the page, whatever becomes of the rest.
            Err(error) => refused.push((plain(id, NAME_CHARS), sentence(&error.to_string()))),
        }
    }
    let status = match refused.is_empty() {
        true => StatusCode::OK,
        false => StatusCode::UNPROCESSABLE_ENTITY,
    };
    let page = Values {
        shell: Shell::load(web, who, Place::Credentials, "New values").await?,
        refused,
        overlap: old_words(overlap.unwrap_or(DEFAULT_OVERLAP), made.len() == 1),
        made,
        back,
    };
    Ok(render(status, &page))
}

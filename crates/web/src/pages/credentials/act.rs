//! What is done to one row, or to several at once: each by itself, so that one that cannot
//! be done keeps no other from it.

use app::alerts::{acknowledge, let_lapse};
use app::credentials::{PatchCredential, patch_credential};
use app::{AppError, Principal};
use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse as _, Redirect, Response};
use domain::expiry::{Alert, AlertKind, Subject};
use domain::kernel::CredentialId;
use http::StatusCode;

use crate::entries::Entries;
use crate::guard::SignedIn;
use crate::problem::{Problem, render, sentence};
use crate::shell::{Place, Shell};
use crate::show::{own_path, plain};
use crate::state::Web;

/// The fields of its form.
pub(super) const FIELDS: [&str; 7] = ["id", "one", "do", "owner", "team", "reason", "back"];

/// So many at once; a page has fewer.
const MOST: usize = 200;
const ID_CHARS: usize = 64;

/// What an action says on the page it leads back to.
pub(crate) const SAID: &[(&str, &str)] = &[
    (
        "acknowledged",
        "Acknowledged. Nothing is repeated until the next step.",
    ),
    (
        "lapses",
        "It may lapse. One last note goes out a day before its end.",
    ),
    ("assigned", "Owner and team are changed."),
    ("nothing", "No row was chosen, so nothing was changed."),
];

/// What somebody wants done.
enum Deed {
    Acknowledge,
    LetLapse(Option<String>),
    Assign(PatchCredential),
}

#[derive(Template)]
#[template(path = "not_all.html")]
struct NotAll {
    shell: Shell,
    done: usize,
    refused: Vec<(String, String)>,
    back: String,
}

pub(super) async fn act(
    State(web): State<Web>,
    who: SignedIn,
    entries: Entries,
) -> Result<Response, Problem> {
    let back = own_path(entries.get("back")).to_owned();
    let (ids, deed) = wish(&entries);
    let Some(deed) = deed.filter(|_| !ids.is_empty()) else {
        return Ok(Redirect::to(&back_with(&back, "nothing")).into_response());
    };
    let (mut done, mut refused) = (0, Vec::new());
    for id in ids.iter().take(MOST) {
        match one(&web, who.principal(), id, &deed).await {
            Ok(()) => done += 1,
            Err(error @ (AppError::Unavailable(_) | AppError::Corrupt(_))) => {
                return Err(error.into());
            }
            Err(error) => refused.push((plain(id, ID_CHARS), sentence(&error.to_string()))),
        }
    }
    if refused.is_empty() {
        return Ok(Redirect::to(&back_with(&back, deed.said())).into_response());
    }
    let shell = Shell::load(&web, &who, Place::Credentials, "Not all of it was done").await?;
    let page = NotAll {
        shell,
        done,
        refused,
        back,
    };
    Ok(render(StatusCode::UNPROCESSABLE_ENTITY, &page))
}

fn wish(entries: &Entries) -> (Vec<String>, Option<Deed>) {
    if let Some(one) = entries.some("one") {
        return (vec![one], Some(Deed::Acknowledge));
    }
    let change = |name: &str| entries.some(name).map(Some);
    let deed = match entries.get("do") {
        "acknowledge" => Some(Deed::Acknowledge),
        "let-lapse" => Some(Deed::LetLapse(entries.some("reason"))),
        "assign" if change("owner").is_some() || change("team").is_some() => {
            Some(Deed::Assign(PatchCredential {
                owner: change("owner"),
                team: change("team"),
                ..PatchCredential::default()
            }))
        }
        _ => None,
    };
    (entries.all("id"), deed)
}

async fn one(web: &Web, principal: &Principal, id: &str, deed: &Deed) -> Result<(), AppError> {
    let alert = || {
        let id = CredentialId::parse(id).map_err(|_| AppError::not_found("this credential"))?;
        let id = Alert::id_of(&Subject::Credential(id), AlertKind::Expiry);
        Ok::<_, AppError>(id.to_string())
    };
    match deed {
        Deed::Acknowledge => acknowledge(&web.ctx, principal, &alert()?, None)
            .await
            .map(drop),
        Deed::LetLapse(reason) => let_lapse(&web.ctx, principal, &alert()?, reason.clone())
            .await
            .map(drop),
        Deed::Assign(patch) => patch_credential(&web.ctx, principal, id, patch.clone(), None)
            .await
            .map(drop),
    }
}

impl Deed {
    const fn said(&self) -> &'static str {
        match self {
            Self::Acknowledge => "acknowledged",
            Self::LetLapse(_) => "lapses",
            Self::Assign(_) => "assigned",
        }
    }
}

/// An address of ours with what shall be said there.
fn back_with(back: &str, said: &str) -> String {
    let joint = if back.contains('?') { '&' } else { '?' };
    format!("{back}{joint}said={said}")
}

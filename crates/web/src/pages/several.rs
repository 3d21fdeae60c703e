//! One thing done to several rows, each by itself, so that one that cannot be done keeps no
//! other from it.

use app::AppError;
use app::alerts::{AlertItem, get_alert};
use app::credentials::get_credential;
use app::people::Names;
use askama::Template;
use axum::response::{IntoResponse as _, Redirect, Response};
use http::StatusCode;

use super::alerts::about;
use crate::guard::SignedIn;
use crate::problem::{Problem, render, sentence};
use crate::shell::{Place, Shell};
use crate::show::{NAME_CHARS, plain};
use crate::state::Web;

/// So many at once; a page has fewer.
pub(super) const MOST: usize = 200;
const ID_CHARS: usize = 64;

/// What became of each.
#[derive(Default)]
pub(super) struct Tally {
    done: usize,
    refused: Vec<(String, String)>,
}

#[derive(Template)]
#[template(path = "not_all.html")]
struct NotAll {
    shell: Shell,
    done: usize,
    refused: Vec<Refused>,
    back: String,
}

/// What was left as it is.
struct Refused {
    id: String,
    /// What it is called, for those who may see it.
    name: Option<String>,
    why: String,
}

impl Tally {
    /// Notes what became of one.
    ///
    /// # Errors
    /// What would meet every other one too.
    pub(super) fn note(&mut self, id: &str, done: Result<(), AppError>) -> Result<(), Problem> {
        match done {
            Ok(()) => self.done += 1,
            Err(error @ (AppError::Unavailable(_) | AppError::Corrupt(_))) => {
                return Err(error.into());
            }
            Err(error) => {
                let why = sentence(&error.to_string());
                self.refused.push((id.to_owned(), why));
            }
        }
        Ok(())
    }

    /// Back to where it was asked for; what could not be done is named first.
    pub(super) async fn answer(
        self,
        web: &Web,
        who: &SignedIn,
        place: Place,
        back: String,
        said: &str,
    ) -> Result<Response, Problem> {
        if self.refused.is_empty() {
            return Ok(lead_back(&back, said));
        }
        let names = Names::load(&web.ctx).await?;
        let mut refused = Vec::with_capacity(self.refused.len());
        for (id, why) in self.refused {
            let name = called(web, who, &names, &id).await;
            refused.push(Refused {
                id: plain(&id, ID_CHARS),
                name,
                why,
            });
        }
        let page = NotAll {
            shell: Shell::load(web, who, place, "Not all of it was done").await?,
            done: self.done,
            refused,
            back,
        };
        Ok(render(StatusCode::UNPROCESSABLE_ENTITY, &page))
    }
}

/// What a credential is called, or what an alert is about.
async fn called(web: &Web, who: &SignedIn, names: &Names, id: &str) -> Option<String> {
    if let Ok(item) = get_credential(&web.ctx, who.principal(), id).await {
        return Some(plain(item.credential.name.as_str(), NAME_CHARS));
    }
    let found = get_alert(&web.ctx, who.principal(), id).await.ok()?;
    let item = AlertItem {
        alert: found.alert,
        credential: found.credential,
        monitor: found.monitor,
    };
    Some(about(&item, names).0)
}

/// To an address of ours with what shall be said there.
pub(super) fn lead_back(back: &str, said: &str) -> Response {
    let joint = if back.contains('?') { '&' } else { '?' };
    Redirect::to(&format!("{back}{joint}said={said}")).into_response()
}

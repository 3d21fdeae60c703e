//! Who answers for one credential, who hears, where it is used, and what people note.

use app::AppError;
use app::credentials::{PatchCredential, patch_credential, write_note};
use app::people::Names;
use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use domain::inventory::{Credential, PlaceOfUse};
use domain::kernel::Span;
use http::StatusCode;

use super::show::{Forms, page};
use crate::entries::Entries;
use crate::guard::SignedIn;
use crate::pages::watchers;
use crate::problem::Problem;
use crate::show::{Form, path_part};
use crate::state::Web;

pub(super) const FIELDS: [&str; 5] = ["owner", "team", "watchers", "lead_time", "used_by"];

/// The form as things stand.
pub(super) fn stands(credential: &Credential, names: &Names) -> Form {
    let owner = credential.owner.as_ref().map(|owner| names.written(owner));
    let team = credential
        .team
        .as_ref()
        .map(|t| names.team(t).unwrap_or_else(|| t.to_string()));
    let hearers = watchers::written(&credential.watchers, names);
    let lead = credential.lead_time.map(|span| span.to_string());
    Form::filled(&[
        ("owner", &owner.unwrap_or_default()),
        ("team", &team.unwrap_or_default()),
        ("watchers", &hearers),
        ("lead_time", &lead.unwrap_or_default()),
        ("used_by", &places(&credential.used_by)),
    ])
}

pub(super) async fn change(
    State(web): State<Web>,
    who: SignedIn,
    Path(id): Path<String>,
    entries: Entries,
) -> Result<Response, Problem> {
    let again = Form::again(entries.clone());
    let refused = match patch_of(&web, &who, &id, &entries).await {
        Ok(patch) => match patch_credential(&web.ctx, who.principal(), &id, patch, None).await {
            Ok(_) => {
                let path = format!("/credentials/{}?said=changed", path_part(&id));
                return Ok(Redirect::to(&path).into_response());
            }
            Err(error) => error,
        },
        Err(error) => error,
    };
    let form = again.refused(refused, &FIELDS)?;
    page(
        &web,
        &who,
        &id,
        StatusCode::UNPROCESSABLE_ENTITY,
        Forms {
            audience: Some(form),
            note: None,
        },
        None,
    )
    .await
}

/// Only what is different, for the owner of our own tokens cannot be given at all.
async fn patch_of(
    web: &Web,
    who: &SignedIn,
    id: &str,
    entries: &Entries,
) -> Result<PatchCredential, AppError> {
    let item = app::credentials::get_credential(&web.ctx, who.principal(), id).await?;
    let names = Names::load(&web.ctx).await?;
    let before = stands(&item.credential, &names);
    let changed =
        |name: &str| (entries.get(name).trim() != before.get(name)).then(|| entries.some(name));
    let lead = match changed("lead_time").flatten() {
        Some(text) => Some(Span::parse(&text).map_err(|e| AppError::invalid("lead_time", e))?),
        None => None,
    };
    let stand = &item.credential.watchers;
    let hearers = |text: Option<String>| watchers::read(&text.unwrap_or_default(), stand, &names);
    Ok(PatchCredential {
        owner: changed("owner"),
        team: changed("team"),
        watchers: changed("watchers").map(hearers),
        lead_time: changed("lead_time").map(|_| lead),
        used_by: changed("used_by")
            .map(|text| used_by(&text.unwrap_or_default(), &item.credential)),
        ..PatchCredential::default()
    })
}

/// Places of use, one a line, each with its address.
fn places(used_by: &[PlaceOfUse]) -> String {
    let line = |place: &PlaceOfUse| match &place.url {
        Some(url) => format!("{} {url}", place.what),
        None => place.what.clone(),
    };
    let lines: Vec<String> = used_by.iter().map(line).collect();
    lines.join("\n")
}

/// Reads what [`places`] writes. A place that stays keeps its team.
fn used_by(text: &str, before: &Credential) -> Vec<PlaceOfUse> {
    let place = |line: &str| {
        let (what, url) = match line.rsplit_once(' ') {
            Some((what, url)) if url.contains("://") => (what.trim(), Some(url.to_owned())),
            _ => (line, None),
        };
        let same = before.used_by.iter().find(|place| place.what == what);
        PlaceOfUse {
            what: what.to_owned(),
            url,
            team: same.and_then(|place| place.team.clone()),
        }
    };
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    lines.map(place).collect()
}

/// Writes what people want each other to know.
pub(super) async fn note(
    State(web): State<Web>,
    who: SignedIn,
    Path(id): Path<String>,
    entries: Entries,
) -> Result<Response, Problem> {
    match write_note(&web.ctx, who.principal(), &id, entries.get("note")).await {
        Ok(()) => {
            let path = format!("/credentials/{}?said=noted", path_part(&id));
            Ok(Redirect::to(&path).into_response())
        }
        Err(error) => {
            let forms = Forms {
                audience: None,
                note: Some(Form::again(entries).refused(error, &["note"])?),
            };
            let status = StatusCode::UNPROCESSABLE_ENTITY;
            page(&web, &who, &id, status, forms, None).await
        }
    }
}

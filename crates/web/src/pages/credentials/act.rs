//! What is done to one row, or to several at once, each by itself.

use app::alerts::{acknowledge, let_lapse};
use app::credentials::{PatchCredential, patch_credential};
use app::tokens::{Which, revoke_token};
use app::{AppError, Principal};
use axum::extract::State;
use axum::response::Response;
use domain::expiry::{Alert, AlertKind, Subject};
use domain::kernel::{CredentialId, Span};

use super::super::several::{MOST, Tally, lead_back};
use super::ask::{self, Asked};
use crate::entries::Entries;
use crate::guard::SignedIn;
use crate::problem::Problem;
use crate::shell::Place;
use crate::show::{Form, own_path};
use crate::state::Web;

/// The fields of its form.
pub(super) const FIELDS: [&str; 9] = [
    "id",
    "one",
    "do",
    "owner",
    "team",
    "lead_time",
    "reason",
    "overlap",
    "back",
];

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
    (
        "assigned",
        "Changed. Whoever is new hears the current step at once.",
    ),
    (
        "revoked",
        "Revoked. Whatever uses them is refused from now on.",
    ),
    ("nothing", "No row was chosen, so nothing was changed."),
];

/// What somebody wants done.
enum Deed {
    Acknowledge,
    LetLapse(Option<String>),
    Assign(PatchCredential),
    Revoke,
}

pub(super) async fn act(
    State(web): State<Web>,
    who: SignedIn,
    entries: Entries,
) -> Result<Response, Problem> {
    let back = own_path(entries.get("back")).to_owned();
    let mut ids = entries.all("id");
    ids.truncate(MOST);
    let form = Form::default;
    match entries.get("do") {
        _ if entries.is_set("one") => ids = vec![entries.get("one").to_owned()],
        _ if ids.is_empty() => {}
        "rotate" => return ask::ask(&web, &who, Asked::Rotate, &ids, back, form()).await,
        "revoke" => return ask::ask(&web, &who, Asked::Revoke, &ids, back, form()).await,
        "rotate-now" => return ask::rotate(&web, &who, &ids, back, entries).await,
        _ => {}
    }
    let Some(deed) = wish(&entries)?.filter(|_| !ids.is_empty()) else {
        return Ok(lead_back(&back, "nothing"));
    };
    let mut tally = Tally::default();
    for id in &ids {
        tally.note(id, one(&web, who.principal(), id, &deed).await)?;
    }
    let place = Place::Credentials;
    tally.answer(&web, &who, place, back, deed.said()).await
}

fn wish(entries: &Entries) -> Result<Option<Deed>, Problem> {
    if entries.is_set("one") {
        return Ok(Some(Deed::Acknowledge));
    }
    Ok(match entries.get("do") {
        "acknowledge" => Some(Deed::Acknowledge),
        "let-lapse" => Some(Deed::LetLapse(entries.some("reason"))),
        "revoke-now" => Some(Deed::Revoke),
        "assign" => assignment(entries)?.map(Deed::Assign),
        _ => None,
    })
}

/// What was filled in is changed, and nothing else; `None` where nothing was.
fn assignment(entries: &Entries) -> Result<Option<PatchCredential>, Problem> {
    let change = |name: &str| entries.some(name).map(Some);
    let lead = entries.some("lead_time");
    let lead = lead.map(|text| Span::parse(&text).map_err(|e| AppError::invalid("lead_time", e)));
    let patch = PatchCredential {
        owner: change("owner"),
        team: change("team"),
        lead_time: lead.transpose()?.map(Some),
        ..PatchCredential::default()
    };
    Ok((patch != PatchCredential::default()).then_some(patch))
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
        Deed::Revoke => revoke_token(&web.ctx, principal, &Which::Id(id.to_owned()))
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
            Self::Revoke => "revoked",
        }
    }
}

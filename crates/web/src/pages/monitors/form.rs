//! `/monitors/new`: an integration is set up; and what the form of one holds.

use std::collections::BTreeMap;

use app::AppError;
use app::credentials::get_credential;
use app::monitors::{CreateMonitor, MonitorItem, PatchMonitor, create_monitor};
use app::people::Names;
use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse as _, Redirect, Response};
use domain::inventory::Credential;
use domain::kernel::{CredentialId, Span, SpanError};
use http::StatusCode;

use super::needs;
use crate::entries::Entries;
use crate::guard::SignedIn;
use crate::pages::offers::Offers;
use crate::problem::{Problem, render};
use crate::route::{Needs, Route};
use crate::shell::{Place, Shell};
use crate::show::{Form, path_part};
use crate::state::Web;

pub(super) const FIELDS: [&str; 8] = [
    "name",
    "period",
    "grace",
    "owner",
    "team",
    "depends_on",
    "watched",
    "version",
];

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get("/monitors/new", Needs::Session, blank),
        Route::post("/monitors/new", Needs::Session, add).takes(&FIELDS),
    ]
}

#[derive(Template)]
#[template(path = "monitors/new.html")]
struct NewMonitor {
    shell: Shell,
    form: Form,
    offers: Offers,
}

async fn blank(State(web): State<Web>, who: SignedIn, query: Entries) -> Result<Response, Problem> {
    // A credential's page says which credential it is about.
    let asked = query.get("depends_on");
    let found = get_credential(&web.ctx, who.principal(), asked).await;
    let needs = found.map(|item| needs::line(&item.credential.id, Some(&item.credential)));
    let form = Form::filled(&[
        ("period", "1d"),
        ("depends_on", needs.as_deref().unwrap_or(asked)),
        ("name", query.get("name")),
    ]);
    page(&web, &who, StatusCode::OK, form).await
}

async fn page(
    web: &Web,
    who: &SignedIn,
    status: StatusCode,
    form: Form,
) -> Result<Response, Problem> {
    let shell = Shell::load(web, who, Place::Monitors, "Set up a monitor").await?;
    let offers = Offers::load(web, who).await?;
    let page = NewMonitor {
        shell,
        form,
        offers,
    };
    Ok(render(status, &page))
}

async fn add(State(web): State<Web>, who: SignedIn, entries: Entries) -> Result<Response, Problem> {
    let made = match wish(&entries) {
        Ok(request) => create_monitor(&web.ctx, who.principal(), request).await,
        Err(error) => Err(error),
    };
    match made {
        Ok(item) => {
            let id = path_part(item.monitor.id.as_str());
            Ok(Redirect::to(&format!("/monitors/{id}?said=made")).into_response())
        }
        Err(error) => {
            let form = refused(Form::again(entries), error)?;
            page(&web, &who, StatusCode::UNPROCESSABLE_ENTITY, form).await
        }
    }
}

/// A refusal beside its field.
pub(super) fn refused(form: Form, error: AppError) -> Result<Form, Problem> {
    match error {
        AppError::Forbidden { sentence, .. } => Ok(form.with("owner", &sentence)),
        AppError::Stale { .. } | AppError::Overtaken(_) => {
            Ok(form.with("name", "somebody else changed this meanwhile; open it anew"))
        }
        other => form.refused(other, &FIELDS),
    }
}

fn wish(entries: &Entries) -> Result<CreateMonitor, AppError> {
    Ok(CreateMonitor {
        name: entries.get("name").trim().to_owned(),
        period: span(entries, "period")?
            .ok_or_else(|| AppError::invalid("period", "how often does it report in?"))?,
        grace: span(entries, "grace")?,
        owner: entries.some("owner"),
        team: entries.some("team"),
        depends_on: needs::read(entries.get("depends_on")),
        idempotency: None,
    })
}

fn span(entries: &Entries, field: &'static str) -> Result<Option<Span>, AppError> {
    let text = entries.some(field);
    // The hint's examples, not those of the API.
    let words = |error| match error {
        SpanError::NotASpan(text) => format!("`{text}` is not a span such as 10m, 1d or 7d"),
        other => other.to_string(),
    };
    let read = |text: String| Span::parse(&text).map_err(|e| AppError::invalid(field, words(e)));
    text.map(read).transpose()
}

/// The form as a monitor stands.
pub(super) fn stands(
    item: &MonitorItem,
    names: &Names,
    known: &BTreeMap<CredentialId, Credential>,
) -> Form {
    let monitor = &item.monitor;
    let owner = monitor.owner.as_ref().map(|owner| names.written(owner));
    let team = monitor.team.as_ref();
    let team = team.map(|t| names.team(t).unwrap_or_else(|| t.to_string()));
    let needs = monitor.depends_on.iter();
    let needs: Vec<String> = needs.map(|id| needs::line(id, known.get(id))).collect();
    let watched = if monitor.paused_at.is_none() {
        "yes"
    } else {
        ""
    };
    Form::filled(&[
        ("name", monitor.name.as_str()),
        ("period", &monitor.period.to_string()),
        ("grace", &monitor.grace.to_string()),
        ("owner", &owner.unwrap_or_default()),
        ("team", &team.unwrap_or_default()),
        ("depends_on", &needs.join("\n")),
        ("watched", watched),
    ])
}

/// Only what is different: saying again who answers for it needs a right of its own.
pub(super) fn patch(entries: &Entries, before: &Form) -> Result<PatchMonitor, AppError> {
    let changed = |name: &str| entries.get(name).trim() != before.get(name);
    let own = |name: &str| changed(name).then(|| entries.some(name));
    let lengths = |name| match changed(name) {
        true => span(entries, name),
        false => Ok(None),
    };
    Ok(PatchMonitor {
        name: changed("name").then(|| entries.get("name").trim().to_owned()),
        period: lengths("period")?,
        grace: lengths("grace")?,
        owner: own("owner"),
        team: own("team"),
        depends_on: changed("depends_on").then(|| needs::read(entries.get("depends_on"))),
        paused: changed("watched").then(|| entries.get("watched").is_empty()),
    })
}

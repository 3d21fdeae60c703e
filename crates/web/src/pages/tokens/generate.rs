//! `/tokens/new`: Generate token. The value is in the answer, this once.

use app::people::Names;
use app::tokens::{IssueToken, issue_token, preview_token};
use app::{AppError, IdempotencyKey};
use askama::Template;
use axum::extract::State;
use axum::response::Response;
use domain::kernel::base62;
use domain::token::DEFAULT_LIFETIME;
use http::StatusCode;
use sha2::{Digest as _, Sha256};

use super::fields::{Offered, Wish};
use super::foresee::Foresight;
use super::value;
use crate::entries::Entries;
use crate::guard::SignedIn;
use crate::problem::{Problem, render};
use crate::route::{Needs, Route};
use crate::shell::{Place, Shell};
use crate::show::{Form, When};
use crate::state::Web;

const FIELDS: [&str; 10] = [
    "name",
    "role",
    "scopes",
    "expires",
    "owner",
    "team",
    "watchers",
    "lead_time",
    "once",
    "do",
];

/// Letters of the key that keeps one click from making two tokens.
const ONCE_CHARS: usize = 20;

pub(crate) fn routes() -> Vec<Route> {
    let needs = Needs::Scope("tokens:issue");
    vec![
        Route::get("/tokens/new", needs, blank),
        Route::post("/tokens/new", needs, generate).takes(&FIELDS),
    ]
}

#[derive(Template)]
#[template(path = "tokens/new.html")]
struct NewToken {
    shell: Shell,
    form: Form,
    chosen: Vec<String>,
    offered: Offered,
    once: String,
    /// The end that an empty field means.
    default_end: When,
    /// When it would end.
    ends: Option<When>,
    foresight: Option<Foresight>,
}

impl NewToken {
    fn is_chosen(&self, role: &str) -> bool {
        self.chosen.iter().any(|own| own == role)
    }
}

async fn blank(State(web): State<Web>, who: SignedIn) -> Result<Response, Problem> {
    let request = IssueToken {
        name: "new".to_owned(),
        ..IssueToken::default()
    };
    page(
        &web,
        &who,
        StatusCode::OK,
        (Form::default(), Vec::new()),
        Some(request),
    )
    .await
}

/// `foreseen`: of what to say what will be said; `None` when it cannot be read.
async fn page(
    web: &Web,
    who: &SignedIn,
    status: StatusCode,
    (mut form, chosen): (Form, Vec<String>),
    foreseen: Option<IssueToken>,
) -> Result<Response, Problem> {
    let shell = Shell::load(web, who, Place::Integrations, "Generate token").await?;
    let (mut ends, mut foresight, mut status) = (None, None, status);
    if let Some(request) = foreseen {
        match preview_token(&web.ctx, who.principal(), &request).await {
            Ok(preview) => {
                let names = Names::load(&web.ctx).await?;
                let end = preview.item.credential.expires_at();
                ends = end.map(|end| shell.reader.when(end));
                foresight = Some(Foresight::of(&preview.forecast, &names, &shell.reader));
            }
            Err(error) => {
                status = StatusCode::UNPROCESSABLE_ENTITY;
                form = refused(form, error)?;
            }
        }
    }
    let page = NewToken {
        once: base62(&mut web.ctx.random.as_ref(), ONCE_CHARS),
        default_end: shell.reader.when(shell.reader.now + DEFAULT_LIFETIME),
        offered: Offered::load(web, who).await?,
        shell,
        form,
        chosen,
        ends,
        foresight,
    };
    Ok(render(status, &page))
}

async fn generate(
    State(web): State<Web>,
    who: SignedIn,
    entries: Entries,
) -> Result<Response, Problem> {
    let reader = crate::show::Reader::of(who.visitor.person.time_zone.as_deref(), web.ctx.now());
    let (once, only_look) = (entries.some("once"), entries.get("do") == "preview");
    let typed = entries.clone();
    let mut wish = Wish::read(entries, &reader);
    let chosen = wish.request.roles.clone();
    let refused_status = StatusCode::UNPROCESSABLE_ENTITY;
    if only_look {
        // Whoever only looks may not have thought of a name yet.
        if wish.request.name.is_empty() {
            wish.request.name = "new".to_owned();
        }
        let form = Form::again(typed);
        return page(
            &web,
            &who,
            StatusCode::OK,
            (form, chosen),
            Some(wish.request),
        )
        .await;
    }
    if !wish.is_sound {
        return page(&web, &who, refused_status, (wish.form, chosen), None).await;
    }
    wish.request.idempotency = once.map(|key| idempotent(key, &wish.request));
    match issue_token(&web.ctx, who.principal(), wish.request.clone()).await {
        Ok(issued) => value::page(&web, &who, &issued, "Your new token").await,
        Err(error) => {
            let form = refused(wish.form, error)?;
            page(&web, &who, refused_status, (form, chosen), None).await
        }
    }
}

/// A second click is the same request; another form is another key.
fn idempotent(key: String, request: &IssueToken) -> IdempotencyKey {
    let digest = Sha256::digest(format!("POST /tokens/new {request:?}").as_bytes());
    IdempotencyKey {
        key,
        request: digest.iter().map(|b| format!("{b:02x}")).collect(),
    }
}

/// What cannot be granted stands beside what asks for it.
fn refused(form: Form, error: AppError) -> Result<Form, Problem> {
    match error {
        AppError::Forbidden { missing, sentence } => {
            let about_owner = missing.iter().any(|m| m == "tokens:issue-for-others")
                && sentence.starts_with("the scope");
            Ok(form.with(if about_owner { "owner" } else { "role" }, &sentence))
        }
        AppError::Invalid { field, problem } => {
            let field = match field {
                "roles" => "role",
                "expires_at" | "lifetime" => "expires",
                known => FIELDS
                    .into_iter()
                    .find(|own| *own == known)
                    .unwrap_or("name"),
            };
            Ok(form.with(field, &problem))
        }
        other => form.refused(other, &FIELDS),
    }
}

//! `/audit`: who did what, when, and whether the record is whole.

use app::audit::{list_audit, name_targets, verify_audit};
use app::people::Names;
use app::ports::{Cursor, PageRequest};
use askama::Template;
use axum::extract::State;
use axum::response::Response;
use http::StatusCode;

use super::told::{Row, Told};
use super::verdict::Verdict;
use super::{address, filter};
use crate::entries::Entries;
use crate::guard::SignedIn;
use crate::problem::{Problem, render};
use crate::shell::{Place, Shell};
use crate::show::Form;
use crate::state::Web;

const ROWS: u32 = 50;
#[derive(Template)]
#[template(path = "audit.html")]
struct AuditPage {
    shell: Shell,
    form: Form,
    rows: Vec<Row>,
    next: Option<String>,
    first: Option<String>,
    /// Where the same selection is to be had as a file.
    export: String,
    narrowed: bool,
    verdict: Option<Verdict>,
}

pub(super) async fn show(
    State(web): State<Web>,
    who: SignedIn,
    query: Entries,
) -> Result<Response, Problem> {
    page(&web, &who, &query, None).await
}

/// Walks the whole chain, and changes nothing.
pub(super) async fn verify(
    State(web): State<Web>,
    who: SignedIn,
    query: Entries,
) -> Result<Response, Problem> {
    let verdict = verify_audit(&web.ctx, who.principal()).await?;
    page(&web, &who, &query, Some(Verdict::of(verdict))).await
}

async fn page(
    web: &Web,
    who: &SignedIn,
    query: &Entries,
    verdict: Option<Verdict>,
) -> Result<Response, Problem> {
    let shell = Shell::load(web, who, Place::Audit, "Audit").await?;
    let after = query.some("after");
    let asked = PageRequest {
        limit: ROWS,
        after: after.clone().map(Cursor),
    };
    let wanted = filter::read(query, &shell.reader);
    let found = list_audit(&web.ctx, who.principal(), wanted.filter, &asked).await?;
    let names = Names::load(&web.ctx).await?;
    let called = name_targets(&web.ctx, who.principal(), &found.items).await?;
    let told = Told {
        names: &names,
        called: &called,
        reader: &shell.reader,
    };
    let rows = found.items.iter().map(|row| told.row(row));
    let own = query.to_query(&["after"]);
    let next = found.next.map(|cursor| {
        let mut query = url::form_urlencoded::Serializer::new(own.clone());
        address(
            "/audit",
            query.append_pair("after", &cursor.0).finish().as_str(),
        )
    });
    let page = AuditPage {
        rows: rows.collect(),
        next,
        first: after.map(|_| address("/audit", &own)),
        export: address("/audit.ndjson", &own),
        narrowed: !own.is_empty(),
        form: wanted.form,
        verdict,
        shell,
    };
    Ok(render(StatusCode::OK, &page))
}

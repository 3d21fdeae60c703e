//! `/audit.ndjson`: what the page shows, with all its pages, as a file: a row a line, newest
//! first. Memory holds one page at a time.

use app::Principal;
use app::audit::list_audit;
use app::ports::{AuditFilter, AuditRow, Cursor, Page, PageRequest};
use axum::body::Body;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use bytes::Bytes;
use futures_util::{Stream, stream};
use http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use serde_json::json;

use super::filter;
use crate::entries::Entries;
use crate::guard::SignedIn;
use crate::problem::Problem;
use crate::show::Reader;
use crate::state::Web;

/// Rows in memory at a time.
const PAGE: u32 = 500;

/// What is read next, and for whom.
struct Rows {
    web: Web,
    principal: Principal,
    filter: AuditFilter,
}

pub(super) async fn ndjson(
    State(web): State<Web>,
    who: SignedIn,
    query: Entries,
) -> Result<Response, Problem> {
    let zone = who.visitor.person.time_zone.as_deref();
    let reader = Reader::of(zone, web.ctx.now());
    let rows = Rows {
        filter: filter::read(&query, &reader).filter,
        principal: who.principal().clone(),
        web,
    };
    // The first page is read before the answer begins, so that a refusal is a page.
    let first = rows.page(None).await?;
    let headers = [
        (CONTENT_TYPE, "application/x-ndjson"),
        (CONTENT_DISPOSITION, "attachment; filename=\"audit.ndjson\""),
    ];
    Ok((headers, Body::from_stream(rest(rows, first))).into_response())
}

/// All pages from the first on. An error breaks the file off, so that nobody takes a part
/// for the whole.
fn rest(rows: Rows, first: Page<AuditRow>) -> impl Stream<Item = Result<Bytes, std::io::Error>> {
    stream::try_unfold(Some((rows, first)), |state| async move {
        let Some((rows, page)) = state else {
            return Ok(None);
        };
        let chunk: Bytes = page.items.iter().flat_map(line).collect();
        let state = match page.next {
            None => None,
            Some(after) => {
                let page = rows.page(Some(after)).await;
                let page = page.map_err(|error| std::io::Error::other(error.to_string()))?;
                Some((rows, page))
            }
        };
        Ok(Some((chunk, state)))
    })
}

impl Rows {
    async fn page(&self, after: Option<Cursor>) -> Result<Page<AuditRow>, app::AppError> {
        let page = PageRequest { limit: PAGE, after };
        list_audit(&self.web.ctx, &self.principal, self.filter.clone(), &page).await
    }
}

/// A row in the words of the API.
fn line(row: &AuditRow) -> Vec<u8> {
    let entry = &row.entry;
    let value = json!({
        "number": row.number,
        "at": entry.at,
        "actor": entry.actor,
        "action": entry.action,
        "target": entry.target,
        "details": entry.details,
        "hash": row.hash,
    });
    format!("{value}\n").into_bytes()
}

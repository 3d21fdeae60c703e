//! `/credentials.csv`: what the page shows, with all its pages, as a file. Memory holds one
//! page at a time.

use app::Principal;
use app::credentials::{CredentialItem, csv_header, csv_line, list_credentials};
use app::people::Names;
use app::ports::{CredentialFilter, Cursor, Page, PageRequest};
use axum::body::Body;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use bytes::Bytes;
use domain::kernel::Instant;
use futures_util::{Stream, StreamExt as _, stream};
use http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};

use super::filter;
use crate::entries::Entries;
use crate::guard::SignedIn;
use crate::problem::Problem;
use crate::state::Web;

/// Rows in memory at a time.
const PAGE: u32 = 500;

/// What is read next, and for whom.
struct Reader {
    web: Web,
    principal: Principal,
    filter: CredentialFilter,
    names: Names,
    now: Instant,
}

pub(super) async fn csv(
    State(web): State<Web>,
    who: SignedIn,
    query: Entries,
) -> Result<Response, Problem> {
    let reader = Reader {
        filter: filter::read(&web.ctx, &query).await?.filter,
        names: Names::load(&web.ctx).await?,
        principal: who.principal().clone(),
        now: web.ctx.now(),
        web,
    };
    // The first page is read before the answer begins, so that a refusal is a page.
    let first = reader.page(None).await?;
    let header = stream::once(async { Ok(Bytes::from(csv_header())) });
    let body = Body::from_stream(header.chain(rest(reader, first)));
    let headers = [
        (CONTENT_TYPE, "text/csv; charset=utf-8"),
        (
            CONTENT_DISPOSITION,
            "attachment; filename=\"credentials.csv\"",
        ),
    ];
    Ok((headers, body).into_response())
}

/// All pages from the first on. An error breaks the file off, so that nobody takes a part
/// for the whole.
fn rest(
    reader: Reader,
    first: Page<CredentialItem>,
) -> impl Stream<Item = Result<Bytes, std::io::Error>> {
    stream::try_unfold(Some((reader, first)), |state| async move {
        let Some((reader, page)) = state else {
            return Ok(None);
        };
        let chunk: Bytes = page
            .items
            .iter()
            .flat_map(|item| reader.line(item))
            .collect();
        let state = match page.next {
            None => None,
            Some(after) => {
                let page = reader.page(Some(after)).await;
                let page = page.map_err(|error| std::io::Error::other(error.to_string()))?;
                Some((reader, page))
            }
        };
        Ok(Some((chunk, state)))
    })
}

impl Reader {
    async fn page(&self, after: Option<Cursor>) -> Result<Page<CredentialItem>, app::AppError> {
        let page = PageRequest { limit: PAGE, after };
        list_credentials(&self.web.ctx, &self.principal, self.filter.clone(), &page).await
    }

    fn line(&self, item: &CredentialItem) -> Vec<u8> {
        csv_line(item, &self.names, self.now)
    }
}

//! The whole selection as a stream; memory holds one page at a time.

use app::Principal;
use app::credentials::{CredentialItem, csv_header, csv_line, list_credentials};
use app::people::Names;
use app::ports::{CredentialFilter, Page, PageRequest};
use axum::body::Body;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use domain::kernel::Instant;
use futures_util::{StreamExt as _, stream};
use http::HeaderValue;
use http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};

use super::CredentialBody;
use super::list::selection;
use crate::guard::Caller;
use crate::problem::Problem;
use crate::request::Params;
use crate::state::Api;

/// Rows in memory at a time.
const PAGE: u32 = 500;

/// How one credential is written.
#[derive(Clone, Copy)]
enum Form {
    Csv,
    Ndjson,
}

/// What is read next, and what it is read for.
struct Reader {
    api: Api,
    caller: Principal,
    filter: CredentialFilter,
    form: Form,
    names: Names,
    now: Instant,
}

/// `GET /v1/credentials.csv`
pub async fn csv(api: State<Api>, caller: Caller, params: Params) -> Result<Response, Problem> {
    export(api, caller, params, Form::Csv).await
}

/// `GET /v1/credentials.ndjson`
pub async fn ndjson(api: State<Api>, caller: Caller, params: Params) -> Result<Response, Problem> {
    export(api, caller, params, Form::Ndjson).await
}

async fn export(
    State(api): State<Api>,
    Caller(caller): Caller,
    params: Params,
    form: Form,
) -> Result<Response, Problem> {
    let now = api.ctx.now();
    let filter = selection(&api.ctx, &params).await?;
    let names = Names::load(&api.ctx).await?;
    let reader = Reader {
        names,
        api,
        caller,
        filter,
        form,
        now,
    };
    // The first page is read before the answer begins, so that a refusal is a problem.
    let first = reader.page(None).await?;
    let lines = stream::once(async move { Ok(Bytes::from(form.header())) });
    let body = Body::from_stream(lines.chain(rest(reader, first)));
    let mut response = body.into_response();
    let (media_type, file) = form.says();
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(media_type));
    headers.insert(CONTENT_DISPOSITION, HeaderValue::from_static(file));
    Ok(response)
}

/// All pages from the first on. An error breaks the body off, so that nobody takes a
/// part for the whole.
fn rest(
    reader: Reader,
    first: Page<CredentialItem>,
) -> impl futures_util::Stream<Item = Result<Bytes, std::io::Error>> {
    stream::try_unfold(Some((reader, first)), |state| async move {
        let Some((reader, page)) = state else {
            return Ok(None);
        };
        let next = page.next.clone();
        let chunk = reader.write(page);
        let state = match next {
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
    async fn page(
        &self,
        after: Option<app::ports::Cursor>,
    ) -> Result<Page<CredentialItem>, app::AppError> {
        let page = PageRequest { limit: PAGE, after };
        list_credentials(&self.api.ctx, &self.caller, self.filter.clone(), &page).await
    }

    fn write(&self, page: Page<CredentialItem>) -> Bytes {
        let items = page.items.into_iter();
        items.flat_map(|item| self.line(item)).collect()
    }
}

impl Reader {
    fn line(&self, item: CredentialItem) -> Vec<u8> {
        match self.form {
            Form::Csv => csv_line(&item, &self.names, self.now),
            Form::Ndjson => {
                let body = CredentialBody::of(item, &self.names, self.now);
                // Texts, numbers and lists of them can always be written.
                let mut line = serde_json::to_vec(&body).unwrap_or_default();
                line.push(b'\n');
                line
            }
        }
    }
}

impl Form {
    fn header(self) -> Vec<u8> {
        match self {
            Self::Csv => csv_header(),
            Self::Ndjson => Vec::new(),
        }
    }

    const fn says(self) -> (&'static str, &'static str) {
        match self {
            Self::Csv => (
                "text/csv; charset=utf-8",
                "attachment; filename=\"credentials.csv\"",
            ),
            Self::Ndjson => (
                "application/x-ndjson",
                "attachment; filename=\"credentials.ndjson\"",
            ),
        }
    }
}

//! A page of credentials in one of the orders, and how many there are.

use app::ports::{CredentialFilter, CredentialSort, Cursor, Page, PageRequest, StoreError};
use domain::inventory::Credential;
use domain::token::Token;

use super::credential_few::{Candidates, few, few_to_count};
use super::credential_filter::{conditions, conditions_in_order};
use super::credentials::pair_of;
use crate::cursor::{cut, open, rows_wanted, seal};
use crate::db::Db;
use crate::sql::Query;

/// One page.
///
/// # Errors
/// The database's, a cursor of another list, or a row that cannot be read.
pub(super) async fn page(
    db: &impl Db,
    filter: &CredentialFilter,
    request: &PageRequest,
) -> Result<Page<(Credential, Option<Token>)>, StoreError> {
    let (list, order) = match filter.sort {
        CredentialSort::Newest => ("newest", "c.first_seen_at DESC, c.id DESC"),
        CredentialSort::ExpiresAt => ("expires_at", "c.end_order, c.id"),
        CredentialSort::Name => ("name", "c.name_folded, c.id"),
    };
    let mut query = Query::new("");
    let from = from(&mut query, few(db, filter).await?);
    conditions_in_order(&mut query, filter);
    if let Some(cursor) = &request.after {
        go_on(&mut query, filter.sort, list, cursor)?;
    }
    let limit = query.bind(rows_wanted(request));
    // Documents are read of those that stand on the page alone.
    let begin = format!("{PAGE}(SELECT c.id FROM {from}");
    let end = format!(" ORDER BY {order} LIMIT ${limit}{DOCUMENTS} ORDER BY {order}");
    let rows = db.read(query.between(&begin, &end)).await?;
    let items: Result<Vec<_>, _> = rows.iter().map(pair_of).collect();
    Ok(cut(items?, request, |(c, _)| {
        end_of_page(filter.sort, list, c)
    }))
}

const PAGE: &str = "SELECT c.id, c.doc, c.last_used_at, t.doc FROM ";
const DOCUMENTS: &str =
    ") AS p {join_after} credentials c ON c.id = p.id LEFT JOIN tokens t ON t.id = c.id";

/// How many pass.
///
/// # Errors
/// The database's.
pub(super) async fn count(db: &impl Db, filter: &CredentialFilter) -> Result<u64, StoreError> {
    let mut query = Query::new("");
    let from = from(&mut query, few_to_count(db, filter).await?);
    conditions(&mut query, filter);
    let begin = format!("SELECT COUNT(*) FROM {from}");
    let rows = db.read(query.between(&begin, "")).await?;
    let count = rows.first().and_then(|row| row.opt_int(0)).unwrap_or(0);
    Ok(u64::try_from(count).unwrap_or(0))
}

/// All of them, or those of few that are looked up one by one.
fn from(query: &mut Query, few: Option<Candidates>) -> String {
    let Some(few) = few else {
        return "credentials c".to_owned();
    };
    let few = few.bound(query);
    format!("({few}) AS k {{join_after}} credentials c ON c.id = k.id")
}

fn go_on(
    query: &mut Query,
    sort: CredentialSort,
    list: &str,
    cursor: &Cursor,
) -> Result<(), StoreError> {
    let (key, id) = match sort {
        CredentialSort::Name => {
            let (key, id) = open::<String>(list, cursor)?;
            (query.bind(key), query.bind(id))
        }
        CredentialSort::Newest | CredentialSort::ExpiresAt => {
            let (key, id) = open::<i64>(list, cursor)?;
            (query.bind(key), query.bind(id))
        }
    };
    query.also(match sort {
        CredentialSort::Newest => format!("(c.first_seen_at, c.id) < (${key}, ${id})"),
        CredentialSort::ExpiresAt => format!("(c.end_order, c.id) > (${key}, ${id})"),
        CredentialSort::Name => format!("(c.name_folded, c.id) > (${key}, ${id})"),
    });
    Ok(())
}

fn end_of_page(sort: CredentialSort, list: &str, last: &Credential) -> Cursor {
    let id = last.id.as_str();
    match sort {
        CredentialSort::Newest => seal(list, &last.first_seen_at.as_micros(), id),
        CredentialSort::ExpiresAt => {
            let end = last.expires_at().map_or(i64::MAX, |at| at.as_micros());
            seal(list, &end, id)
        }
        CredentialSort::Name => seal(list, &last.name.as_str().to_ascii_lowercase(), id),
    }
}

//! Where a filter means few credentials: those are read first and put in order then.
//!
//! A list is walked in its order until its page is full, which is soon where many pass.
//! Where few do it is the whole inventory. So before a walk each condition that an index
//! knows is asked for no more than [`FEW`] that could pass. Neither database plans this by
//! itself: one keeps no statistics, the other's say nothing about parts of names.

use std::borrow::Cow;

use app::ports::{CredentialFilter, StoreError};
use domain::inventory::State;

use super::credential_filter::condition_of_index;
use crate::db::Db;
use crate::sql::{Query, Row, Stmt, Value, list};

/// Where a walk and a sort cost about the same: so many are sorted in a few milliseconds,
/// and of a million one in two hundred passes, of which a page is soon full.
const FEW: u32 = 5_000;

/// Credentials beside which none passes: rows of one column `id`, in which `#` stands for
/// the number of the first value and `##` for that of the second.
pub(super) struct Candidates {
    sql: Cow<'static, str>,
    values: Vec<Value>,
}

impl Candidates {
    fn new(sql: impl Into<Cow<'static, str>>, values: Vec<Value>) -> Self {
        let sql = sql.into();
        Self { sql, values }
    }

    /// The rows as text, where the values are bound from this number on.
    fn numbered(&self, first: usize) -> String {
        let sql = self.sql.replace("##", &(first + 1).to_string());
        sql.replace('#', &first.to_string())
    }

    /// The rows as text, with the values bound.
    pub(super) fn bound(self, query: &mut Query) -> String {
        let numbers = self.values.iter().map(|v| query.bind(v.clone()));
        let first = numbers.min().unwrap_or(0);
        self.numbered(first)
    }
}

const OF_SCOPE: &str =
    "SELECT DISTINCT s.credential AS id FROM credential_scopes s WHERE s.scope IN ($#, '*')";
const OF_ROLE: &str = "SELECT r.credential AS id FROM credential_roles r WHERE r.role = $#";
const OF_END: &str = "SELECT e.id FROM credentials e WHERE e.end_order > $# AND e.end_order < $##";
const LISTED: &str = "SELECT l.item AS id FROM {list:#} AS l";
const NAMED: &str =
    "SELECT n.id FROM credentials n WHERE {position}(n.name_folded, $1) > 0 LIMIT $2";

/// The smallest set that is known to hold all that pass; `None` where all are large.
///
/// # Errors
/// The database's.
pub(super) async fn few(
    db: &impl Db,
    filter: &CredentialFilter,
) -> Result<Option<Candidates>, StoreError> {
    let known = held(filter).chain(ended(filter)).chain(rare(filter));
    let known = known.collect();
    smallest(db, filter, known).await
}

/// The same for counting, which reads ends out of an index that holds all it looks at.
///
/// # Errors
/// The database's.
pub(super) async fn few_to_count(
    db: &impl Db,
    filter: &CredentialFilter,
) -> Result<Option<Candidates>, StoreError> {
    smallest(db, filter, held(filter).collect()).await
}

async fn smallest(
    db: &impl Db,
    filter: &CredentialFilter,
    known: Vec<Candidates>,
) -> Result<Option<Candidates>, StoreError> {
    if !known.is_empty() {
        let rows = db.read(counts(&known)).await?;
        let count = |at| rows.first().and_then(|row: &Row| row.opt_int(at));
        let counted = known.into_iter().enumerate();
        let counted = counted.filter_map(|(at, of)| Some((count(at)?, of)));
        let smallest = counted.min_by_key(|(count, _)| *count);
        if let Some((_, of)) = smallest.filter(|(count, _)| *count <= i64::from(FEW)) {
            return Ok(Some(of));
        }
    }
    named(db, filter).await
}

/// Those that hold a scope or a role.
fn held(filter: &CredentialFilter) -> impl Iterator<Item = Candidates> {
    let scopes = filter.scopes.iter();
    let scopes = scopes.map(|scope| Candidates::new(OF_SCOPE, vec![scope.as_str().into()]));
    let role = filter.role.as_deref();
    let role = role.map(|role| Candidates::new(OF_ROLE, vec![role.into()]));
    scopes.chain(role)
}

/// Those between two ends, where ends are asked for. An unknown end is ordered last.
fn ended(filter: &CredentialFilter) -> Option<Candidates> {
    let over = filter.states.as_slice() == [State::Expired];
    // One later than now is the first that has not ended.
    let over = over.then(|| filter.now.as_micros().saturating_add(1));
    let before = filter.expires_before.map(|at| at.as_micros());
    let before = [over, before].into_iter().flatten().min();
    let after = filter.expires_after.map(|at| at.as_micros());
    if before.is_none() && after.is_none() {
        return None;
    }
    let (after, before) = (after.unwrap_or(i64::MIN), before.unwrap_or(i64::MAX));
    Some(Candidates::new(OF_END, vec![after.into(), before.into()]))
}

/// Those in a state that an index knows, where it alone is asked for. Else a list of one
/// source would be walked in that source's order. Asked for in the order of the index: one
/// that covers all that the condition names, and holds everything, would be read otherwise.
fn rare(filter: &CredentialFilter) -> Option<Candidates> {
    let [state] = filter.states.as_slice() else {
        return None;
    };
    if matches!(state, State::Active | State::Expired) {
        return None;
    }
    let (is_so, most) = (condition_of_index(*state), FEW + 1);
    let sql = format!(
        "SELECT c.id FROM credentials c WHERE {is_so} \
         ORDER BY c.first_seen_at DESC, c.id DESC LIMIT {most}"
    );
    Some(Candidates::new(sql, Vec::new()))
}

/// Counts each, but no further than tells few from many.
fn counts(all: &[Candidates]) -> Stmt {
    let mut values = Vec::new();
    let counts: Vec<String> = all.iter().map(|of| count(of, &mut values)).collect();
    values.push(i64::from(FEW + 1).into());
    let limit = values.len().to_string();
    let sql = format!("SELECT {}", counts.join(", ")).replace("$limit", &format!("${limit}"));
    Stmt::new(sql, values)
}

fn count(of: &Candidates, values: &mut Vec<Value>) -> String {
    let first = values.len() + 1;
    values.extend(of.values.iter().cloned());
    let sql = of.numbered(first);
    format!("(SELECT COUNT(*) FROM (SELECT 1 FROM ({sql}) AS k LIMIT $limit) AS c)")
}

/// Those whose name holds a text. All names are looked at where it is rare, in an index
/// that holds nothing else; so they are taken along, not counted.
async fn named(db: &impl Db, filter: &CredentialFilter) -> Result<Option<Candidates>, StoreError> {
    let Some(name) = &filter.name else {
        return Ok(None);
    };
    let values = vec![
        name.to_ascii_lowercase().as_str().into(),
        i64::from(FEW + 1).into(),
    ];
    let rows = db.read(Stmt::new(NAMED, values)).await?;
    if rows.len() > FEW as usize {
        return Ok(None);
    }
    let ids: Vec<&str> = rows.iter().filter_map(|row| row.opt_text(0)).collect();
    Ok(Some(Candidates::new(LISTED, vec![list(ids)])))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reads::plans::plan;

    /// One of ten million was looked for in an index that holds all ten.
    #[test]
    fn a_rare_state_is_asked_for_in_the_index_that_holds_no_other() {
        for (state, index) in [
            (State::Suspended, "credentials_suspended"),
            (State::Revoked, "credentials_revoked"),
            (State::Gone, "credentials_gone"),
            (State::UnknownEnd, "credentials_unknown"),
        ] {
            let filter = CredentialFilter {
                states: vec![state],
                ..CredentialFilter::default()
            };
            let asked = counts(&[rare(&filter).unwrap()]);
            let lines = plan(&asked.sql, [FEW + 1]);
            let found = format!("SCAN c USING INDEX {index}");
            assert!(lines.contains(&found), "{lines:#?}");
        }
    }
}

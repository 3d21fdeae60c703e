//! `/audit`: who did what, when, and whether the record is whole.

use app::audit::{AuditVerdict, list_audit, verify_audit};
use app::people::Names;
use app::ports::{AuditRow, Cursor, PageRequest};
use askama::Template;
use axum::extract::State;
use axum::response::Response;
use http::StatusCode;
use serde_json::Value;

use super::filter;
use crate::entries::Entries;
use crate::guard::SignedIn;
use crate::problem::{Problem, render};
use crate::shell::{Place, Shell};
use crate::show::{Form, NAME_CHARS, Reader, When, plain, thousands};
use crate::state::Web;

const ROWS: u32 = 50;
/// Details are cut at so many characters.
const TEXT_CHARS: usize = 300;

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

struct Row {
    number: i64,
    at: When,
    actor: String,
    action: String,
    target: String,
    details: String,
    chained: bool,
    /// What else was done to the same, and by the same.
    same_target: String,
}

/// What checking the chain found.
struct Verdict {
    sound: bool,
    words: String,
    tip: String,
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
    let rows = found
        .items
        .iter()
        .map(|row| Row::of(row, &names, &shell.reader));
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

fn address(path: &str, query: &str) -> String {
    match query {
        "" => path.to_owned(),
        query => format!("{path}?{query}"),
    }
}

impl Row {
    fn of(row: &AuditRow, names: &Names, reader: &Reader) -> Self {
        let entry = &row.entry;
        let details = words(&entry.details);
        Self {
            number: row.number,
            at: reader.when(entry.at),
            actor: plain(&names.actor(&entry.actor), NAME_CHARS),
            action: plain(&entry.action, NAME_CHARS),
            target: plain(&entry.target, NAME_CHARS),
            details: plain(&details, TEXT_CHARS),
            chained: row.hash.is_some(),
            same_target: address(
                "/audit",
                &Entries::of(&[("target", &entry.target)]).to_query(&[]),
            ),
        }
    }
}

/// Details as people read them: `name: ci-deploy · roles: Admin`. What is empty says nothing.
fn words(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Array(all) => {
            let all: Vec<String> = all.iter().map(words).collect();
            all.join(", ")
        }
        Value::Object(fields) => {
            let said = fields.iter().map(|(name, value)| (name, words(value)));
            let said = said.filter(|(_, text)| !text.is_empty());
            let said: Vec<String> = said.map(|(name, text)| format!("{name}: {text}")).collect();
            said.join(" · ")
        }
        other => other.to_string(),
    }
}

impl Verdict {
    fn of(found: AuditVerdict) -> Self {
        let rows = thousands(found.rows);
        let words = match found.first_bad {
            Some(number) => {
                format!(
                    "Row {number} does not follow from the one before it: somebody changed it, or what stood before it."
                )
            }
            None if found.unchained > 0 => format!(
                "All {rows} rows follow one another; the latest {} are linked within moments.",
                thousands(found.unchained)
            ),
            None => format!("All {rows} rows follow one another."),
        };
        Self {
            sound: found.first_bad.is_none(),
            words,
            tip: found.tip,
        }
    }
}

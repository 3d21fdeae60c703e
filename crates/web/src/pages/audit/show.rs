//! `/audit`: who did what, when, and whether the record is whole.

use std::collections::BTreeMap;

use app::audit::{AuditVerdict, list_audit, name_targets, verify_audit};
use app::people::Names;
use app::ports::{AuditRow, Cursor, PageRequest};
use askama::Template;
use axum::extract::State;
use axum::response::Response;
use domain::kernel::{Instant, TeamId};
use domain::people::Owner;
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
/// Fields that hold one of a few words of ours, as programs write them.
const CHOICES: [&str; 3] = ["decision", "kind", "way"];

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
    /// Its id, where the target is a name.
    id: Option<String>,
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

fn address(path: &str, query: &str) -> String {
    match query {
        "" => path.to_owned(),
        query => format!("{path}?{query}"),
    }
}

/// What rows are told with: names in the place of ids, times on the reader's clock.
struct Told<'a> {
    names: &'a Names,
    called: &'a BTreeMap<String, String>,
    reader: &'a Reader,
}

impl Told<'_> {
    fn row(&self, row: &AuditRow) -> Row {
        let entry = &row.entry;
        let target = plain(&entry.target, NAME_CHARS);
        // What is gone is called as it was when this was done to it.
        let was = || entry.details.get("name").and_then(Value::as_str);
        let name = self.name(&entry.target);
        let name = name.or_else(|| was().map(str::to_owned));
        Row {
            number: row.number,
            at: self.reader.when(entry.at),
            actor: plain(&self.names.actor(&entry.actor), NAME_CHARS),
            action: plain(&entry.action, NAME_CHARS),
            id: name.is_some().then(|| target.clone()),
            target: name.map_or(target, |name| plain(&name, NAME_CHARS)),
            details: plain(&self.words(&entry.details), TEXT_CHARS),
            chained: row.hash.is_some(),
            same_target: address(
                "/audit",
                &Entries::of(&[("target", &entry.target)]).to_query(&[]),
            ),
        }
    }

    /// What something is called; `None` for what has no other name.
    fn name(&self, id: &str) -> Option<String> {
        if let Some(name) = self.called.get(id) {
            return Some(name.clone());
        }
        // A review is of a rule and of a team.
        let last = id.rsplit(':').next().unwrap_or(id);
        let team = TeamId::parse(last).ok().and_then(|id| self.names.team(&id));
        let owner = Owner::parse(last).ok();
        team.or_else(|| owner.and_then(|owner| self.names.owner(&owner)))
    }

    /// Details as people read them: `name: ci-deploy · roles: Admin`. What is empty says
    /// nothing.
    fn words(&self, value: &Value) -> String {
        match value {
            Value::Null => String::new(),
            Value::Bool(on) => if *on { "yes" } else { "no" }.to_owned(),
            Value::String(text) => self.word(text),
            Value::Array(all) => {
                // What holds commas by itself is set apart by more.
                let joint = if all.iter().any(Value::is_object) {
                    "; "
                } else {
                    ", "
                };
                let all: Vec<String> = all.iter().map(|value| self.words(value)).collect();
                all.join(joint)
            }
            // Of somebody's way in, only what it was is worth a word.
            Value::Object(fields) if fields.len() == 1 && fields.contains_key("by") => {
                fields.values().map(|value| self.words(value)).collect()
            }
            Value::Object(fields) => {
                let said = fields.iter().map(|(name, value)| {
                    let text = self.words(value);
                    match CHOICES.contains(&name.as_str()) {
                        true => (name, text.replace('_', " ")),
                        false => (name, text),
                    }
                });
                let said = said.filter(|(_, text)| !text.is_empty());
                let said: Vec<String> = said
                    .map(|(name, text)| format!("{}: {text}", name.replace('_', " ")))
                    .collect();
                said.join(" · ")
            }
            other => other.to_string(),
        }
    }

    fn word(&self, text: &str) -> String {
        match Instant::parse(text) {
            Ok(at) => self.reader.when(at).words().to_owned(),
            Err(_) => self.name(text).unwrap_or_else(|| {
                let address = text.strip_prefix("address:");
                address.unwrap_or(text).to_owned()
            }),
        }
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
                "All {rows} rows follow one another; {} linked within moments.",
                match found.unchained {
                    1 => "the latest one is".to_owned(),
                    n => format!("the latest {} are", thousands(n)),
                }
            ),
            None if found.rows == 1 => "The one row stands as it was written.".to_owned(),
            None => format!("All {rows} rows follow one another."),
        };
        Self {
            sound: found.first_bad.is_none(),
            words,
            tip: found.tip,
        }
    }
}

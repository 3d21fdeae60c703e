//! `/policies`: in the order in which they are asked, and a dry run: who would have heard?
//!
//! Policies stand in the configuration; this page changes none. A dry run is an address,
//! so that it can be passed on.

use app::people::Names;
use app::policies::{DryRun, dry_run, list_policies};
use app::sweep::Foreseen;
use askama::Template;
use axum::extract::State;
use axum::response::Response;
use domain::expiry::Policy;
use domain::kernel::Span;
use http::StatusCode;

use super::words::{MATCHER, admins, candidate, hearers, matcher_words, steps_words};
use crate::entries::Entries;
use crate::guard::SignedIn;
use crate::pages::credential::{capital, notice_words};
use crate::problem::{Problem, render};
use crate::route::{Needs, Route};
use crate::shell::{Place, Shell};
use crate::show::{
    Form, NAME_CHARS, Reader, When, count, length, path_part, place_of, plain, thousands,
};
use crate::state::Web;

/// How far a dry run looks.
const AHEAD: Span = Span::days(90);
/// So many lines of each kind are shown at once, and so many more when asked for.
const LINES_MAX: usize = 25;
const REST_MAX: usize = 500;

pub(crate) fn routes() -> Vec<Route> {
    vec![Route::get("/policies", Needs::Scope("alerts:read"), show)]
}

#[derive(Template)]
#[template(path = "policies/show.html")]
struct Policies {
    shell: Shell,
    policies: Vec<Shown>,
    /// Who hears as an admin.
    admins: String,
    form: Form,
    outcome: Option<Outcome>,
}

struct Shown {
    name: String,
    matches: String,
    steps: String,
    repeats: String,
    hearers: Vec<String>,
}

/// What a candidate would change.
struct Outcome {
    applies: String,
    added: Lines,
    removed: Lines,
}

/// What only one of the two policies says.
struct Lines {
    /// How many notices; several may share a row.
    notices: String,
    rows: Vec<Line>,
    /// What comes later; shown when asked for.
    rest: Vec<Line>,
    /// So many more are left out.
    more: usize,
}

struct Line {
    at: domain::kernel::Instant,
    when: When,
    href: String,
    name: String,
    step: String,
    who: String,
}

async fn show(State(web): State<Web>, who: SignedIn, query: Entries) -> Result<Response, Problem> {
    let shell = Shell::load(&web, &who, Place::Policies, "Policies").await?;
    let policies = list_policies(&web.ctx, who.principal())?;
    let names = Names::load(&web.ctx).await?;
    let mut form = Form::again(query.clone());
    let (mut outcome, mut status) = (None, StatusCode::OK);
    if query.is_set("steps") {
        match tried(&web, &who, &query).await {
            Ok(run) => {
                outcome = Some(Outcome::of(&run, &names, &shell.reader));
            }
            Err(error) => {
                status = StatusCode::UNPROCESSABLE_ENTITY;
                form = form.refused(
                    error,
                    &[
                        "steps", MATCHER[0], MATCHER[1], MATCHER[2], MATCHER[3], MATCHER[4],
                        "policy",
                    ],
                )?;
            }
        }
    }
    let admins = admins(&web.ctx, &names);
    let others = policies.len() > 1;
    let shown = policies.iter().map(|p| Shown::of(p, others, &admins));
    let page = Policies {
        policies: shown.collect(),
        admins,
        form,
        outcome,
        shell,
    };
    Ok(render(status, &page))
}

async fn tried(web: &Web, who: &SignedIn, query: &Entries) -> Result<DryRun, app::AppError> {
    let draft = candidate(query)?;
    // Without a condition it is the default that is tried.
    let name = if draft.matches.is_none() {
        "default"
    } else {
        "tried"
    };
    let run = dry_run(&web.ctx, who.principal(), name, &draft, AHEAD).await;
    run.map_err(|error| match error {
        app::AppError::Invalid {
            field: "policy",
            problem,
        } => app::AppError::invalid("steps", problem),
        other => other,
    })
}

impl Shown {
    /// `others`: whether there are any beside it.
    fn of(policy: &Policy, others: bool, admins: &str) -> Self {
        Self {
            name: plain(&policy.name, NAME_CHARS),
            matches: match others && policy.matches.conditions() == 0 {
                true => "everything else".to_owned(),
                false => matcher_words(&policy.matches),
            },
            steps: steps_words(policy),
            repeats: format!(
                "every {} from {} before the end on",
                length(policy.backoff).trim_start_matches("1 "),
                length(policy.repeat_from)
            ),
            hearers: hearers(policy, admins),
        }
    }
}

impl Outcome {
    fn of(run: &DryRun, names: &Names, reader: &Reader) -> Self {
        let then = run.forecast.notices.len();
        let now = (then + run.removed.len()).saturating_sub(run.added.len());
        let (added, removed) = (run.added.len() as u64, run.removed.len() as u64);
        Self {
            applies: format!(
                "It would apply to {} now. In the next 90 days {} would go out, in place of {}: {} in addition, {} no longer.",
                count(run.applies_to, "credential"),
                count(then as u64, "notice"),
                thousands(now as u64),
                thousands(added),
                thousands(removed),
            ),
            added: lines(&run.added, names, reader),
            removed: lines(&run.removed, names, reader),
        }
    }
}

/// Whoever hears the same at the same time stands on one line.
fn lines(all: &[Foreseen], names: &Names, reader: &Reader) -> Lines {
    let mut rows: Vec<Line> = Vec::new();
    let mut each: Vec<Line> = all.iter().map(|n| line(n, names, reader)).collect();
    each.sort_by_cached_key(|line| {
        let words = [&line.name, &line.href, &line.step, &line.who].map(|text| place_of(text));
        (line.at, words)
    });
    for line in each {
        match rows.last_mut() {
            Some(last) if last.is_with(&line) => last.who = format!("{}, {}", last.who, line.who),
            _ => rows.push(line),
        }
    }
    let mut rest = rows.split_off(rows.len().min(LINES_MAX));
    let more = rest.len().saturating_sub(REST_MAX);
    rest.truncate(REST_MAX);
    Lines {
        notices: count(all.len() as u64, "notice"),
        rows,
        rest,
        more,
    }
}

impl Line {
    fn is_with(&self, other: &Self) -> bool {
        (self.at, &self.href, &self.step) == (other.at, &other.href, &other.step)
    }
}

fn line(notice: &Foreseen, names: &Names, reader: &Reader) -> Line {
    Line {
        at: notice.at,
        when: reader.when(notice.at),
        href: format!("/credentials/{}", path_part(notice.credential.as_str())),
        name: plain(&notice.name, NAME_CHARS),
        step: capital(&notice_words(notice)),
        who: plain(&names.recipient(&notice.recipient), NAME_CHARS),
    }
}

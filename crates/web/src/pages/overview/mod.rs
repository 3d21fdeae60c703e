//! `/`: for a stranger, what this server is; for who may see all, what ends next; for
//! everybody else, their own page.

mod heat;
mod timeline;

use app::channels::list_channels;
use app::credentials::list_standings;
use app::overview::{Overview, overview};
use app::people::Names;
use app::ports::{Condition, CredentialFilter, CredentialSort, PageRequest};
use app::sources::list_sources;
use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse as _, Redirect, Response};
use domain::inventory::State as Standing;
use domain::kernel::Span;
use http::StatusCode;

use super::credentials::{Row, SAID};
use crate::entries::Entries;
use crate::guard::SignedIn;
use crate::problem::{Problem, render};
use crate::route::{Needs, Route};
use crate::shell::{Place, Shell};
use crate::show::{count, thousands};
use crate::state::Web;
use heat::Heat;
use timeline::Timeline;

/// So many ends are looked at for the timeline.
const ENDS: u32 = 60;
/// So many rows stand below it.
const ROWS: usize = 15;

pub(crate) fn routes() -> Vec<Route> {
    vec![Route::get("/", Needs::Nothing, show)]
}

#[derive(Template)]
#[template(path = "front.html")]
struct Front;

#[derive(Template)]
#[template(path = "overview.html")]
struct OverviewPage {
    shell: Shell,
    lead: String,
    may_generate: bool,
    is_empty: bool,
    counts: [Count; 4],
    needs: Vec<Need>,
    timeline: Timeline,
    heat: Heat,
    rows: Vec<Row>,
    back: String,
}

/// How many end how soon.
struct Count {
    class: &'static str,
    number: String,
    words: &'static str,
    href: &'static str,
}

/// Something that needs somebody, or does not.
struct Need {
    class: &'static str,
    number: String,
    words: &'static str,
    href: &'static str,
    more: String,
}

async fn show(
    State(web): State<Web>,
    who: Option<SignedIn>,
    query: Entries,
) -> Result<Response, Problem> {
    let Some(who) = who else {
        return Ok(render(StatusCode::OK, &Front));
    };
    if !who.principal().holds("credentials:read") {
        return Ok(Redirect::to("/mine").into_response());
    }
    let shell = Shell::load(&web, &who, Place::Overview, "Overview").await?;
    let heat = heat::Range::around(&shell.reader);
    let figures = overview(&web.ctx, who.principal(), heat.days(), heat.ahead).await?;
    let names = Names::load(&web.ctx).await?;
    let found = soonest(&web, &who).await?;
    let timeline = Timeline::draw(&found, &shell.reader);
    let soon = found.iter().filter(|s| {
        let end = s.item.credential.expires_at();
        end.is_some_and(|end| shell.reader.now.until(end) <= Span::days(7))
    });
    let rows = soon.take(ROWS).map(|s| Row::of(s, &names, &shell.reader));
    let page = OverviewPage {
        lead: lead(&figures),
        may_generate: who.principal().holds("tokens:issue"),
        is_empty: figures.living == 0 && figures.past == 0,
        counts: counts(&figures),
        needs: needs(&web, &who, &figures).await?,
        timeline,
        heat: Heat::draw(&heat, &figures.days),
        rows: rows.collect(),
        back: "/".to_owned(),
        shell: shell.said(query.some("said").as_deref(), SAID),
    };
    Ok(render(StatusCode::OK, &page))
}

/// What ends soonest.
async fn soonest(web: &Web, who: &SignedIn) -> Result<Vec<app::credentials::Standing>, Problem> {
    let filter = CredentialFilter {
        states: vec![Standing::Active],
        expires_after: Some(web.ctx.now()),
        sort: CredentialSort::ExpiresAt,
        ..CredentialFilter::default()
    };
    let page = PageRequest {
        limit: ENDS,
        after: None,
    };
    let found = list_standings(&web.ctx, who.principal(), filter, &page).await?;
    Ok(found.items)
}

fn lead(figures: &Overview) -> String {
    let living = count(figures.living, "credential");
    let week = match figures.in_a_week {
        0 => "none ends within 7 days".to_owned(),
        1 => "1 ends within 7 days".to_owned(),
        n => format!("{} end within 7 days", thousands(n)),
    };
    format!("{living}, {week}")
}

fn counts(figures: &Overview) -> [Count; 4] {
    let one = |class, number: u64, words, href| Count {
        class: if number == 0 { "none" } else { class },
        number: thousands(number),
        words,
        href,
    };
    [
        one(
            "past",
            figures.past,
            "ended in the last 7 days",
            "/credentials?view=ended",
        ),
        one(
            "crit",
            figures.in_a_day,
            "within a day",
            "/credentials?expires_within=1d",
        ),
        one(
            "warn",
            figures.in_a_week,
            "within 7 days",
            "/credentials?expires_within=7d",
        ),
        one(
            "later",
            figures.in_a_month,
            "within 30 days",
            "/credentials?expires_within=30d",
        ),
    ]
}

async fn needs(web: &Web, who: &SignedIn, figures: &Overview) -> Result<Vec<Need>, Problem> {
    let mut needs = vec![
        Need::of(
            figures.orphans,
            "without an owner",
            "/credentials?orphaned=true",
            "whoever owned them left, or nobody ever did",
            "everything has somebody who answers",
        ),
        Need::of(
            figures.unheard,
            "nobody would hear of",
            "/alerts?kind=unheard",
            "no way leads to anybody who must hear",
            "every end reaches a person",
        ),
    ];
    needs.extend(routine(figures));
    if who.principal().holds("sources:read") {
        let sources = list_sources(&web.ctx, who.principal()).await?;
        let total = sources.len();
        let blind = sources
            .into_iter()
            .filter(|s| !matches!(s.state.condition(), Condition::Ok | Condition::New));
        let blind: Vec<String> = blind.map(|s| s.state.id.to_string()).collect();
        let calm = format!("{} read as they should be", count(total as u64, "source"));
        needs.push(Need::of(
            blind.len() as u64,
            "blind sources",
            "/sources",
            &blind.join(", "),
            &calm,
        ));
    }
    if who.principal().holds("channels:read") {
        let channels = list_channels(&web.ctx, who.principal()).await?;
        let total = channels.len();
        let sick = channels.into_iter().filter(|c| c.failing.is_some());
        let sick: Vec<String> = sick.map(|c| c.id.to_string()).collect();
        if total == 0 {
            needs.push(Need {
                class: "crit",
                number: "0".to_owned(),
                words: "channels",
                href: "/channels",
                more: "there is no way out: nobody is told of anything".to_owned(),
            });
            return Ok(needs);
        }
        let calm = format!("{} without trouble", count(total as u64, "channel"));
        needs.push(Need::of(
            sick.len() as u64,
            "sick channels",
            "/channels",
            &sick.join(", "),
            &calm,
        ));
    }
    Ok(needs)
}

/// What is done every so often; said only where it was not.
fn routine(figures: &Overview) -> impl Iterator<Item = Need> {
    let silent = Need::of(
        figures.silent,
        "silent integrations",
        "/monitors",
        "no longer reports in, or said that a run failed",
        "",
    );
    let reviews = Need {
        class: "warn",
        ..Need::of(
            figures.reviews,
            "reviews under way",
            "/reviews",
            "teams look through what they answer for",
            "",
        )
    };
    let some = [(figures.silent, silent), (figures.reviews, reviews)];
    some.into_iter()
        .filter(|(n, _)| *n > 0)
        .map(|(_, need)| need)
}

/// The same of one alone.
fn of_one(words: &'static str) -> &'static str {
    match words {
        "silent integrations" => "silent integration",
        "reviews under way" => "review under way",
        "blind sources" => "blind source",
        "sick channels" => "sick channel",
        other => other,
    }
}

impl Need {
    fn of(number: u64, words: &'static str, href: &'static str, trouble: &str, calm: &str) -> Self {
        Self {
            class: if number == 0 { "ok" } else { "crit" },
            number: thousands(number),
            words: if number == 1 { of_one(words) } else { words },
            href,
            more: if number == 0 { calm } else { trouble }.to_owned(),
        }
    }
}

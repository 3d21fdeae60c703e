//! `/mine`: what one answers for, and what one will hear. The first page of those who may
//! not see everything.

use app::Principal;
use app::alerts::count_alerts;
use app::credentials::list_standings;
use app::people::Names;
use app::ports::{AlertFilter, CredentialFilter, CredentialSort, Cursor, PageRequest};
use app::reviews::list_reviews;
use app::sweep::{Foreseen, forecast};
use askama::Template;
use axum::extract::State;
use axum::response::Response;
use domain::access::Grant;
use domain::expiry::{AlertState, Step};
use domain::inventory::State as Standing;
use domain::kernel::Span;
use domain::people::{Owner, Recipient};
use http::StatusCode;

use super::credential::{capital, notice_words};
use super::credentials::{Row, SAID};
use crate::entries::Entries;
use crate::guard::SignedIn;
use crate::problem::{Problem, render};
use crate::route::{Needs, Route};
use crate::shell::{Place, Shell};
use crate::show::{NAME_CHARS, Reader, When, path_part, plain, thousands};
use crate::state::Web;

const ROWS: u32 = 50;
/// So far one looks ahead.
const AHEAD: Span = Span::days(90);
/// So many notices are shown.
const NOTICES: usize = 100;

pub(crate) fn routes() -> Vec<Route> {
    vec![
        Route::get("/mine", Needs::Session, mine),
        Route::get("/mine/notifications", Needs::Session, notifications),
    ]
}

#[derive(Template)]
#[template(path = "mine.html")]
struct MinePage {
    shell: Shell,
    needs: Vec<Need>,
    rows: Vec<Row>,
    may_generate: bool,
    back: String,
    next: Option<String>,
}

/// Something of one's own that waits.
struct Need {
    class: &'static str,
    number: String,
    words: String,
    href: String,
}

#[derive(Template)]
#[template(path = "notifications.html")]
struct NotificationsPage {
    shell: Shell,
    address: Option<String>,
    bounced: bool,
    rows: Vec<Told>,
    /// Whether something is told that is repeated for as long as it is.
    said_again: bool,
    more: bool,
}

/// Something one will be told.
struct Told {
    at: When,
    id: String,
    name: String,
    step: String,
    channel: Option<String>,
    reason: String,
}

/// Of what one may see, only what is one's own or of one's teams: as if one held no scope.
pub(super) fn close(who: &SignedIn) -> Principal {
    Principal {
        grant: Grant::NONE.into(),
        ..who.principal().clone()
    }
}

async fn mine(State(web): State<Web>, who: SignedIn, query: Entries) -> Result<Response, Problem> {
    let shell = Shell::load(&web, &who, Place::Mine, "Yours").await?;
    let filter = CredentialFilter {
        states: vec![Standing::Active, Standing::Suspended, Standing::UnknownEnd],
        sort: CredentialSort::ExpiresAt,
        ..CredentialFilter::default()
    };
    let page = PageRequest {
        limit: ROWS,
        after: query.some("after").map(Cursor),
    };
    let found = list_standings(&web.ctx, &close(&who), filter, &page).await?;
    let names = Names::load(&web.ctx).await?;
    let rows = found
        .items
        .iter()
        .map(|s| Row::of(s, &names, &shell.reader));
    let next = found.next.map(|cursor| {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        format!("/mine?{}", query.append_pair("after", &cursor.0).finish())
    });
    let page = MinePage {
        needs: needs(&web, &close(&who)).await?,
        rows: rows.collect(),
        may_generate: who.principal().holds("tokens:issue"),
        back: "/mine".to_owned(),
        next,
        shell: shell.said(query.some("said").as_deref(), SAID),
    };
    Ok(render(StatusCode::OK, &page))
}

/// Open alerts about what is one's own or of one's teams, and reviews of these teams.
async fn needs(web: &Web, own: &Principal) -> Result<Vec<Need>, Problem> {
    let mut needs = Vec::new();
    let filter = AlertFilter {
        states: vec![AlertState::Open],
        ..AlertFilter::default()
    };
    let open = count_alerts(&web.ctx, own, filter).await?;
    if open > 0 {
        needs.push(Need {
            class: "crit",
            number: thousands(open),
            words: match open {
                1 => "open alert about what you or your teams answer for".to_owned(),
                _ => "open alerts about what you or your teams answer for".to_owned(),
            },
            href: "/alerts?state=open&whose=mine".to_owned(),
        });
    }
    let reviews = list_reviews(&web.ctx, own).await?;
    let waiting = reviews.into_iter().filter(|review| review.waiting > 0);
    needs.extend(waiting.map(|review| Need {
        class: "warn",
        number: thousands(review.waiting),
        words: format!(
            "of {} to be decided in a review",
            plain(&review.team_name, NAME_CHARS)
        ),
        href: format!("/reviews/{}", path_part(&review.id)),
    }));
    Ok(needs)
}

async fn notifications(State(web): State<Web>, who: SignedIn) -> Result<Response, Problem> {
    let shell = Shell::load(&web, &who, Place::Notifications, "Your notices").await?;
    let mut told = forecast(&web.ctx, &close(&who), AHEAD).await?;
    told.keep_first_words();
    let names = Names::load(&web.ctx).await?;
    let person = &who.visitor.person;
    let hears = |notice: &&Foreseen| match &notice.recipient {
        Recipient::Person(id) => *id == person.id,
        Recipient::Address(email) => Some(email) == person.email.as_ref(),
        Recipient::Team(team) => names.belongs(&Owner::Person(person.id.clone()), team),
        Recipient::Channel(_) => false,
    };
    let mut heard = told.notices.iter().filter(hears);
    let said_again = heard.any(|n| n.step == Step::Now);
    let mut own = told.notices.iter().filter(hears);
    let rows = own.by_ref().take(NOTICES).map(|n| row(n, &shell.reader));
    let page = NotificationsPage {
        rows: rows.collect(),
        more: own.next().is_some(),
        said_again,
        address: person.email.as_ref().map(ToString::to_string),
        bounced: person.bounced_at.is_some(),
        shell,
    };
    Ok(render(StatusCode::OK, &page))
}

fn row(notice: &Foreseen, reader: &Reader) -> Told {
    Told {
        at: reader.when(notice.at),
        id: path_part(notice.credential.as_str()),
        name: plain(&notice.name, NAME_CHARS),
        step: capital(&notice_words(notice)),
        channel: notice.channel.as_ref().map(ToString::to_string),
        reason: why_you(&notice.reason),
    }
}

/// Why somebody hears, said to themselves.
fn why_you(reason: &str) -> String {
    let words = match reason {
        "owner" => "you own it",
        "answers for it together with the owner" | "the team answers for them" => {
            "your team answers for it"
        }
        "answers for the service account" => "your team answers for its service account",
        "nobody who can act owns it" => "it has no owner who can act",
        "nobody owns it" => "it has no owner",
        "asked to hear" => "you asked to hear",
        "administrator" => "you are an administrator",
        "can assign an owner" => "you can assign an owner",
        "named by the policy" | "the policy names them for this step" => "the policy names you",
        "was told before" => "you were told before",
        other => return plain(other, NAME_CHARS),
    };
    words.to_owned()
}

//! `/channels`: the ways out, the sick ones first, and a test on the very path that
//! warnings take.

use app::channels::{ChannelItem, list_channels};
use app::deliver::test_channel;
use askama::Template;
use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use domain::kernel::ChannelId;
use http::StatusCode;

use crate::entries::Entries;
use crate::guard::SignedIn;
use crate::problem::{Problem, render};
use crate::route::{Needs, Route};
use crate::shell::{Place, Shell};
use crate::show::{Form, NAME_CHARS, Reader, path_part, plain};
use crate::state::Web;

/// What went wrong is cut at so many characters.
const TEXT_CHARS: usize = 400;

pub(crate) fn routes() -> Vec<Route> {
    vec![
        Route::get("/channels", Needs::Scope("channels:read"), show),
        Route::post("/channels/{id}/test", Needs::Scope("channels:write"), test).takes(&["to"]),
    ]
}

const SAID: &[(&str, &str)] = &[(
    "sent",
    "A test is on its way. If it does not arrive within minutes, this page says why.",
)];

#[derive(Template)]
#[template(path = "channels.html")]
struct ChannelsPage {
    shell: Shell,
    form: Form,
    rows: Vec<Row>,
    may: bool,
    reach: bool,
}

struct Row {
    id: String,
    name: String,
    kind: String,
    class: &'static str,
    state: &'static str,
    why: Option<String>,
    whom: &'static str,
    asks: bool,
}

async fn show(State(web): State<Web>, who: SignedIn, query: Entries) -> Result<Response, Problem> {
    let said = query.some("said");
    page(&web, &who, StatusCode::OK, Form::default(), said.as_deref()).await
}

async fn page(
    web: &Web,
    who: &SignedIn,
    status: StatusCode,
    form: Form,
    said: Option<&str>,
) -> Result<Response, Problem> {
    let shell = Shell::load(web, who, Place::Channels, "Channels").await?;
    let mut channels = list_channels(&web.ctx, who.principal()).await?;
    channels.sort_by_key(|c| (c.failing.is_none(), c.id.clone()));
    let page = ChannelsPage {
        reach: channels.iter().any(|c| c.reaches_persons),
        rows: channels.iter().map(|c| row(c, &shell.reader)).collect(),
        form,
        may: who.principal().holds("channels:write"),
        shell: shell.said(said, SAID),
    };
    Ok(render(status, &page))
}

fn row(channel: &ChannelItem, reader: &Reader) -> Row {
    let why = channel.failing.as_ref().map(|(since, why)| match since {
        Some(at) => format!(
            "Nothing could be delivered since {}: {why}",
            reader.day(*at)
        ),
        None => format!("Nothing can be delivered: {why}"),
    });
    let (class, state) = match (channel.is_broken, &why) {
        (true, _) => ("crit", "broken"),
        (false, Some(_)) => ("crit", "failing"),
        (false, None) => ("ok", "delivers"),
    };
    Row {
        id: path_part(channel.id.as_str()),
        name: plain(channel.id.as_str(), NAME_CHARS),
        kind: plain(&channel.kind, NAME_CHARS),
        class,
        state,
        why: why.map(|text| plain(&text, TEXT_CHARS)),
        whom: match (channel.is_shared, channel.reaches_persons) {
            (true, true) => "a room in which people read",
            (true, false) => "a machine",
            (false, true) => "each person by themselves",
            (false, false) => "nobody: it keeps what it is given",
        },
        asks: !channel.is_shared,
    }
}

async fn test(
    State(web): State<Web>,
    who: SignedIn,
    Path(id): Path<String>,
    entries: Entries,
) -> Result<Response, Problem> {
    let unknown = |_| Problem::from(app::AppError::not_found("this channel"));
    let channel = ChannelId::parse(id).map_err(unknown)?;
    let to = entries.some("to");
    match test_channel(&web.ctx, who.principal(), &channel, to.as_deref()).await {
        Ok(_) => Ok(Redirect::to("/channels?said=sent").into_response()),
        Err(error) => {
            let form = Form::again(entries).refused(error, &["to"])?;
            page(&web, &who, StatusCode::UNPROCESSABLE_ENTITY, form, None).await
        }
    }
}

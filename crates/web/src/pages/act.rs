//! Where the links in messages lead: how to act on an alert.
//!
//! Shows nothing but what the link itself holds, so it needs no sign-in, and reading it
//! changes nothing: mail scanners follow every link.

use app::Context;
use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use domain::kernel::AlertId;
use http::StatusCode;

use crate::problem::render;
use crate::route::{Needs, Route};
use crate::state::Web;

pub(crate) fn routes() -> Vec<Route> {
    vec![
        Route::get("/alerts", Needs::Nothing, alerts),
        Route::get("/alerts/{id}", Needs::Nothing, alert),
    ]
}

#[derive(Template)]
#[template(path = "act.html")]
struct Act {
    noun: &'static str,
    id: String,
    public_url: String,
    commands: Vec<String>,
}

/// `GET /alerts/{id}`
async fn alert(State(web): State<Web>, Path(id): Path<String>) -> Response {
    // What is no id of ours is not repeated.
    let id = AlertId::parse(id).map_or_else(|_| "ID".to_owned(), String::from);
    let commands = ["ack", "let-lapse"].map(|verb| format!("alert {verb} {id}"));
    show(&web.ctx, "Alert", id, commands.to_vec())
}

/// `GET /alerts`
async fn alerts(State(web): State<Web>) -> Response {
    let commands = vec!["alert list".to_owned(), "forecast".to_owned()];
    show(
        &web.ctx,
        "Everything that needs attention",
        String::new(),
        commands,
    )
}

fn show(ctx: &Context, noun: &'static str, id: String, commands: Vec<String>) -> Response {
    let public_url = ctx.settings.load().public_url.clone();
    let act = Act {
        noun,
        id,
        public_url,
        commands,
    };
    render(StatusCode::OK, &act)
}

//! Where the links in messages lead: how to act on an alert or a credential.
//!
//! Shows nothing but what the link itself holds, so it needs no sign-in, and reading it
//! changes nothing: mail scanners follow every link.

use std::sync::Arc;

use app::Context;
use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use domain::kernel::{AlertId, CredentialId};
use http::StatusCode;

use crate::page::page;

#[derive(Template)]
#[template(path = "act.html")]
struct Act {
    noun: &'static str,
    id: String,
    public_url: String,
    commands: Vec<String>,
}

/// `GET /alerts/{id}`
pub async fn alert(State(ctx): State<Arc<Context>>, Path(id): Path<String>) -> Response {
    // What is no id of ours is not repeated.
    let id = AlertId::parse(id).map_or_else(|_| "ID".to_owned(), String::from);
    let commands = ["ack", "let-lapse"].map(|verb| format!("alert {verb} {id}"));
    show(&ctx, "Alert", id, commands.to_vec())
}

/// `GET /credentials/{id}`
pub async fn credential(State(ctx): State<Arc<Context>>, Path(id): Path<String>) -> Response {
    let id = CredentialId::parse(id).map_or_else(|_| "ID".to_owned(), String::from);
    let commands = vec![
        format!("credential show {id}"),
        format!("credential assign {id} --owner ADDRESS"),
    ];
    show(&ctx, "Credential", id, commands)
}

/// `GET /alerts`
pub async fn alerts(State(ctx): State<Arc<Context>>) -> Response {
    let commands = vec!["alert list".to_owned(), "forecast".to_owned()];
    show(
        &ctx,
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
    page(StatusCode::OK, &act)
}

//! Pages for a person with a browser: the set-up, and a first page that says where one is.
//!
//! Server-rendered, without scripts, nothing from elsewhere. Reading a page never
//! changes anything. Sees use cases, never a store.

mod act;
mod front;
mod harden;
mod page;
mod setup;

use std::sync::Arc;

use app::Context;
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::from_fn_with_state;
use axum::routing::get;

/// The most bytes of a form.
const FORM_BYTES_MAX: usize = 16 * 1024;

/// All pages. Has no fallback of its own: unknown paths are answered by the router it is
/// merged with.
pub fn router(ctx: Arc<Context>) -> Router {
    Router::new()
        .route("/", get(front::show))
        .route("/style.css", get(page::style))
        .route("/alerts", get(act::alerts))
        .route("/alerts/{id}", get(act::alert))
        .route("/credentials/{id}", get(act::credential))
        .route("/setup/{code}", get(setup::show).post(setup::finish))
        .layer(DefaultBodyLimit::max(FORM_BYTES_MAX))
        .layer(from_fn_with_state(Arc::clone(&ctx), harden::harden))
        .with_state(ctx)
}

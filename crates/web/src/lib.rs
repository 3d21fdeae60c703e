//! Pages for a person with a browser.
//!
//! Server-rendered: everything works without scripts, and nothing comes from elsewhere.
//! Reading a page never changes anything. Sees use cases, never a store; who is signed in
//! asks them with the same kind of principal as a token does.

mod assets;
mod attempts;
mod cookies;
mod entries;
mod guard;
mod harden;
mod origin;
mod pages;
mod problem;
mod route;
mod shell;
mod show;
mod state;

use std::collections::BTreeMap;
use std::sync::Arc;

use app::Context;
use axum::Router;
use axum::handler::Handler as _;
use axum::middleware::from_fn_with_state;
use axum::routing::MethodRouter;

pub use route::{Needs, Route};

use guard::{Post, guard, meet};
use problem::Problem;
use state::Web;

/// All pages. Has no fallback of its own: unknown paths are answered by the router it is
/// merged with.
pub fn router(ctx: Arc<Context>) -> Router {
    let web = Web::new(ctx);
    let mut router = Router::new();
    for (path, routes) in by_path() {
        router = router.route(path, served(routes, &web));
    }
    router
        .layer(from_fn_with_state(web.clone(), harden::harden))
        .with_state(web)
}

/// Answers a browser that asks for what is not there: in the shell, with a way on.
pub fn lost(ctx: Arc<Context>) -> Router {
    let web = Web::new(ctx);
    Router::new()
        .fallback(|| async { Problem::no_page() })
        .layer(from_fn_with_state(web.clone(), meet))
        .layer(from_fn_with_state(web, harden::harden))
}

/// Every page there is.
pub fn routes() -> Vec<Route> {
    [assets::routes(), pages::routes()].concat()
}

fn by_path() -> BTreeMap<&'static str, Vec<Route>> {
    let mut paths: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for route in routes() {
        paths.entry(route.path).or_default().push(route);
    }
    paths
}

/// All methods of one path, each behind its guard; by others nothing is done.
fn served(routes: Vec<Route>, web: &Web) -> MethodRouter<Web> {
    let lost = (|| async { Problem::other_method() }).layer(from_fn_with_state(web.clone(), meet));
    routes
        .into_iter()
        .fold(MethodRouter::new(), |methods, route| {
            let before = from_fn_with_state(Post::before(&route, web), guard);
            methods.merge(route.handler.route_layer(before))
        })
        .fallback(lost)
}

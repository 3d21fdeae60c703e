//! The JSON API, forward-auth, metrics and their documentation.
//!
//! Reads requests strictly, asks a use case, writes the answer. Decides nothing: rights
//! are checked by the use cases, time and storage are theirs. Never sees a store.

mod asked;
mod compress;
mod docs;
mod faces;
mod failures;
mod feeds;
mod fence;
mod forwarded;
mod front;
mod guard;
mod live;
mod oauth2;
mod openapi;
mod ping;
mod problem;
mod request;
mod route;
mod scim;
mod state;
mod v1;
mod verify;

use std::collections::BTreeMap;
use std::sync::Arc;

use app::Context;
use axum::Router;
use axum::extract::Request;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::response::{IntoResponse as _, Response};
use axum::routing::MethodRouter;
use http::Method;
use http::header::{ACCEPT, AUTHORIZATION};
use tower::ServiceExt as _;

pub use forwarded::TrustedProxies;
pub use front::{Front, Pages};
pub use guard::EXPIRATION;
pub use openapi::document as openapi;
pub use route::{Needs, Route};
pub use state::{Api, MetricsAccess, Options};

use guard::{Post, guard};
use problem::{Kind, Problem};

/// Everything the API answers, behind the router; [`Front`] stands before it.
pub fn router(ctx: Arc<Context>, options: Options) -> Router {
    routed(Api::new(ctx, options), None)
}

/// `lost` answers somebody with a browser who asks for what is not there.
fn routed(api: Api, lost: Option<Router>) -> Router {
    let mut router = Router::new();
    for (path, routes) in by_path() {
        router = router.route(path, served(&routes, &api));
    }
    router
        .fallback(move |request| unknown_path(lost, request))
        .layer(from_fn(scim::speak))
        .layer(from_fn_with_state(api.clone(), fence::fence))
        .with_state(api)
}

/// Every call there is.
pub fn routes() -> Vec<Route> {
    [
        v1::routes(),
        oauth2::routes(),
        verify::routes(),
        live::routes(),
        ping::routes(),
        feeds::routes(),
        scim::routes(),
    ]
    .concat()
}

fn by_path() -> BTreeMap<&'static str, Vec<Route>> {
    let mut paths: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for route in routes() {
        paths.entry(route.path).or_default().push(route);
    }
    paths
}

/// All methods of one path, each behind its guard; other methods hear 405.
fn served(routes: &[Route], api: &Api) -> MethodRouter<Api> {
    let mut methods = MethodRouter::new();
    for route in routes {
        let post = Post::before(route, api);
        let before = from_fn_with_state(post, guard);
        let handler = route.handler.clone();
        // A call for any method lives in the fallback, which a route layer leaves out.
        let guarded = match route.method {
            Some(_) => handler.route_layer(before),
            None => handler.layer(before),
        };
        methods = methods.merge(guarded);
    }
    if routes.iter().any(|route| route.method.is_none()) {
        return methods;
    }
    let allow = allowed(routes);
    methods.fallback(move || async move {
        Problem::new(Kind::MethodNotAllowed, format!("allowed here: {allow}"))
            .header(http::header::ALLOW, &allow)
    })
}

fn allowed(routes: &[Route]) -> String {
    let methods = routes.iter().filter_map(|route| route.method.as_ref());
    let mut names: Vec<&str> = methods.map(Method::as_str).collect();
    if names.contains(&"GET") {
        names.push("HEAD");
    }
    names.sort_unstable();
    names.join(", ")
}

async fn unknown_path(lost: Option<Router>, request: Request) -> Response {
    if let Some(lost) = lost.filter(|_| is_reader(&request)) {
        let Ok(page) = lost.oneshot(request).await;
        return page;
    }
    let detail = "there is no such path; /docs lists those that exist";
    Problem::new(Kind::NotFound, detail).into_response()
}

/// Whether it is a person with a browser who looks. Programs that present a token never
/// get a page.
fn is_reader(request: &Request) -> bool {
    let headers = request.headers();
    let accepts = headers.get(ACCEPT).and_then(|value| value.to_str().ok());
    let looks = matches!(*request.method(), Method::GET | Method::HEAD);
    looks
        && !headers.contains_key(AUTHORIZATION)
        && accepts.is_some_and(|kinds| kinds.contains("text/html"))
}

//! Stands before the router and answers by itself what other services ask at each of
//! their own requests: is this token good?
//!
//! A router would cost as much as the answer. What is answered here is answered there
//! too, word for word; everything else is handed on.

use std::net::SocketAddr;
use std::sync::Arc;

use app::Context;
use app::tokens::{Proven, token_self};
use axum::body::{Body, HttpBody};
use axum::extract::{ConnectInfo, FromRequest as _, Request};
use axum::response::{IntoResponse as _, Response};
use axum::{BoxError, Router};
use bytes::Bytes;
use domain::kernel::Instant;
use http::{HeaderMap, Method, Uri};
use tower::ServiceExt as _;

use crate::compress::compressed;
use crate::faces::{Face, Faces};
use crate::fence;
use crate::guard::{fenced, prove, took_too_long, with_expiration};
use crate::oauth2::introspection;
use crate::problem::Problem;
use crate::request::Form;
use crate::state::{Api, Options};
use crate::v1::tokens::shown;
use crate::verify;

/// The front door.
#[derive(Clone)]
pub struct Front {
    api: Api,
    router: Router,
    faces: Arc<Faces>,
}

/// The pages beside the API.
#[derive(Clone, Debug, Default)]
pub struct Pages {
    /// Every page.
    pub router: Router,
    /// Answers somebody with a browser who asks for what is not there.
    pub lost: Router,
}

/// What is answered here, in the order of [`crate::asked::CALLS`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Call {
    Own,
    Introspect,
    Verify,
}

impl Call {
    fn of(method: &Method, uri: &Uri) -> Option<Self> {
        match (uri.path(), uri.query()) {
            ("/v1/tokens/self", None) if method == Method::GET => Some(Self::Own),
            ("/oauth2/introspect", None) if method == Method::POST => Some(Self::Introspect),
            ("/auth/verify", _) => Some(Self::Verify),
            _ => None,
        }
    }

    const fn route(self) -> &'static str {
        match self {
            Self::Own => "/v1/tokens/self",
            Self::Introspect => "/oauth2/introspect",
            Self::Verify => "/auth/verify",
        }
    }
}

impl Front {
    /// Before the API and these pages.
    pub fn new(ctx: Arc<Context>, options: Options, pages: Pages) -> Self {
        let api = Api::new(ctx, options);
        Self {
            router: compressed(crate::routed(api.clone(), Some(pages.lost)).merge(pages.router)),
            api,
            faces: Arc::default(),
        }
    }

    /// Answers a request that came over a connection from `peer`.
    pub async fn answer<B>(&self, request: http::Request<B>, peer: SocketAddr) -> Response
    where
        B: HttpBody<Data = Bytes> + Send + 'static,
        B::Error: Into<BoxError>,
    {
        let proxies = &self.api.options.trusted_proxies;
        let (next_door, peer) = (peer, proxies.client(peer, request.headers()));
        let Some(call) = Call::of(request.method(), request.uri()) else {
            let mut request = request.map(Body::new);
            request.extensions_mut().insert(ConnectInfo(peer));
            let Ok(response) = self.router.clone().oneshot(request).await;
            return response;
        };
        let id = fence::request_id(&self.api, request.headers());
        let method = request.method().clone();
        let response = match call {
            Call::Own => self.own(request.headers(), peer).await,
            Call::Introspect => self.introspect(request.map(Body::new), peer).await,
            Call::Verify => {
                // Who asks is a proxy; whom for, only a trusted one can say.
                let client = (peer != next_door).then(|| peer.ip());
                verify::judge(&self.api, request.headers(), request.uri(), client)
            }
        };
        self.api.asked.count(call as usize, response.status());
        fence::around(&self.api, id, &method, call.route(), response)
    }

    async fn own(&self, headers: &HeaderMap, peer: SocketAddr) -> Response {
        let now = self.api.ctx.now();
        let proven = match prove(&self.api, headers, Some(peer.ip()), now) {
            Ok(proven) => proven,
            Err(problem) => return problem.into_response(),
        };
        match self.faces.of(&proven, now) {
            Some(face) => face.reply(now),
            None => {
                let (api, faces) = (self.api.clone(), Arc::clone(&self.faces));
                let patience = self.api.options.patience;
                fenced(meet(api, faces, proven, now), patience).await
            }
        }
    }

    async fn introspect(&self, request: Request, peer: SocketAddr) -> Response {
        let (client, now) = (Some(peer.ip()), self.api.ctx.now());
        let proven = match prove(&self.api, request.headers(), client, now) {
            Ok(proven) => proven,
            Err(problem) => return problem.into_response(),
        };
        let caller = &proven.principal;
        let answer = match caller.grant.holds("introspect") {
            true => self.told(request, &proven).await,
            false => Problem::lacks("introspect").into_response(),
        };
        with_expiration(answer, caller.expires_at)
    }

    async fn told(&self, request: Request, proven: &Proven) -> Response {
        let read = Form::from_request(request, &());
        let form = match tokio::time::timeout(self.api.options.patience, read).await {
            Ok(Ok(form)) => form,
            Ok(Err(problem)) => return problem.into_response(),
            Err(_) => return took_too_long().into_response(),
        };
        let answer = introspection(&self.api, &proven.principal, &form).await;
        answer.into_response()
    }
}

/// Reads the token from the store, and remembers what was shown of it.
async fn meet(api: Api, faces: Arc<Faces>, proven: Proven, now: Instant) -> Response {
    let end = proven.principal.expires_at;
    let item = match token_self(&api.ctx, &proven.principal).await {
        Ok(item) => item,
        Err(error) => return with_expiration(Problem::from(error).into_response(), end),
    };
    let id = item.token.id.clone();
    if let Some(face) = Face::of(item.clone(), &proven, now) {
        faces.keep(id, Arc::new(face));
    }
    with_expiration(shown(&api, item), end)
}

//! One page or action: its path, who may ask for it, which fields its form has.
//!
//! The router, the guard and the authorisation tests are all made from these values, so
//! that none of them can know a page that another does not.

use axum::handler::Handler;
use axum::routing::{MethodFilter, MethodRouter, on};
use http::Method;

use crate::state::Web;

/// Who may ask.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Needs {
    /// Everybody.
    Nothing,
    /// Whoever holds a link that we signed: it stands in the path, so that nobody else can
    /// forge a request. The use case reads who that is.
    Link,
    /// Somebody who is signed in; the use case narrows what they see and do.
    Session,
    /// Somebody who is signed in and holds this scope.
    Scope(&'static str),
}

/// One page or action.
#[derive(Clone)]
pub struct Route {
    /// The method; `GET` answers `HEAD` too.
    pub method: Method,
    /// The path, with `{id}`.
    pub path: &'static str,
    /// Who may ask.
    pub needs: Needs,
    /// The fields of its form; others are refused.
    pub fields: &'static [&'static str],
    pub(crate) handler: MethodRouter<Web>,
}

impl Route {
    /// A page. Asking for it changes nothing.
    pub(crate) fn get<H, T>(path: &'static str, needs: Needs, handler: H) -> Self
    where
        H: Handler<T, Web>,
        T: 'static,
    {
        Self {
            method: Method::GET,
            path,
            needs,
            fields: &[],
            handler: on(MethodFilter::GET, handler),
        }
    }

    /// What a form does.
    pub(crate) fn post<H, T>(path: &'static str, needs: Needs, handler: H) -> Self
    where
        H: Handler<T, Web>,
        T: 'static,
    {
        Self {
            method: Method::POST,
            path,
            needs,
            fields: &[],
            handler: on(MethodFilter::POST, handler),
        }
    }

    /// The fields of its form.
    #[must_use]
    pub(crate) fn takes(mut self, fields: &'static [&'static str]) -> Self {
        self.fields = fields;
        self
    }
}

//! One call of the API: its path, who may make it, what it takes and answers.
//!
//! The router, the guard, the OpenAPI document and the authorisation tests are all made
//! from these values, so that none of them can know a call that another does not.

use axum::handler::Handler;
use axum::routing::{MethodFilter, MethodRouter, on};
use http::{Method, StatusCode};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

use crate::request::Param;
use crate::state::Api;
use crate::v1::Page;

/// Who may make a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Needs {
    /// Everybody.
    Nothing,
    /// Any valid token; the use case narrows what it sees and does.
    Token,
    /// A valid token with this scope.
    Scope(&'static str),
}

/// A schema with its name and the schemas it refers to.
#[derive(Clone)]
pub struct Shape {
    /// How the document names it.
    pub name: String,
    /// What it looks like.
    pub schema: RefOr<Schema>,
    /// What it refers to.
    pub parts: Vec<(String, RefOr<Schema>)>,
}

/// What a call answers when it went well.
#[derive(Clone)]
pub struct Answer {
    /// The status.
    pub status: StatusCode,
    /// The media type.
    pub media_type: &'static str,
    /// Its shape; `None` for bodies that are no JSON, or empty.
    pub shape: Option<Shape>,
}

/// One call of the API.
#[derive(Clone)]
pub struct Route {
    /// The method; `None` for any.
    pub method: Option<Method>,
    /// The path, with `{id}`.
    pub path: &'static str,
    /// Who may make it.
    pub needs: Needs,
    /// In a sentence.
    pub says: &'static str,
    /// The query parameters it knows; others are refused.
    pub params: Vec<Param>,
    /// What it reads.
    pub body: Option<(&'static str, Option<Shape>)>,
    /// What it answers.
    pub answer: Answer,
    /// Whether it may take as long as its body takes to arrive.
    pub is_long: bool,
    /// Whether query parameters that it does not know are left aside, as SCIM asks.
    pub ignores_others: bool,
    pub(crate) handler: MethodRouter<Api>,
}

impl Shape {
    /// The shape of a type.
    pub fn of<T: ToSchema + PartialSchema>() -> Self {
        let mut parts = Vec::new();
        T::schemas(&mut parts);
        Self {
            name: T::name().into_owned(),
            schema: T::schema(),
            parts,
        }
    }
}

impl Route {
    fn new<H, T>(method: Option<Method>, path: &'static str, needs: Needs, handler: H) -> Self
    where
        H: Handler<T, Api>,
        T: 'static,
    {
        let filter = method.clone().and_then(|m| MethodFilter::try_from(m).ok());
        let handler = match filter {
            Some(filter) => on(filter, handler),
            None => axum::routing::any(handler),
        };
        Self {
            method,
            path,
            needs,
            says: "",
            params: Vec::new(),
            body: None,
            answer: Answer {
                status: StatusCode::OK,
                media_type: "application/json",
                shape: None,
            },
            is_long: false,
            ignores_others: false,
            handler,
        }
    }

    /// A read.
    pub fn get<H, T>(path: &'static str, needs: Needs, handler: H) -> Self
    where
        H: Handler<T, Api>,
        T: 'static,
    {
        Self::new(Some(Method::GET), path, needs, handler)
    }

    /// A create or an action.
    pub fn post<H, T>(path: &'static str, needs: Needs, handler: H) -> Self
    where
        H: Handler<T, Api>,
        T: 'static,
    {
        Self::new(Some(Method::POST), path, needs, handler)
    }

    /// A change.
    pub fn patch<H, T>(path: &'static str, needs: Needs, handler: H) -> Self
    where
        H: Handler<T, Api>,
        T: 'static,
    {
        Self::new(Some(Method::PATCH), path, needs, handler)
    }

    /// A replacement.
    pub fn put<H, T>(path: &'static str, needs: Needs, handler: H) -> Self
    where
        H: Handler<T, Api>,
        T: 'static,
    {
        Self::new(Some(Method::PUT), path, needs, handler)
    }

    /// A removal.
    pub fn delete<H, T>(path: &'static str, needs: Needs, handler: H) -> Self
    where
        H: Handler<T, Api>,
        T: 'static,
    {
        Self::new(Some(Method::DELETE), path, needs, handler)
    }

    /// A call that is answered whatever the method.
    pub fn any<H, T>(path: &'static str, needs: Needs, handler: H) -> Self
    where
        H: Handler<T, Api>,
        T: 'static,
    {
        Self::new(None, path, needs, handler)
    }

    /// What it does, in a sentence.
    #[must_use]
    pub fn says(mut self, says: &'static str) -> Self {
        self.says = says;
        self
    }

    /// Knows these query parameters too.
    #[must_use]
    pub fn takes(mut self, params: &[Param]) -> Self {
        self.params.extend_from_slice(params);
        self
    }

    /// Reads a JSON body.
    #[must_use]
    pub fn reads<T: ToSchema + PartialSchema>(mut self) -> Self {
        self.body = Some(("application/json", Some(Shape::of::<T>())));
        self
    }

    /// Reads a body of another type.
    #[must_use]
    pub fn reads_as(mut self, media_type: &'static str) -> Self {
        self.body = Some((media_type, None));
        self
    }

    /// Answers JSON.
    #[must_use]
    pub fn answers<T: ToSchema + PartialSchema>(mut self, status: StatusCode) -> Self {
        self.answer = Answer {
            status,
            media_type: "application/json",
            shape: Some(Shape::of::<T>()),
        };
        self
    }

    /// Answers a page of these.
    #[must_use]
    pub fn lists<T: ToSchema + PartialSchema>(self) -> Self {
        let mut route = self.answers::<Page<T>>(StatusCode::OK);
        let item = Shape::of::<T>();
        if let Some(shape) = &mut route.answer.shape {
            shape.parts.extend(item.parts);
            shape.parts.push((item.name, item.schema));
        }
        route
    }

    /// Answers something that is no JSON; an empty type means no body.
    #[must_use]
    pub fn answers_as(mut self, status: StatusCode, media_type: &'static str) -> Self {
        self.answer = Answer {
            status,
            media_type,
            shape: None,
        };
        self
    }

    /// May take as long as its body takes.
    #[must_use]
    pub fn long(mut self) -> Self {
        self.is_long = true;
        self
    }

    /// Leaves query parameters aside that it does not know.
    #[must_use]
    pub fn ignores_others(mut self) -> Self {
        self.ignores_others = true;
        self
    }
}

//! The one name in a path: an id, or the name of a role.

use axum::extract::{FromRequestParts, Path};
use http::request::Parts;

use crate::problem::{Kind, Problem};

/// The one name in a path, percent-decoded once. Anything that cannot be a name is
/// answered as one that does not exist.
#[derive(Debug)]
pub struct Named(pub String);

impl<S: Send + Sync> FromRequestParts<S> for Named {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        match Path::<String>::from_request_parts(parts, state).await {
            Ok(Path(name)) => Ok(Self(name)),
            Err(_) => Err(Problem::new(
                Kind::NotFound,
                "there is nothing of this name; names are written in UTF-8",
            )),
        }
    }
}

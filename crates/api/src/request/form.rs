//! Reads a form body (`application/x-www-form-urlencoded`), as OAuth endpoints want it.

use std::collections::BTreeMap;

use axum::extract::{FromRequest, Request};

use super::body::{read_limited, require_type};
use super::json::BYTES_MAX;
use crate::problem::Problem;

/// The fields of a form. Unknown ones are ignored, as RFC 6749 §3.2 asks.
#[derive(Debug)]
pub struct Form(BTreeMap<String, String>);

impl Form {
    /// The value of a field that must be there.
    ///
    /// # Errors
    /// 400 `invalid_request`, naming the field.
    pub fn required(&self, name: &str) -> Result<&str, Problem> {
        match self.0.get(name).filter(|value| !value.is_empty()) {
            Some(value) => Ok(value),
            None => Err(refuse(format!("the form lacks the field `{name}`"))),
        }
    }
}

impl<S: Send + Sync> FromRequest<S> for Form {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        let (parts, body) = request.into_parts();
        require_type(&parts.headers, &["application/x-www-form-urlencoded"])?;
        let bytes = read_limited(&parts.headers, body, BYTES_MAX).await?;
        read(&bytes).map(Self)
    }
}

fn read(bytes: &[u8]) -> Result<BTreeMap<String, String>, Problem> {
    let mut fields = BTreeMap::new();
    for (name, value) in url::form_urlencoded::parse(bytes) {
        if name == "access_token" {
            return Err(refuse(
                "send the token that authenticates in the Authorization header only",
            ));
        }
        let shown: String = name.chars().take(64).collect();
        if fields
            .insert(name.into_owned(), value.into_owned())
            .is_some()
        {
            return Err(refuse(format!("the field `{shown}` occurs twice")));
        }
    }
    Ok(fields)
}

fn refuse(detail: impl Into<String>) -> Problem {
    Problem::bad_request(detail).oauth("invalid_request")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// B3: a token in the header and another in the body.
    #[test]
    fn a_second_way_to_authenticate_is_refused() {
        assert!(read(b"token=a&access_token=b").is_err());
        assert!(read(b"token=a&token=b").is_err());
        assert!(read(b"token=a&token_type_hint=x&future=1").is_ok());
    }
}

//! The bearer token of a request: one that stands in the configuration, or one that is
//! fetched.

use app::ports::ConnectorError;
use domain::kernel::Secret;
use http::HeaderValue;

use super::ClientCredentials;
use crate::keys::SecretHandle;

/// Where the bearer token comes from.
#[derive(Debug)]
pub enum Bearer {
    /// It is given; read at each use.
    Given(SecretHandle),
    /// It is fetched by OAuth 2.0 client credentials.
    Fetched(Box<ClientCredentials>),
}

impl Bearer {
    /// The token to send now.
    ///
    /// # Errors
    /// It cannot be read or fetched.
    pub async fn token(&self) -> Result<Secret<String>, ConnectorError> {
        match self {
            Self::Given(handle) => handle.read().map_err(ConnectorError::Unavailable),
            Self::Fetched(credentials) => credentials.token().await,
        }
    }

    /// After a 401: whether another token can be had, so that one more try is worth it.
    pub async fn renew(&self, refused: &Secret<String>) -> bool {
        match self {
            // It may have been rotated on disk in between.
            Self::Given(handle) => handle.read().is_ok_and(|now| now != *refused),
            Self::Fetched(credentials) => {
                credentials.forget(refused).await;
                true
            }
        }
    }
}

/// `Authorization: Bearer …`, marked as one that is not to be printed.
///
/// # Errors
/// The token holds what no header may, such as a line break in the middle.
pub fn authorization(token: &Secret<String>) -> Result<HeaderValue, ConnectorError> {
    let text = Secret::new(format!("Bearer {}", token.expose().trim()));
    let mut value = HeaderValue::from_str(text.expose()).map_err(|_| {
        ConnectorError::Auth("its token holds characters that no header may".to_owned())
    })?;
    value.set_sensitive(true);
    Ok(value)
}

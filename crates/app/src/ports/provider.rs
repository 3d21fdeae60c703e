//! Signing in through the organisation's identity provider.

use async_trait::async_trait;
use domain::kernel::Secret;

/// Vouches for people.
#[async_trait]
pub trait IdentityProvider: Send + Sync {
    /// What people call it: stands on the button.
    fn label(&self) -> &str;

    /// Where to send a browser that shall come back to `redirect`.
    ///
    /// # Errors
    /// It cannot be asked now.
    async fn ask(&self, redirect: &str) -> Result<Asked, ProviderError>;

    /// Whom it vouches for: `state` and `code` are what the browser brought back, `keep`
    /// is what it held meanwhile.
    ///
    /// # Errors
    /// The answer is not one to what was asked, or cannot be checked now.
    async fn answer(
        &self,
        redirect: &str,
        keep: &Secret<String>,
        state: &str,
        code: &Secret<String>,
    ) -> Result<Vouched, ProviderError>;
}

/// A question on its way.
#[derive(Clone, Debug)]
pub struct Asked {
    /// Where the browser goes.
    pub url: String,
    /// What the browser holds meanwhile: letters, digits and dots.
    pub keep: Secret<String>,
}

/// Somebody as the provider vouches for them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Vouched {
    /// Who vouches.
    pub issuer: String,
    /// Its id of the person, which never means somebody else.
    pub subject: String,
    /// An address that the provider has verified.
    pub email: Option<String>,
    /// The name.
    pub name: Option<String>,
    /// The groups they belong to.
    pub groups: Vec<String>,
}

/// Why nobody is vouched for.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProviderError {
    /// Cannot be reached, or answers in no form that is known; worth another try.
    #[error("{0}")]
    Unavailable(String),
    /// The answer is not one to what this browser asked, or is not signed as it must be.
    #[error("{0}")]
    Refused(String),
}

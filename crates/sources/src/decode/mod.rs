//! What do bytes of a well-known form say of a credential: certificates, JSON Web Tokens,
//! key sets, kubeconfigs?
//!
//! Pure functions over bytes that somebody else wrote. They check no signature and trust
//! nothing: they read ends and names, so that an expired or forged thing is read like a
//! good one. What must never happen here: a panic, whatever the bytes are; a private key
//! or a token that leaves the function it was met in; an error that repeats what it read.

mod bundle;
mod certificate;
mod distinguished_name;
mod error;
mod jwks;
mod jwt;
mod kubeconfig;
mod pem;

pub use bundle::{Bundle, bundle, certificate, certificate_value};
pub use certificate::{CertificateFacts, one_certificate};
pub use error::DecodeError;
pub use jwks::{KeyFacts, jwks};
pub use jwt::{Claims, jwt, jwt_value};
pub use kubeconfig::{Kubeconfig, KubeconfigUser, UserProof, kubeconfig};

#[cfg(test)]
mod kube_tests;
#[cfg(test)]
mod tests;

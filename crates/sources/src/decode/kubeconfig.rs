//! How do the users of a kubeconfig prove themselves, and until when?
//!
//! Client authentication as in kubernetes.io/docs/reference/config-api/kubeconfig.v1
//! (read 2026-11-26). Private keys and passwords are not among the fields that are asked
//! for; a token is looked at, told of, and dropped.

use std::path::PathBuf;

use domain::kernel::Secret;
use serde::Deserialize;

use super::bundle::certificate;
use super::jwt::jwt;
use super::{CertificateFacts, Claims, DecodeError, pem};

const NOT_A_KUBECONFIG: DecodeError = DecodeError::NotThis("kubeconfig");

/// What a kubeconfig says of how its users prove themselves and whom it believes.
#[derive(Clone, Debug, PartialEq)]
pub struct Kubeconfig {
    /// Its users, in their order.
    pub users: Vec<KubeconfigUser>,
    /// The authorities that stand in it, each with its cluster's name.
    pub authorities: Vec<(String, Result<CertificateFacts, DecodeError>)>,
}

/// One user.
#[derive(Clone, Debug, PartialEq)]
pub struct KubeconfigUser {
    /// As the file calls it.
    pub name: String,
    /// How it proves itself.
    pub proof: UserProof,
}

/// How a user proves itself.
#[derive(Clone, Debug, PartialEq)]
pub enum UserProof {
    /// By a certificate that stands in the file.
    Certificate(Box<CertificateFacts>),
    /// By one that stands in another file; relative to the kubeconfig's folder.
    CertificateFile(PathBuf),
    /// By a token that says when it ends.
    Token(Box<Claims>),
    /// By a token that says nothing.
    OpaqueToken,
    /// By a token that stands in another file; relative to the kubeconfig's folder.
    TokenFile(PathBuf),
    /// By something that has no end here: a program that fetches a credential each time,
    /// a password, nothing at all.
    Elsewhere(&'static str),
    /// By a certificate that cannot be read.
    Unreadable(DecodeError),
}

#[derive(Deserialize)]
struct File {
    kind: String,
    #[serde(default)]
    users: Option<Vec<NamedUser>>,
    #[serde(default)]
    clusters: Option<Vec<NamedCluster>>,
}

#[derive(Deserialize)]
struct NamedUser {
    name: String,
    #[serde(default)]
    user: Option<User>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
struct User {
    client_certificate_data: Option<String>,
    client_certificate: Option<PathBuf>,
    token: Option<String>,
    #[serde(rename = "tokenFile")]
    token_file: Option<PathBuf>,
    exec: Option<serde::de::IgnoredAny>,
    auth_provider: Option<serde::de::IgnoredAny>,
    username: Option<serde::de::IgnoredAny>,
}

#[derive(Deserialize)]
struct NamedCluster {
    name: String,
    #[serde(default)]
    cluster: Option<Cluster>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Cluster {
    certificate_authority_data: Option<String>,
}

/// What a kubeconfig says, whether it is written as YAML or as JSON.
///
/// # Errors
/// It is no kubeconfig. The parser's own words are dropped, for they quote the file.
pub fn kubeconfig(text: &str) -> Result<Kubeconfig, DecodeError> {
    let file: File = serde_saphyr::from_str(text).map_err(|_| NOT_A_KUBECONFIG)?;
    if file.kind != "Config" {
        return Err(NOT_A_KUBECONFIG);
    }
    let users = file.users.unwrap_or_default().into_iter();
    let clusters = file.clusters.unwrap_or_default().into_iter();
    let authority = |named: NamedCluster| {
        let data = named.cluster?.certificate_authority_data?;
        Some((named.name, embedded(&data)))
    };
    Ok(Kubeconfig {
        users: users.map(user).collect(),
        authorities: clusters.filter_map(authority).collect(),
    })
}

fn user(named: NamedUser) -> KubeconfigUser {
    KubeconfigUser {
        name: named.name,
        proof: proof(named.user.unwrap_or_default()),
    }
}

/// In the order in which the client library lets one win over another: a certificate is
/// shown beside any of the others, so its end matters first.
fn proof(user: User) -> UserProof {
    let token = user.token.filter(|token| !token.is_empty());
    if let Some(data) = user.client_certificate_data.filter(|data| !data.is_empty()) {
        return match embedded(&data) {
            Ok(facts) => UserProof::Certificate(Box::new(facts)),
            Err(error) => UserProof::Unreadable(error),
        };
    }
    if let Some(path) = user.client_certificate {
        return UserProof::CertificateFile(path);
    }
    if let Some(path) = user.token_file {
        return UserProof::TokenFile(path);
    }
    if let Some(token) = token.map(Secret::new) {
        return match jwt(token.expose()) {
            Ok(claims) => UserProof::Token(Box::new(claims)),
            Err(_) => UserProof::OpaqueToken,
        };
    }
    UserProof::Elsewhere(match (user.exec, user.auth_provider, user.username) {
        (Some(_), _, _) => "a program that fetches a credential each time (`exec`)",
        (_, Some(_), _) => "a provider that fetches a credential each time (`auth-provider`)",
        (_, _, Some(_)) => "a password",
        _ => "nothing that stands in the file",
    })
}

/// A certificate in base64: of PEM, as Kubernetes writes it, or of DER.
fn embedded(data: &str) -> Result<CertificateFacts, DecodeError> {
    let bytes = pem::base64(data)
        .ok_or_else(|| DecodeError::damaged("certificate", "its data is no base64"))?;
    certificate(&bytes)
}

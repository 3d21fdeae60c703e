//! Whom do we believe, and how is a stream made secure?
//!
//! Roots come from the platform; where it has none (an empty container) the Mozilla
//! set that is compiled in. A private authority is added by file, never by switching
//! the check off: there is no such switch.

use std::path::Path;
use std::sync::Arc;

use rustls::ClientConfig;
use rustls::client::danger::ServerCertVerifier;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls_platform_verifier::Verifier;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_rustls::TlsConnector;

use crate::error::EgressError;
use crate::identity::{ClientIdentity, FromFiles};
use crate::settings::{Egress, SetupError};

/// A secure stream of a client.
pub type TlsStream<S> = tokio_rustls::client::TlsStream<S>;

/// The one verifier of all peers: the platform's authorities and those of the file.
pub(crate) fn verifier(ca_file: Option<&Path>) -> Result<Arc<dyn ServerCertVerifier>, SetupError> {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let extra = ca_file.map(read_ca_file).transpose()?.unwrap_or_default();
    let verifier = match Verifier::new(Arc::clone(&provider)) {
        Ok(plain) if extra.is_empty() => Ok(plain),
        Ok(_) => Verifier::new_with_extra_roots(extra, Arc::clone(&provider)),
        Err(_) => {
            let built_in = webpki_root_certs::TLS_SERVER_ROOT_CERTS.iter().cloned();
            Verifier::new_with_extra_roots(built_in.chain(extra), Arc::clone(&provider))
        }
    };
    match verifier {
        Ok(verifier) => Ok(Arc::new(verifier)),
        Err(error) => Err(SetupError::Roots(error.to_string())),
    }
}

/// The one TLS configuration of all connections out; offers no protocol by itself.
pub(crate) fn client_config(
    verifier: Arc<dyn ServerCertVerifier>,
    identity: Option<&ClientIdentity>,
) -> Result<ClientConfig, SetupError> {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let builder = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions();
    let builder = builder.map_err(|e| SetupError::Roots(e.to_string()))?;
    // "Dangerous" is the name of the hook; the verifier above is the strict one.
    let builder = builder
        .dangerous()
        .with_custom_certificate_verifier(verifier);
    Ok(match identity {
        None => builder.with_no_client_auth(),
        Some(identity) => {
            builder.with_client_cert_resolver(Arc::new(FromFiles::open(identity, provider)?))
        }
    })
}

fn read_ca_file(path: &Path) -> Result<Vec<CertificateDer<'static>>, SetupError> {
    let unreadable = |reason: String| SetupError::CaFile {
        path: path.to_owned(),
        reason,
    };
    let certificates: Result<Vec<_>, _> = CertificateDer::pem_file_iter(path)
        .map_err(|e| unreadable(e.to_string()))?
        .collect();
    match certificates.map_err(|e| unreadable(e.to_string()))? {
        none if none.is_empty() => Err(unreadable("it holds no PEM certificate".to_owned())),
        certificates => Ok(certificates),
    }
}

impl Egress {
    /// Makes a stream secure, checking the peer's certificate for `host`.
    /// The caller bounds the time.
    ///
    /// # Errors
    /// [`EgressError::Tls`] when the handshake fails.
    pub async fn secure<S>(&self, stream: S, host: &str) -> Result<TlsStream<S>, EgressError>
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        let name = server_name(host)?;
        let connector = TlsConnector::from(Arc::clone(&self.tls));
        connector
            .connect(name, stream)
            .await
            .map_err(|e| EgressError::from_handshake(host, &e))
    }
}

/// Whom a certificate has to be for.
pub(crate) fn server_name(host: &str) -> Result<ServerName<'static>, EgressError> {
    let bare = host
        .trim_start_matches('[')
        .trim_end_matches(']')
        .trim_end_matches('.');
    ServerName::try_from(bare.to_owned()).map_err(|error| EgressError::Tls {
        host: host.to_owned(),
        reason: error.to_string(),
    })
}

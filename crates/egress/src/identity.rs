//! Who are we, when the other side asks? The certificate shown in mutual TLS.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use rustls::SignatureScheme;
use rustls::client::ResolvesClientCert;
use rustls::crypto::CryptoProvider;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::CertifiedKey;

use crate::settings::SetupError;

/// A certificate and its key, as PEM files. They may be one and the same file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientIdentity {
    /// The certificate, then those between it and its authority.
    pub certificate: PathBuf,
    /// Its private key: PKCS#8, SEC 1 or PKCS#1, not encrypted.
    pub key: PathBuf,
}

/// Shows what stands in the files at each handshake: such certificates live for days and
/// are renewed in place.
#[derive(Debug)]
pub(crate) struct FromFiles {
    identity: ClientIdentity,
    provider: Arc<CryptoProvider>,
    /// What was read last; shown while the files are being replaced.
    last: Mutex<Arc<CertifiedKey>>,
}

impl FromFiles {
    pub fn open(
        identity: &ClientIdentity,
        provider: Arc<CryptoProvider>,
    ) -> Result<Self, SetupError> {
        let first = read(identity, &provider)?;
        Ok(Self {
            identity: identity.clone(),
            provider,
            last: Mutex::new(Arc::new(first)),
        })
    }
}

impl ResolvesClientCert for FromFiles {
    fn resolve(&self, _: &[&[u8]], _: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        if let Ok(now) = read(&self.identity, &self.provider) {
            *last = Arc::new(now);
        }
        Some(Arc::clone(&last))
    }

    fn has_certs(&self) -> bool {
        true
    }
}

fn read(identity: &ClientIdentity, provider: &CryptoProvider) -> Result<CertifiedKey, SetupError> {
    let wrong = |path: &Path, reason: String| SetupError::Identity {
        path: path.to_owned(),
        reason,
    };
    let of_certificate = |reason: String| wrong(&identity.certificate, reason);
    let chain: Result<Vec<_>, _> = CertificateDer::pem_file_iter(&identity.certificate)
        .map_err(|e| of_certificate(e.to_string()))?
        .collect();
    let chain = chain.map_err(|e| of_certificate(e.to_string()))?;
    if chain.is_empty() {
        return Err(of_certificate("it holds no PEM certificate".to_owned()));
    }
    let key = PrivateKeyDer::from_pem_file(&identity.key)
        .map_err(|e| wrong(&identity.key, e.to_string()))?;
    CertifiedKey::from_der(chain, key, provider).map_err(|e| wrong(&identity.key, e.to_string()))
}

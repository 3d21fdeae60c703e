//! Whom do we believe on the way to the database?

use std::path::Path;
use std::sync::Arc;

use rustls::ClientConfig;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls_platform_verifier::Verifier;
use tokio_postgres_rustls::MakeRustlsConnect;

/// A connector that checks certificates against the platform's roots and, where one is
/// given, a private authority.
pub(crate) fn connector(root: Option<&Path>) -> Result<MakeRustlsConnect, String> {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let extra = root.map(read).transpose()?.unwrap_or_default();
    let verifier = match extra.is_empty() {
        true => Verifier::new(Arc::clone(&provider)),
        false => Verifier::new_with_extra_roots(extra, Arc::clone(&provider)),
    };
    let verifier = verifier.map_err(|e| e.to_string())?;
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|e| e.to_string())?
        // "Dangerous" is the name of the hook; the verifier above is the strict one.
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier))
        .with_no_client_auth();
    Ok(MakeRustlsConnect::new(config))
}

fn read(path: &Path) -> Result<Vec<CertificateDer<'static>>, String> {
    let unreadable = |e: &dyn std::fmt::Display| format!("{} cannot be read: {e}", path.display());
    let found = CertificateDer::pem_file_iter(path).map_err(|e| unreadable(&e))?;
    let found: Vec<_> = found
        .collect::<Result<_, _>>()
        .map_err(|e| unreadable(&e))?;
    match found.is_empty() {
        true => Err(unreadable(&"it holds no PEM certificate")),
        false => Ok(found),
    }
}

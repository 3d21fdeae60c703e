//! What does a TLS peer show of itself, whether or not it is to be believed?
//!
//! For watching certificates: one that expired yesterday, or is for another name, has to
//! be read all the same. What this must never become is a connection: nothing that was
//! negotiated leaves this file, only the certificates and the verdict of the strict
//! verifier on them. Whoever wants to talk to a peer uses [`Egress::secure`].

use std::sync::{Arc, Mutex, PoisonError};

use rustls::client::Resumption;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{CertificateError, ClientConfig, DigitallySignedStruct, SignatureScheme};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_rustls::TlsConnector;

use crate::error::EgressError;
use crate::settings::Egress;
use crate::tls::server_name;

/// The certificates that a peer showed, and what the strict verifier thinks of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnverifiedChain {
    /// In DER, the peer's own first; at least one. Nothing in them may be trusted.
    pub certificates: Vec<Vec<u8>>,
    /// Whether a real connection would have been made.
    pub verdict: ChainVerdict,
}

/// What the strict verifier thinks of a chain; its first objection.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ChainVerdict {
    /// It holds for this name, now.
    #[error("it is believed")]
    Believed,
    /// It has ended.
    #[error("it has expired")]
    Expired,
    /// It has not begun.
    #[error("it is not valid yet")]
    NotYetValid,
    /// It is for other names.
    #[error("it is for another name")]
    OtherName,
    /// Nobody who is believed signed it, or a certificate between is missing.
    #[error("its issuer is not known, or a certificate between is missing")]
    UnknownIssuer,
    /// Anything else.
    #[error("it is not believed: {0}")]
    Other(String),
}

/// Notes what is shown and lets the handshake go on, so that the peer is left politely.
#[derive(Debug)]
struct Witness {
    strict: Arc<dyn ServerCertVerifier>,
    seen: Mutex<Option<UnverifiedChain>>,
}

impl Witness {
    /// Who shows a chain without its key is not the one it names.
    fn possession(&self, proof: Result<HandshakeSignatureValid, rustls::Error>) {
        let Err(error) = proof else { return };
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(chain) = seen
            .as_mut()
            .filter(|c| c.verdict == ChainVerdict::Believed)
        {
            chain.verdict = ChainVerdict::Other(error.to_string());
        }
    }
}

impl ServerCertVerifier for Witness {
    fn verify_server_cert(
        &self,
        own: &CertificateDer<'_>,
        others: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let verdict = self.strict.verify_server_cert(own, others, name, ocsp, now);
        let all = std::iter::once(own).chain(others);
        let seen = UnverifiedChain {
            certificates: all.map(|certificate| certificate.to_vec()).collect(),
            verdict: verdict.map_or_else(|error| verdict_of(&error), |_| ChainVerdict::Believed),
        };
        *self.seen.lock().unwrap_or_else(PoisonError::into_inner) = Some(seen);
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        own: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.possession(self.strict.verify_tls12_signature(message, own, signed));
        Ok(HandshakeSignatureValid::assertion())
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        own: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.possession(self.strict.verify_tls13_signature(message, own, signed));
        Ok(HandshakeSignatureValid::assertion())
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.strict.supported_verify_schemes()
    }
}

fn verdict_of(error: &rustls::Error) -> ChainVerdict {
    use CertificateError as Why;
    match error {
        rustls::Error::InvalidCertificate(Why::Expired | Why::ExpiredContext { .. }) => {
            ChainVerdict::Expired
        }
        rustls::Error::InvalidCertificate(Why::NotValidYet | Why::NotValidYetContext { .. }) => {
            ChainVerdict::NotYetValid
        }
        rustls::Error::InvalidCertificate(
            Why::NotValidForName | Why::NotValidForNameContext { .. },
        ) => ChainVerdict::OtherName,
        rustls::Error::InvalidCertificate(Why::UnknownIssuer) => ChainVerdict::UnknownIssuer,
        other => ChainVerdict::Other(other.to_string()),
    }
}

impl Egress {
    /// Shakes hands with a peer that nobody believes, to read the certificates it shows
    /// for `name`, and hangs up. No byte of anybody's is sent over the connection.
    /// The caller bounds the time.
    ///
    /// # Errors
    /// [`EgressError::Tls`] when no certificate was shown: it speaks no TLS, or none that
    /// is spoken here (1.2 and 1.3).
    pub async fn read_unverified_chain<S>(
        &self,
        stream: S,
        name: &str,
    ) -> Result<UnverifiedChain, EgressError>
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        let server = server_name(name)?;
        let witness = Arc::new(Witness {
            strict: Arc::clone(&self.verifier),
            seen: Mutex::new(None),
        });
        let connector = TlsConnector::from(Arc::new(unverified(&self.tls, &witness)));
        let shaken = connector.connect(server, stream).await;
        let outcome = match shaken {
            Ok(mut stream) => {
                // A farewell; whether it arrives does not matter.
                let _ = tokio::io::AsyncWriteExt::shutdown(&mut stream).await;
                None
            }
            Err(error) => Some(error),
        };
        let seen = witness
            .seen
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        // A peer that asks for our certificate ends the handshake; its own was shown.
        match (seen, outcome) {
            (Some(seen), _) => Ok(seen),
            (None, Some(error)) => Err(EgressError::from_handshake(name, &error)),
            (None, None) => Err(EgressError::Tls {
                host: name.to_owned(),
                reason: "no certificate was shown".to_owned(),
            }),
        }
    }
}

/// The strict configuration with a witness in the verifier's place, and nothing that is
/// remembered: a resumed session shows no certificate.
fn unverified(strict: &ClientConfig, witness: &Arc<Witness>) -> ClientConfig {
    let mut config = strict.clone();
    let verifier: Arc<dyn ServerCertVerifier> = Arc::<Witness>::clone(witness);
    config.dangerous().set_certificate_verifier(verifier);
    config.resumption = Resumption::disabled();
    config
}

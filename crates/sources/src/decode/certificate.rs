//! What does one certificate say of itself?

use domain::inventory::End;
use domain::kernel::Instant;
use sha2::{Digest as _, Sha256};
use x509_parser::certificate::X509Certificate;
use x509_parser::prelude::FromDer as _;

use super::{DecodeError, distinguished_name};

/// 9999-01-01T00:00:00Z in seconds: from here on an end means "no well-defined end"
/// (RFC 5280, 4.1.2.5, writes it 99991231235959Z).
const YEAR_9999: i64 = 253_370_764_800;

/// What a certificate says of itself. Nothing of it was checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CertificateFacts {
    /// Whom it is for, as RFC 4514 writes names; may be empty.
    pub subject: String,
    /// Who signed it, likewise.
    pub issuer: String,
    /// The common name of the subject, where it has one.
    pub common_name: Option<String>,
    /// The serial number in small hex digits, without a leading zero byte.
    pub serial: String,
    /// SHA-256 of the whole certificate in small hex digits.
    pub fingerprint: String,
    /// From when on it holds.
    pub not_before: Instant,
    /// Until when it holds; [`End::Never`] from the year 9999 on (RFC 5280, 4.1.2.5).
    pub end: End,
    /// DNS names, URIs, addresses and mail addresses it is for, in their order.
    pub names: Vec<String>,
    /// Whether it may sign others (basic constraints).
    pub is_authority: bool,
    /// The earliest end of all certificates that stood with it, where any has one. It is
    /// its own end for one that stands alone.
    pub chain_end: Option<Instant>,
}

impl CertificateFacts {
    /// What people call it: the common name, else the first name it is for, else the
    /// subject, else the serial number. Stays the same when it is renewed, as far as
    /// anything does.
    pub fn called(&self) -> &str {
        let first = self.common_name.as_ref().or(self.names.first());
        match first {
            Some(name) => name,
            None if self.subject.is_empty() => &self.serial,
            None => &self.subject,
        }
    }

    /// The end as an instant, where there is one.
    pub fn expires_at(&self) -> Option<Instant> {
        match self.end {
            End::Known(at) => Some(at),
            End::Never | End::Unknown => None,
        }
    }
}

/// The facts of one certificate in DER; what follows it is not looked at.
///
/// # Errors
/// It is no certificate, or a damaged one.
pub fn one_certificate(der: &[u8]) -> Result<CertificateFacts, DecodeError> {
    let (rest, parsed) = X509Certificate::from_der(der)
        .map_err(|_| DecodeError::damaged("certificate", "it breaks the rules of X.509"))?;
    let own = der.len().saturating_sub(rest.len());
    let own = der.get(..own).unwrap_or(der);
    let validity = parsed.validity();
    let end = end(validity.not_after.timestamp());
    Ok(CertificateFacts {
        subject: distinguished_name::text(parsed.subject()),
        issuer: distinguished_name::text(parsed.issuer()),
        common_name: distinguished_name::common_name(parsed.subject()),
        serial: serial(parsed.raw_serial()),
        fingerprint: hex(&Sha256::digest(own)),
        not_before: seconds(validity.not_before.timestamp()),
        end,
        names: distinguished_name::alternatives(&parsed),
        is_authority: parsed.is_ca(),
        chain_end: match end {
            End::Known(at) => Some(at),
            End::Never | End::Unknown => None,
        },
    })
}

fn end(not_after: i64) -> End {
    match not_after {
        never if never >= YEAR_9999 => End::Never,
        known => End::Known(seconds(known)),
    }
}

fn seconds(seconds: i64) -> Instant {
    Instant::from_micros(seconds.saturating_mul(1_000_000))
}

fn serial(raw: &[u8]) -> String {
    match raw {
        // The zero byte that keeps a number positive.
        [0, rest @ ..] if !rest.is_empty() => hex(rest),
        raw => hex(raw),
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

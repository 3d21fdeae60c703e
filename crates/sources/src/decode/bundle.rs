//! Which certificates does a file hold, and which of them is meant?

use domain::kernel::Instant;
use serde_json::{Value, json};

use super::certificate::one_certificate;
use super::{CertificateFacts, DecodeError, pem};

/// The most certificates that are read from one bundle.
const BUNDLE_MAX: usize = 1000;

/// All certificates of one file, in their order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Bundle {
    /// Those that could be read, at least one.
    pub certificates: Vec<CertificateFacts>,
    /// How many could not.
    pub unreadable: usize,
}

impl Bundle {
    /// The one that the others vouch for: the first that is no authority, else the first.
    /// The order in files is not to be relied on.
    pub fn leaf(&self) -> Option<&CertificateFacts> {
        let leaf = self.certificates.iter().find(|c| !c.is_authority);
        leaf.or(self.certificates.first())
    }
}

/// The certificate of a PEM bundle (the leaf) or of DER.
///
/// # Errors
/// No certificate, a key store that is left alone, or none that can be read.
pub fn certificate(bytes: &[u8]) -> Result<CertificateFacts, DecodeError> {
    let bundle = bundle(bytes)?;
    let leaf = bundle.leaf().cloned();
    leaf.ok_or(DecodeError::NotThis("certificate"))
}

/// As [`certificate`] for the steps of a preset: PEM, or DER in base64. Gives `{subject,
/// issuer, serial, fingerprint, not_before, not_after, names}`; instants are RFC 3339.
pub fn certificate_value(text: &str) -> Option<Value> {
    let facts = match pem::is_pem(text) {
        true => certificate(text.as_bytes()).ok()?,
        false => certificate(&pem::base64(text)?).ok()?,
    };
    let end = facts.expires_at().unwrap_or(Instant::MAX);
    Some(json!({
        "subject": facts.subject,
        "issuer": facts.issuer,
        "serial": facts.serial,
        "fingerprint": facts.fingerprint,
        "not_before": facts.not_before.to_string(),
        "not_after": end.to_string(),
        "names": facts.names,
    }))
}

/// Every certificate of a PEM bundle, or the one of DER.
///
/// # Errors
/// As [`certificate`].
pub fn bundle(bytes: &[u8]) -> Result<Bundle, DecodeError> {
    let text = std::str::from_utf8(bytes).ok();
    let mut bundle = match text.filter(|text| pem::is_pem(text)) {
        Some(text) => of_pem(text)?,
        None => Bundle {
            certificates: vec![of_der(bytes)?],
            unreadable: 0,
        },
    };
    let ends = bundle.certificates.iter();
    let earliest = ends.filter_map(CertificateFacts::expires_at).min();
    for certificate in &mut bundle.certificates {
        certificate.chain_end = earliest;
    }
    Ok(bundle)
}

fn of_pem(text: &str) -> Result<Bundle, DecodeError> {
    let sections = pem::certificates(text);
    if sections.is_empty() {
        let store = ["PKCS7", "CMS", "PKCS #7 SIGNED DATA"];
        return Err(match store.iter().any(|label| pem::holds(text, label)) {
            true => PKCS7,
            false => DecodeError::NotThis("certificate"),
        });
    }
    if sections.len() > BUNDLE_MAX {
        let reason = format!("it holds more than {BUNDLE_MAX} certificates");
        return Err(DecodeError::damaged("bundle", reason));
    }
    let total = sections.len();
    let read = sections.into_iter().flatten();
    let certificates: Vec<_> = read.filter_map(|der| one_certificate(&der).ok()).collect();
    match certificates.len() {
        0 => Err(DecodeError::damaged(
            "certificate",
            "its section is damaged",
        )),
        read => Ok(Bundle {
            certificates,
            unreadable: total - read,
        }),
    }
}

const PKCS12: DecodeError = DecodeError::Skipped(
    "PKCS#12 key store",
    "it is locked with a password; put the certificate beside it as PEM",
);
const PKCS7: DecodeError = DecodeError::Skipped(
    "PKCS#7 bundle",
    "write it as PEM with `openssl pkcs7 -print_certs`",
);
const JKS: DecodeError = DecodeError::Skipped(
    "Java key store",
    "export the certificate with `keytool -exportcert -rfc`",
);
/// 1.2.840.113549.1.7.2, signed data.
const SIGNED_DATA: &[u8] = &[
    0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x02,
];

fn of_der(bytes: &[u8]) -> Result<CertificateFacts, DecodeError> {
    if bytes.starts_with(&[0xfe, 0xed, 0xfe, 0xed]) {
        return Err(JKS);
    }
    let Some(inside) = inside_sequence(bytes) else {
        return Err(DecodeError::NotThis("certificate"));
    };
    // PKCS#12 begins with its version, 3 (RFC 7292, 4).
    if inside.starts_with(&[0x02, 0x01, 0x03]) {
        return Err(PKCS12);
    }
    if inside.starts_with(SIGNED_DATA) {
        return Err(PKCS7);
    }
    // A certificate begins with another sequence; a private key begins with a number.
    if !inside.starts_with(&[0x30]) {
        return Err(DecodeError::NotThis("certificate"));
    }
    one_certificate(bytes)
}

/// What stands in the outermost sequence of DER or BER, without checking its length.
fn inside_sequence(bytes: &[u8]) -> Option<&[u8]> {
    let (0x30, rest) = bytes.split_first().map(|(tag, rest)| (*tag, rest))? else {
        return None;
    };
    let (length, rest) = rest.split_first()?;
    match length {
        // The length takes that many bytes more; 0x80 alone is BER without a length.
        0x80..=0x84 => rest.get(usize::from(length & 0x7f)..),
        0x85..=0xff => None,
        _ => Some(rest),
    }
}

//! Which certificates stand in a PEM text?
//!
//! Sections are found by their labels, and only those of certificates are decoded. A
//! private key beside them is passed over as text: no library is handed the whole file,
//! because those that exist decode every section first and choose afterwards.

use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

/// Standard alphabet; padding as it comes.
pub(super) const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

/// The labels of certificates: RFC 7468, and OpenSSL's older and extended ones.
const LABELS: [&str; 3] = ["CERTIFICATE", "X509 CERTIFICATE", "TRUSTED CERTIFICATE"];

/// Whether a text holds a section of PEM.
pub(super) fn is_pem(text: &str) -> bool {
    text.contains("-----BEGIN ")
}

/// Whether it holds a section with this label.
pub(super) fn holds(text: &str, label: &str) -> bool {
    text.contains(&format!("-----BEGIN {label}-----"))
}

/// The certificates of a PEM text in their order; `None` for one whose section is not
/// closed or is no base64.
pub(super) fn certificates(text: &str) -> Vec<Option<Vec<u8>>> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some((_, from_label)) = rest.split_once("-----BEGIN ") {
        let Some((label, body)) = from_label.split_once("-----") else {
            break;
        };
        rest = body;
        if !LABELS.contains(&label) {
            continue;
        }
        match body.split_once("-----END ") {
            Some((section, after)) => {
                rest = after;
                found.push(base64(section));
            }
            None => found.push(None),
        }
    }
    found
}

/// The bytes of a base64 text, whatever blanks and line ends stand in it.
pub(super) fn base64(text: &str) -> Option<Vec<u8>> {
    let dense: Vec<u8> = text
        .bytes()
        .filter(|byte| !byte.is_ascii_whitespace())
        .collect();
    LENIENT.decode(dense).ok().filter(|bytes| !bytes.is_empty())
}

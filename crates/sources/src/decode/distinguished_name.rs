//! The name of whom a certificate is for, as text.

use std::fmt::Write as _;
use std::net::{Ipv4Addr, Ipv6Addr};

use x509_parser::certificate::X509Certificate;
use x509_parser::extensions::GeneralName;
use x509_parser::objects::{oid_registry, oid2abbrev};
use x509_parser::x509::{AttributeTypeAndValue, X509Name};

/// The longest text that is made of a name; what is longer is cut.
const TEXT_MAX: usize = 1024;
/// The most names that are read from one certificate.
const NAMES_MAX: usize = 200;

/// A distinguished name as RFC 4514 writes it: the last part first, `,` between, special
/// characters behind a `\`. Values that are no text are left as `…`.
pub(super) fn text(name: &X509Name<'_>) -> String {
    let parts: Vec<String> = name
        .iter_rdn()
        .map(|part| {
            let attributes: Vec<String> = part.iter().map(attribute).collect();
            attributes.join("+")
        })
        .collect();
    let reversed: Vec<&str> = parts.iter().rev().map(String::as_str).collect();
    cut(reversed.join(","))
}

fn attribute(attribute: &AttributeTypeAndValue<'_>) -> String {
    let kind = attribute.attr_type();
    let known = oid2abbrev(kind, oid_registry()).ok().map(str::to_owned);
    let kind = known.unwrap_or_else(|| kind.to_id_string());
    format!(
        "{kind}={}",
        attribute.as_str().map_or_else(|_| "…".to_owned(), escaped)
    )
}

fn escaped(value: &str) -> String {
    let last = value.chars().count().saturating_sub(1);
    let mut text = String::new();
    for (at, c) in value.chars().enumerate() {
        match c {
            c if c.is_control() => {
                let mut bytes = [0_u8; 4];
                for byte in c.encode_utf8(&mut bytes).bytes() {
                    // Writing to a text cannot fail.
                    let _ = write!(text, "\\{byte:02X}");
                }
                continue;
            }
            ',' | '+' | '"' | '\\' | '<' | '>' | ';' => text.push('\\'),
            ' ' if at == 0 || at == last => text.push('\\'),
            '#' if at == 0 => text.push('\\'),
            _ => {}
        }
        text.push(c);
    }
    text
}

/// The common name, where there is one that is a text.
pub(super) fn common_name(name: &X509Name<'_>) -> Option<String> {
    let found = name.iter_common_name().find_map(|cn| cn.as_str().ok());
    let shown = found?.trim();
    (!shown.is_empty()).then(|| cut(shown.to_owned()))
}

/// DNS names, addresses and mail addresses that it is for, in their order.
pub(super) fn alternatives(certificate: &X509Certificate<'_>) -> Vec<String> {
    let Ok(Some(extension)) = certificate.subject_alternative_name() else {
        return Vec::new();
    };
    let names = extension.value.general_names.iter();
    names.filter_map(alternative).take(NAMES_MAX).collect()
}

fn alternative(name: &GeneralName<'_>) -> Option<String> {
    match name {
        GeneralName::DNSName(text) | GeneralName::RFC822Name(text) | GeneralName::URI(text) => {
            Some(cut((*text).to_owned()))
        }
        GeneralName::IPAddress(bytes) => address(bytes),
        _ => None,
    }
}

fn address(bytes: &[u8]) -> Option<String> {
    if let Ok(v4) = <[u8; 4]>::try_from(bytes) {
        return Some(Ipv4Addr::from(v4).to_string());
    }
    let v6 = <[u8; 16]>::try_from(bytes).ok()?;
    Some(Ipv6Addr::from(v6).to_string())
}

fn cut(text: String) -> String {
    match text.char_indices().nth(TEXT_MAX) {
        Some((at, _)) => text.get(..at).unwrap_or_default().to_owned(),
        None => text,
    }
}

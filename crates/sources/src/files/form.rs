//! What form do the bytes of a file have?

use serde_json::Value;

use crate::decode;

/// A form that is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// Certificates in PEM, or one in DER.
    Certificate,
    /// JSON Web Tokens, one a line.
    Jwt,
    /// A JSON Web Key Set.
    Jwks,
    /// A kubeconfig.
    Kubeconfig,
    /// Rows with a head that names columns.
    Csv,
    /// Objects of JSON, one a line.
    Ndjson,
    /// One array of such objects.
    JsonArray,
}

impl Form {
    /// The form that the configuration names.
    pub(super) fn named(word: &str) -> Option<Self> {
        Some(match word {
            "pem" | "der" | "certificate" => Self::Certificate,
            "jwt" => Self::Jwt,
            "jwks" => Self::Jwks,
            "kubeconfig" => Self::Kubeconfig,
            "csv" => Self::Csv,
            "ndjson" => Self::Ndjson,
            "json" => Self::JsonArray,
            _ => return None,
        })
    }

    /// The words that [`Form::named`] knows.
    pub(super) const WORDS: &str =
        "`pem`, `der`, `jwt`, `jwks`, `kubeconfig`, `csv`, `ndjson`, `json`";

    /// The form by what stands in the file; names of files are not looked at. `None` if
    /// it is none of these.
    pub(super) fn of(bytes: &[u8]) -> Option<Self> {
        let Ok(text) = std::str::from_utf8(bytes) else {
            // DER and key stores; whether it is one of them shows when it is read.
            return bytes
                .first()
                .filter(|b| matches!(b, 0x30 | 0xfe))
                .map(|_| Self::Certificate);
        };
        let text = text.trim_start_matches('\u{feff}').trim();
        match text.chars().next()? {
            '{' => Self::of_object(text),
            '[' => Some(Self::JsonArray),
            _ if text.contains("-----BEGIN ") && !is_yaml_config(text) => Some(Self::Certificate),
            _ => Self::of_lines(text),
        }
    }

    fn of_object(text: &str) -> Option<Self> {
        let Ok(whole) = serde_json::from_str::<Value>(text) else {
            return Some(Self::Ndjson);
        };
        if whole.get("keys").is_some_and(Value::is_array) {
            return Some(Self::Jwks);
        }
        if whole.get("external_id").is_some() {
            return Some(Self::Ndjson);
        }
        let is_config = whole.get("kind").and_then(Value::as_str) == Some("Config");
        is_config.then_some(Self::Kubeconfig)
    }

    fn of_lines(text: &str) -> Option<Self> {
        let first = token_lines(text).next().map_or("", |(_, line)| line);
        if !matches!(decode::jwt(first), Err(decode::DecodeError::NotThis(_))) {
            return Some(Self::Jwt);
        }
        if is_yaml_config(text) {
            return Some(Self::Kubeconfig);
        }
        let names_an_id = first.split([',', ';', '\t']).any(|column| {
            column
                .trim_matches(['"', ' '])
                .eq_ignore_ascii_case("external_id")
        });
        names_an_id.then_some(Self::Csv)
    }
}

/// Lines that are neither blank nor a comment, each with its number from 1.
pub(super) fn token_lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let numbered = (1..).zip(text.split(['\n', '\r']).map(str::trim));
    numbered.filter(|(_, line)| !line.is_empty() && !line.starts_with('#'))
}

fn is_yaml_config(text: &str) -> bool {
    let kind = |line: &str| {
        let value = line.strip_prefix("kind:").map(str::trim);
        value.is_some_and(|value| value.trim_matches(['"', '\'']) == "Config")
    };
    text.lines().any(kind)
}

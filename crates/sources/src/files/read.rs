//! What does one file tell?

use std::path::Path;

use domain::inventory::Listed;

use super::form::{Form, token_lines};
use super::found::Found;
use super::{kube, rows};
use crate::decode::{self, DecodeError};

/// Remarks about one file.
const REMARKS_MAX: usize = 3;

/// What one file told.
#[derive(Debug, Default)]
pub(super) struct Told {
    /// Credentials that lie in it.
    pub(super) found: Vec<Found>,
    /// Credentials that its rows tell of, with ids of their own.
    pub(super) rows: Vec<Listed>,
    /// Parts that could be read.
    pub(super) read: u64,
    /// Parts that could not.
    pub(super) unreadable: u64,
    /// Sentences that begin with the file's name; no contents.
    pub(super) remarks: Vec<String>,
    /// Whether nothing that may be a credential was missed.
    pub(super) is_whole: bool,
}

impl Told {
    /// Nothing yet, and nothing missed.
    pub(super) fn nothing() -> Self {
        Self {
            is_whole: true,
            ..Self::default()
        }
    }

    /// Whether it told of any credential.
    pub(super) fn is_empty(&self) -> bool {
        self.found.is_empty() && self.rows.is_empty()
    }

    pub(super) fn add(&mut self, found: Found) {
        self.read += 1;
        self.found.push(found);
    }

    /// A part cannot be read, so the file is not whole.
    pub(super) fn missed(&mut self, path: &str, why: impl std::fmt::Display) {
        self.unreadable += 1;
        self.is_whole = false;
        self.remark(path, why);
    }

    /// Something worth knowing.
    pub(super) fn remark(&mut self, path: &str, what: impl std::fmt::Display) {
        if self.remarks.len() < REMARKS_MAX {
            self.remarks.push(format!("{path}: {what}"));
        }
    }
}

/// Reads the bytes of a file in the form that the configuration names, else in the one
/// that they have. `path` is what the file is called in ids and remarks.
pub(super) fn read(file: &Path, path: &str, bytes: &[u8], forced: Option<Form>) -> Told {
    let mut told = Told::nothing();
    let Some(form) = forced.or_else(|| Form::of(bytes)) else {
        return told;
    };
    let text = || {
        let text = std::str::from_utf8(bytes).ok();
        text.map(|text| text.trim_start_matches('\u{feff}'))
    };
    match (form, text()) {
        (Form::Certificate, _) => certificates(&mut told, path, bytes, forced.is_some()),
        (_, None) => told.missed(path, "it is no text in UTF-8"),
        (Form::Jwt, Some(text)) => tokens(&mut told, path, text),
        (Form::Jwks, Some(text)) => keys(&mut told, path, text),
        (Form::Kubeconfig, Some(text)) => kube::read(&mut told, file, path, text),
        (Form::Csv, Some(text)) => rows::csv(&mut told, path, text),
        (Form::Ndjson, Some(text)) => rows::ndjson(&mut told, path, text),
        (Form::JsonArray, Some(text)) => rows::array(&mut told, path, text),
    }
    told
}

/// `certificate` for those that speak for somebody, `ca-certificate` for those that sign.
pub(super) fn kind_of(facts: &decode::CertificateFacts) -> &'static str {
    match facts.is_authority {
        true => "ca-certificate",
        false => "certificate",
    }
}

fn certificates(told: &mut Told, path: &str, bytes: &[u8], is_forced: bool) {
    match decode::bundle(bytes) {
        Ok(bundle) => {
            for facts in &bundle.certificates {
                told.add(Found::certificate(kind_of(facts), facts, path));
            }
            for _ in 0..bundle.unreadable {
                told.missed(path, "one of its certificates is damaged");
            }
        }
        // A private key or a request beside the certificates is nothing to remark on.
        Err(DecodeError::NotThis(_)) if !is_forced => {}
        Err(skipped @ DecodeError::Skipped(..)) => told.remark(path, skipped),
        Err(error) => told.missed(path, error),
    }
}

fn tokens(told: &mut Told, path: &str, text: &str) {
    for (number, line) in token_lines(text) {
        match decode::jwt(line) {
            Ok(claims) => told.add(Found::token("jwt", &claims, path)),
            Err(skipped @ DecodeError::Skipped(..)) => {
                told.remark(path, format_args!("line {number}: {skipped}"));
            }
            Err(error) => told.missed(path, format_args!("line {number}: {error}")),
        }
    }
}

fn keys(told: &mut Told, path: &str, text: &str) {
    let keys = match decode::jwks(text.as_bytes()) {
        Ok(keys) => keys,
        Err(error) => return told.missed(path, error),
    };
    for (number, key) in (1..).zip(keys) {
        let name = key.id.unwrap_or_else(|| format!("key {number}"));
        match key.certificate {
            None => {
                let never = domain::inventory::End::Never;
                told.add(Found::new("jwk", &name, path, never));
            }
            Some(Ok(facts)) => {
                let mut found = Found::certificate("jwk", &facts, path);
                found.name = name;
                told.add(found);
            }
            Some(Err(error)) => told.missed(path, format_args!("key {number}: {error}")),
        }
    }
}

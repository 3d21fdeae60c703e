//! What a kubeconfig tells, and the files that it names.

use std::path::Path;

use domain::inventory::End;

use super::found::Found;
use super::place::content;
use super::read::Told;
use crate::decode::{self, CertificateFacts, DecodeError, KubeconfigUser, UserProof};

const USER: &str = "kubeconfig-user";
const AUTHORITY: &str = "ca-certificate";

/// Reads a kubeconfig that lies at `file`.
pub(super) fn read(told: &mut Told, file: &Path, path: &str, text: &str) {
    let config = match decode::kubeconfig(text) {
        Ok(config) => config,
        Err(error) => return told.missed(path, error),
    };
    for user in config.users {
        one(told, file, path, user);
    }
    for (cluster, authority) in config.authorities {
        match authority {
            Ok(facts) => told.add(Found::certificate(AUTHORITY, &facts, path)),
            Err(error) => told.missed(
                path,
                format_args!("the authority of cluster `{cluster}`: {error}"),
            ),
        }
    }
}

fn one(told: &mut Told, file: &Path, path: &str, user: KubeconfigUser) {
    let name = user.name;
    let who = |why: &dyn std::fmt::Display| format!("user `{name}`: {why}");
    let found = match user.proof {
        UserProof::Certificate(facts) => of_user(&name, &facts, path),
        UserProof::CertificateFile(beside) => match certificate_at(&file.with_file_name(beside)) {
            Ok(facts) => of_user(&name, &facts, path),
            Err(why) => return told.missed(path, who(&why)),
        },
        UserProof::Token(claims) => {
            let mut found = Found::token(USER, &claims, path);
            found.label("subject", claims.subject.as_deref().unwrap_or_default());
            found.name.clone_from(&name);
            found
        }
        UserProof::TokenFile(beside) => match token_at(&file.with_file_name(beside)) {
            Ok(Some(claims)) => {
                let mut found = Found::token(USER, &claims, path);
                found.name.clone_from(&name);
                found
            }
            Ok(None) => Found::new(USER, &name, path, End::Unknown),
            Err(why) => return told.missed(path, who(&why)),
        },
        UserProof::OpaqueToken => Found::new(USER, &name, path, End::Unknown),
        UserProof::Elsewhere(how) => {
            told.read += 1;
            return told.remark(path, who(&format_args!("it proves itself by {how}")));
        }
        UserProof::Unreadable(error) => return told.missed(path, who(&error)),
    };
    told.add(found);
}

fn of_user(name: &str, facts: &CertificateFacts, path: &str) -> Found {
    let mut found = Found::certificate(USER, facts, path);
    name.clone_into(&mut found.name);
    found
}

fn certificate_at(path: &Path) -> Result<CertificateFacts, String> {
    let bytes = content(path)?;
    decode::certificate(bytes.expose()).map_err(|error| format!("{}: {error}", path.display()))
}

fn token_at(path: &Path) -> Result<Option<decode::Claims>, String> {
    let bytes = content(path)?;
    let text = String::from_utf8_lossy(bytes.expose());
    match decode::jwt(&text) {
        Ok(claims) => Ok(Some(claims)),
        Err(DecodeError::NotThis(_) | DecodeError::Skipped(..)) => Ok(None),
        Err(error) => Err(format!("{}: {error}", path.display())),
    }
}

//! Lists that are read from files: what a system exports, or its command line prints.

use std::collections::BTreeMap;
use std::path::Path;

use app::ports::ConnectorError;
use tokio::io::AsyncReadExt as _;

use super::body;
use super::condition::broken;
use super::document::List;
use super::expression::{Kept, View};
use super::pointer::Scope;
use super::settings::Settings;
use super::signer::Signer;
use super::template::{Env, Template};
use super::turning::items_of;
use super::walk::{Ended, Walk, choices};
use crate::inputs::{Input, expand};

/// The longest file that is read.
const FILE_MAX: u64 = 256 * 1024 * 1024;

/// Reads a list from every file that the template names.
///
/// # Errors
/// A file that cannot be read, or a pattern that finds none; what could be read counts.
pub(super) async fn read(
    list: &List,
    files: &Template,
    walk: &Walk<'_>,
    signer: &Signer,
) -> Result<Ended, ConnectorError> {
    let mut failed = None;
    for (chosen, path) in paths(files, walk.settings)? {
        let inputs = match expand(&path) {
            Ok(inputs) => inputs,
            Err(sentence) => {
                failed.get_or_insert(sentence);
                continue;
            }
        };
        for input in inputs {
            let Input::File(file) = input else { continue };
            if let Err(why) = one(list, &file, walk, signer, &chosen).await? {
                failed.get_or_insert(format!("{}: {why}", file.display()));
            }
        }
    }
    match failed {
        Some(why) => Err(ConnectorError::Unavailable(format!(
            "`{}`: {why}",
            list.name
        ))),
        None => Ok(Ended::Whole),
    }
}

type Names = BTreeMap<String, String>;

/// The paths that a template names, one for each value of the `list` settings in it.
fn paths(files: &Template, settings: &Settings) -> Result<Vec<(Names, String)>, ConnectorError> {
    let choices = choices(files.settings(), settings).into_iter();
    let path = |chosen: Names| {
        let env = Env {
            chosen: &chosen,
            ..Env::of(settings)
        };
        let path = files
            .plain_text(&env)
            .map_err(|e| ConnectorError::Unavailable(e.to_string()))?;
        Ok((chosen, path))
    };
    choices.map(path).collect()
}

async fn one(
    list: &List,
    file: &Path,
    walk: &Walk<'_>,
    signer: &Signer,
    chosen: &Names,
) -> Result<Result<(), String>, ConnectorError> {
    let bytes = match content(file).await {
        Ok(bytes) => bytes,
        Err(why) => return Ok(Err(why)),
    };
    let body = match body::read(list, &bytes) {
        Ok(body) => body,
        Err(error) => return Ok(Err(error.to_string())),
    };
    let headers = BTreeMap::new();
    let scope = Scope::whole(&body, &headers);
    let (none, kept) = (Names::new(), Kept::new());
    let view = View {
        env: walk.env(chosen, &none, Some(scope)),
        kept: &kept,
    };
    if let Some(condition) = broken(&list.must, &view, walk.now) {
        let place = condition.of.described();
        return Ok(Err(format!(
            "it is another file: `{place}` is not as it must be"
        )));
    }
    let opened = match items_of(list.items.as_ref(), list.items_may_lack, &body, &headers) {
        Ok(opened) => opened,
        Err(why) => return Ok(Err(why)),
    };
    walk.page(list, &opened, signer, chosen, &none)
        .await
        .map(Ok)
}

async fn content(file: &Path) -> Result<Vec<u8>, String> {
    let cannot = |error: std::io::Error| format!("it cannot be read: {error}");
    // A length that a file tells of itself may be a lie: what is read is counted.
    let file = tokio::fs::File::open(file).await.map_err(cannot)?;
    let mut bytes = Vec::new();
    let read = file
        .take(FILE_MAX + 1)
        .read_to_end(&mut bytes)
        .await
        .map_err(cannot)?;
    match u64::try_from(read) {
        Ok(read) if read <= FILE_MAX => Ok(bytes),
        _ => Err("it is longer than 256 MiB".to_owned()),
    }
}

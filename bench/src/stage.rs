//! A server with as many tokens as wanted, and the values of some of them.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, Result, ensure};
use app::ports::{Changes, Random, Store, Write};
use domain::kernel::{CredentialId, Instant, Secret};
use domain::token::{TokenKind, generate};
use serde_json::{Value, json};
use store::{Sqlite, SqliteOptions};
use testkit::SeededRandom;
use testkit::server::{Launch, Server};
use verifier::{Keys, Verifier};

use crate::Args;
use crate::clone::{Place, Wanted, clone};

/// How many values are kept to ask with.
const KEPT: u64 = 20_000;
/// Tokens in one commit.
const TOGETHER: u64 = 500;

/// Data of a server.
pub struct Stage {
    pub data: PathBuf,
    /// Values of tokens of a service account without any right here.
    pub tokens: Vec<String>,
    /// The value of one that may introspect.
    pub asker: String,
}

/// Makes it, or takes what an earlier run made.
///
/// # Errors
/// When the server does not do what it should.
pub fn set(args: &Args) -> Result<Stage> {
    let data = args.dir.join(format!("tokens-{}", args.tokens));
    let kept = data.with_extension("values");
    if !kept.exists() {
        fs::remove_dir_all(&data).ok();
        let values = filled(args, &data)?;
        fs::write(&kept, values.join("\n"))?;
    }
    let text = fs::read_to_string(&kept)?;
    let mut lines = text.lines().map(str::to_owned);
    let asker = lines.next().context("no token that may introspect")?;
    Ok(Stage {
        data,
        asker,
        tokens: lines.collect(),
    })
}

/// A server on one processor.
pub fn serve(args: &Args, data: &Path) -> Result<Server> {
    Ok(Launch::new(pinned(args, data)?, data).start())
}

/// What starts the program on one processor.
pub fn pinned(args: &Args, data: &Path) -> Result<PathBuf> {
    let pinned = crate::machine::pinned(0, &args.forewarn);
    // A wrapper of one line: the server is started by its path alone.
    let wrapper = data.with_extension("sh");
    let words: Vec<String> = std::iter::once(pinned.get_program())
        .chain(pinned.get_args())
        .map(|word| format!("'{}'", word.to_string_lossy()))
        .collect();
    fs::write(
        &wrapper,
        format!("#!/bin/sh\nexec {} \"$@\"\n", words.join(" ")),
    )?;
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o700);
    fs::set_permissions(&wrapper, mode)?;
    Ok(wrapper)
}

/// Values: of the one that may introspect, then of the others.
fn filled(args: &Args, data: &Path) -> Result<Vec<String>> {
    let founded = found(args, data, None)?;
    let mut values = vec![founded.asker];
    let runtime = tokio::runtime::Runtime::new()?;
    let genuine = args.tokens.min(KEPT);
    runtime.block_on(copied(genuine, data, &founded.sample, &mut values))?;
    let wanted = Wanted {
        count: args.tokens - genuine,
        own_in: 1,
    };
    clone(
        &Place::Sqlite(data.join("forewarn.db")),
        &founded.sample,
        &wanted,
    )?;
    Ok(values)
}

/// What a server holds that was just set up.
pub struct Founded {
    /// The value of a token that may introspect.
    pub asker: String,
    /// A token of a service account.
    pub sample: CredentialId,
}

/// Lets the program make its own store, with two tokens in it.
///
/// # Errors
/// When the server does not do what it should.
pub fn found(args: &Args, data: &Path, database: Option<&str>) -> Result<Founded> {
    let mut launch = Launch::new(&args.forewarn, data).bootstrap();
    if let Some(url) = database {
        launch = launch.arg("--database").arg(url);
    }
    let server = launch.start();
    let admin = server.admin();
    let account = |name: &str, role: &str| -> Result<Value> {
        let reply = admin.post(
            "/v1/service-accounts",
            &json!({"name": name, "roles": [role]}),
        );
        ensure!(reply.status == 201, "no service account: {}", reply.status);
        Ok(reply.json())
    };
    let role = json!({"name": "bench", "scopes": ["introspect", "billing:read"]});
    ensure!(admin.post("/v1/roles", &role).status == 201, "no role");
    let owner = account("bench", "bench")?;
    let issue = |name: &str| -> Result<Value> {
        let body = json!({"name": name, "owner": owner["id"], "roles": ["bench"], "labels": {"used-by": "nightly export"}});
        let reply = admin.post("/v1/tokens", &body);
        ensure!(reply.status == 201, "no token: {}", reply.status);
        Ok(reply.json())
    };
    let (asker, sample) = (issue("asker")?, issue("sample")?);
    ensure!(server.stop().success(), "the server did not stop well");
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    Ok(Founded {
        asker: text(&asker["value"]),
        sample: CredentialId::parse(text(&sample["token"]["id"]))?,
    })
}

/// When the token of this number was made: one in each tenth of a second.
pub fn made_at(number: u64) -> Instant {
    let tenths = i64::try_from(number).unwrap_or_default();
    Instant::from_micros(1_780_000_000_000_000 + tenths * 100_000)
}

/// Genuine tokens, whose values are kept.
async fn copied(
    count: u64,
    data: &Path,
    sample: &CredentialId,
    values: &mut Vec<String>,
) -> Result<()> {
    let options = SqliteOptions {
        durable: false,
        ..SqliteOptions::default()
    };
    let store: Arc<dyn Store> = Sqlite::open(&data.join("forewarn.db"), &options)?;
    let keys = Secret::new(fs::read_to_string(data.join("keys"))?);
    let verifier = Verifier::new(Keys::parse(keys.expose())?);
    let credential = store.credential(sample).await?.context("no sample")?;
    let token = store.token(sample).await?.context("no sample")?;
    let random = SeededRandom::new(7);
    let mut entropy: &dyn Random = &random;
    for begin in (0..count).step_by(usize::try_from(TOGETHER)?) {
        let mut changes = Changes::default();
        for number in begin..count.min(begin + TOGETHER) {
            let made = made_at(number);
            let (id, value) = generate(TokenKind::ServiceAccount, made, &mut entropy);
            let mac = verifier.mac(&value);
            let (mut credential, mut token) = (credential.clone(), token.clone());
            (credential.id, credential.external_id) = (id.clone(), id.to_string());
            (credential.version, token.version) = (0, 0);
            (token.id, token.mac, token.key_version) = (id, mac.bytes, mac.key_version);
            changes
                .writes
                .push(Write::PutCredential(Box::new(credential)));
            changes.writes.push(Write::PutToken(Box::new(token)));
            values.push(value.expose().clone());
        }
        store.commit(changes).await?;
    }
    Ok(())
}

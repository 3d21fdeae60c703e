//! A certificate for the throw-away PostgreSQL, and the authority that vouches for it.
//!
//! Made with `openssl`, which Debian's PostgreSQL brings along: a library for it would
//! need a C compiler before this chore could install one.

use std::fs;
use std::path::Path;

use anyhow::Result;

use super::install;
use super::postgres::unprivileged;
use crate::shell;

/// The authority's certificate, in the cluster's folder.
pub const AUTHORITY: &str = "authority.crt";
/// The server's certificate; it names `localhost` and nothing else.
pub const SERVER: &str = "server.crt";
/// The server's key, which the server's account alone may read.
pub const KEY: &str = "server.key";

const CURVE: [&str; 5] = [
    "-newkey",
    "ec",
    "-pkeyopt",
    "ec_paramgen_curve:P-256",
    "-nodes",
];
const NAMES: &str = "subjectAltName=DNS:localhost\nbasicConstraints=critical,CA:FALSE\nextendedKeyUsage=serverAuth\n";

/// Makes all three in `home`; they are valid for two days.
pub fn make(home: &Path, may_install: bool) -> Result<()> {
    install::ensure(
        || shell::find("openssl").is_some(),
        &["openssl"],
        may_install,
    )?;
    fs::write(home.join("names"), NAMES)?;
    let authority =
        "req -x509 -days 2 -subj /CN=throw-away -keyout authority.key -out authority.crt";
    openssl(home, authority, &CURVE)?;
    let request = "req -new -subj /CN=localhost -keyout server.key -out server.csr";
    openssl(home, request, &CURVE)?;
    let sign = "x509 -req -days 2 -in server.csr -CA authority.crt -CAkey authority.key -CAcreateserial -extfile names -out server.crt";
    openssl(home, sign, &[])
}

/// Under the server's account, so that the key is its own.
fn openssl(home: &Path, words: &str, more: &[&str]) -> Result<()> {
    let mut command = unprivileged(Path::new("openssl"));
    command.args(words.split(' ')).args(more).current_dir(home);
    shell::output(&mut command).map(drop)
}

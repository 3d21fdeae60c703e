//! Certificates in files and behind TLS endpoints, made and shown by `openssl`, and what
//! the inventory then says of them.

use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use serde_json::Value;

use crate::house::House;
use crate::wire::comes_true;

/// A folder in which `openssl` works.
struct Workshop(tempfile::TempDir);

impl Workshop {
    /// With an authority of its own; `None` where there is no `openssl`.
    fn open() -> Option<Self> {
        testkit::outside::program("openssl")?;
        let shop = Self(tempfile::tempdir().unwrap());
        shop.run(&format!(
            "req -x509 {KEY} -keyout ca.key -out ca.pem -days 3650 -subj /CN=workshop"
        ));
        Some(shop)
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn run(&self, words: &str) -> String {
        let output = Command::new("openssl")
            .args(words.split(' '))
            .current_dir(self.path())
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "openssl {words}: {said}");
        String::from_utf8(output.stdout).unwrap()
    }

    /// A certificate for `localhost` that the authority signed: `NAME.pem`, `NAME.key`.
    fn signed(&self, name: &str, days: u32) {
        std::fs::write(
            self.path().join("names"),
            "subjectAltName=DNS:localhost\nbasicConstraints=CA:FALSE\n",
        )
        .unwrap();
        self.run(&format!(
            "req -new {KEY} -keyout {name}.key -out {name}.csr -subj /CN={name}"
        ));
        self.run(&format!(
            "x509 -req -days {days} -in {name}.csr -CA ca.pem -CAkey ca.key -CAcreateserial -extfile names -out {name}.pem"
        ));
    }

    /// One that signed itself, as most people make it.
    fn self_signed(&self, name: &str, days: u32) {
        self.run(&format!(
            "req -x509 {KEY} -keyout {name}.key -out {name}.pem -days {days} -subj /CN=localhost -addext subjectAltName=DNS:localhost"
        ));
    }

    /// The end of a certificate, as `openssl` reads it.
    fn end(&self, name: &str) -> String {
        let said = self.run(&format!(
            "x509 -in {name}.pem -noout -enddate -dateopt iso_8601"
        ));
        said.trim().replace("notAfter=", "").replace(' ', "T")
    }

    /// `openssl s_server` with this certificate.
    fn serve(&self, name: &str, port: u16) -> Endpoint {
        let (certificate, key) = (format!("{name}.pem"), format!("{name}.key"));
        let child = Command::new("openssl")
            .args(["s_server", "-accept", &format!("127.0.0.1:{port}")])
            .args(["-cert", &certificate, "-key", &key, "-www", "-quiet"])
            .current_dir(self.path())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let endpoint = Endpoint { child, port };
        let listens = || TcpStream::connect(("127.0.0.1", port)).is_ok();
        assert!(comes_true(20, listens), "openssl s_server does not listen");
        endpoint
    }
}

/// A port that nobody has.
fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}

const KEY: &str = "-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes";

struct Endpoint {
    child: Child,
    port: u16,
}

impl Endpoint {
    fn name(&self) -> String {
        format!("localhost:{}", self.port)
    }
}

impl Drop for Endpoint {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

/// The credentials of a source.
fn held(house: &House, source: &str) -> Vec<Value> {
    let path = format!("/v1/credentials?source={source}");
    let page = house.admin().get(&path).expect(200).json();
    page["items"].as_array().unwrap().clone()
}

/// Waits until the one called this ends then.
#[track_caller]
fn ends(house: &House, source: &str, name: &str, end: &str) -> Value {
    let mut seen = Vec::new();
    let found = comes_true(20, || {
        seen = held(house, source);
        seen.iter()
            .any(|one| one["name"] == name && one["expires_at"] == end)
    });
    assert!(found, "{name} until {end}: {seen:#?}");
    let one = seen.into_iter().find(|one| one["name"] == name);
    one.unwrap()
}

#[test]
fn an_endpoint_ends_as_openssl_says_and_a_renewal_is_seen() {
    let Some(shop) = Workshop::open() else { return };
    shop.signed("first", 20);
    shop.signed("second", 90);
    shop.self_signed("alone", 10);
    let (signed, alone) = (
        shop.serve("first", free_port()),
        shop.serve("alone", free_port()),
    );
    let house = House::with(&format!(
        "[notifier]\ninterval = '1s'\nbackoff = '1h'\n[audience]\ncatch_all = ['ops@example.org']\n\
         [channels.kept]\nkind = 'outbox'\n[sources.edge]\nsystem = 'tls'\n\
         endpoints = ['{}', '{}']\nca_file = '{}'\n",
        signed.name(),
        alone.name(),
        shop.path().join("ca.pem").display(),
    ));
    let one = ends(&house, "edge", &signed.name(), &shop.end("first"));
    assert_eq!(one["labels"]["verified"], "yes", "{one:#}");
    let one = ends(&house, "edge", &alone.name(), &shop.end("alone"));
    assert_eq!(one["labels"]["verified"], "no: self-signed", "{one:#}");
    assert!(
        one["advice"].to_string().contains("signed itself"),
        "{one:#}"
    );

    let (name, port) = (signed.name(), signed.port);
    drop(signed);
    let _renewed = shop.serve("second", port);
    let one = ends(&house, "edge", &name, &shop.end("second"));
    assert_eq!(one["state"], "active", "{one:#}");
    assert_eq!(held(&house, "edge").len(), 2);
}

#[test]
fn certificates_in_files_end_as_openssl_says_and_a_renewal_is_seen() {
    let Some(shop) = Workshop::open() else { return };
    let watched = shop.path().join("watched");
    std::fs::create_dir(&watched).unwrap();
    // The same certificate in two forms, beside its key.
    let make = |days| {
        shop.signed("gateway", days);
        shop.run("x509 -in gateway.pem -outform DER -out gateway.der");
        for file in ["gateway.pem", "gateway.der", "gateway.key"] {
            std::fs::copy(shop.path().join(file), watched.join(file)).unwrap();
        }
        shop.end("gateway")
    };
    let first = make(20);
    let house = House::with(&format!(
        "[notifier]\ninterval = '1s'\nbackoff = '1h'\n[audience]\ncatch_all = ['ops@example.org']\n\
         [channels.kept]\nkind = 'outbox'\n[sources.certs]\nsystem = 'files'\npaths = ['{}']\n",
        watched.display(),
    ));
    assert!(comes_true(20, || !held(&house, "certs").is_empty()));
    let name = held(&house, "certs")[0]["name"].clone();
    let name = name.as_str().unwrap();
    let before = ends(&house, "certs", name, &first);
    assert_eq!(before["used_by"].as_array().map(Vec::len), Some(2));
    assert!(!before.to_string().contains("PRIVATE KEY"), "{before:#}");

    let second = make(90);
    let after = ends(&house, "certs", name, &second);
    assert_eq!(after["id"], before["id"]);
    assert_eq!(held(&house, "certs").len(), 1);
}

//! Sources read what independent mocks serve: from a vendor's own OpenAPI document, and of
//! AWS IAM.

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use serde_json::{Value, json};
use testkit::outside;

use crate::house::House;
use crate::wire::comes_true;

fn peer(script: &str) -> Option<Command> {
    let python = outside::peers_python()?;
    let peers = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/peers");
    let mut command = Command::new(python);
    command.arg(peers.join(script));
    Some(command)
}

/// Prism, serving the named paths of a document until the test ends.
struct Mock {
    child: Child,
    url: String,
    folder: tempfile::TempDir,
}

impl Mock {
    fn start(document: &Path, more: &[&str]) -> Option<Self> {
        let modules = outside::peers_npm()?.join("node_modules");
        let folder = tempfile::tempdir().unwrap();
        let mut command = peer("openapi_mock.py")?;
        command.arg("--node-modules").arg(modules);
        command.arg("--document").arg(document);
        command.arg("--out").arg(folder.path()).args(more);
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut line = String::new();
        let mut out = BufReader::new(child.stdout.take().unwrap());
        out.read_line(&mut line).unwrap();
        let said = line.trim().strip_prefix("listening ");
        let log = || std::fs::read_to_string(folder.path().join("prism.log"));
        let port = said.unwrap_or_else(|| panic!("{:?}", log())).to_owned();
        let url = format!("http://127.0.0.1:{port}");
        Some(Self { child, url, folder })
    }

    /// A file beside the mock's own.
    fn file(&self, name: &str, content: &str) -> PathBuf {
        let path = self.folder.path().join(name);
        std::fs::write(&path, content).unwrap();
        let private = std::os::unix::fs::PermissionsExt::from_mode(0o600);
        std::fs::set_permissions(&path, private).unwrap();
        path
    }
}

impl Drop for Mock {
    fn drop(&mut self) {
        // The script ends Prism when its input ends.
        drop(self.child.stdin.take());
        self.child.wait().ok();
    }
}

/// The state of a source, once it was read.
fn read(house: &House, id: &str) -> Value {
    let admin = house.admin();
    let state = || {
        let page = admin.get("/v1/sources").json();
        let items = page["items"].as_array().cloned().unwrap_or_default();
        items
            .into_iter()
            .find(|s| s["id"] == id)
            .unwrap_or_default()
    };
    let was_read = || !state()["succeeded_at"].is_null() || !state()["failing"].is_null();
    assert!(comes_true(60, was_read), "{}", state());
    state()
}

fn credentials(house: &House, id: &str) -> Vec<Value> {
    let page = house
        .admin()
        .get(&format!("/v1/credentials?source={id}&limit=200"))
        .json();
    page["items"].as_array().cloned().unwrap()
}

/// The private key of a GitHub App.
fn rsa_key() -> Option<String> {
    let code = "from cryptography.hazmat.primitives.asymmetric import rsa\n\
        from cryptography.hazmat.primitives import serialization as s\n\
        k=rsa.generate_private_key(65537,2048)\n\
        print(k.private_bytes(s.Encoding.PEM,s.PrivateFormat.PKCS8,s.NoEncryption()).decode())";
    let out = Command::new(outside::peers_python()?)
        .args(["-c", code])
        .output()
        .unwrap();
    Some(String::from_utf8(out.stdout).unwrap())
}

/// B69: GitHub's own OpenAPI document, served by Prism: the App signs in, what is listed
/// stands in the inventory, and the next page that is said to be on another host is not
/// asked for, so the read is one in part.
#[test]
fn githubs_own_document_is_read_and_its_foreign_next_link_is_refused() {
    let Some(npm) = outside::peers_npm() else {
        return;
    };
    let document = npm.join("node_modules/@octokit/openapi/generated/ghec.json");
    let paths = [
        "--path",
        "/orgs/{org}/personal-access-tokens",
        "--path",
        "/orgs/{org}/credential-authorizations",
        "--path",
        "/app/installations/{installation_id}/access_tokens",
        "--bearer",
    ];
    let Some(mock) = Mock::start(&document, &paths) else {
        return;
    };
    let Some(key) = rsa_key() else { return };
    let key = mock.file("key.pem", &key);
    let token = mock.file("token", "ghp_sample");
    let url = &mock.url;
    let config = format!(
        "[channels.kept]\nkind = 'outbox'\n[audience]\ncatch_all = ['ops@example.org']\n\
         [sources.hub]\nsystem = 'github'\nurl = '{url}'\norgs = ['acme']\napp_id = '1'\n\
         installation_id = '1'\nprivate_key = {{ file = '{}' }}\ntoken = {{ file = '{}' }}\n",
        key.display(),
        token.display(),
    );
    let house = House::with(&config);
    let state = read(&house, "hub");
    assert_eq!(state["state"], "partial", "{state}");
    let remarks = state["remarks"].to_string();
    assert!(
        remarks.contains("https://api.github.com, another origin"),
        "{remarks}"
    );
    let listed = credentials(&house, "hub");
    let fine: Vec<&Value> = listed
        .iter()
        .filter(|c| c["kind"] == "fine-grained-personal-access-token")
        .collect();
    assert!(!fine.is_empty() && fine.len() < listed.len(), "{listed:?}");
    assert!(
        fine.iter()
            .all(|c| !c["scopes"].as_array().unwrap().is_empty()),
        "{fine:?}"
    );
    assert!(refuses_strangers(&mock), "the mock asks for no credential");
}

fn refuses_strangers(mock: &Mock) -> bool {
    let address = mock.url.trim_start_matches("http://").parse().unwrap();
    let client = testkit::http::Client::new(address);
    client.get("/orgs/acme/personal-access-tokens").status == 401
}

/// By hand, with `FOREWARN_SPECS` naming a folder: the vendors' own documents of StackRox
/// and Okta, served by Prism; the inventory equals what the mock serves.
#[test]
fn vendors_documents_named_by_hand_are_read_as_they_are_served() {
    let Some(specs) = outside::vendor_specs() else {
        return;
    };
    for (file, system, path, items, more) in [
        (
            "stackrox-apitoken.json",
            "stackrox",
            "/v1/apitokens",
            "/tokens",
            "",
        ),
        ("okta-subset.json", "okta", "/api/v1/api-tokens", "", ""),
    ] {
        let Some(mock) = Mock::start(&specs.join(file), &["--path", path]) else {
            return;
        };
        let token = mock.file("token", "sample");
        let config = format!(
            "[channels.kept]\nkind = 'outbox'\n[audience]\ncatch_all = ['ops@example.org']\n\
             [sources.far]\nsystem = '{system}'\nurl = '{}'\ntoken = {{ file = '{}' }}\n{more}",
            mock.url,
            token.display(),
        );
        let house = House::with(&config);
        let state = read(&house, "far");
        let listed = credentials(&house, "far");
        let body = served_body(&mock, path, system);
        let wanted: Vec<&Value> = body
            .pointer(items)
            .unwrap()
            .as_array()
            .unwrap()
            .iter()
            .collect();
        println!(
            "{system}: {} served, {} in the inventory, {}",
            wanted.len(),
            listed.len(),
            state["state"]
        );
        for item in wanted {
            let same = |c: &&Value| c["external_id"] == item["id"] && c["name"] == item["name"];
            assert!(
                listed.iter().any(|c| same(&c)),
                "{item} is not in {listed:?}"
            );
        }
    }
}

fn served_body(mock: &Mock, path: &str, system: &str) -> Value {
    let address = mock.url.trim_start_matches("http://").parse().unwrap();
    let client = testkit::http::Client::new(address);
    let scheme = if system == "okta" { "SSWS" } else { "Bearer" };
    let request = format!(
        "GET {path} HTTP/1.1\r\nhost: x\r\nauthorization: {scheme} sample\r\nconnection: close\r\n\r\n"
    );
    client.raw(request.as_bytes()).json()
}

/// AWS IAM in moto: what its command line prints is read as the mock says it is.
#[test]
fn aws_iam_in_moto_is_read_from_what_its_command_line_prints() {
    let Some(mut command) = peer("moto_iam.py") else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let made = command.arg(folder.path()).output().unwrap();
    assert!(
        made.status.success(),
        "{}",
        String::from_utf8_lossy(&made.stderr)
    );
    let at = |name: &str| folder.path().join(name).display().to_string();
    let config = format!(
        "[channels.kept]\nkind = 'outbox'\n[audience]\ncatch_all = ['ops@example.org']\n\
         [sources.aws]\nsystem = 'aws-iam'\nmax_age = '90d'\naccess_keys = ['{}']\n\
         certificates = ['{}']\nreports = ['{}']\n",
        at("keys-*.json"),
        at("certificates.json"),
        at("report.json"),
    );
    let house = House::with(&config);
    let state = read(&house, "aws");
    assert_eq!(state["state"], "ok", "{state}");
    let listed = credentials(&house, "aws");
    let truth: Value = serde_json::from_slice(&std::fs::read(at("truth.json")).unwrap()).unwrap();
    for (id, key) in truth["keys"].as_object().unwrap() {
        let found = listed
            .iter()
            .find(|c| c["external_id"] == json!(id))
            .unwrap();
        let suspended = found["state"] == "suspended";
        assert_eq!(suspended, !key["active"].as_bool().unwrap(), "{found}");
        assert_eq!(found["labels"]["end"], "derived", "{found}");
        assert!(!found["expires_at"].is_null(), "{found}");
    }
    let certificate = listed
        .iter()
        .find(|c| c["kind"] == "server-certificate")
        .unwrap();
    assert_eq!(certificate["name"], "www");
    assert!(!certificate["expires_at"].is_null(), "{certificate}");
    assert!(
        listed
            .iter()
            .any(|c| c["external_id"].as_str().unwrap().ends_with("#1"))
    );
}

//! Folders as operators have them, with certificates that a library made.

use std::os::unix::fs::symlink;
use std::path::Path;

use app::ports::{Batch, Connector as _, ConnectorError, ReadSummary};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use domain::inventory::{End, Listed, Observation};
use domain::kernel::{Instant, SourceId};
use proptest::prelude::*;
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, KeyPair, date_time_ymd};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::sync::mpsc;

use super::form::Form;
use super::read::read;
use super::source::FileSource;

fn at(text: &str) -> Instant {
    Instant::parse(text).unwrap()
}

fn certificate(name: &str, year: i32) -> String {
    let mut params = CertificateParams::new(vec![format!("{name}.example")]).unwrap();
    params.distinguished_name.push(DnType::CommonName, name);
    params.not_before = date_time_ymd(year - 1, 1, 1);
    params.not_after = date_time_ymd(year, 1, 1);
    params
        .self_signed(&KeyPair::generate().unwrap())
        .unwrap()
        .pem()
}

fn authority(name: &str) -> String {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.distinguished_name.push(DnType::CommonName, name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.not_after = date_time_ymd(2040, 1, 1);
    params
        .self_signed(&KeyPair::generate().unwrap())
        .unwrap()
        .pem()
}

fn token(claims: &Value) -> String {
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    format!("{}.{}.c2ln", part(&json!({"alg": "RS256"})), part(claims))
}

/// A folder of files, and a source that reads it.
struct Folder {
    at: TempDir,
    checkpoint: Option<Value>,
}

impl Folder {
    fn new() -> Self {
        Self {
            at: tempfile::tempdir().unwrap(),
            checkpoint: None,
        }
    }

    fn path(&self, name: &str) -> String {
        self.at.path().join(name).display().to_string()
    }

    fn write(&self, name: &str, content: impl AsRef<[u8]>) -> String {
        let path = self.at.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, content).unwrap();
        path.display().to_string()
    }

    /// Reads everything, as the loop would, and keeps the checkpoint.
    async fn read(&mut self) -> Result<(Vec<Listed>, ReadSummary), ConnectorError> {
        self.read_paths(&[self.path("")]).await
    }

    async fn read_paths(
        &mut self,
        paths: &[String],
    ) -> Result<(Vec<Listed>, ReadSummary), ConnectorError> {
        let source = FileSource {
            id: SourceId::parse("disk").unwrap(),
            paths: paths.to_vec(),
            form: None,
        };
        let (sender, mut batches) = mpsc::channel::<Batch>(100);
        let summary = source.read(self.checkpoint.clone(), sender).await?;
        let mut listed = Vec::new();
        while let Some(batch) = batches.recv().await {
            self.checkpoint = Some(batch.checkpoint);
            listed.extend(batch.observations.into_iter().map(|told| match told {
                Observation::Listed(listed) => *listed,
                _ => panic!("files list"),
            }));
        }
        Ok((listed, summary))
    }
}

fn ids(listed: &[Listed]) -> Vec<String> {
    let mut ids: Vec<String> = listed.iter().map(|one| one.external_id.clone()).collect();
    ids.sort();
    ids
}

fn the<'a>(listed: &'a [Listed], id: &str) -> &'a Listed {
    listed.iter().find(|one| one.external_id == id).unwrap()
}

#[tokio::test]
async fn a_certificate_is_known_by_where_it_lies_and_what_it_is_called() {
    let mut folder = Folder::new();
    let path = folder.write("web.pem", certificate("web", 2027));
    let (listed, summary) = folder.read().await.unwrap();
    assert!(summary.complete && summary.is_listing, "{summary:?}");
    let id = format!("{path}#web");
    let before = the(&listed, &id).clone();
    assert_eq!(before.kind, "certificate");
    assert_eq!(before.name.as_ref().unwrap().as_str(), "web");
    assert_eq!(before.end, End::Known(at("2027-01-01T00:00:00Z")));
    assert_eq!(before.used_by[0].what, path);
    assert_eq!(before.labels["names"], "web.example");

    folder.write("web.pem", certificate("web", 2028));
    let (listed, _) = folder.read().await.unwrap();
    let renewed = the(&listed, &id);
    assert_eq!(listed.len(), 1);
    assert_eq!(renewed.end, End::Known(at("2028-01-01T00:00:00Z")));
    assert_ne!(renewed.labels["sha256"], before.labels["sha256"]);
}

#[tokio::test]
async fn the_same_certificate_in_several_files_is_listed_once_with_its_places() {
    let mut folder = Folder::new();
    let (leaf, middle) = (certificate("web", 2027), authority("R10"));
    let cert = folder.write("live/cert.pem", &leaf);
    let chain = folder.write("live/chain.pem", &middle);
    let full = folder.write("live/fullchain.pem", format!("{leaf}{middle}"));
    folder.write(
        "live/privkey.pem",
        KeyPair::generate().unwrap().serialize_pem(),
    );
    let (listed, summary) = folder.read().await.unwrap();
    assert!(summary.complete, "{summary:?}");
    assert_eq!(
        ids(&listed),
        [format!("{cert}#web"), format!("{chain}#R10")]
    );
    let places = |id: &str| -> Vec<String> {
        the(&listed, id)
            .used_by
            .iter()
            .map(|place| place.what.clone())
            .collect()
    };
    assert_eq!(places(&format!("{cert}#web")), [cert.clone(), full.clone()]);
    assert_eq!(the(&listed, &format!("{chain}#R10")).kind, "ca-certificate");

    // A file that was left behind with the old one shows as its own.
    folder.write("live/cert.pem", certificate("web", 2028));
    let (listed, _) = folder.read().await.unwrap();
    let left = the(&listed, &format!("{full}#web"));
    assert_eq!(left.end, End::Known(at("2027-01-01T00:00:00Z")));
}

#[tokio::test]
async fn of_two_with_one_name_the_newest_has_the_plain_id() {
    let mut folder = Folder::new();
    let text = format!("{}{}", certificate("ca", 2027), certificate("ca", 2035));
    let path = folder.write("trust.pem", text);
    let (listed, _) = folder.read().await.unwrap();
    let end = |id: String| the(&listed, &id).end;
    assert_eq!(
        end(format!("{path}#ca")),
        End::Known(at("2035-01-01T00:00:00Z"))
    );
    assert_eq!(
        end(format!("{path}#ca#2")),
        End::Known(at("2027-01-01T00:00:00Z"))
    );
}

#[tokio::test]
async fn every_form_is_known_by_its_content() {
    let mut folder = Folder::new();
    let pem = certificate("admin", 2030);
    folder.write(
        "a",
        format!(
            "# two\n{}\n{}\n",
            token(&json!({"sub": "one", "exp": 1_800_000_000, "scp": ["r"]})),
            token(&json!({"sub": "two"}))
        ),
    );
    folder.write(
        "b",
        json!({"keys": [{"kty": "RSA", "kid": "k1"}]}).to_string(),
    );
    folder.write("c", format!("apiVersion: v1\nkind: Config\nusers:\n- name: root\n  user:\n    client-certificate-data: {}\n- name: eks\n  user: {{exec: {{command: aws}}}}\n", STANDARD.encode(&pem)));
    folder.write("d", "\u{feff}external_id;name;expires_at;owner_email;labels.env\r\n7;seven;2027-01-31;ada@example.org;prod\r\n8;eight;never;;\r\n9;nine;2027-01-31 10:00:00;;\r\n");
    folder.write("e", "{\"external_id\":\"10\",\"expires_at\":\"2027-06-01T00:00:00Z\"}\n\n{\"external_id\":\"11\"}\n");
    folder.write("f", "[{\"external_id\":\"12\",\"kind\":\"key\"}]");
    folder.write("README", "Not a credential at all.");
    let (listed, summary) = folder.read().await.unwrap();
    assert!(summary.complete, "{summary:?}");
    let found: Vec<(String, &str)> = {
        let root = folder.path("");
        let mut found: Vec<_> = listed
            .iter()
            .map(|one| (one.external_id.replace(&root, ""), one.kind.as_str()))
            .collect();
        found.sort();
        found
    };
    let expected = [
        ("10", "token"),
        ("11", "token"),
        ("12", "key"),
        ("7", "token"),
        ("8", "token"),
        ("9", "token"),
        ("a#one", "jwt"),
        ("a#two", "jwt"),
        ("b#k1", "jwk"),
        ("c#root", "kubeconfig-user"),
    ];
    let expected: Vec<(String, &str)> = expected.map(|(id, kind)| (id.to_owned(), kind)).to_vec();
    assert_eq!(found, expected);
    let seven = the(&listed, "7");
    assert_eq!(seven.end, End::Known(at("2027-01-31T00:00:00Z")));
    assert_eq!(
        seven.owner.as_ref().unwrap().email.as_deref(),
        Some("ada@example.org")
    );
    assert_eq!(seven.labels["env"], "prod");
    assert_eq!(the(&listed, "8").end, End::Never);
    assert_eq!(
        the(&listed, "9").end,
        End::Known(at("2027-01-31T10:00:00Z"))
    );
    assert_eq!(the(&listed, "11").end, End::Unknown);
    assert!(
        summary.remarks.iter().any(|r| r.contains("user `eks`")),
        "{summary:?}"
    );
}

/// B68: what leads in a circle, waits for a writer or has no end is left, and closes
/// nothing; the rest is read.
#[tokio::test]
async fn links_pipes_and_giants_leave_the_listing_open() {
    let giant = |path: &Path| {
        let file = std::fs::File::create(path).unwrap();
        file.set_len(super::place::FILE_MAX + 1).unwrap();
    };
    let pipe = |path: &Path| {
        let made = std::process::Command::new("mkfifo").arg(path).status();
        assert!(made.unwrap().success());
    };
    let circle = |path: &Path| symlink(path, path).unwrap();
    let dangling = |path: &Path| symlink("/nowhere/at/all", path).unwrap();
    type Maker<'a> = (&'a str, &'a dyn Fn(&Path));
    let makers: [Maker<'_>; 4] = [
        ("longer than 16 MiB", &giant),
        ("no regular file", &pipe),
        ("cannot be read", &circle),
        ("cannot be read", &dangling),
    ];
    for (says, make) in makers {
        let mut folder = Folder::new();
        folder.write("web.pem", certificate("web", 2027));
        make(&folder.at.path().join("zzz"));
        let (listed, summary) = folder.read().await.unwrap();
        assert_eq!(listed.len(), 1);
        assert!(!summary.complete);
        assert!(summary.remarks[0].contains(says), "{summary:?}");
    }
}

#[tokio::test]
async fn a_link_to_a_file_is_followed_and_a_second_way_to_a_folder_is_not() {
    let mut folder = Folder::new();
    // As Kubernetes mounts a secret.
    folder.write("..2026_11_26/tls.crt", certificate("web", 2027));
    symlink("..2026_11_26", folder.at.path().join("..data")).unwrap();
    symlink("..data/tls.crt", folder.at.path().join("tls.crt")).unwrap();
    symlink(".", folder.at.path().join("again")).unwrap();
    let (listed, summary) = folder.read().await.unwrap();
    assert!(summary.complete, "{summary:?}");
    assert_eq!(ids(&listed), [format!("{}#web", folder.path("tls.crt"))]);
}

#[tokio::test]
async fn a_file_that_ceased_to_tell_is_not_gone() {
    for now in [
        "",
        "<html>log in</html>",
        "-----BEGIN CERTIFICATE-----\nMII",
    ] {
        let mut folder = Folder::new();
        folder.write("web.pem", certificate("web", 2027));
        folder.write("db.pem", certificate("db", 2027));
        assert!(folder.read().await.unwrap().1.complete);
        folder.write("web.pem", now);
        for _ in 0..2 {
            let (listed, summary) = folder.read().await.unwrap();
            assert_eq!(listed.len(), 1);
            assert!(!summary.complete, "{now}: {summary:?}");
        }
        // One that was removed is.
        std::fs::remove_file(folder.path("web.pem")).unwrap();
        assert!(folder.read().await.unwrap().1.complete);
    }
}

#[tokio::test]
async fn a_path_that_names_nothing_is_an_error_and_beside_others_a_remark() {
    let mut folder = Folder::new();
    let missing = folder.path("none/*.pem");
    let error = folder
        .read_paths(std::slice::from_ref(&missing))
        .await
        .unwrap_err();
    assert!(error.to_string().contains("matches no file"), "{error}");
    let good = folder.write("web.pem", certificate("web", 2027));
    let (listed, summary) = folder.read_paths(&[missing, good]).await.unwrap();
    assert_eq!(listed.len(), 1);
    assert!(!summary.complete);
    let named = folder.write("notes.txt", "nothing");
    assert!(folder.read_paths(&[named]).await.is_err());
}

/// B75: rows that cannot be read are counted and named by number, never by content, and
/// leave the listing open.
#[tokio::test]
async fn bad_rows_are_counted_and_not_repeated() {
    let mut folder = Folder::new();
    let mut text = "external_id,expires_at\n1,2027-01-01\n".to_owned();
    (0..100_000).for_each(|_| text.push_str("hunter2,hunter2\n"));
    folder.write("list.csv", text);
    let (listed, summary) = folder.read().await.unwrap();
    assert_eq!((listed.len(), summary.unreadable), (1, 100_000));
    assert!(!summary.complete);
    assert!(summary.remarks.len() <= 3 && summary.remarks[0].contains("row 3"));
    assert!(!format!("{summary:?}").contains("hunter2"));
}

#[tokio::test]
async fn a_column_that_is_not_known_is_refused_without_its_name() {
    let mut folder = Folder::new();
    folder.write("web.pem", certificate("web", 2027));
    folder.write("list.csv", "external_id,hunter2\n1,2\n");
    let (listed, summary) = folder.read().await.unwrap();
    assert_eq!(listed.len(), 1);
    assert!(summary.remarks[0].contains("column 2"), "{summary:?}");
    assert!(!format!("{summary:?}").contains("hunter2"));
}

/// P4: nothing of a token or key leaves its file.
#[tokio::test]
async fn no_secret_leaves_its_file() {
    let mut folder = Folder::new();
    let token = token(&json!({"sub": "svc", "exp": 1_800_000_000}));
    let key = KeyPair::generate().unwrap().serialize_pem();
    folder.write("token", &token);
    folder.write("both.pem", format!("{key}{}", certificate("web", 2027)));
    folder.write("damaged", format!("{token}\nhunter2-{token}"));
    folder.write("config", "kind: Config\nusers:\n- name: u\n  user: {token: hunter2}\n- name: v\n  user: {client-certificate-data: aHVudGVyMg==, client-key-data: aHVudGVyMg==}\n");
    let (listed, summary) = folder.read().await.unwrap();
    let everything = format!("{listed:?} {summary:?} {:?}", folder.checkpoint);
    let (_, body) = key.split_once("-----\n").unwrap();
    for secret in ["hunter2", "aHVudGVyMg", &token, body.get(..40).unwrap()] {
        assert!(!everything.contains(secret), "{secret}");
    }
}

proptest! {
    #[test]
    fn arbitrary_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        for form in [None, Some(Form::Certificate), Some(Form::Csv), Some(Form::Jwt),
            Some(Form::Jwks), Some(Form::Kubeconfig), Some(Form::Ndjson), Some(Form::JsonArray)] {
            let _ = read(Path::new("/x"), "/x", &bytes, form);
        }
    }

    #[test]
    fn arbitrary_text_never_panics(
        head in prop::sample::select(vec!["", "{", "[", "kind: Config\n", "external_id,name\n", "-----BEGIN CERTIFICATE-----"]),
        text in "\\PC{0,200}",
    ) {
        let _ = read(Path::new("/x"), "/x", format!("{head}{text}").as_bytes(), None);
    }
}

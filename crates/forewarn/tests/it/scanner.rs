//! What follows every link in a mail, as scanners do, changes nothing.

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::Value;
use testkit::http::Client;

use crate::house::{CONFIG, House};
use crate::push::{in_hours, push};
use crate::wire::comes_true;

/// How the alerts stand, and how much was done so far.
fn standing(admin: &Client) -> (Value, usize) {
    let audit = admin.get("/v1/audit").expect(200).json();
    let done = audit["items"].as_array().unwrap().len();
    (admin.get("/v1/alerts").expect(200).json(), done)
}

/// The text of every mail that was kept.
fn mails(folder: &Path) -> String {
    let files = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let texts = files.map(|file| std::fs::read_to_string(file.path()).unwrap_or_default());
    texts.collect::<Vec<_>>().join("\n")
}

/// Every address of this server in a text, as a path.
fn links(text: &str, url: &str) -> BTreeSet<String> {
    let after = text.split(url).skip(1);
    let ends = |c: char| c.is_whitespace() || "\"'<>)\\".contains(c);
    let path = |rest: &str| rest.split(ends).next().unwrap_or_default().to_owned();
    let paths = after.map(path).filter(|p| p.starts_with('/'));
    paths.map(|p| p.replace("&amp;", "&")).collect()
}

/// S5, T15: GET and HEAD of every link, several times and without a sign-in, acknowledge,
/// snooze and end nothing.
#[test]
fn following_every_link_of_a_mail_changes_nothing() {
    let kept = "kind = \"outbox\"";
    let folder = tempfile::tempdir().unwrap();
    let written = format!("{kept}\ndirectory = \"{}\"", folder.path().display());
    let config = CONFIG.replace(kept, &written);
    let house = House::with(&config);
    push(&house.admin(), "first", "2099-01-01T00:00:00Z").succeeded();
    push(&house.admin(), "deploy", &in_hours(20)).succeeded();
    let arrived = || mails(folder.path()).contains("deploy");
    assert!(comes_true(30, arrived), "{}", house.server.log());
    // That it was heard is written after the mail was taken.
    let heard = || {
        let alerts = house.admin().get("/v1/alerts").expect(200).json();
        let mut items = alerts["items"].as_array().unwrap().iter();
        items.any(|alert| alert["heard_at"].is_string())
    };
    assert!(comes_true(30, heard), "{}", house.server.log());
    let text = mails(folder.path());
    let links = links(&text, &house.server.url());
    assert!(!links.is_empty(), "{text}");
    let before = standing(&house.admin());
    let scanner = house.server.client();
    for link in &links {
        for method in ["GET", "HEAD", "GET"] {
            let reply = scanner.try_request(method, link, &[], b"").unwrap();
            assert!(reply.status < 500, "{method} {link}: {}", reply.status);
        }
    }
    assert_eq!(standing(&house.admin()), before, "{links:?}");
}

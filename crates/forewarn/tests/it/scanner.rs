//! What follows every link in a mail, as scanners do, changes nothing.

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::Value;
use testkit::http::Client;

use crate::house::{CONFIG, House};
use crate::push::{in_hours, push};
use crate::receiver::Receiver;
use crate::wire::comes_true;

/// Bodies for rooms in which people press links.
const ROOMS: [&str; 3] = ["slack", "teams", "mattermost"];
/// What stands in the bodies of each.
const MARKS: [&str; 3] = ["mrkdwn", "AdaptiveCard", "](http"];

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
    let ends = |c: char| c.is_whitespace() || "\"'<>|)\\".contains(c);
    let path = |rest: &str| rest.split(ends).next().unwrap_or_default().to_owned();
    let paths = after.map(path).filter(|p| p.starts_with('/'));
    paths.map(|p| p.replace("&amp;", "&")).collect()
}

/// A house with mail and rooms of each kind that people act from; what the rooms got.
fn furnished(folder: &Path) -> (House, Receiver) {
    let kept = "kind = \"outbox\"";
    let written = format!("{kept}\ndirectory = \"{}\"", folder.display());
    let rooms = Receiver::start();
    let room = |format: &str| {
        let url = rooms.url();
        format!("[channels.{format}]\nkind = \"webhook\"\nformat = \"{format}\"\nurl = \"{url}\"\n")
    };
    let inside = "[egress]\nallow_cidrs = [\"127.0.0.0/8\"]\n";
    let config = CONFIG.replace(kept, &written) + inside;
    let config = ROOMS
        .iter()
        .fold(config, |config, format| config + &room(format));
    (House::with(&config), rooms)
}

/// S5, T15, L30: GET and HEAD of every link of every message, several times and without a
/// sign-in, acknowledge, snooze and end nothing, and none leads nowhere; only a press acts,
/// with the very links that were followed.
#[test]
fn following_every_link_of_a_mail_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let (house, rooms) = furnished(folder.path());
    push(&house.admin(), "first", "2099-01-01T00:00:00Z").succeeded();
    push(&house.admin(), "deploy", &in_hours(20)).succeeded();
    let posted = || {
        let bodies = rooms.received().into_iter().map(|r| r.body.to_string());
        bodies
            .filter(|body| body.contains("deploy"))
            .collect::<Vec<_>>()
    };
    // Each kind of room is told by its marks.
    let has = |mark: &str| posted().iter().any(|body| body.contains(mark));
    let arrived = || mails(folder.path()).contains("deploy") && MARKS.iter().all(|mark| has(mark));
    assert!(comes_true(30, arrived), "{}", house.server.log());
    // That it was heard is written after the mail was taken; then nothing is under way.
    let heard = || {
        let alerts = house.admin().get("/v1/alerts").expect(200).json();
        let mut items = alerts["items"].as_array().unwrap().iter();
        items.any(|alert| alert["heard_at"].is_string())
    };
    let under_way = |state: &str| {
        let path = format!("/v1/messages?state={state}");
        let list = house.admin().get(&path).expect(200).json();
        !list["items"].as_array().unwrap().is_empty()
    };
    let settled = || {
        heard()
            && !["collecting", "queued", "sending"]
                .into_iter()
                .any(under_way)
    };
    assert!(comes_true(30, settled), "{}", house.server.log());
    let texts = [vec![mails(folder.path())], posted()].concat();
    let mut followed = BTreeSet::new();
    let before = standing(&house.admin());
    let scanner = house.server.client();
    for text in &texts {
        let links = links(text, &house.server.url());
        // Each message holds a link that acts.
        assert!(links.iter().any(|link| link.starts_with("/act/")), "{text}");
        followed.extend(links);
    }
    for link in &followed {
        for method in ["GET", "HEAD", "GET"] {
            let reply = scanner.try_request(method, link, &[], b"").unwrap();
            let leads = matches!(reply.status, 200 | 303);
            assert!(leads, "{method} {link}: {}", reply.status);
        }
    }
    assert_eq!(standing(&house.admin()), before, "{followed:?}");
    let act = followed
        .iter()
        .find(|link| link.starts_with("/act/"))
        .unwrap();
    let page = scanner.get(act).expect(200);
    assert_eq!(page.header("referrer-policy"), Some("no-referrer"));
    let _ = scanner.form(act, "do=acknowledge").expect(303);
    assert_ne!(standing(&house.admin()), before);
}

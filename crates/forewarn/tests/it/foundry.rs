//! A Foundry with many log files, read by a server that dies again and again.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use testkit::http::Client;
use testkit::server::{Launch, Server};

use crate::foundry_fake::{Asked, Foundry, SECRET, lines};
use crate::house::launch;
use crate::wire::comes_true;

/// The most memory that a server may ever have held, in KiB. One large file alone has
/// 9 MiB, all together nearly two hundred.
const MEMORY_MAX: u64 = 128 * 1024;
/// Files that may be fetched again for each death: one under way, and those that wait to
/// be stored.
const UNDER_WAY: usize = 8;

/// B62, B64, B68, F2: each file is fetched once more at most, nothing is counted twice,
/// memory is flat.
#[test]
fn a_server_that_dies_reads_each_log_file_once_more_at_most_and_counts_nothing_twice() {
    let (files, deaths) = (1_000, 6);
    let foundry = Foundry::start(files);
    let folder = tempfile::tempdir().unwrap();
    let start = || configured(launch(folder.path()), &foundry).start();
    for death in 1..=deaths {
        let server = start();
        if death == 1 {
            let body = json!({"name": "Ada", "email": "person3@example.org"});
            let _ = server.admin().post("/v1/people", &body).expect(201);
        }
        let enough = files * death / (deaths + 1);
        assert!(
            comes_true(120, || foundry.files_asked() >= enough),
            "{}",
            server.log()
        );
        println!("life {death}: {} KiB", memory(&server));
        server.kill();
    }
    let server = start();
    let whole: u64 = (0..files).map(|file| lines(file) as u64).sum();
    assert!(
        comes_true(240, || source(&server.admin())["read"] == whole),
        "{} of {whole}\n{}",
        source(&server.admin()),
        server.log()
    );
    println!("last life: {} KiB; {whole} lines", memory(&server));
    assert!(memory(&server) < MEMORY_MAX);
    each_file_came_once_more_at_most(&foundry.asked(), files, deaths);
    the_inventory_is_whole(&server, files);
    assert_eq!(source(&server.admin())["unreadable"], 0);
}

fn configured(launch: Launch, foundry: &Foundry) -> Launch {
    let config = format!(
        r#"
[notifier]
interval = "1s"
backoff = "1s"
[audience]
catch_all = ["ops@example.org"]
[channels.kept]
kind = "outbox"
[sources.prod-foundry]
system = "foundry"
host = "{}"
organization = "ri.multipass..organization.fake"
client_id = "forewarn"
client_secret = {{ env = "FOUNDRY_SECRET" }}
start_date = 2026-01-01
"#,
        foundry.host()
    );
    launch.config(&config).env("FOUNDRY_SECRET", SECRET)
}

fn source(admin: &Client) -> Value {
    let page = admin.get("/v1/sources").expect(200).json();
    let items = page["items"].as_array().unwrap();
    let found = items.iter().find(|item| item["id"] == "prod-foundry");
    found.cloned().unwrap_or_default()
}

/// The most memory the process ever held, in KiB.
fn memory(server: &Server) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", server.id())).unwrap();
    let line = status.lines().find_map(|l| l.strip_prefix("VmHWM:"));
    line.unwrap()
        .trim()
        .trim_end_matches(" kB")
        .parse()
        .unwrap()
}

fn each_file_came_once_more_at_most(asked: &[Asked], files: usize, deaths: usize) {
    let (mut times, mut users): (BTreeMap<usize, usize>, BTreeMap<usize, usize>) =
        Default::default();
    for asked in asked {
        match asked {
            Asked::File(file) => *times.entry(*file).or_default() += 1,
            Asked::User(user) => *users.entry(*user).or_default() += 1,
            Asked::Token => {}
        }
    }
    assert_eq!(times.len(), files);
    let again = times.values().filter(|times| **times > 1).count();
    println!("{again} of {files} files came again after {deaths} deaths");
    assert!(times.values().all(|times| *times <= 2), "{times:?}");
    assert!(again <= deaths * UNDER_WAY, "{again} files came again");
    assert!(
        users.values().all(|times| *times <= 1 + deaths),
        "{users:?}"
    );
}

/// Every token with its state, its owner by name, and where it is renewed.
fn the_inventory_is_whole(server: &Server, files: usize) {
    let admin = server.admin();
    let (mut found, mut cursor) = (BTreeMap::new(), String::new());
    loop {
        let path = format!("/v1/credentials?source=prod-foundry&limit=200{cursor}");
        let page = admin.get(&path).expect(200).json();
        for item in page["items"].as_array().unwrap() {
            found.insert(
                item["external_id"].as_str().unwrap().to_owned(),
                item.clone(),
            );
        }
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    assert_eq!(found.len(), files);
    for number in 0..files {
        let state = &found[&format!("token-{number}")]["state"];
        let want = if number % 2 == 1 { "active" } else { "revoked" };
        assert_eq!(state, want, "token-{number}");
    }
    let of_ada = &found["token-3"];
    assert!(of_ada.to_string().contains("Ada"), "{of_ada}");
    let renewed = of_ada["origin_url"].as_str().unwrap();
    assert!(renewed.ends_with("/workspace/settings/tokens"), "{renewed}");
    assert!(of_ada["advice"].to_string().contains("client credentials"));
    assert!(!server.log().contains(SECRET) && !server.log().contains("fake-token"));
}

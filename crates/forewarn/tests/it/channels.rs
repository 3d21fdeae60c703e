//! `forewarn channel`, `/v1/channels` and their page: ways out that fail, and what is told of them.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::path::Path;
use std::thread;

use serde_json::{Value, json};

use crate::compress::signed_in;
use crate::house::{House, run};
use crate::wire::comes_true;

/// What a room's address is kept secret for.
const SECRET: &str = "xHk7r3tQ9wZsecretpathVb2";

/// A room that takes what comes, and says 410 below `/gone/`.
fn rooms() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let mut head = [0_u8; 16_384];
            let read = stream.read(&mut head).unwrap_or_default();
            let is_gone = head[..read].starts_with(b"POST /gone/");
            let status = if is_gone { "410 Gone" } else { "200 OK" };
            let answer =
                format!("HTTP/1.1 {status}\r\ncontent-length: 2\r\nconnection: close\r\n\r\nok");
            drop(stream.write_all(answer.as_bytes()));
            // What is left of the request is read, so that no reset overtakes the answer.
            drop(std::io::copy(&mut stream, &mut std::io::sink()));
        }
    });
    format!("http://{address}")
}

fn house() -> House {
    let rooms = rooms();
    let closed = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let room = |name: &str, base: &str| {
        format!(
            "[channels.{name}]\nkind = \"webhook\"\nformat = \"slack\"\nurl = \"{base}/{name}/{SECRET}\"\n"
        )
    };
    House::with(&format!(
        "[audience]\ncatch_all = [\"ops@example.org\"]\n\
         [egress]\nallow_cidrs = [\"127.0.0.0/8\"]\n{}{}{}",
        room("open", &rooms),
        room("gone", &rooms),
        room("away", &format!("http://{closed}")),
    ))
}

fn messages(house: &House) -> Vec<Value> {
    let page = house.admin().get("/v1/messages").expect(200).json();
    page["items"].as_array().unwrap().clone()
}

/// T19: a test of a channel that refuses says what failed and ends with 1; the ledger shows the
/// attempt as it shows those of warnings.
#[test]
fn a_test_of_a_channel_that_fails_says_so() {
    let house = house();
    let told = house.cli(&["channel", "test", "gone"]).ends_with(1);
    let said = format!("{}{}", told.out, told.err);
    assert!(said.contains("410"), "{said}");
    house.cli(&["channel", "test", "open"]).ends_with(0);
    let all = messages(&house);
    let of = |channel: &str| all.iter().find(|m| m["channel"] == channel).unwrap();
    assert_eq!(of("gone")["state"], "failed");
    assert_eq!(of("open")["state"], "accepted");
    let id = of("gone")["id"].as_str().unwrap();
    let whole = house
        .admin()
        .get(&format!("/v1/messages/{id}"))
        .expect(200)
        .json();
    assert_eq!(whole["attempts"].as_array().unwrap().len(), 1);
    assert_eq!(whole["attempts"][0]["outcome"], "permanent");
    let detail = whole["attempts"][0]["detail"].as_str().unwrap();
    assert!(detail.contains("410"), "{detail}");
}

/// T16: the secret address of a room is in no answer, page, log, file or copy, whether the room
/// takes the message, refuses it or is not there.
#[test]
fn the_address_of_a_room_is_kept_nowhere() {
    let house = house();
    for name in ["open", "gone", "away"] {
        let path = format!("/v1/channels/{name}/test");
        assert!(house.admin().post(&path, &json!({})).status < 300);
    }
    let tried = comes_true(20, || {
        let all = messages(&house);
        all.len() >= 3 && all.iter().all(|m| m["attempts"].as_u64() > Some(0))
    });
    assert!(tried, "{:?}", messages(&house));
    let mut paths: Vec<String> = ["channels", "messages", "alerts", "audit"]
        .map(|list| format!("/v1/{list}"))
        .to_vec();
    let all = messages(&house);
    let ids = all.iter().map(|m| m["id"].as_str().unwrap());
    paths.extend(ids.map(|id| format!("/v1/messages/{id}")));
    paths.extend(["/metrics", "/readyz"].map(str::to_owned));
    for path in &paths {
        assert_lacks(path, &house.admin().get(path).body);
    }
    let (cookie, _) = signed_in(&house);
    for path in ["/channels", "/alerts", "/audit", "/"] {
        let headers = [("cookie", cookie.as_str())];
        let page = house
            .stranger()
            .request("GET", path, &headers, b"")
            .expect(200);
        assert_lacks(path, &page.body);
    }
    let (data, config, copy) = (
        house.path("data"),
        house.path("data.toml"),
        house.path("copy.db"),
    );
    let text = |path: &Path| path.to_str().unwrap().to_owned();
    let (data_arg, config_arg, copy_arg) = (text(&data), text(&config), text(&copy));
    let backup = [
        "backup",
        "--to",
        &copy_arg,
        "--data",
        &data_arg,
        "--config",
        &config_arg,
    ];
    run(&backup, &[], b"").ends_with(0);
    assert_lacks("the log", house.server.log().as_bytes());
    assert_lacks("the copy", &std::fs::read(&copy).unwrap());
    for file in std::fs::read_dir(&data).unwrap() {
        let path = file.unwrap().path();
        assert_lacks(&path.display().to_string(), &std::fs::read(&path).unwrap());
    }
}

#[track_caller]
fn assert_lacks(place: &str, bytes: &[u8]) {
    let held = bytes
        .windows(SECRET.len())
        .any(|w| w.eq_ignore_ascii_case(SECRET.as_bytes()));
    assert!(!held, "{place} holds the address");
}

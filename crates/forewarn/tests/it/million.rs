//! A system that lists very many credentials: all of them are read, in memory that does
//! not follow their number, and a listing that was cut ends none of them.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use serde_json::Value;

use crate::house::House;
use crate::wire::comes_true;

/// Items of a page.
const PAGE: usize = 500;

/// A fake of a vendor whose list has so many items; how many pages it gives before it
/// breaks can be set.
struct Vendor {
    address: SocketAddr,
    breaks_after: Arc<AtomicUsize>,
}

impl Vendor {
    fn start(items: usize) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let breaks_after = Arc::new(AtomicUsize::new(usize::MAX));
        let limit = Arc::clone(&breaks_after);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let limit = Arc::clone(&limit);
                std::thread::spawn(move || answer(stream, items, &limit));
            }
        });
        Self {
            address,
            breaks_after,
        }
    }
}

fn answer(mut stream: TcpStream, items: usize, breaks_after: &AtomicUsize) {
    stream.set_nodelay(true).ok();
    let mut buffer = [0_u8; 4096];
    while let Ok(length @ 1..) = stream.read(&mut buffer) {
        let request = String::from_utf8_lossy(&buffer[..length]);
        let page = request
            .split_once("cursor=")
            .map_or(0, |(_, rest)| number(rest));
        let (status, body) = match page < breaks_after.load(Ordering::SeqCst) {
            true => ("200 OK", list(page, items)),
            false => ("500 Internal Server Error", String::new()),
        };
        let head = format!(
            "HTTP/1.1 {status}\r\ncontent-length: {}\r\n\r\n",
            body.len()
        );
        if stream.write_all((head + &body).as_bytes()).is_err() {
            return;
        }
    }
}

fn number(text: &str) -> usize {
    let digits: String = text.chars().take_while(char::is_ascii_digit).collect();
    digits.parse().unwrap_or(0)
}

fn list(page: usize, items: usize) -> String {
    let range = page * PAGE..((page + 1) * PAGE).min(items);
    let next = match range.end < items {
        true => format!("\"{}\"", page + 1),
        false => "null".to_owned(),
    };
    let rows: Vec<String> = range
        .map(|n| {
            let (month, day) = (n / 28 % 12 + 1, n % 28 + 1);
            format!(
                r#"{{"id":"k{n:07}","label":"deploy key of service {n}","end":"2037-{month:02}-{day:02}T00:00:00Z","mail":"p{}@example.org"}}"#,
                n % 2000
            )
        })
        .collect();
    format!(r#"{{"data":[{}],"next":{next}}}"#, rows.join(","))
}

const PRESET: &str = r#"
id = "vast"
system = "Vast"
read = [{ url = "https://docs.vast.example", on = "2026-11-26" }]
tried = "documented payloads"
needs = "nothing"
[settings]
url = { says = "where it is" }
[auth]
kind = "none"
[request]
base = "{setting.url}"
[[lists]]
name = "keys"
kind = "key"
path = "/keys"
items = "/data"
page = { kind = "cursor", from = "/next", param = "cursor" }
[lists.map]
external_id = "/id"
name = "/label"
expires = { at = "/end" }
owner = { email = "/mail" }
"#;

fn state(house: &House) -> Value {
    let sources = house.admin().get("/v1/sources").expect(200).json();
    let mut items = sources["items"].as_array().unwrap().iter();
    items.find(|source| source["id"] == "vast").unwrap().clone()
}

/// How many credentials the source holds, as the export streams them.
fn held(house: &House) -> usize {
    let text = house
        .admin()
        .get("/v1/credentials.ndjson?source=vast&state=active")
        .expect(200)
        .text();
    text.lines().count()
}

/// The most memory the process ever held, in KiB.
fn memory(house: &House) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", house.server.id())).unwrap();
    let line = status.lines().find_map(|l| l.strip_prefix("VmHWM:"));
    number(line.unwrap().trim_start()) as u64
}

/// B69: 20,000 items in each run, a million in long ones.
#[test]
fn a_list_of_a_million_is_read_whole_and_a_cut_one_ends_nothing() {
    let items = if testkit::outside::long() {
        1_000_000
    } else {
        20_000
    };
    let vendor = Vendor::start(items);
    let folder = tempfile::tempdir().unwrap();
    let preset = folder.path().join("vast.toml");
    std::fs::write(&preset, PRESET).unwrap();
    let house = House::with(&format!(
        "[notifier]\ninterval = '12h'\n[audience]\ncatch_all = ['ops@example.org']\n\
         [channels.kept]\nkind = 'outbox'\n[sources.vast]\npreset = '{}'\nurl = 'http://{}'\n",
        preset.display(),
        vendor.address,
    ));
    let start = Instant::now();
    let whole = || state(&house)["read"] == items;
    assert!(comes_true(1200, whole), "{:#}", state(&house));
    let took = start.elapsed();
    println!("{items} items in {took:.1?}, peak {} KiB", memory(&house));
    assert_eq!(held(&house), items);

    vendor.breaks_after.store(7, Ordering::SeqCst);
    for _ in 0..2 {
        let before = state(&house)["ended_at"].clone();
        let _ = house
            .admin()
            .post("/v1/sources/vast/sync", &serde_json::json!({}))
            .expect(202);
        let over = || state(&house)["ended_at"] != before;
        assert!(comes_true(60, over), "{:#}", state(&house));
    }
    assert_eq!(held(&house), items);
    assert_ne!(state(&house)["state"], "ok", "{:#}", state(&house));
}

//! What travels compressed, and what never does.

use std::io::Read as _;
use std::time::Duration;

use testkit::http::{Client, Reply};

use crate::house::House;
use crate::push::push;

const BROWSER: (&str, &str) = ("accept-encoding", "gzip, deflate, br, zstd");

/// Many rows, so that lists are worth it.
fn filled() -> House {
    let house = House::open();
    for number in 0..20 {
        let name = format!("export-{number}");
        push(&house.admin(), &name, "2099-01-01T00:00:00Z").succeeded();
    }
    house
}

fn ask(client: &Client, path: &str, more: &[(&str, &str)]) -> Reply {
    let headers = [&[BROWSER], more].concat();
    client.request("GET", path, &headers, b"").expect(200)
}

fn coding(reply: &Reply) -> Option<&str> {
    reply.header("content-encoding")
}

fn unpacked(reply: &Reply) -> String {
    let mut text = String::new();
    let mut bytes = reply.body.as_slice();
    match coding(reply) {
        Some("gzip") => flate2::read::MultiGzDecoder::new(bytes).read_to_string(&mut text),
        Some("zstd") => zstd::Decoder::new(bytes).unwrap().read_to_string(&mut text),
        _ => bytes.read_to_string(&mut text),
    }
    .unwrap();
    text
}

/// Somebody signed in with a browser: the cookie, and the page that showed a value.
pub(crate) fn signed_in(house: &House) -> (String, Reply) {
    let line = house
        .server
        .wait_for_line("/setup/", Duration::from_secs(5));
    let line = line.unwrap();
    let link = &line[line.find("/setup/").unwrap()..];
    let link = link.split_whitespace().next().unwrap();
    let headers = [
        BROWSER,
        ("content-type", "application/x-www-form-urlencoded"),
        ("sec-fetch-site", "same-origin"),
    ];
    let form = b"name=Ada&email=ada%40example.org&password=correct+horse+battery+staple";
    let page = house.server.client().request("POST", link, &headers, form);
    let cookie = page.header("set-cookie").unwrap().split(';').next();
    (cookie.unwrap().to_owned(), page)
}

#[test]
fn lists_and_exports_say_the_same_in_every_coding() {
    let house = filled();
    let admin = house.admin();
    for path in [
        "/v1/credentials?source=legacy",
        "/v1/credentials.csv?source=legacy",
        "/v1/credentials.ndjson?source=legacy",
        "/openapi.json",
    ] {
        let plain = admin.get(path).expect(200);
        assert_eq!(coding(&plain), None);
        for wanted in ["gzip", "zstd"] {
            let packed = admin.request("GET", path, &[("accept-encoding", wanted)], b"");
            assert_eq!(coding(&packed), Some(wanted), "{path}");
            assert_eq!(packed.header("vary"), Some("accept-encoding"), "{path}");
            assert!(packed.body.len() < plain.body.len(), "{path}");
            let seconds = |text: String| text.replace(|c: char| c.is_ascii_digit(), "0");
            assert_eq!(seconds(unpacked(&packed)), seconds(plain.text()), "{path}");
        }
        let other = admin.request("GET", path, &[("accept-encoding", "identity")], b"");
        assert_eq!(coding(&other), None);
    }
}

#[test]
fn pages_are_compressed_for_their_reader_and_not_for_another_site() {
    let house = filled();
    let (cookie, _) = signed_in(&house);
    let client = house.server.client();
    let cookie = ("cookie", cookie.as_str());
    let page = ask(
        &client,
        "/credentials",
        &[cookie, ("sec-fetch-site", "none")],
    );
    assert_eq!(coding(&page), Some("zstd"));
    let html = unpacked(&page);
    assert!(html.contains("export-1"), "{html}");
    for elsewhere in [&[cookie][..], &[cookie, ("sec-fetch-site", "cross-site")]] {
        let page = ask(&client, "/credentials", elsewhere);
        assert_eq!(coding(&page), None);
        assert!(page.text().contains("export-1"));
    }
    for asset in html.split('"').filter(|text| text.starts_with("/assets/")) {
        let own = ask(&client, asset, &[cookie, ("sec-fetch-site", "same-origin")]);
        assert!(own.header("cache-control").unwrap().contains("immutable"));
        let tiny = own.header("content-type") == Some("image/svg+xml");
        assert_eq!(coding(&own).is_some(), !tiny, "{asset}");
    }
}

/// Its length would tell of it, were it compressed beside what somebody else chose.
#[test]
fn what_shows_a_value_is_never_compressed() {
    let house = House::open();
    let (_, page) = signed_in(&house);
    assert!(page.text().contains("fwnp_") && page.body.len() > 1024);
    assert_eq!(coding(&page), None);
    let body = large("x").to_string();
    let headers = [BROWSER, ("content-type", "application/json")];
    let admin = house.admin();
    let made = admin.request("POST", "/v1/tokens", &headers, body.as_bytes());
    assert!(made.text().contains("\"value\"") && made.status == 201);
    assert_eq!(coding(&made), None);
}

/// A tag names bytes; a call that changes sends it back as it came.
#[test]
fn what_has_a_tag_is_sent_as_it_is() {
    let house = House::open();
    let (id, _) = house.issue(&large("tagged"));
    let token = ask(&house.admin(), &format!("/v1/tokens/{id}"), &[]);
    assert!(token.header("etag").is_some() && token.body.len() > 1024);
    assert_eq!(coding(&token), None);
}

/// What a token is made from whose answer is worth compressing.
fn large(name: &str) -> serde_json::Value {
    let label = |n: u32| (format!("label-{n}"), "words ".repeat(10).trim().into());
    let labels: serde_json::Map<_, _> = (0..30).map(label).collect();
    serde_json::json!({"name": name, "labels": labels})
}

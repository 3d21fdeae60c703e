//! What comes over the wire before anything is understood: headers, lengths, methods.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use crate::house::House;

/// Whether a condition becomes true within so many seconds.
pub(crate) fn comes_true(seconds: u64, mut condition: impl FnMut() -> bool) -> bool {
    let deadline = Instant::now() + Duration::from_secs(seconds);
    loop {
        if condition() {
            return true;
        }
        if Instant::now() > deadline {
            return false;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// B1, B2, B3, B4, B7, B8, B9, B13: what is not one bearer token authenticates nobody.
#[test]
fn what_is_not_one_token_authenticates_nobody() {
    let house = House::open();
    let (_, good) = house.holder("bot", &[]);
    let ask = |headers: &[u8]| {
        let start = b"GET /v1/tokens/self HTTP/1.1\r\nhost: x\r\nconnection: close\r\n";
        house
            .server
            .client()
            .raw(&[start, headers, b"\r\n"].concat())
    };
    let bare = ask(b"").expect(401);
    let challenge = bare.header("www-authenticate").unwrap();
    assert!(
        challenge.starts_with("Bearer") && !challenge.contains("error"),
        "{challenge}"
    );
    let line =
        |scheme: &str, value: &str| format!("authorization: {scheme} {value}\r\n").into_bytes();
    let _ = ask(&line("bearer", &good)).expect(200);
    let _ = ask(&line("Basic", "YTpi")).expect(401);
    let _ = ask(&[line("Bearer", &good), line("Bearer", &good)].concat()).expect(400);
    let swapped = good.replace("fwns_", "fwnp_");
    let whsec = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
    let longer = format!("{good}x");
    for bad in [
        &good[1..],
        &good[..55],
        &longer,
        &swapped,
        whsec,
        "x",
        &"x".repeat(8192),
    ] {
        let status = ask(&line("Bearer", bad)).status;
        assert!([401, 431].contains(&status), "{bad}: {status}");
    }
    let huge = ask(&line("Bearer", &"x".repeat(1 << 20))).status;
    assert!([400, 401, 431].contains(&huge), "{huge}");
    let text = ask(b"authorization: Bearer \xff\xfe\r\n").status;
    assert!([400, 401].contains(&text), "{text}");
    let query = format!("/v1/tokens/self?access_token={good}");
    let _ = house.server.client().get(&query).expect(401);
    assert!(
        !house.server.log().contains(&good[18..]),
        "a secret is in the log"
    );
}

/// B34: bodies whose length is stated wrongly, twice, or beyond range.
#[test]
fn bodies_of_doubtful_length_are_refused_and_the_connection_ends() {
    let house = House::open();
    let token = std::fs::read_to_string(house.path("data.token")).unwrap();
    let head = format!(
        "POST /v1/tokens HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {}\r\ncontent-type: application/json\r\n",
        token.trim()
    );
    for (rest, why) in [
        (
            "content-length: 12\r\ncontent-length: 13\r\n\r\n{\"name\":\"a\"}",
            "two lengths",
        ),
        ("content-length: -1\r\n\r\n{\"name\":\"a\"}", "below zero"),
        (
            "content-length: 99999999999999999999999\r\n\r\n{}",
            "beyond range",
        ),
        ("content-length: 12abc\r\n\r\n{\"name\":\"a\"}", "no number"),
        (
            "transfer-encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFFFF\r\n{}",
            "a chunk beyond range",
        ),
        (
            "transfer-encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n",
            "no chunk",
        ),
        ("transfer-encoding: nothing\r\n\r\n{}", "an unknown coding"),
    ] {
        let answer = exchange(&house, format!("{head}{rest}").as_bytes());
        assert!(answer.starts_with("HTTP/1.1 4"), "{why}: {answer}");
        assert_eq!(answer.matches("HTTP/1.1 ").count(), 1, "{why}: {answer}");
    }
    // Two statements of the length: chunks win or it is refused; never a second request.
    let both = "content-length: 4\r\ntransfer-encoding: chunked\r\n\r\n\
                c\r\n{\"name\":\"a\"}\r\n0\r\n\r\nGET /livez HTTP/1.1\r\nhost: x\r\n\r\n";
    let answer = exchange(&house, format!("{head}{both}").as_bytes());
    assert!(
        answer.starts_with("HTTP/1.1 400") || answer.starts_with("HTTP/1.1 201"),
        "{answer}"
    );
    let _ = house.server.client().get("/livez").expect(200);
}

/// B34: a body that never comes whole is not acted upon.
#[test]
fn half_a_body_makes_nothing() {
    let house = House::open();
    let token = std::fs::read_to_string(house.path("data.token")).unwrap();
    let request = format!(
        "POST /v1/tokens HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {}\r\n\
         content-type: application/json\r\ncontent-length: 100\r\n\r\n{{\"name\":\"half\"}}",
        token.trim()
    );
    let mut stream = TcpStream::connect(house.server.address()).unwrap();
    stream.write_all(request.as_bytes()).unwrap();
    stream.shutdown(std::net::Shutdown::Write).unwrap();
    stream.read_to_end(&mut Vec::new()).ok();
    let found = house.admin().get("/v1/tokens?name=half").expect(200).json();
    assert_eq!(found["items"].as_array().unwrap().len(), 0);
}

/// B37: other methods hear which are allowed; a header does not change the method.
#[test]
fn methods_are_what_they_say() {
    let house = House::open();
    let admin = house.admin();
    for method in ["PUT", "DELETE", "TRACE"] {
        let reply = admin.request(method, "/v1/tokens", &[], b"").expect(405);
        assert_eq!(reply.header("allow"), Some("GET, HEAD, POST"), "{method}");
    }
    let headers = [("x-http-method-override", "DELETE")];
    let _ = admin
        .request("GET", "/v1/roles/None", &headers, b"")
        .expect(200);
    let head = admin.request("HEAD", "/v1/tokens", &[], b"");
    assert!([200, 405].contains(&head.status) && head.body.is_empty());
}

/// B47: links never follow what a request says of itself.
#[test]
fn a_forged_host_changes_no_link() {
    let house = House::open();
    let token = std::fs::read_to_string(house.path("data.token")).unwrap();
    let ask = format!(
        "GET /openapi.json HTTP/1.1\r\nhost: evil.example\r\nx-forwarded-host: evil.example\r\n\
         forwarded: host=evil.example\r\nauthorization: Bearer {}\r\nconnection: close\r\n\r\n",
        token.trim()
    );
    let reply = house.server.client().raw(ask.as_bytes()).expect(200);
    assert!(!reply.text().contains("evil.example"));
    assert!(
        reply
            .headers
            .iter()
            .all(|(_, value)| !value.contains("evil.example"))
    );
}

/// The ninth of eight connections waits until one ends, and is answered then.
#[test]
fn more_connections_than_allowed_wait() {
    let house = House::with("[server]\nconnections_max = 8\n");
    let mut silent: Vec<TcpStream> = (0..8)
        .map(|_| TcpStream::connect(house.server.address()).unwrap())
        .collect();
    let client = house.server.client();
    let waiting = std::thread::spawn(move || client.get("/livez").status);
    let patience = Duration::from_secs(5);
    let said = house.server.wait_for_line("others wait", patience);
    assert!(said.is_some() && !waiting.is_finished());
    silent.pop();
    assert_eq!(waiting.join().unwrap(), 200);
}

/// Over a real connection: what is none is counted by address, what is genuine passes.
#[test]
fn failures_are_counted_by_address() {
    let house = House::with("[server]\nfailures_a_minute = 2\n");
    let ask = || house.bearer("junk").get("/v1/tokens/self");
    for _ in 0..2 {
        let _ = ask().expect(401);
    }
    let refused = ask().expect(429);
    assert_eq!(refused.header("retry-after"), Some("30"));
    let _ = house.admin().get("/v1/tokens/self").expect(200);
}

/// Sends bytes and reads what comes within two seconds or until the end.
fn exchange(house: &House, bytes: &[u8]) -> String {
    let mut stream = TcpStream::connect(house.server.address()).unwrap();
    stream
        .set_read_timeout(Some(Duration::from_secs(2)))
        .unwrap();
    stream.write_all(bytes).ok();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).ok();
    String::from_utf8_lossy(&answer).into_owned()
}

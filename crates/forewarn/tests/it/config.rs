//! Configuration, signals and the end of the process.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use crate::house::{House, launch, run};
use crate::wire::comes_true;

fn refused(toml: &str, environment: &[(&str, &str)]) -> String {
    let folder = tempfile::tempdir().unwrap();
    let (file, data) = (folder.path().join("f.toml"), folder.path().join("data"));
    std::fs::write(&file, toml).unwrap();
    let args = [
        "serve",
        "--listen",
        "127.0.0.1:0",
        "--config",
        file.to_str().unwrap(),
        "--data",
        data.to_str().unwrap(),
    ];
    let said = run(&args, environment, b"").ends_with(1);
    said.is_one_sentence();
    said.err
}

const SPAN: &str = "is not a span such as 30d, 168h, 1h30m or P7D";

/// L30, B72, B73: what is wrong stops the start, and is named with what is right.
#[test]
fn a_wrong_setting_is_named_and_nothing_starts() {
    for (toml, key, remedy) in [
        (
            "[server]\nlisen = \"127.0.0.1:0\"\n",
            "`server.lisen`",
            "expected one of `listen`, `public_url`",
        ),
        (
            "[notifier]\ninterval = \"0s\"\n",
            "`notifier.interval`",
            "longer than zero, not 0s; try 1h",
        ),
        (
            "[notifier]\nbackoff = \"-1h\"\n",
            "`notifier.backoff`",
            "longer than zero, not -1h; try 1h",
        ),
        (
            "[notifier]\ninterval = \"24\"\n",
            "`notifier.interval`",
            SPAN,
        ),
        (
            "[channels.x]\nkind = \"carrier-pigeon\"\n",
            "`channels.x.kind`",
            "expected one of `email`, `webhook`",
        ),
        (
            "[policies.default]\nsteps = [\"30\"]\n",
            "`policies.default.steps[0]`",
            SPAN,
        ),
        ("not toml", "f.toml, line 1", "expected `=`"),
    ] {
        let err = refused(toml, &[]);
        assert!(err.contains(key) && err.contains(remedy), "{key}: {err}");
    }
    for (name, key, remedy) in [
        ("ROX_TOKEN_EXPIRATION_NOTIFIER_INTERVAL", "interval", SPAN),
        ("FOREWARN_NOTIFIER__WINDOW", "window", SPAN),
        (
            "FOREWARN_SERVER__LISEN",
            "lisen",
            "expected one of `listen`",
        ),
    ] {
        let err = refused("", &[(name, "soon")]);
        let named = err.contains(name) && err.contains(key);
        assert!(named && err.contains(remedy), "{name}: {err}");
    }
}

/// Defaults < file < `ROX_*` < `FOREWARN_*` < flags.
#[test]
fn the_environment_wins_over_the_file_and_flags_over_all() {
    let folder = tempfile::tempdir().unwrap();
    let server = launch(folder.path())
        .config("[server]\nlisten = \"192.0.2.1:1\"\npublic_url = \"https://file.example\"\n")
        .env("FOREWARN_SERVER__LISTEN", "192.0.2.2:1")
        .env("FOREWARN_SERVER__PUBLIC_URL", "https://environment.example")
        .start();
    let line = server
        .wait_for_line("/setup/", Duration::from_secs(5))
        .unwrap();
    assert!(
        line.contains("https://environment.example/setup/"),
        "{line}"
    );
    assert!(
        server.address().ip().is_loopback(),
        "the flag decides where to listen"
    );
}

/// B72: a window below the interval may be meant, so it is warned of and not refused.
#[test]
fn a_window_below_the_interval_is_warned_of() {
    let folder = tempfile::tempdir().unwrap();
    let notifier = |window: &str| {
        format!("[notifier]\ninterval = \"2h\"\nwindow = \"{window}\"\nbackoff = \"1h\"\n")
    };
    let server = launch(folder.path()).config(&notifier("119m")).start();
    let patience = Duration::from_secs(5);
    assert!(
        server
            .wait_for_line("shorter than notifier.interval", patience)
            .is_some()
    );
    server.stop();
    let server = launch(folder.path()).config(&notifier("2h")).start();
    assert!(!server.log().contains("shorter than"), "{}", server.log());
}

/// F36: a reload with a bad file keeps the old configuration; a good one counts.
#[test]
fn a_reload_with_a_bad_file_keeps_the_old_one() {
    let house = House::with("[server]\nopen_metrics = false\n");
    let file = house.path("data.toml");
    std::fs::write(&file, "[notifier]\ninterval = \"never\"\n").unwrap();
    house.server.signal("HUP");
    let patience = Duration::from_secs(10);
    let line = house
        .server
        .wait_for_line("not reloaded", patience)
        .unwrap();
    assert!(line.contains("interval"), "{line}");
    let _ = house.admin().get("/v1/tokens/self").expect(200);
    let degraded = || house.server.client().get("/readyz").json()["degraded"].clone();
    assert!(degraded().to_string().contains("no_channel"));
    let mail =
        "[channels.mail]\nkind = \"email\"\nhost = \"localhost\"\nfrom = \"a@example.org\"\n";
    std::fs::write(&file, mail).unwrap();
    house.server.signal("HUP");
    house
        .server
        .wait_for_line("configuration reloaded", patience)
        .unwrap();
    let gone = comes_true(10, || !degraded().to_string().contains("no_channel"));
    assert!(gone, "{}", degraded());
}

/// A source that a reload brings is read at once; a wrong key of one names itself, keeps
/// the sources as they were, and is refused at the next start.
#[test]
fn a_reload_brings_sources_and_a_wrong_key_of_one_keeps_the_old() {
    let house = House::open();
    let file = house.path("data.toml");
    let log = house.path("audit.log");
    let line = r#"{"type":"audit.2","time":"2026-11-01T00:00:00Z","name":"CREATE_TOKEN","result":"SUCCESS","uid":"u1","request_params":{"_category":{"tokenGeneration":{"tokenId":"t1","tokenTtl":86400,"tokenType":"API_TOKEN"}}}}"#;
    std::fs::write(&log, format!("{line}\n")).unwrap();
    let source = |key: &str| {
        format!(
            "[sources.logs]\nsystem = \"foundry\"\n{key} = ['{}']\n",
            log.display()
        )
    };
    let patience = Duration::from_secs(10);
    std::fs::write(&file, source("pathes")).unwrap();
    house.server.signal("HUP");
    let said = house
        .server
        .wait_for_line("not reloaded", patience)
        .unwrap();
    assert!(said.contains("sources.logs.pathes"), "{said}");
    std::fs::write(&file, source("paths")).unwrap();
    house.server.signal("HUP");
    let admin = house.admin();
    let read = || admin.get("/v1/credentials?source=logs").json()["items"].clone();
    let there = comes_true(10, || read().as_array().is_some_and(|i| i.len() == 1));
    assert!(there, "{}", read());
    let err = refused(&source("pathes"), &[]);
    assert!(err.contains("there is `"), "{err}");
}

/// F36: what was begun is answered, nothing new is taken, and it ends within 10 s.
#[test]
fn a_stop_under_load_answers_what_was_begun() {
    let house = House::open();
    let token = std::fs::read_to_string(house.path("data.token")).unwrap();
    let body = "{\"name\":\"begun\"}";
    let head = format!(
        "POST /v1/tokens HTTP/1.1\r\nhost: x\r\nconnection: close\r\nauthorization: Bearer {}\r\n\
         content-type: application/json\r\ncontent-length: {}\r\n\r\n",
        token.trim(),
        body.len()
    );
    let mut begun: Vec<TcpStream> = (0..20)
        .map(|_| {
            let mut stream = TcpStream::connect(house.server.address()).unwrap();
            stream.write_all(head.as_bytes()).unwrap();
            stream
        })
        .collect();
    // One more never goes on; it must not hold the others up for longer than allowed.
    let mut stuck = TcpStream::connect(house.server.address()).unwrap();
    stuck.write_all(head.as_bytes()).unwrap();
    // Answered after all of them, so that the server has read their heads.
    let _ = house.server.client().get("/livez").expect(200);
    std::thread::sleep(Duration::from_millis(300));
    let asked = Instant::now();
    house.server.signal("TERM");
    house
        .server
        .wait_for_line("stopping", Duration::from_secs(5))
        .unwrap();
    for stream in &mut begun {
        stream.write_all(body.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        assert!(answer.starts_with("HTTP/1.1 201"), "{answer}");
    }
    let status = house.wait();
    assert!(status.success(), "{status}");
    assert!(
        asked.elapsed() < Duration::from_secs(10),
        "{:?}",
        asked.elapsed()
    );
}

/// F36: asked twice, it ends at once.
#[test]
fn a_second_signal_ends_it_at_once() {
    let house = House::open();
    let mut stuck = TcpStream::connect(house.server.address()).unwrap();
    stuck
        .write_all(b"POST /v1/tokens HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\n")
        .unwrap();
    std::thread::sleep(Duration::from_millis(100));
    house.server.signal("TERM");
    house
        .server
        .wait_for_line("stopping", Duration::from_secs(5))
        .unwrap();
    let asked = Instant::now();
    house.server.signal("TERM");
    let status = house.wait();
    assert_eq!(status.code(), Some(130));
    assert!(
        asked.elapsed() < Duration::from_secs(5),
        "{:?}",
        asked.elapsed()
    );
}

#[test]
fn a_program_is_started_only_where_the_configuration_says_so_twice() {
    let table = "[channels.room]\nkind = \"command\"\nprogram = \"/bin/cat\"\n";
    assert!(refused(table, &[]).contains("allow_command_channels"));
    let allowed = "[server]\nallow_command_channels = true\n";
    let broken = format!("{allowed}{}", table.replace("/bin/cat", "/no/such/program"));
    assert!(refused(&broken, &[]).contains("channels.room"));
    let house = House::with(&format!("{allowed}{table}"));
    let tested = house
        .admin()
        .post("/v1/channels/room/test", &serde_json::json!({}));
    assert!((200..300).contains(&tested.status), "{}", tested.text());
}

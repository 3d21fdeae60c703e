//! The log as StackRox has it, with StackRox's settings.

use std::time::{Duration, Instant};

use serde_json::json;

use crate::house::{issued, launch};

#[test]
fn inside_the_window_a_token_is_logged_at_once_and_then_each_backoff() {
    let folder = tempfile::tempdir().unwrap();
    let server = launch(folder.path())
        .env("ROX_TOKEN_EXPIRATION_NOTIFIER_INTERVAL", "1s")
        .env("ROX_TOKEN_EXPIRATION_NOTIFIER_BACKOFF_INTERVAL", "5s")
        .env("ROX_TOKEN_EXPIRATION_DETECTION_WINDOW", "48h")
        .start();
    let issue = |name: &str, lifetime: &str| {
        let body = json!({"name": name, "lifetime": lifetime});
        issued(&server.admin().post("/v1/tokens", &body).expect(201).json()).0
    };
    let silent = issue("outside", "49h");
    let logged = issue("inside", "47h59m");
    let began = Instant::now();
    let (mut seen, mut text) = (Vec::new(), String::new());
    while seen.len() < 4 && began.elapsed() < Duration::from_secs(60) {
        text = server.log();
        let count = text.lines().filter(|line| line.contains(&logged)).count();
        seen.resize(count, began.elapsed());
        std::thread::sleep(Duration::from_millis(20));
    }
    println!("logged after {seen:?}");
    assert!(seen.len() >= 4, "{text}");
    // Wide, because a machine may be busy: to the instant is for the worker's own tests.
    assert!(seen[0] <= Duration::from_secs(4), "{seen:?}");
    for pair in seen.windows(2) {
        let period = (pair[1] - pair[0]).as_secs_f64();
        assert!((4.0..=8.0).contains(&period), "{seen:?}");
    }
    let line = text.lines().find(|line| line.contains(&logged)).unwrap();
    let told = format!("Warn: API Token inside (ID {logged}) will expire in less than 2 days.");
    assert!(line.ends_with(&told), "{line}");
    assert!(!text.contains(&silent), "{text}");
    assert!(
        !text.contains("bootstrap (ID"),
        "bootstrap tokens are exempt: {text}"
    );
}

/// B18: a hostile name is one line, and the line still ends as it must.
#[test]
fn in_json_the_facts_stand_beside_the_line() {
    let folder = tempfile::tempdir().unwrap();
    let server = launch(folder.path())
        .config("[log]\nformat = \"json\"\n[notifier]\ninterval = \"1s\"\n")
        .start();
    let name = "x] (ID [0]) will expire in less than 0 days. \u{202E}\u{2028}";
    let body = json!({"name": name, "lifetime": "36h"});
    let (id, _) = issued(&server.admin().post("/v1/tokens", &body).expect(201).json());
    let line = server.wait_for_line("will expire in less than 2 days.", Duration::from_secs(20));
    let line: serde_json::Value = serde_json::from_str(&line.unwrap()).unwrap();
    assert_eq!(
        (&line["level"], &line["source"]),
        (&json!("Warn"), &json!("forewarn"))
    );
    assert_eq!(line["credential.id"], id);
    let message = line["message"].as_str().unwrap();
    assert!(message.ends_with(&format!("(ID {id}) will expire in less than 2 days.")));
    assert!(
        !message.contains('\u{202E}') && !message.contains('\u{2028}'),
        "{message}"
    );
    assert!(
        line["expires_at"]
            .as_str()
            .is_some_and(|end| end.ends_with('Z'))
    );
}

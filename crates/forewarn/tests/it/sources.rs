//! `/v1/sources`: what is pushed.

use serde_json::json;

use crate::house::House;
use crate::push::in_hours;

fn post(house: &House, token: &str, path: &str, lines: &str) -> testkit::http::Reply {
    let kind = [("content-type", "application/x-ndjson")];
    house
        .bearer(token)
        .request("POST", path, &kind, lines.as_bytes())
}

fn line(id: &str, end: &str) -> String {
    let line = json!({
        "external_id": id, "kind": "api_token", "name": id,
        "created_at": "2025-01-01T00:00:00Z", "expires_at": end,
    });
    format!("{line}\n")
}

const PATH: &str = "/v1/sources/legacy/observations";

/// B62: a line that cannot be read is counted, and the others count.
#[test]
fn what_can_be_read_is_kept_and_the_rest_is_counted() {
    let house = House::open();
    let admin = std::fs::read_to_string(house.path("data.token")).unwrap();
    let lines = format!(
        "{}not json\n{{\"name\":\"no id\"}}\n{}",
        line("a", &in_hours(900)),
        line("b", &in_hours(901))
    );
    let answer = post(&house, admin.trim(), PATH, &lines);
    assert!((200..300).contains(&answer.status), "{}", answer.text());
    let page = house
        .admin()
        .get("/v1/credentials?source=legacy")
        .expect(200)
        .json();
    assert_eq!(page["items"].as_array().unwrap().len(), 2);
    assert_eq!(answer.json()["unreadable"], 2, "{}", answer.text());
    let again = post(&house, admin.trim(), PATH, &lines);
    assert!((200..300).contains(&again.status));
    let page = house
        .admin()
        .get("/v1/credentials?source=legacy")
        .expect(200)
        .json();
    assert_eq!(
        page["items"].as_array().unwrap().len(),
        2,
        "nothing counts twice"
    );
}

#[test]
fn a_connector_token_pushes_to_its_source_and_does_nothing_else() {
    let house = House::open();
    let (_, value) = house.issue(&json!({"name": "pusher", "ingest_source": "legacy"}));
    assert!(value.starts_with("fwnc_"));
    let answer = post(&house, &value, PATH, &line("a", &in_hours(900)));
    assert!((200..300).contains(&answer.status), "{}", answer.text());
    let other = post(
        &house,
        &value,
        "/v1/sources/other/observations",
        &line("a", &in_hours(900)),
    );
    assert!([403, 404].contains(&other.status), "{}", other.text());
    let _ = house.bearer(&value).get("/v1/people").expect(403);
    let _ = house.bearer(&value).get("/v1/tokens/self").expect(200);
    let unknown = std::fs::read_to_string(house.path("data.token")).unwrap();
    let _ = post(
        &house,
        unknown.trim(),
        "/v1/sources/nothing/observations",
        &line("a", &in_hours(900)),
    )
    .expect(404);
}

/// P8: what a complete snapshot lacks is gone only after the second; an empty read
/// closes nothing at once.
#[test]
fn two_complete_snapshots_without_it_make_a_credential_gone() {
    let house = House::open();
    let admin = std::fs::read_to_string(house.path("data.token")).unwrap();
    let whole = format!("{PATH}?snapshot=complete");
    let both = line("a", &in_hours(900)) + &line("b", &in_hours(900));
    let one = line("a", &in_hours(900));
    let state = || {
        let page = house
            .admin()
            .get("/v1/credentials?source=legacy&name=b")
            .expect(200)
            .json();
        page["items"][0]["state"].clone()
    };
    for (lines, then) in [
        (&both, "active"),
        (&one, "active"),
        (&one, "gone"),
        (&both, "active"),
    ] {
        let answer = post(&house, admin.trim(), &whole, lines);
        assert!((200..300).contains(&answer.status), "{}", answer.text());
        assert_eq!(state(), then);
    }
}

/// A house that reads one audit log with one token in it.
fn reading(folder: &std::path::Path, ids: &[&str]) -> (String, std::path::PathBuf) {
    let log = folder.join("audit.log");
    let line = |id: &&str| {
        format!(
            r#"{{"type":"audit.2","time":"2026-11-01T00:00:00Z","uid":"u1","name":"CREATE_TOKEN","result":"SUCCESS","requestParams":{{"_category":{{"tokenGeneration":{{"tokenId":"{id}","tokenTtl":99999999,"tokenType":"API_TOKEN"}}}}}}}}"#
        ) + "\n"
    };
    std::fs::write(&log, ids.iter().map(line).collect::<String>()).unwrap();
    let config = format!(
        "{}[sources.logs]\nsystem = \"foundry\"\npaths = [\"{}\"]\n",
        crate::house::CONFIG,
        log.display()
    );
    (config, log)
}

#[test]
fn a_sync_waits_and_sums_up_and_a_failing_one_exits_with_1() {
    let folder = tempfile::tempdir().unwrap();
    let (config, log) = reading(folder.path(), &["t1", "t2"]);
    let house = House::with(&config);
    let said = house.cli(&["source", "sync", "logs"]).ends_with(0);
    assert!(said.out.starts_with("logs: "), "{said:?}");
    let more = std::fs::read_to_string(&log).unwrap().replace("t1", "t3");
    let appended = std::fs::read_to_string(&log).unwrap() + &more;
    std::fs::write(&log, appended).unwrap();
    let said = house.cli(&["source", "sync", "logs"]).ends_with(0);
    assert!(said.out.contains("2 read, 1 new"), "{said:?}");
    let source = house
        .cli(&["source", "sync", "logs", "--json"])
        .ends_with(0);
    assert_eq!(source.json()["last_read"]["new"], 0);
    std::fs::remove_file(&log).unwrap();
    let said = house.cli(&["source", "sync", "logs"]).ends_with(1);
    assert!(said.out.contains("logs cannot be read"), "{said:?}");
    let said = house.cli(&["source", "sync", "logs", "--no-wait"]);
    assert!(said.ends_with(0).out.contains("is being read"));
    let pushed = house.cli(&["source", "sync", "legacy"]).ends_with(1);
    pushed.is_one_sentence();
    let listed = house.cli(&["source", "list"]).ends_with(0);
    assert!(listed.out.contains("failing"), "{listed:?}");
}

#[test]
fn a_try_shows_how_a_source_is_understood_and_keeps_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let (config, log) = reading(folder.path(), &["t1"]);
    let house = House::with(&config);
    let _ = house.cli(&["source", "sync", "logs"]).ends_with(0);
    let line = std::fs::read_to_string(&log).unwrap();
    std::fs::write(&log, line.replace("t1", "t9")).unwrap();
    let said = house.cli(&["source", "test", "logs"]).ends_with(0);
    assert!(
        said.out.contains("t9") && said.out.contains("API_TOKEN"),
        "{said:?}"
    );
    let page = house
        .admin()
        .get("/v1/credentials?source=logs")
        .expect(200)
        .json();
    assert_eq!(page["items"].as_array().unwrap().len(), 1);
    assert_eq!(page["items"][0]["external_id"], "t1");
    let unknown = house.cli(&["source", "test", "nothing"]).ends_with(1);
    unknown.is_one_sentence();
}

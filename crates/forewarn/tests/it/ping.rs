//! `/ping/{monitor}` and `forewarn monitor`

use serde_json::json;

use crate::house::{CONFIG, House, launch};

fn path_of(url: &serde_json::Value) -> String {
    let url = url.as_str().unwrap();
    url[url.find("/ping/").unwrap()..].to_owned()
}

/// F28: what was heard before a clean stop is known after the next start.
#[test]
fn a_ping_is_not_lost_by_a_clean_stop() {
    let folder = tempfile::tempdir().unwrap();
    let start = || launch(folder.path()).config(CONFIG).start();
    let server = start();
    let body = json!({"name": "nightly export", "period": "1d"});
    let made = server
        .admin()
        .post("/v1/monitors", &body)
        .expect(201)
        .json();
    let path = path_of(&made["ping_url"]);
    for _ in 0..3 {
        assert_eq!(server.client().get(&path).expect(200).text(), "ok\n");
    }
    assert!(server.stop().success());
    let server = start();
    let shown = format!("/v1/monitors/{}", made["id"].as_str().unwrap());
    let now = server.admin().get(&shown).expect(200).json();
    assert_eq!((&now["pings"], &now["state"]), (&json!(3), &json!("up")));
    assert!(!server.log().contains(path.trim_start_matches("/ping/")));
}

/// F28: a failure that an integration tells is an alert within seconds.
#[test]
fn a_failure_becomes_an_alert_that_names_the_credential() {
    let house = House::open();
    let (token, _) = house.issue(&json!({"name": "export-key"}));
    let body = json!({"name": "nightly export", "period": "1d", "depends_on": [token]});
    let made = house.admin().post("/v1/monitors", &body).expect(201).json();
    let path = format!("{}/fail", path_of(&made["ping_url"]));
    let _ = house.server.client().post(&path, &json!({})).expect(200);
    let alerts = || house.admin().get("/v1/alerts?kind=silent").json()["items"].clone();
    let mut found = None;
    for _ in 0..100 {
        found = alerts().get(0).cloned();
        if found.is_some() {
            break;
        }
        std::thread::sleep(std::time::Duration::from_millis(100));
    }
    let found = found.expect("an alert within ten seconds");
    assert_eq!(found["name"], "nightly export");
    let detail = found["detail"].as_str().unwrap();
    assert!(
        detail.contains("failed") && detail.contains("export-key"),
        "{detail}"
    );
}

#[test]
fn the_command_line_sets_up_pauses_and_removes_a_monitor() {
    let house = House::open();
    let ok = |args: &[&str]| house.cli(&[args, &["--json"]].concat()).ends_with(0).json();
    let made = ok(&[
        "monitor",
        "create",
        "nightly export",
        "--period",
        "1d",
        "--grace",
        "2h",
    ]);
    let id = made["id"].as_str().unwrap();
    assert_eq!(
        (&made["grace"], &made["state"]),
        (&json!("2h"), &json!("new"))
    );
    assert_eq!(ok(&["monitor", "pause", id])["state"], "paused");
    assert_eq!(ok(&["monitor", "resume", id])["state"], "new");
    assert_eq!(ok(&["monitor", "show", id])["ping_url"], made["ping_url"]);
    let table = house.cli(&["monitor", "list"]).ends_with(0).out;
    assert!(
        table.contains("nightly export") && !table.contains("/ping/"),
        "{table}"
    );
    house.cli(&["monitor", "delete", id]).ends_with(0);
    let gone = house.cli(&["monitor", "show", id]).ends_with(1);
    gone.is_one_sentence();
    let wrong = house
        .cli(&["monitor", "create", "x", "--period", "1s"])
        .ends_with(2);
    wrong.is_one_sentence();
    assert!(wrong.err.contains("period"), "{wrong:?}");
}

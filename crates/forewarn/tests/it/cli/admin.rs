//! Everything but tokens: inventory, people, roles, upkeep.

use crate::house::{CONFIG, House, run};

#[test]
fn people_teams_accounts_and_roles_are_made_and_listed() {
    let house = House::open();
    let ok = |args: &[&str]| house.cli(&[args, &["--json"]].concat()).ends_with(0).json();
    let ada = ok(&[
        "person",
        "create",
        "Ada Lovelace",
        "--email",
        "ada@example.org",
        "--time-zone",
        "Europe/London",
    ]);
    let ada = ada["id"].as_str().unwrap();
    assert_eq!(ok(&["person", "show", ada])["name"], "Ada Lovelace");
    assert_eq!(ok(&["person", "deactivate", ada])["active"], false);
    assert_eq!(ok(&["person", "activate", ada])["active"], true);
    ok(&[
        "team",
        "create",
        "platform",
        "--email",
        "platform@example.org",
        "--member",
        "ada@example.org",
    ]);
    ok(&[
        "role",
        "create",
        "Billing Reader",
        "--scope",
        "billing:read",
    ]);
    ok(&[
        "service-account",
        "create",
        "bot",
        "--team",
        "platform",
        "--role",
        "Billing Reader",
    ]);
    for (args, name) in [
        (["person", "list"], "Ada Lovelace"),
        (["team", "list"], "platform"),
        (["service-account", "list"], "bot"),
        (["role", "list"], "Billing Reader"),
        (["role", "grantable"], "Billing Reader"),
    ] {
        let items = ok(&args);
        assert!(
            items.as_array().unwrap().iter().any(|i| i["name"] == name),
            "{args:?}"
        );
        assert!(house.cli(&args).ends_with(0).out.contains(name), "{args:?}");
    }
    house
        .cli(&["role", "remove", "Admin"])
        .ends_with(1)
        .is_one_sentence();
}

#[test]
fn the_inventory_is_imported_listed_assigned_and_exported() {
    let house = House::open();
    let line = r#"{"external_id":"x1","kind":"api_token","name":"legacy-key","created_at":"2026-01-01T00:00:00Z","expires_at":"2099-01-01T00:00:00Z"}"#;
    let file = house.path("inventory.ndjson");
    std::fs::write(&file, format!("{line}\n")).unwrap();
    house
        .cli(&[
            "credential",
            "import",
            "--source",
            "legacy",
            file.to_str().unwrap(),
        ])
        .ends_with(0);
    let list = house
        .cli(&["credential", "list", "--source", "legacy", "--json"])
        .ends_with(0)
        .json();
    assert_eq!(list[0]["external_id"], "x1");
    let id = list[0]["id"].as_str().unwrap();
    house.cli(&["team", "create", "platform"]).ends_with(0);
    house
        .cli(&["credential", "assign", id, "--team", "platform"])
        .ends_with(0);
    let shown = house
        .cli(&["credential", "show", id, "--json"])
        .ends_with(0)
        .json();
    assert!(shown["team"].is_string());
    let csv = house
        .cli(&[
            "credential",
            "list",
            "--source",
            "legacy",
            "--format",
            "csv",
        ])
        .ends_with(0);
    assert!(csv.out.contains("legacy-key"));
    let lines = house
        .cli(&[
            "credential",
            "list",
            "--source",
            "legacy",
            "--format",
            "ndjson",
        ])
        .ends_with(0);
    assert_eq!(lines.json()["external_id"], "x1");
    house
        .cli(&["credential", "assign", id])
        .ends_with(2)
        .is_one_sentence();
}

#[test]
fn sources_channels_alerts_and_the_forecast_are_told() {
    let house = House::open();
    let json = |args: &[&str]| house.cli(&[args, &["--json"]].concat()).ends_with(0).json();
    let ids = |items: serde_json::Value| {
        items
            .as_array()
            .unwrap()
            .iter()
            .map(|i| i["id"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    assert!(ids(json(&["source", "list"])).contains(&"legacy".to_owned()));
    assert_eq!(ids(json(&["channel", "list"])), ["kept"]);
    assert!(json(&["alert", "list"]).is_array());
    let test = ["channel", "test", "kept", "--to", "ada@example.org"];
    let told = house.cli(&test).ends_with(0);
    assert!(told.out.starts_with("accepted: "), "{}", told.out);
    let messages = json(&["message", "list", "--state", "accepted"]);
    let id = messages[0]["id"].as_str().unwrap().to_owned();
    let whole = json(&["message", "show", &id]);
    assert_eq!(whole["attempts"][0]["outcome"], "accepted");
    house
        .cli(&["channel", "test", "nothing"])
        .ends_with(1)
        .is_one_sentence();
    house
        .cli(&["alert", "ack", "nothing"])
        .ends_with(1)
        .is_one_sentence();
    house.issue(&serde_json::json!({"name": "t", "lifetime": "200d"}));
    let forecast = json(&["forecast", "--days", "250", "--format", "json"]);
    for field in ["generated_at", "until", "notices", "unheard"] {
        assert!(forecast.get(field).is_some(), "{field}");
    }
    let steps: Vec<_> = forecast["notices"]
        .as_array()
        .unwrap()
        .iter()
        .map(|n| n["step"].clone())
        .collect();
    assert!(
        steps.contains(&"7d".into()) && steps.contains(&"end".into()),
        "{forecast}"
    );
}

#[test]
fn the_audit_log_is_verified_and_exported() {
    let house = House::open();
    let (id, value) = house.issue(&serde_json::json!({"name": "t"}));
    house.cli(&["audit", "verify"]).ends_with(0);
    let rows = house.cli(&["audit", "export"]).ends_with(0).out;
    assert!(rows.lines().all(|line| line.starts_with('{')) && rows.contains(&id));
    assert!(!rows.contains(&value));
}

#[test]
fn upkeep_works_on_the_files() {
    let house = House::open();
    let (id, _) = house.issue(&serde_json::json!({"name": "t"}));
    let (data, config) = (house.path("data"), house.path("data.toml"));
    let there = [
        "--data",
        data.to_str().unwrap(),
        "--config",
        config.to_str().unwrap(),
    ];
    assert_eq!(CONFIG, std::fs::read_to_string(&config).unwrap());
    run(&[&["doctor"], &there[..]].concat(), &[], b"").ends_with(0);
    let doctor = run(&["doctor", "--data", data.to_str().unwrap()], &[], b"").ends_with(1);
    assert!(
        doctor.out.contains("no channel reaches a person"),
        "{doctor:?}"
    );
    let live = house.path("live.db");
    let backup = |to: &std::path::Path, data: &[&str]| {
        let to = ["backup", "--to", to.to_str().unwrap()];
        run(&[&to[..], data].concat(), &[], b"")
    };
    backup(&live, &there).ends_with(0);
    let bytes = std::fs::read(&live).unwrap();
    assert!(
        bytes.windows(id.len()).any(|w| w == id.as_bytes()),
        "a copy while it works"
    );
    let nothing = house.path("nothing");
    let of_nothing = backup(
        &house.path("none.db"),
        &["--data", nothing.to_str().unwrap()],
    );
    of_nothing.ends_with(1).is_one_sentence();
    assert!(
        !nothing.exists(),
        "a mistyped folder is not made and copied for ever"
    );
    // The server ends first: the lock is its own.
    house.server.signal("TERM");
    let folder = house.wait_and_keep();
    run(&[&["migrate"], &there[..]].concat(), &[], b"").ends_with(0);
    let copy = folder.path().join("copy.db");
    backup(&copy, &there).ends_with(0);
    let bytes = std::fs::read(&copy).unwrap();
    assert!(bytes.windows(id.len()).any(|w| w == id.as_bytes()));
    backup(&copy, &there).ends_with(1).is_one_sentence();
}

/// B75: rows that cannot be used are named by their line in the file; with
/// `--all-or-nothing` they keep everything out.
#[test]
fn bad_rows_of_an_import_are_named_and_may_keep_everything_out() {
    let house = House::open();
    let file = house.path("inventory.csv");
    let csv = "external_id,name,expires_at\n\
        a,deploy,2099-01-01T00:00:00Z\n\
        b,broken,tomorrow\n\
        c\n\
        d,sync,never\n";
    std::fs::write(&file, csv).unwrap();
    let file = file.to_str().unwrap();
    let import = ["credential", "import", "--source", "legacy", file];
    let count = || {
        let list = ["credential", "list", "--source", "legacy", "--json"];
        let list = house.cli(&list).ends_with(0).json();
        list.as_array().unwrap().len()
    };
    let said = house.cli(&[&import[..], &["--all-or-nothing"]].concat());
    let said = said.ends_with(1);
    for part in ["row 3: ", "row 4: has 1 fields", "nothing was imported"] {
        assert!(said.out.contains(part), "{said:?}");
    }
    assert_eq!(count(), 0);
    let said = house.cli(&[&import[..], &["--json"]].concat()).ends_with(1);
    let report = said.json();
    assert_eq!(
        (&report["accepted"], &report["unreadable"]),
        (&2.into(), &2.into())
    );
    assert_eq!(report["errors"][1]["row"], 4);
    assert_eq!(count(), 2);
}

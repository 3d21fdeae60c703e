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
    // The server ends first: the lock is its own.
    house.server.signal("TERM");
    let folder = house.wait_and_keep();
    run(&[&["migrate"], &there[..]].concat(), &[], b"").ends_with(0);
    let copy = folder.path().join("copy.db");
    let backup = [&["backup", "--to", copy.to_str().unwrap()], &there[..]].concat();
    run(&backup, &[], b"").ends_with(0);
    let bytes = std::fs::read(&copy).unwrap();
    assert!(bytes.windows(id.len()).any(|w| w == id.as_bytes()));
    run(&backup, &[], b"").ends_with(1).is_one_sentence();
}

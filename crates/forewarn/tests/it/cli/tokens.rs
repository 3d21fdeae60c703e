//! `forewarn token …`

use crate::house::{House, run};

#[test]
fn a_token_is_made_shown_rotated_and_revoked() {
    let house = House::open();
    let args = [
        "token",
        "create",
        "ci",
        "--lifetime",
        "90d",
        "--scope",
        "billing:read",
        "--label",
        "a=b",
    ];
    let made = house
        .cli(&[&args[..], &["--json"]].concat())
        .ends_with(0)
        .json();
    let (id, value) = crate::house::issued(&made);
    let shown = house
        .cli(&["token", "show", &id, "--json"])
        .ends_with(0)
        .json();
    assert_eq!(shown["labels"]["a"], "b");
    let url = house.server.url();
    let own = [
        ("FOREWARN_SERVER", url.as_str()),
        ("FOREWARN_TOKEN", value.as_str()),
    ];
    let me = run(&["token", "self", "--json"], &own, b"")
        .ends_with(0)
        .json();
    assert_eq!(me["id"], id.as_str());
    let rotated = run(
        &["token", "rotate", "self", "--overlap", "1h", "--json"],
        &own,
        b"",
    );
    let (new, _) = crate::house::issued(&rotated.ends_with(0).json());
    house.cli(&["token", "revoke", &new]).ends_with(0);
    let gone = house
        .cli(&["token", "show", &new, "--json"])
        .ends_with(0)
        .json();
    assert_eq!(gone["state"], "revoked");
}

#[test]
fn for_people_the_value_is_shown_once_and_lists_are_tables() {
    let house = House::open();
    let made = house.cli(&["token", "create", "ci"]).ends_with(0);
    assert!(made.out.starts_with("fwns_"), "{made:?}");
    assert!(made.err.contains("not shown again"), "{made:?}");
    let table = house
        .cli(&["token", "list", "--expires-within", "9000h"])
        .ends_with(0)
        .out;
    assert!(table.contains("bootstrap") && table.contains("ci") && !table.contains("fwns_"));
    let list = house
        .cli(&["token", "list", "--name", "ci", "--json"])
        .ends_with(0)
        .json();
    assert_eq!(list.as_array().unwrap().len(), 1);
}

#[test]
fn the_server_says_whether_a_token_works() {
    let house = House::open();
    let (id, value) = house.holder("bot", &["billing:read"]);
    let url = house.server.url();
    let token = house.path("data.token");
    let args = [
        "token",
        "verify",
        "--server",
        &url,
        "--token-file",
        token.to_str().unwrap(),
    ];
    let said = run(&args, &[], value.as_bytes()).ends_with(0);
    assert!(said.out.contains(&id) && !said.out.contains(&value));
    house.cli(&["token", "revoke", &id]).ends_with(0);
    run(&args, &[], value.as_bytes())
        .ends_with(1)
        .is_one_sentence();
}

#[test]
fn a_refusal_is_one_sentence_with_the_missing_scope() {
    let house = House::open();
    let (_, value) = house.holder("bot", &["billing:read"]);
    let url = house.server.url();
    let own = [
        ("FOREWARN_SERVER", url.as_str()),
        ("FOREWARN_TOKEN", value.as_str()),
    ];
    let said = run(&["token", "create", "x"], &own, b"").ends_with(1);
    said.is_one_sentence();
    assert!(said.err.contains("tokens:issue"), "{}", said.err);
    let nobody = [("FOREWARN_SERVER", url.as_str())];
    let said = run(&["token", "self"], &nobody, b"").ends_with(1);
    said.is_one_sentence();
    assert!(said.err.contains("FOREWARN_TOKEN"), "{}", said.err);
    let said = house
        .cli(&["token", "create", "x", "--lifetime", "soon"])
        .ends_with(2);
    said.is_one_sentence();
    assert!(said.err.contains("lifetime"), "{}", said.err);
}

#[test]
fn a_token_is_checked_without_a_server() {
    let house = House::open();
    let (id, value) = house.issue(&serde_json::json!({"name": "t"}));
    let offline = ["token", "verify", "--offline"];
    let said = run(&offline, &[], value.as_bytes()).ends_with(0);
    assert!(said.out.contains(&id) && !said.out.contains(&value));
    let last = if value.ends_with('a') { "b" } else { "a" };
    let mistyped = format!("{}{last}", &value[..55]);
    run(&offline, &[], mistyped.as_bytes())
        .ends_with(1)
        .is_one_sentence();
}

#[test]
fn tokens_in_files_are_found_but_not_printed() {
    let house = House::open();
    let (id, value) = house.issue(&serde_json::json!({"name": "t"}));
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().to_str().unwrap();
    std::fs::write(folder.path().join("clean"), "fwns_EXAMPLE00000_x").unwrap();
    run(&["scan", path], &[], b"").ends_with(0);
    std::fs::create_dir(folder.path().join("deep")).unwrap();
    std::fs::write(
        folder.path().join("deep/env"),
        format!("a=b\nTOKEN=\"{value}\"\n"),
    )
    .unwrap();
    let said = run(&["scan", path], &[], b"").ends_with(1);
    assert!(said.out.contains("deep/env:2: ") && said.out.contains(&id));
    assert!(!format!("{said:?}").contains(&value));
}

#[test]
fn a_script_gets_the_value_and_nothing_else() {
    let house = House::open();
    let made = house.cli(&["token", "create", "ci"]).ends_with(0);
    let value = made.out.strip_suffix('\n').unwrap();
    assert!(value.starts_with("fwns_") && !value.contains(char::is_whitespace));
    assert!(made.err.contains("not shown again"), "{made:?}");
    let file = house.path("ci.token");
    std::fs::write(&file, &made.out).unwrap();
    let url = house.server.url();
    let own = [
        "token",
        "self",
        "--server",
        &url,
        "--token-file",
        file.to_str().unwrap(),
    ];
    run(&own, &[], b"").ends_with(0);
    let life = |part: &str| {
        let shown = run(&[&own[..], &["--json"]].concat(), &[], b"").json();
        domain::kernel::Instant::parse(shown[part].as_str().unwrap()).unwrap()
    };
    let span = life("created_at").until(life("expires_at"));
    assert_eq!(
        span,
        domain::kernel::Span::days(365),
        "one life from one instant"
    );
}

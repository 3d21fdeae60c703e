//! `/setup/{code}`: how the first admin comes to be.

use std::time::Duration;

use crate::house::{BINARY, House, run};
use testkit::server::{Launch, Server};

fn link(server: &Server) -> Option<String> {
    let line = server.wait_for_line("/setup/", Duration::from_secs(5))?;
    let at = line.find("/setup/")?;
    line.get(at..)?.split_whitespace().next().map(str::to_owned)
}

#[test]
fn the_link_makes_one_admin_with_one_token_once() {
    let folder = tempfile::tempdir().unwrap();
    let server = Launch::new(BINARY, &folder.path().join("data")).start();
    let link = link(&server).unwrap();
    let visitor = server.client();
    for _ in 0..2 {
        let page = visitor.get(&link).expect(200);
        assert_eq!(page.header("cache-control"), Some("no-store"));
        assert!(page.text().contains("<form"), "reading uses nothing up");
    }
    let page = visitor
        .form(&link, "name=Ada&email=ada%40example.org")
        .expect(200)
        .text();
    let at = page.find("fwnp_").unwrap();
    let value = &page[at..at + 56];
    let me = visitor
        .bearer(value)
        .get("/v1/tokens/self")
        .expect(200)
        .json();
    assert_eq!(me["roles"], serde_json::json!(["Admin"]));
    let _ = visitor
        .form(&link, "name=Eve&email=eve%40example.org")
        .expect(404);
    let _ = visitor.get(&link).expect(404);
    let people = visitor.bearer(value).get("/v1/people").expect(200).json();
    assert_eq!(people["items"].as_array().unwrap().len(), 1);
    assert!(!server.log().contains(value));
    server.stop();
    let again = Launch::new(BINARY, &folder.path().join("data")).start();
    let ready = again
        .client()
        .bearer(value)
        .get("/v1/tokens/self")
        .expect(200);
    assert_eq!(ready.json()["state"], "active");
    assert!(!again.log().contains("/setup/"), "there is an admin now");
}

/// B13: a set-up code is no token, and a wrong one opens nothing.
#[test]
fn a_code_opens_the_page_and_nothing_else() {
    let house = House::open();
    let link = link(&house.server).unwrap();
    let code = link.trim_start_matches("/setup/");
    let _ = house.bearer(code).get("/v1/tokens/self").expect(401);
    let _ = house
        .server
        .client()
        .form("/setup/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "name=Eve")
        .expect(404);
    let _ = house.server.client().form(&link, "name=").expect(422);
    let _ = house.server.client().form(&link, "name=Ada").expect(200);
}

#[test]
fn the_token_for_automation_is_written_once_for_its_owner_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().unwrap();
    let server = crate::house::launch(folder.path()).start();
    let file = folder.path().join("data.token");
    assert_eq!(
        std::fs::metadata(&file).unwrap().permissions().mode() & 0o777,
        0o600
    );
    let value = std::fs::read_to_string(&file).unwrap();
    assert!(value.starts_with("fwnb_"));
    let me = server.admin().get("/v1/tokens/self").expect(200).json();
    assert_eq!(
        (&me["kind"], &me["roles"]),
        (&"bootstrap".into(), &serde_json::json!(["Admin"]))
    );
    assert!(me["remaining_seconds"].as_i64().unwrap() <= 86_400);
    assert!(!server.log().contains(value.trim()));
    server.stop();
    std::fs::remove_file(&file).unwrap();
    let again = crate::house::launch(folder.path()).start();
    assert!(!file.exists(), "only the first start writes it");
    let _ = again
        .client()
        .bearer(value.trim())
        .get("/v1/tokens/self")
        .expect(200);
}

/// A file that could not be written at the first start is written at the next; once a
/// server came up without one there is none any more.
#[test]
fn a_token_file_that_could_not_be_written_is_tried_again() {
    let folder = tempfile::tempdir().unwrap();
    let (data, file) = (folder.path().join("data"), folder.path().join("in/token"));
    let first = [
        "serve",
        "--listen",
        "127.0.0.1:0",
        "--data",
        data.to_str().unwrap(),
        "--bootstrap-token-file",
        file.to_str().unwrap(),
    ];
    let said = run(&first, &[], b"").ends_with(1);
    assert!(said.err.contains("--bootstrap-token-file"), "{said:?}");
    std::fs::create_dir(file.parent().unwrap()).unwrap();
    let start = |path: &std::path::Path| {
        let launch = Launch::new(BINARY, &data).arg("--bootstrap-token-file");
        launch.arg(path).start()
    };
    let server = start(&file);
    let value = std::fs::read_to_string(&file).unwrap();
    let admin = server.client().bearer(value.trim());
    let _ = admin.get("/v1/tokens/self").expect(200);
    server.stop();
    let other = folder.path().join("other");
    drop(start(&other));
    assert!(!other.exists(), "it was written once");
}

#[test]
fn a_first_start_without_a_token_file_is_the_last_that_could_have_had_one() {
    let folder = tempfile::tempdir().unwrap();
    drop(Launch::new(BINARY, &folder.path().join("data")).start());
    drop(crate::house::launch(folder.path()).start());
    assert!(!folder.path().join("data.token").exists());
}

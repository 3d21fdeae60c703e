//! What was answered is kept, whichever way the server ended (P5, P7).

use serde_json::json;

use crate::house::{CONFIG, issued, launch};

/// F4: a revoke that was answered outlives kill -9.
#[test]
fn what_was_answered_outlives_the_process() {
    let folder = tempfile::tempdir().unwrap();
    let start = || launch(folder.path()).config(CONFIG).start();
    let server = start();
    let issue = |name: &str| {
        let reply = server.admin().post("/v1/tokens", &json!({"name": name}));
        issued(&reply.expect(201).json())
    };
    let ((_, kept), (ended, value)) = (issue("kept"), issue("ended"));
    let path = format!("/v1/tokens/{ended}/revoke");
    let _ = server.admin().post(&path, &json!({})).expect(200);
    server.kill();
    let server = start();
    let works = |value: &str| server.client().bearer(value).get("/v1/tokens/self").status;
    assert_eq!((works(&kept), works(&value)), (200, 401));
    let verdict = server.admin().get("/v1/audit/verify").expect(200).json();
    assert_eq!(verdict["sound"], true, "{verdict}");
    assert!(server.stop().success());
    let server = start();
    let _ = server
        .client()
        .bearer(&kept)
        .get("/v1/tokens/self")
        .expect(200);
}

#[test]
fn without_its_key_file_a_server_with_tokens_does_not_start() {
    let folder = tempfile::tempdir().unwrap();
    let server = launch(folder.path()).start();
    server.stop();
    std::fs::remove_file(folder.path().join("data/keys")).unwrap();
    let data = folder.path().join("data");
    let args = [
        "serve",
        "--listen",
        "127.0.0.1:0",
        "--data",
        data.to_str().unwrap(),
    ];
    let said = crate::house::run(&args, &[], b"").ends_with(1);
    said.is_one_sentence();
    assert!(said.err.contains("key file"), "{said:?}");
}

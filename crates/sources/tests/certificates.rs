//! Certificates and key stores that another library made are read as it says.
#![allow(clippy::unwrap_used, reason = "a test may stop where it stands")]

use std::path::Path;
use std::process::Command;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::inventory::End;
use serde_json::{Value, json};
use sources::decode::certificate;

/// What was read, in the words of the script.
fn read(bytes: &[u8]) -> Value {
    match certificate(bytes) {
        Ok(facts) => json!({
            "subject": facts.subject,
            "serial": facts.serial,
            "fingerprint": facts.fingerprint,
            "not_before": facts.not_before.to_string(),
            "not_after": match facts.end {
                End::Known(at) => Some(at.to_string()),
                End::Never | End::Unknown => None,
            },
            "names": facts.names,
        }),
        Err(error) => json!(error.to_string()),
    }
}

#[test]
fn what_another_library_made_is_read_as_it_says() {
    let Some(python) = testkit::outside::peers_python() else {
        return;
    };
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/peers/certificates.py");
    let output = Command::new(python).arg(script).output().unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let lines = String::from_utf8(output.stdout).unwrap();
    for line in lines.lines() {
        let said: Value = serde_json::from_str(line).unwrap();
        let bytes = STANDARD.decode(said["base64"].as_str().unwrap()).unwrap();
        let found = read(&bytes);
        match said["refused"].as_str() {
            Some(word) => assert!(found.as_str().is_some_and(|s| s.contains(word)), "{found}"),
            None => assert_eq!(found, said["expected"]),
        }
    }
    assert!(lines.lines().count() > 20, "{lines}");
}

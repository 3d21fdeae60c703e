//! The command channel against real programs.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod support;

use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::time::Duration;

use app::ports::{Cause, Channel as _, DeliveryError, Receipt, Verdict};
use channels::{CommandChannel, CommandError, CommandSettings};
use domain::kernel::{ChannelId, Instant, MessageId};
use serde_json::Value;

/// A script in a folder of its own.
struct Script {
    folder: tempfile::TempDir,
}

impl Script {
    fn new(body: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let script = Self { folder };
        std::fs::write(script.path("run"), format!("#!/bin/sh\n{body}\n")).unwrap();
        let mode = std::fs::Permissions::from_mode(0o755);
        std::fs::set_permissions(script.path("run"), mode).unwrap();
        script
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn settings(&self) -> CommandSettings {
        CommandSettings {
            id: ChannelId::parse("hook").unwrap(),
            program: self.path("run"),
            args: vec![
                self.folder.path().display().to_string(),
                "$(touch pwned) ; *".to_owned(),
            ],
            timeout: Duration::from_secs(10),
            reaches_persons: false,
        }
    }

    async fn says(&self, payload: &str) -> Result<Receipt, DeliveryError> {
        let channel = CommandChannel::new(self.settings()).unwrap();
        let id = MessageId::parse("msg_1").unwrap();
        channel.send(&id, payload, Instant::EPOCH).await
    }
}

#[tokio::test]
async fn the_program_reads_the_message_and_nothing_else() {
    let script = Script::new(
        "cat > \"$1/in\"; env > \"$1/env\"; printf '%s' \"$2\" > \"$1/arg\"; echo kept",
    );
    let content = support::notices(vec![support::ci_deploy()]);
    let channel = CommandChannel::new(script.settings()).unwrap();
    let payload = channel.render(&content).unwrap();
    let receipt = script.says(&payload).await.unwrap();
    assert_eq!(receipt.said, "exit code 0: kept");
    let read = |name| std::fs::read_to_string(script.path(name)).unwrap();
    let body: Value = serde_json::from_str(&read("in")).unwrap();
    assert!(
        body["type"]
            .as_str()
            .is_some_and(|t| t.starts_with("credential.")),
        "{body}"
    );
    assert!(read("env").contains("FOREWARN_MESSAGE_ID=msg_1"));
    assert!(!read("env").contains("CARGO"), "{}", read("env"));
    assert_eq!(
        read("arg"),
        "$(touch pwned) ; *",
        "no shell reads arguments"
    );
}

#[tokio::test]
async fn the_exit_code_is_the_verdict() {
    for (code, verdict, cause) in [
        (65, Verdict::GiveUp, Cause::Rejected),
        (75, Verdict::Retry { after: None }, Cause::Server),
        (77, Verdict::ChannelBroken, Cause::Auth),
        (78, Verdict::ChannelBroken, Cause::Auth),
        (1, Verdict::RetryTwice, Cause::Server),
    ] {
        let script = Script::new(&format!("echo no such room >&2; exit {code}"));
        let error = script.says("{}").await.unwrap_err();
        assert_eq!((error.verdict, error.cause), (verdict, cause), "{code}");
        assert!(error.detail.contains("no such room"), "{error}");
    }
}

/// A program that hangs is stopped; what it did is not known.
#[tokio::test]
async fn a_program_that_hangs_is_stopped() {
    let script = Script::new("exec sleep 600");
    let settings = CommandSettings {
        timeout: Duration::from_millis(200),
        ..script.settings()
    };
    let channel = CommandChannel::new(settings).unwrap();
    let id = MessageId::parse("msg_1").unwrap();
    let error = channel.send(&id, "{}", Instant::EPOCH).await.unwrap_err();
    assert_eq!(
        (error.verdict, error.cause),
        (Verdict::Ambiguous, Cause::Timeout)
    );
}

/// Neither what a program writes without end nor what it never reads is waited for.
#[tokio::test]
async fn output_is_cut_and_input_need_not_be_read() {
    let script = Script::new("head -c 10000000 /dev/zero | tr '\\0' x");
    let receipt = script.says(&"x".repeat(1_000_000)).await.unwrap();
    assert!(
        receipt.said.chars().count() <= 300,
        "{}",
        receipt.said.len()
    );
}

#[test]
fn only_a_program_by_its_whole_path_is_taken() {
    let script = Script::new("");
    let of = |program: PathBuf| {
        let settings = CommandSettings {
            program,
            ..script.settings()
        };
        CommandChannel::new(settings).err()
    };
    assert_eq!(of(PathBuf::from("run")), Some(CommandError::NotAbsolute));
    assert_eq!(of(script.path("none")), Some(CommandError::NotRunnable));
    let mode = std::fs::Permissions::from_mode(0o644);
    std::fs::set_permissions(script.path("run"), mode).unwrap();
    assert_eq!(of(script.path("run")), Some(CommandError::NotRunnable));
}

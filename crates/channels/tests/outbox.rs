//! The demonstration's outbox.
#![allow(clippy::unwrap_used, reason = "a test may stop where it stands")]

mod support;

use app::ports::Channel;
use channels::OutboxChannel;
use domain::kernel::ChannelId;
use support::{ci_deploy, notices, now};

#[tokio::test]
async fn letters_are_kept_once_in_memory_and_as_files() {
    let folder = tempfile::tempdir().unwrap();
    let outbox = OutboxChannel::new(
        ChannelId::parse("demo").unwrap(),
        Some(folder.path().to_owned()),
    );
    let content = notices(vec![ci_deploy()]);
    let payload = outbox.render(&content).unwrap();
    for _ in 0..2 {
        assert_eq!(
            outbox
                .send(&content.id, &payload, now())
                .await
                .unwrap()
                .said,
            "kept, not sent"
        );
    }
    let letters = outbox.letters().all();
    assert_eq!(letters.len(), 1);
    assert_eq!(letters[0].letter.to, "ada@example.org");
    let text = std::fs::read_to_string(folder.path().join("msg_0TestMessage.txt")).unwrap();
    assert!(text.contains("Subject: [Forewarn] ci-deploy"));
    assert!(folder.path().join("msg_0TestMessage.html").exists());
}

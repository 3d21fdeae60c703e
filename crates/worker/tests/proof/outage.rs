//! Three days without any mail.

use std::sync::Arc;

use app::Degradation;
use app::ports::{Channel, Verdict};
use app::sweep::{Surfaced, surface};
use domain::kernel::Span;
use testkit::{Answer, RecordingChannel};

use crate::world::{World, lines};

/// S3, F24: mail is away for three days. Meanwhile other channels speak, surfaces show it
/// and the house says what is wrong; afterwards only the step that stands then arrives, in
/// one message a recipient.
#[tokio::test]
async fn three_days_without_mail_are_bridged_and_leave_one_message() {
    let mail = Arc::new(RecordingChannel::mail("mail"));
    let room = Arc::new(RecordingChannel::room("room"));
    let hook = Arc::new(RecordingChannel::hook("hook"));
    let channels: Vec<Arc<dyn Channel>> = vec![mail.clone(), room.clone(), hook.clone()];
    let world = World::with(channels, mail.clone());
    let ada = world.person("ada").await;
    for (name, days) in [("one", 8), ("two", 8), ("three", 9)] {
        world
            .put(world.credential(name, Some(&ada), Span::days(days)))
            .await;
    }
    world.live(Span::hours(6), Span::hours(1)).await;
    world.mail.forget();
    mail.always(Answer::Fail(Verdict::Retry { after: None }));
    world.clock.advance(Span::hours(18));
    world.live(Span::hours(72), Span::hours(1)).await;
    assert!(mail.arrived().is_empty());
    for channel in [&room, &hook] {
        for line in ["one 7d#1", "two 7d#1", "three 7d#1"] {
            assert!(lines(channel).contains(&line.to_owned()), "{line}");
        }
        let broken = "channel:mail undeliverable now#1".to_owned();
        assert!(lines(channel).contains(&broken), "the outage is news");
    }
    let degraded = world.ctx.signals.degraded();
    assert!(degraded.contains(&Degradation::ChannelFailing));
    let shown = surface(&world.ctx, &Surfaced::default()).await.unwrap();
    assert_eq!(shown.lines.len(), 3, "{shown:?}");
    world.clock.advance(Span::hours(25));
    mail.always(Answer::Accept);
    world.live(Span::hours(6), Span::hours(1)).await;
    let arrived = mail.arrived();
    let to_ada: Vec<&str> = arrived
        .iter()
        .map(|h| h.payload.as_str())
        .filter(|p| p.starts_with(&format!("to person:{ada}")))
        .collect();
    assert_eq!(to_ada.len(), 1, "{to_ada:#?}");
    assert!(to_ada[0].contains("one 3d#") && to_ada[0].contains("two 3d#"));
    assert!(!to_ada[0].contains("one 7d") && !to_ada[0].contains("two 7d"));
}

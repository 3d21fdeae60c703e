//! What is tried in vain: how often, and who is told.

use std::sync::Arc;

use app::Degradation;
use app::ports::Verdict;
use app::sweep::balance;
use domain::kernel::{Span, SweepId};
use domain::notice::MessageState;
use testkit::{Answer, RecordingChannel};

use crate::world::{World, lines, start};
use crate::{RETRY, messages};

const HOUR: Span = Span::hours(1);

/// Mail that reaches people, and a hook that the operators hear over besides.
struct Ways {
    world: World,
    mail: Arc<RecordingChannel>,
    hook: Arc<RecordingChannel>,
}

impl Ways {
    /// Ada's credential has a week left, and her mail is answered like this.
    async fn answering(answer: Answer) -> Self {
        let mail = Arc::new(RecordingChannel::mail("mail"));
        let hook = Arc::new(RecordingChannel::hook("hook"));
        let world = World::with(vec![mail.clone(), hook.clone()], mail.clone());
        mail.always(answer);
        let ada = world.person("ada").await;
        let week = world.credential("deploy", Some(&ada), Span::days(7));
        world.put(week).await;
        world.round().await;
        Self { world, mail, hook }
    }

    async fn hours(&self, hours: i64) {
        for _ in 0..hours {
            self.world.clock.advance(HOUR);
            self.world.round().await;
        }
    }

    /// How often her warning was tried over mail.
    fn tries(&self) -> usize {
        let first = self.mail.attempts().remove(0).id;
        let all = self.mail.attempts();
        all.iter().filter(|tried| tried.id == first).count()
    }

    fn told(&self, line: &str) -> bool {
        lines(&self.hook).iter().any(|told| told == line)
    }
}

/// L29: what is likely to stay refused is tried three times; then the message has failed, and
/// the operators are told of it and of the channel, over another way.
#[tokio::test]
async fn a_refusal_that_stays_is_tried_three_times_and_told() {
    let ways = Ways::answering(Answer::Fail(Verdict::RetryTwice)).await;
    let (channel, outbox) = (
        "channel:mail undeliverable now#1",
        "system:outbox undeliverable now#1",
    );
    while ways.tries() < 2 {
        ways.hours(1).await;
    }
    assert!(!ways.told(channel) && !ways.told(outbox));
    while ways.tries() < 3 {
        ways.hours(1).await;
    }
    ways.world.round().await;
    assert!(ways.told(channel), "{:?}", lines(&ways.hook));
    assert!(ways.told(outbox), "{:?}", lines(&ways.hook));
    let id = ways.mail.attempts().remove(0).id;
    let all = messages(&ways.world).await;
    let failed = all.iter().find(|m| m.id == id).unwrap();
    assert_eq!((failed.state, failed.attempts), (MessageState::Failed, 3));
    ways.hours(24).await;
    assert_eq!(ways.tries(), 3);
}

/// L29: who is told "later" for a day and heard nothing has not been warned: the channel is
/// told over another way after its fourth failure, and the books after a day.
#[tokio::test]
async fn what_is_retried_for_a_day_in_vain_is_told() {
    let ways = Ways::answering(RETRY).await;
    let channel = "channel:mail undeliverable now#1";
    while ways.mail.attempts().len() < 3 {
        ways.hours(1).await;
    }
    assert!(!ways.told(channel));
    ways.hours(24).await;
    assert!(ways.told(channel), "{:?}", lines(&ways.hook));
    let id = SweepId::derived(&["books"]);
    let books = balance(&ways.world.ctx, &id, start()).await.unwrap();
    assert_eq!(books.unheard, 1);
    ways.world.deliver().await;
    assert!(ways.told("system:notifier stalled now#1"));
    let degraded = ways.world.ctx.signals.degraded();
    assert!(degraded.contains(&Degradation::Stalled));
    assert!(ways.mail.arrived().is_empty());
}

//! What is forecast of the sample organisation is, notice for notice, what a clock that
//! jumps from instant to instant then has sent.

use std::sync::Arc;

use app::ports::{Channel, Clock, MessageFilter, PageRequest, Random};
use app::{Audience, Context, Keys, Principal, Settings, Verifier};
use domain::access::Grant;
use domain::kernel::{Email, Instant, PersonId, Span, SweepId};
use domain::notice::MessageState;
use domain::people::Owner;
use testkit::{FakeClock, RecordingChannel, SeededRandom};

/// One notice: when, to whom, about which credential, and what.
type Told = (Instant, String, String, String);

struct House {
    ctx: Arc<Context>,
    clock: Arc<FakeClock>,
    mail: Arc<RecordingChannel>,
}

impl House {
    /// The sample, as `serve --demo` dresses it.
    async fn of_the_demo() -> Self {
        let start = Instant::parse("2026-11-22T09:00:00Z").unwrap();
        let clock = Arc::new(FakeClock::at(start));
        let mail = Arc::new(RecordingChannel::mail("demo-outbox"));
        let random: Arc<dyn Random> = Arc::new(SeededRandom::new(3));
        let audience = Audience {
            admins: vec!["team:Security".to_owned()],
            catch_all: vec![Email::parse("ops@meridian.example").unwrap()],
        };
        let settings = Settings {
            audience,
            ..Settings::default()
        };
        let ctx = Arc::new(Context::new(
            store::Sqlite::temporary().unwrap(),
            Arc::clone(&clock) as Arc<dyn Clock>,
            Arc::clone(&random),
            Arc::new(Verifier::new(Keys::generate(&mut &*random))),
            settings,
            vec![mail.clone() as Arc<dyn Channel>],
        ));
        app::setup::prepare(&ctx).await.unwrap();
        super::load(&ctx).await.unwrap();
        app::feed::load_index(&ctx).await.unwrap();
        super::issue_tokens(&ctx).await.unwrap();
        Self { ctx, clock, mail }
    }

    async fn forecast(&self, days: i64) -> Vec<Told> {
        let everybody = Principal {
            token: None,
            kind: None,
            owner: Owner::Person(PersonId::derived(&["auditor"])),
            grant: Arc::new(Grant::ALL),
            expires_at: None,
            ingest_source: None,
        };
        let told = app::sweep::forecast(&self.ctx, &everybody, Span::days(days));
        let notices = told.await.unwrap().notices.into_iter();
        let mut told: Vec<Told> = notices
            .filter(|n| n.channel.is_some())
            .map(|n| {
                let what = format!("{} {}#{}", n.kind.as_str(), n.step, n.occurrence);
                (
                    n.at,
                    n.recipient.to_string(),
                    n.credential.to_string(),
                    what,
                )
            })
            .collect();
        told.sort();
        told
    }

    /// Jumps from instant to instant, and carries what is due at each.
    async fn live(&self, days: i64) {
        let until = self.ctx.now() + Span::days(days);
        for n in 0_u64.. {
            let id = SweepId::derived(&["jump", &n.to_string()]);
            app::sweep::sweep(&self.ctx, &id).await.unwrap();
            worker::deliver::drain(&self.ctx).await.unwrap();
            let next = [
                self.ctx.store.next_due().await.unwrap(),
                self.next_turn().await,
            ];
            let now = self.ctx.now();
            let next = next.into_iter().flatten().filter(|at| *at > now).min();
            match next.filter(|at| *at <= until) {
                Some(at) => self.clock.set(at),
                None => return,
            }
        }
    }

    /// When the next message that waits may go out.
    async fn next_turn(&self) -> Option<Instant> {
        let filter = MessageFilter {
            state: Some(MessageState::Queued),
            ..MessageFilter::default()
        };
        let page = PageRequest {
            limit: 500,
            after: None,
        };
        let waiting = self.ctx.store.list_messages(&filter, &page).await.unwrap();
        waiting.items.iter().map(|m| m.not_before).min()
    }

    /// What arrived about credentials; that something is over means that somebody acted.
    fn sent(&self) -> Vec<Told> {
        let mut sent = Vec::new();
        for content in self.mail.rendered() {
            let standing = content.items.iter().filter(|i| i.resolution.is_none());
            for item in standing {
                let Some(credential) = &item.credential else {
                    continue;
                };
                let what = format!("{} {}#{}", item.kind.as_str(), item.step, item.occurrence);
                let to = content.to.recipient.to_string();
                sent.push((content.now, to, credential.id.to_string(), what));
            }
        }
        sent.sort();
        sent
    }
}

#[tokio::test]
async fn what_is_forecast_of_the_demo_is_what_is_sent() {
    let house = House::of_the_demo().await;
    let told = house.forecast(400).await;
    house.live(400).await;
    let sent = house.sent();
    let missing: Vec<&Told> = told.iter().filter(|t| !sent.contains(t)).collect();
    let extra: Vec<&Told> = sent.iter().filter(|s| !told.contains(s)).collect();
    assert!(
        missing.is_empty() && extra.is_empty(),
        "only forecast: {missing:#?}\nonly sent: {extra:#?}"
    );
    assert_eq!(told, sent);
    assert!(told.len() > 500, "{} notices prove nothing", told.len());
    println!("the demo, 400 days: {} notices", told.len());
}

//! `/sources`, `/channels`, `/audit`: what keeps the rest honest.

use std::sync::Arc;

use app::ports::{
    Batch, Changes, Channel, Connector, ConnectorError, ReadCounts, ReadSummary, SourceState, Write,
};
use async_trait::async_trait;
use domain::kernel::{SourceId, Span};
use testkit::RecordingChannel;

use crate::house::House;

async fn source(house: &House, id: &str, change: impl FnOnce(&mut SourceState)) {
    let mut state = SourceState::new(SourceId::parse(id).unwrap(), "gitlab");
    state.succeeded_at = Some(house.ctx.now() - Span::hours(1));
    change(&mut state);
    let changes = Changes {
        writes: vec![Write::PutSource(Box::new(state))],
        audit: Vec::new(),
    };
    house.ctx.store.commit(changes).await.unwrap();
}

/// A source that we read ourselves.
struct Far(SourceId);

#[async_trait]
impl Connector for Far {
    fn source(&self) -> &SourceId {
        &self.0
    }
    fn system(&self) -> &str {
        "gitlab"
    }
    async fn read(
        &self,
        _: Option<serde_json::Value>,
        _: tokio::sync::mpsc::Sender<Batch>,
    ) -> Result<ReadSummary, ConnectorError> {
        Err(ConnectorError::Stopped)
    }
}

/// From now on these are read, and all others send by themselves.
fn are_read(house: &House, ids: &[&str]) {
    let ids = ids.iter().map(|id| SourceId::parse(*id).unwrap());
    let all = ids.map(|id| (id.clone(), Arc::new(Far(id)) as Arc<dyn Connector>));
    house.ctx.connectors.store(Arc::new(all.collect()));
}

#[tokio::test]
async fn blind_sources_stand_first_with_their_reason() {
    let house = House::open().await;
    let mut ada = house.somebody("Ada", &["*"]).await;
    ada.get("/sources")
        .await
        .is(200)
        .says("No system is watched yet");
    let at = house.ctx.now();
    source(&house, "a-fine", |_| ()).await;
    let why = "it answered <b>401</b>".to_owned();
    source(&house, "z-blind", |s| s.failing = Some((at, why))).await;
    let page = ada.get("/sources").await.is(200);
    let place = |text: &str| page.html.find(text).unwrap();
    assert!(place("<bdi>z-blind") < place("<bdi>a-fine"));
    assert!(
        page.html
            .contains("<a href=\"/credentials?source=a-fine\">0 credentials</a>")
    );
    let page = page.says("&#60;b&#62;401").says("cannot be read");
    assert!(!page.html.contains("<b>401"));
    ada.get("/").await.says(">blind source</a>").says("z-blind");
    ada.post("/sources/a-fine/sync", &[]).await.is(409);
}

/// A part is not shown as the whole; a log of events is neither; and figures are of one read.
#[tokio::test]
async fn a_source_says_how_much_of_it_was_read() {
    let house = House::open().await;
    let mut ada = house.somebody("Ada", &["*"]).await;
    let at = house.ctx.now();
    let last = ReadCounts {
        read: 2,
        ..ReadCounts::default()
    };
    are_read(&house, &["a-log", "b-part"]);
    source(&house, "a-log", |s| s.last = Some(last)).await;
    let page = ada.get("/sources").await.is(200);
    page.says("tag ok\">read</span>")
        .says("it reports events, not whole lists")
        .says("the last read brought 2 rows");
    let why = "page 2 was refused".to_owned();
    source(&house, "b-part", |s| s.partial = Some((at, why))).await;
    let page = ada.get("/sources").await.is(200);
    page.says("tag warn\">read in part</span>")
        .says("never yet, only in part");
}

#[tokio::test]
async fn what_a_source_sends_by_itself_was_received_and_not_read() {
    let house = House::open().await;
    let mut ada = house.somebody("Ada", &["*"]).await;
    let last = ReadCounts {
        read: 2,
        ..ReadCounts::default()
    };
    source(&house, "pushed", |s| s.last = Some(last)).await;
    let page = ada.get("/sources").await.is(200);
    let page = page.says("tag ok\">received</span>");
    page.says("it last sent 2 rows").says("it sends by itself");
}

#[tokio::test]
async fn channels_say_whether_anybody_is_reached_and_are_tried() {
    let house = House::open().await;
    let mut ada = house.somebody("Ada", &["*"]).await;
    ada.get("/channels")
        .await
        .is(200)
        .says("No channel reaches a person");
    let channel = RecordingChannel::mail("mail");
    let all: Vec<Arc<dyn Channel>> = vec![Arc::new(channel)];
    house.ctx.channels.store(Arc::new(all));
    let page = ada.get("/channels").await.is(200).says("delivers");
    assert!(!page.html.contains("No channel reaches"));
    let bad = [("to", "team:nobody knows")];
    ada.post("/channels/mail/test", &bad)
        .await
        .is(422)
        .says("id=\"to-error\"");
    ada.post("/channels/mail/test", &[("to", "")])
        .await
        .leads_to("/channels?said=sent");
    let page = ada.get("/channels?said=sent").await.is(200);
    page.says("<span>a test</span>").says(">waits</span>");
}

#[tokio::test]
async fn the_record_is_read_and_verified() {
    let house = House::open().await;
    let mut ada = house.somebody("Ada", &["audit:read"]).await;
    let page = ada.get("/audit").await.is(200);
    page.says("<code>session.open</code>")
        .says("<bdi>Ada</bdi>")
        // Names and times stand in the place of ids and instants.
        .says("<bdi>token of Ada</bdi>")
        .says("ends: Tue 22 Dec, 09:00");
}

/// What is not linked yet is not said to follow.
#[tokio::test]
async fn the_check_says_how_many_rows_are_linked_and_how_many_wait() {
    let house = House::open().await;
    let mut ada = house.somebody("Ada", &["audit:read"]).await;
    let page = ada.get("/audit/verify").await.is(200);
    page.says("No row is linked yet. The newest ");
    while house.ctx.store.chain_audit(50).await.unwrap() > 0 {}
    let page = ada.get("/audit/verify").await.is(200);
    let page = page
        .says("rows are linked and follow one another.")
        .says("The hash of the last linked row is <code");
    assert!(!page.html.contains("not linked yet"), "{}", page.html);
    house.token_of("Bob", &[]).await;
    let page = ada.get("/audit/verify").await.is(200);
    page.says("rows are linked and follow one another. The newest 3 rows are not linked yet");
}

/// Sessions, silences and messages are told by what they are, with their id beside it.
#[tokio::test]
async fn a_row_says_what_its_ids_mean() {
    let house = House::open().await;
    let mail: Vec<Arc<dyn Channel>> = vec![Arc::new(RecordingChannel::mail("mail"))];
    house.ctx.channels.store(Arc::new(mail));
    let mut ada = house.founded().await;
    let form = [
        ("source", "prod-*"),
        ("until", "2026-12-24"),
        ("reason", "a move"),
    ];
    ada.post("/silences", &form).await.is(303);
    ada.post("/channels/mail/test", &[("to", "")]).await.is(303);
    let page = ada.get("/audit").await.is(200);
    page.says("<bdi>a session of Ada Lovelace</bdi></a><small><code>session:")
        .says("<bdi>a silence: source prod-*</bdi></a><small><code>silence:")
        .says("message: a message to Ada Lovelace over mail");
    // What its name alone tells apart has no other id.
    let form = [("name", "Reader"), ("scopes", "audit:read")];
    ada.post("/roles/new", &form).await.is(303);
    let page = ada.get("/audit").await.is(200);
    page.says("<bdi>Role Reader</bdi></a></td>");
}

/// What details name by an id is read by its name, and what programs write by its words.
#[tokio::test]
async fn the_details_of_a_row_are_words() {
    let house = House::open().await;
    let mut ada = house.founded().await;
    let id = house.credential("ci-deploy", Span::days(40), None).await;
    let form = [("name", "nightly"), ("period", "1d"), ("depends_on", &id)];
    ada.post("/monitors/new", &form).await.is(303);
    let path = format!("/credentials/{id}");
    let form = [("watchers", "ada@example.org")];
    ada.post(&path, &form).await.is(303);
    let page = ada.get("/audit").await.is(200).says("needs: ci-deploy");
    page.says("also hear: ada@example.org");
}

#[tokio::test]
async fn the_audit_log_is_narrowed_and_taken_along() {
    let house = House::open().await;
    let mut ada = house.founded().await;
    house.token_of("Bob", &[]).await;
    let form = [("name", "nightly"), ("period", "1d")];
    ada.post("/monitors/new", &form).await.is(303);
    let page = ada
        .get("/audit?actor=lovelace")
        .await
        .is(200)
        .says("monitor.create");
    assert!(!page.html.contains("role.create"), "{}", page.html);
    let page = ada.get("/audit?action=role.&target=Bob").await.is(200);
    let page = page
        .says("role of Bob")
        .says("/audit.ndjson?action=role.&#38;target=Bob");
    assert!(!page.html.contains("session.open"));
    ada.get("/audit?from=2026-11-23")
        .await
        .is(200)
        .says("No row fits");
    ada.get("/audit?until=2026-11-22")
        .await
        .is(200)
        .says("session.open");
    ada.get("/audit?until=2026-11-21")
        .await
        .is(200)
        .says("No row fits");
    let page = ada.get("/audit?from=soon").await.is(200);
    page.says("from-error").says("session.open");
    let file = ada
        .get("/audit.ndjson?action=role.&target=Bob")
        .await
        .is(200);
    assert_eq!(file.headers["content-type"], "application/x-ndjson");
    let lines: Vec<&str> = file.html.lines().collect();
    assert_eq!(lines.len(), 1, "{lines:?}");
    assert!(lines[0].contains("\"action\":\"role.create\"") && lines[0].contains("\"number\""));
}

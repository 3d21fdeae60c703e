//! `/v1/sources`

use std::collections::BTreeMap;
use std::sync::Arc;

use app::ports::{
    Batch, Changes, Connector, ConnectorError, Held, Preview, PreviewRow, ReadSummary, SourceState,
    Write,
};
use async_trait::async_trait;
use domain::inventory::{End, Listed, Observation};
use domain::kernel::SourceId;
use serde_json::json;
use tokio::sync::mpsc;

use crate::house::House;

async fn add(house: &House, id: &str, failing: bool) {
    let now = house.ctx.now();
    let state = SourceState {
        checkpoint: Some(json!({"file": "/var/log/secret-path"})),
        attempted_at: Some(now),
        succeeded_at: Some(now),
        imported: true,
        failing: failing.then(|| (now, "cannot be opened".to_owned())),
        read: 10,
        unreadable: 1,
        ..SourceState::new(SourceId::parse(id).unwrap(), "foundry")
    };
    let writes = vec![Write::PutSource(Box::new(state))];
    house
        .ctx
        .store
        .commit(Changes {
            writes,
            audit: Vec::new(),
        })
        .await
        .unwrap();
}

#[tokio::test]
async fn sources_say_how_they_do_and_are_forgotten() {
    let house = House::open().await;
    add(&house, "a", false).await;
    add(&house, "b", true).await;
    let list = house.get("/v1/sources").await.is(200);
    assert!(
        !list.text().contains("secret-path"),
        "checkpoints are the connector's own"
    );
    let items = list.json()["items"].clone();
    assert_eq!(
        (&items[0]["state"], &items[1]["state"]),
        (&json!("ok"), &json!("failing"))
    );
    assert_eq!(items[1]["failing"], "cannot be opened");
    let refused = house.post("/v1/sources/a/sync", json!({})).await;
    refused.problem(409, "conflict");
    let one = house.get("/v1/sources/b").await.is(200).json();
    assert_eq!((&one["id"], &one["reading"]), (&json!("b"), &json!(null)));
    house.get("/v1/sources/c").await.problem(404, "not-found");
    let forget = |id: &str| {
        house
            .ask("DELETE", &format!("/v1/sources/{id}"))
            .token(&house.admin)
    };
    forget("a").send().await.is(204);
    forget("a").send().await.problem(404, "not-found");
    forget("forewarn").send().await.problem(409, "conflict");
}

#[tokio::test]
async fn what_a_held_source_lacks_is_shown_and_accepted() {
    let house = House::open().await;
    add(&house, "a", false).await;
    let accept = async || house.post("/v1/sources/a/accept", json!({})).await;
    accept().await.problem(409, "conflict");
    let id = SourceId::parse("a").unwrap();
    let mut state = house.ctx.store.source(&id).await.unwrap().unwrap();
    let now = house.ctx.now();
    state.held = Some(Held {
        since: now,
        read_at: now,
        missing: 9,
        of: 10,
        accepted: false,
    });
    let writes = vec![Write::PutSource(Box::new(state))];
    let audit = Vec::new();
    house
        .ctx
        .store
        .commit(Changes { writes, audit })
        .await
        .unwrap();
    let shown = house.get("/v1/sources/a").await.is(200).json();
    assert_eq!(shown["state"], "held");
    assert_eq!(
        (&shown["held"]["missing"], &shown["held"]["of"]),
        (&json!(9), &json!(10))
    );
    let accepted = accept().await.is(200).json();
    assert_eq!(
        (&accepted["state"], &accepted["held"]),
        (&json!("ok"), &json!(null))
    );
}

/// A source whose preview is as the test wants it.
struct Shown {
    id: SourceId,
    preview: Result<Preview, ConnectorError>,
}

#[async_trait]
impl Connector for Shown {
    fn source(&self) -> &SourceId {
        &self.id
    }
    fn system(&self) -> &str {
        "far"
    }
    async fn preview(&self) -> Result<Preview, ConnectorError> {
        self.preview.clone()
    }
    async fn read(
        &self,
        _: Option<serde_json::Value>,
        batches: mpsc::Sender<Batch>,
    ) -> Result<ReadSummary, ConnectorError> {
        for n in 0..1000 {
            let told = Listed::new(format!("k{n}"), "key");
            let batch = Batch {
                observations: vec![Observation::Listed(Box::new(told))],
                checkpoint: json!(n),
                counts: Default::default(),
            };
            let sent = batches.send(batch).await;
            sent.map_err(|_| ConnectorError::Stopped)?;
        }
        Ok(ReadSummary::default())
    }
}

async fn shown(house: &House, preview: Result<Preview, ConnectorError>) -> crate::house::Reply {
    let id = SourceId::parse("a").unwrap();
    let connector: Arc<dyn Connector> = Arc::new(Shown {
        id: id.clone(),
        preview,
    });
    let connectors = BTreeMap::from([(id, connector)]);
    house.ctx.connectors.store(Arc::new(connectors));
    house.post("/v1/sources/a/test", json!({})).await
}

#[tokio::test]
async fn a_try_shows_rows_beside_their_fields_and_keeps_nothing() {
    let house = House::open().await;
    add(&house, "a", false).await;
    let refused = house.post("/v1/sources/a/test", json!({})).await;
    refused.problem(409, "conflict");
    let row = PreviewRow {
        told: Listed {
            end: End::Never,
            ..Listed::new("48213", "key")
        },
        raw: vec![("/id".to_owned(), "48213".to_owned())],
        withheld: vec!["/token".to_owned()],
    };
    let preview = Preview {
        rows: vec![row; 25],
        remarks: vec!["one page".to_owned()],
        complete: false,
    };
    let reply = shown(&house, Ok(preview)).await.is(200);
    assert_eq!(reply.headers["cache-control"], "no-store");
    let tried = reply.json();
    assert_eq!(tried["rows"].as_array().unwrap().len(), 20);
    assert_eq!(tried["rows"][0]["told"]["expires_at"], "never");
    assert_eq!(tried["rows"][0]["raw"][0]["pointer"], "/id");
    assert_eq!(tried["rows"][0]["withheld"], json!(["/token"]));
    assert_eq!(tried["error"], json!(null));
    let kept = house.get("/v1/credentials?source=a").await.is(200).json();
    assert_eq!(kept["items"], json!([]));
}

#[tokio::test]
async fn what_has_no_preview_shows_its_first_batch_and_what_fails_says_why() {
    let house = House::open().await;
    add(&house, "a", false).await;
    let tried = shown(&house, Err(ConnectorError::NoPreview)).await;
    let tried = tried.is(200).json();
    assert_eq!(tried["rows"][0]["told"]["external_id"], "k0");
    assert_eq!(tried["complete"], false);
    let refused = Err(ConnectorError::Auth("status 401".to_owned()));
    let tried = shown(&house, refused).await.is(200).json();
    assert_eq!(
        (&tried["error"], &tried["rows"]),
        (
            &json!("the source refuses its credential: status 401"),
            &json!([])
        )
    );
    let kept = house.get("/v1/credentials?source=a").await.is(200).json();
    assert_eq!(kept["items"], json!([]));
}

/// F27: a credential of a source that is not well says when it was last confirmed.
#[tokio::test]
async fn a_credential_says_when_its_source_last_confirmed_it() {
    let house = House::open().await;
    let id = SourceId::parse("a").unwrap();
    app::reconcile::register(&house.ctx, &id, "push")
        .await
        .unwrap();
    let ask = house.ask("POST", "/v1/sources/a/observations");
    let ask = ask.token(&house.admin);
    let ask = ask.body("application/x-ndjson", "{\"external_id\":\"k\"}\n");
    ask.send().await.is(200);
    let item =
        async || house.get("/v1/credentials?source=a").await.is(200).json()["items"][0].clone();
    let well = item().await;
    assert_eq!(
        (&well["source_state"], &well["doubt"]),
        (&json!("ok"), &json!(null))
    );
    let mut state = house.ctx.store.source(&id).await.unwrap().unwrap();
    state.failing = Some((house.ctx.now(), "gone".to_owned()));
    let writes = vec![Write::PutSource(Box::new(state))];
    let audit = Vec::new();
    let changes = Changes { writes, audit };
    house.ctx.store.commit(changes).await.unwrap();
    let doubtful = item().await;
    assert_eq!(doubtful["source_state"], "failing");
    assert_eq!(
        doubtful["doubt"],
        "last confirmed at 2026-11-22T09:00:00Z: its source cannot be read"
    );
    let own = house.get("/v1/credentials?source=forewarn").await.is(200);
    assert_eq!(own.json()["items"][0]["source_state"], json!(null));
}

//! `/livez`, `/readyz`, `/metrics`, `/openapi.json`, `/docs`

use std::collections::BTreeSet;

use api::{MetricsAccess, Options};
use app::{Degradation, NoticeOutcome};
use domain::kernel::{ChannelId, Span};
use serde_json::json;

use crate::house::House;

#[tokio::test]
async fn readiness_names_what_works_in_part() {
    let house = House::open().await;
    house.ask("GET", "/livez").send().await.is(200);
    let ready = house.ask("GET", "/readyz").send().await.is(200).json();
    assert_eq!(
        ready,
        json!({"status": "degraded", "degraded": ["no_channel"]})
    );
    house.ctx.signals.swept(house.ctx.now(), true);
    house
        .ctx
        .signals
        .set_degraded(Degradation::NoRecipient, true);
    house.clock.advance(Span::hours(3));
    let ready = house.ask("GET", "/readyz").send().await.is(200).json();
    assert_eq!(
        ready["degraded"],
        json!(["no_channel", "no_recipient", "sweep_stale"])
    );
}

/// B78: names are never labels, and a scrape names a bounded number of credentials.
#[tokio::test]
async fn metrics_hold_no_names() {
    let house = House::open().await;
    house
        .post("/v1/tokens", json!({"name": "secretproject"}))
        .await
        .is(201);
    let hook = ChannelId::parse("hook").unwrap();
    house
        .ctx
        .signals
        .count_notices(&hook, NoticeOutcome::Accepted, 2);
    house.ctx.signals.swept(house.ctx.now(), true);
    let text = house.get("/metrics").await.is(200).text();
    assert!(!text.contains("secretproject"));
    for line in [
        "forewarn_notices_total{channel=\"hook\",outcome=\"accepted\"} 2",
        "forewarn_outbox_oldest_seconds 0.0",
        "forewarn_last_sweep_timestamp_seconds 1795338000.0",
        "forewarn_credential_expiry_cut 0",
    ] {
        assert!(text.contains(line), "{line} in\n{text}");
    }
    let ends = text
        .lines()
        .filter(|l| l.starts_with("forewarn_credential_expiry_timestamp_seconds{"));
    assert_eq!(ends.count(), 2);
    assert!(text.contains("source=\"forewarn\""));
}

#[tokio::test]
async fn metrics_are_closed_unless_opened() {
    let house = House::open().await;
    house
        .ask("GET", "/metrics")
        .send()
        .await
        .problem(401, "unauthenticated");
    let (_, token) = house.holder("bot", &[]).await;
    let reply = house.ask("GET", "/metrics").token(&token).send().await;
    reply.problem(403, "insufficient-scope");
    let open = Options {
        metrics: MetricsAccess::Open,
        ..Options::default()
    };
    let house = House::with(open).await;
    house.ask("GET", "/metrics").send().await.is(200);
}

/// API9: what is documented is what is served.
#[tokio::test]
async fn the_document_and_the_router_agree() {
    let house = House::open().await;
    let document = house
        .ask("GET", "/openapi.json")
        .send()
        .await
        .is(200)
        .json();
    let documented: BTreeSet<String> = document["paths"]
        .as_object()
        .unwrap()
        .keys()
        .cloned()
        .collect();
    let served: BTreeSet<String> = api::routes()
        .iter()
        .map(|r| r.path.replace("{*", "{"))
        .collect();
    assert_eq!(documented, served);
    let text = document.to_string();
    let schemas = document["components"]["schemas"].as_object().unwrap();
    for reference in text.split("\"#/components/schemas/").skip(1) {
        let name = reference.split('"').next().unwrap();
        assert!(
            schemas.contains_key(name),
            "{name} is referred to and missing"
        );
    }
}

#[tokio::test]
async fn the_page_of_the_api_needs_nothing_from_elsewhere() {
    let house = House::open().await;
    let page = house.ask("GET", "/docs").send().await.is(200);
    assert!(page.header("content-type").starts_with("text/html"));
    let html = page.text();
    assert!(!html.contains("<script") && !html.contains("src=\"http"));
    for route in api::routes() {
        assert!(html.contains(route.path), "{}", route.path);
    }
    assert!(html.contains("id=\"problem-insufficient-scope\""));
    house.ask("GET", "/docs/style.css").send().await.is(200);
}

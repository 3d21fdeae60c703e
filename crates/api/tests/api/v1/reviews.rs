//! `/v1/reviews`

use std::collections::BTreeMap;
use std::sync::Arc;

use app::ports::{Changes, Write};
use app::reconcile::register;
use domain::expiry::{Every, ReviewRule, Round};
use domain::kernel::{Instant, SourceId, SweepId};
use serde_json::{Value, json};

use crate::house::House;

/// A team that answers for `a` and `b`, which end in ten days, and for `c`, which does not
/// end for long, so that no alert stands about it; a round about all of them has begun.
struct Office {
    house: House,
    review: String,
    ids: BTreeMap<String, String>,
    /// A token of a member of the team that holds no scope.
    member: String,
}

impl Office {
    async fn open() -> Self {
        let house = House::open().await;
        let team = house.post("/v1/teams", json!({"name": "core"})).await;
        let team = team.is(201).json()["id"].as_str().unwrap().to_owned();
        let member = member(&house, &team).await;
        let review = format!("monthly:{team}");
        begin(&house, &review).await;
        push(&house).await;
        let mut ids = BTreeMap::new();
        for one in items(&house, "/v1/credentials?source=vault").await {
            let id = one["id"].as_str().unwrap().to_owned();
            let path = format!("/v1/credentials/{id}");
            let ask = house.ask("PATCH", &path).token(&house.admin);
            ask.json(&json!({ "team": team })).send().await.is(200);
            ids.insert(one["name"].as_str().unwrap().to_owned(), id);
        }
        let sweep = SweepId::parse("swp_1").unwrap();
        app::sweep::sweep(&house.ctx, &sweep).await.unwrap();
        Self {
            house,
            review,
            ids,
            member,
        }
    }

    fn wish(&self, name: &str, decision: &str) -> Value {
        json!({"credential": self.ids[name], "decision": decision})
    }

    async fn decide(&self, token: &str, decisions: &[Value]) -> crate::house::Reply {
        let path = format!("/v1/reviews/{}/decisions", self.review);
        let ask = self.house.ask("POST", &path).token(token);
        ask.json(&json!({ "decisions": decisions })).send().await
    }

    /// Team and state of the alert about its end; `None` where there is none.
    async fn stands(&self, name: &str) -> (bool, Option<String>) {
        let id = &self.ids[name];
        let one = self.house.get(&format!("/v1/credentials/{id}")).await;
        let of_team = !one.is(200).json()["team"].is_null();
        let path = format!("/v1/alerts?kind=expiry&subject=credential:{id}");
        let alerts = items(&self.house, &path).await;
        let state = alerts
            .first()
            .map(|a| a["state"].as_str().unwrap().to_owned());
        (of_team, state)
    }
}

async fn items(house: &House, path: &str) -> Vec<Value> {
    let list = house.get(path).await.is(200).json();
    list["items"].as_array().unwrap().clone()
}

async fn member(house: &House, team: &str) -> String {
    let role = json!({"name": "Bare", "scopes": []});
    house.post("/v1/roles", role).await.is(201);
    let account = json!({"name": "member", "team": team, "roles": ["Bare"]});
    let account = house.post("/v1/service-accounts", account).await;
    let account = account.is(201).json();
    house.token_of(&account["id"], &["Bare"], "30d").await.1
}

async fn begin(house: &House, review: &str) {
    let rule = ReviewRule {
        every: Every::Month,
        day: 2,
        teams: Vec::new(),
    };
    let mut settings = (*house.ctx.settings.load_full()).clone();
    settings.reviews.insert("monthly".to_owned(), rule);
    house.ctx.settings.store(Arc::new(settings));
    let now = house.ctx.now();
    let round = Round {
        began_at: Some(now),
        ..Round::known(now)
    };
    let kept = serde_json::to_string(&round).unwrap();
    let writes = vec![Write::SetMeta(format!("review:{review}"), kept)];
    let audit = Vec::new();
    let changes = Changes { writes, audit };
    house.ctx.store.commit(changes).await.unwrap();
}

async fn push(house: &House) {
    let source = SourceId::parse("vault").unwrap();
    register(&house.ctx, &source, "push").await.unwrap();
    let line = |name: &str, end: &str| {
        let end = Instant::parse(end).unwrap();
        json!({"external_id": name, "name": name, "expires_at": end}).to_string()
    };
    let lines = [
        line("a", "2026-12-02T00:00:00Z"),
        line("b", "2026-12-02T00:00:00Z"),
        line("c", "2028-12-02T00:00:00Z"),
    ];
    let ask = house.ask("POST", "/v1/sources/vault/observations");
    let ask = ask.token(&house.admin);
    let ask = ask.body("application/x-ndjson", lines.join("\n"));
    ask.send().await.is(200);
}

fn open() -> Option<String> {
    Some("open".to_owned())
}

fn lapsing() -> Option<String> {
    Some("let_lapse".to_owned())
}

#[tokio::test]
async fn mixed_decisions_take_effect_together() {
    let office = Office::open().await;
    assert_eq!(office.stands("a").await, (true, open()));
    let wishes = [
        office.wish("a", "not_ours"),
        office.wish("b", "let_lapse"),
        office.wish("c", "keep"),
    ];
    let after = office.decide(&office.member, &wishes).await.is(200).json();
    assert_eq!(after["waiting"], 1, "the member's own token");
    assert_eq!(office.stands("a").await, (false, open()));
    assert_eq!(office.stands("b").await, (true, lapsing()));
    assert_eq!(office.stands("c").await, (true, None));
}

#[tokio::test]
async fn a_refusal_changes_nothing() {
    let office = Office::open().await;
    let (_, reader) = office
        .house
        .holder(
            "reader",
            &["credentials:read", "alerts:read", "alerts:write"],
        )
        .await;
    let both = [office.wish("a", "not_ours"), office.wish("b", "let_lapse")];
    office
        .decide(&reader, &both)
        .await
        .problem(403, "insufficient-scope");
    let strange = json!({"credential": "none", "decision": "keep"});
    let twice = office.wish("a", "let_lapse");
    for third in [strange, twice] {
        let wishes = [&both[..], &[third]].concat();
        office
            .decide(&office.member, &wishes)
            .await
            .problem(422, "invalid");
    }
    assert_eq!(office.stands("a").await, (true, open()));
    assert_eq!(office.stands("b").await, (true, open()));
    let review = format!("/v1/reviews/{}", office.review);
    let review = office.house.get(&review).await.is(200).json();
    assert_eq!(review["waiting"], 4, "these, and the member's own token");
}

/// The right over the review carries it; what has no alert lapses quietly.
#[tokio::test]
async fn let_lapse_needs_no_scope_over_alerts() {
    let office = Office::open().await;
    let scopes = ["credentials:read", "credentials:write"];
    let (_, keeper) = office.house.holder("keeper", &scopes).await;
    let wishes = [office.wish("a", "let_lapse"), office.wish("c", "let_lapse")];
    office.decide(&keeper, &wishes).await.is(200);
    assert_eq!(office.stands("a").await, (true, lapsing()));
    assert_eq!(office.stands("c").await, (true, None));
    office
        .decide(&office.member, &[office.wish("b", "let_lapse")])
        .await
        .is(200);
    assert_eq!(office.stands("b").await, (true, lapsing()));
}

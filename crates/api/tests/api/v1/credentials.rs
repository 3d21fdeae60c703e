//! `/v1/credentials`

use serde_json::{Value, json};

use crate::house::House;

/// B17: a formula in a name does not run in a spreadsheet.
#[tokio::test]
async fn the_export_is_safe_to_open() {
    let house = House::open().await;
    for name in ["=cmd|' /C calc'!A0", "+1", "-1", "@SUM(A1)", "a,\"b\""] {
        house
            .post("/v1/tokens", json!({"name": name}))
            .await
            .is(201);
    }
    let reply = house.get("/v1/credentials.csv").await.is(200);
    assert_eq!(reply.header("content-type"), "text/csv; charset=utf-8");
    let mut rows = csv::Reader::from_reader(reply.body.as_slice());
    let names: Vec<String> = rows
        .records()
        .map(|row| row.unwrap()[1].to_owned())
        .collect();
    assert_eq!(names.len(), 6);
    assert!(names.contains(&"a,\"b\"".to_owned()));
    assert!(
        names
            .iter()
            .all(|name| !name.starts_with(['=', '+', '-', '@'])),
        "{names:?}"
    );
}

#[tokio::test]
async fn exports_hold_every_page_of_the_selection() {
    let house = House::open().await;
    for n in 0..600 {
        let body = json!({"name": format!("n{n}"), "labels": {"batch": "x"}});
        house.post("/v1/tokens", body).await.is(201);
    }
    let lines = |text: &str| {
        text.lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect::<Vec<Value>>()
    };
    let all = house.get("/v1/credentials.ndjson?name=n").await.is(200);
    assert_eq!(all.header("content-type"), "application/x-ndjson");
    let items = lines(&all.text());
    assert_eq!(
        items.iter().filter(|i| i["labels"]["batch"] == "x").count(),
        600
    );
    assert_eq!(items[0]["external_id"], items[0]["id"]);
    assert_eq!(items[0]["source"], "forewarn");
    house
        .get("/v1/credentials.ndjson?limit=3")
        .await
        .problem(422, "invalid");
    house
        .get("/v1/credentials.csv?sort=x")
        .await
        .problem(422, "invalid");
}

#[tokio::test]
async fn what_breaks_is_kept_with_the_credential() {
    let house = House::open().await;
    let (id, _) = house.holder("bot", &[]).await;
    let place = json!([{"what": "nightly export", "url": "https://ci.example/1", "team": null}]);
    let ask = house
        .ask("PATCH", &format!("/v1/credentials/{id}"))
        .token(&house.admin);
    let item = ask
        .json(&json!({"used_by": place, "lead_time": "60d"}))
        .send()
        .await
        .is(200)
        .json();
    assert_eq!(item["used_by"], place);
    assert_eq!(item["lead_time"], "60d");
    let ask = house
        .ask("PATCH", &format!("/v1/credentials/{id}"))
        .token(&house.admin);
    let item = ask
        .json(&json!({"lead_time": null}))
        .send()
        .await
        .is(200)
        .json();
    assert_eq!(item["lead_time"], Value::Null);
}

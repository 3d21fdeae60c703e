//! `/v1/roles`

use serde_json::json;

use crate::house::House;

#[tokio::test]
async fn roles_are_made_changed_and_removed() {
    let house = House::open().await;
    let role = json!({"name": "Billing Reader", "scopes": ["billing:read", "tokens:read"]});
    let reply = house.post("/v1/roles", role.clone()).await.is(201);
    assert_eq!(reply.header("location"), "/v1/roles/Billing%20Reader");
    assert_eq!(reply.json()["opens_forewarn"], json!(["tokens:read"]));
    house.post("/v1/roles", role).await.problem(409, "conflict");
    let path = "/v1/roles/Billing%20Reader";
    let ask = house
        .ask("PATCH", path)
        .token(&house.admin)
        .json(&json!({"scopes": ["billing:read"]}));
    assert_eq!(
        ask.send().await.is(200).json()["scopes"],
        json!(["billing:read"])
    );
    house
        .ask("DELETE", path)
        .token(&house.admin)
        .send()
        .await
        .is(204);
    house.get(path).await.problem(404, "not-found");
}

#[tokio::test]
async fn fixed_roles_stay_as_they_are() {
    let house = House::open().await;
    let ask = house.ask("PATCH", "/v1/roles/Admin").token(&house.admin);
    ask.json(&json!({"scopes": []}))
        .send()
        .await
        .problem(409, "conflict");
    let ask = house.ask("DELETE", "/v1/roles/None").token(&house.admin);
    ask.send().await.problem(409, "conflict");
}

/// B28: a role hands out nothing that its maker lacks, and the list of grantable roles
/// says what can be.
#[tokio::test]
async fn a_role_is_bounded_by_its_maker() {
    let house = House::open().await;
    let (_, token) = house
        .holder("maker", &["roles:write", "credentials:read"])
        .await;
    let ask = |scopes: serde_json::Value| {
        let role = json!({"name": format!("r{scopes}").replace(['"', '\\'], ""), "scopes": scopes});
        house
            .ask("POST", "/v1/roles")
            .token(&token)
            .json(&role)
            .send()
    };
    ask(json!(["credentials:read"])).await.is(201);
    ask(json!(["audit:read"]))
        .await
        .problem(403, "insufficient-scope");
    ask(json!(["*"])).await.problem(403, "insufficient-scope");
    let list = house
        .ask("GET", "/v1/roles/grantable")
        .token(&token)
        .send()
        .await
        .is(200)
        .json();
    let names: Vec<_> = list["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|r| r["name"].clone())
        .collect();
    assert!(
        names.contains(&json!("None")) && !names.contains(&json!("Admin")),
        "{names:?}"
    );
}

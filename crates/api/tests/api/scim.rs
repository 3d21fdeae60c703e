//! `/scim/v2`: people and teams as Okta and Entra keep them.

use serde_json::{Value, json};

use crate::house::{House, Reply};

/// What a provisioning system says and hears.
struct Provider {
    house: House,
    token: String,
}

impl Provider {
    async fn open() -> Self {
        let house = House::open().await;
        let (_, token) = house.holder("okta", &["people:write"]).await;
        Self { house, token }
    }

    async fn ask(&self, method: &str, path: &str, body: Option<Value>) -> Reply {
        let path = format!("/scim/v2{path}");
        let ask = self.house.ask(method, &path).token(&self.token);
        let ask = match body {
            Some(body) => ask.body("application/scim+json", body.to_string()),
            None => ask,
        };
        let reply = ask.send().await;
        let empty = reply.status == 204;
        assert!(
            empty || reply.header("content-type") == "application/scim+json",
            "{reply:?}"
        );
        reply
    }

    async fn get(&self, path: &str) -> Value {
        self.ask("GET", path, None).await.is(200).json()
    }

    async fn made(&self, path: &str, body: Value) -> Value {
        self.ask("POST", path, Some(body)).await.is(201).json()
    }

    async fn patched(&self, path: &str, operations: Value) -> Value {
        let body = json!({
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
            "Operations": operations,
        });
        self.ask("PATCH", path, Some(body)).await.is(200).json()
    }

    async fn refused(&self, method: &str, path: &str, body: Value, status: u16) -> Value {
        let reply = self.ask(method, path, Some(body)).await.is(status);
        let error = reply.json();
        let schema = "urn:ietf:params:scim:api:messages:2.0:Error";
        assert_eq!(error["schemas"], json!([schema]));
        assert_eq!(error["status"], status.to_string());
        error
    }
}

fn path(document: &Value) -> String {
    let location = document["meta"]["location"].as_str().unwrap();
    location.split_once("/scim/v2").unwrap().1.to_owned()
}

fn ada() -> Value {
    json!({
        "schemas": [
            "urn:ietf:params:scim:schemas:core:2.0:User",
            "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User",
        ],
        "externalId": "00u1",
        "userName": "ada@example.org",
        "name": {"givenName": "Ada", "familyName": "Lovelace"},
        "displayName": "Ada Lovelace",
        "emails": [{"value": "ada@example.org", "type": "work", "primary": true}],
        "timezone": "Europe/Vienna",
        "locale": "de_AT",
        "active": true,
        "password": "s3cret",
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": {"department": "x"},
    })
}

#[tokio::test]
async fn a_user_who_is_provisioned_is_a_person_with_a_confirmed_address() {
    let okta = Provider::open().await;
    let made = okta.made("/Users", ada()).await;
    assert_eq!(made["locale"], "de-AT");
    assert!(made.get("password").is_none());
    let id = made["id"].as_str().unwrap();
    let person = okta
        .house
        .get(&format!("/v1/people/{id}"))
        .await
        .is(200)
        .json();
    assert_eq!(person["email"], "ada@example.org");
    assert_eq!(person["name"], "Ada Lovelace");
    assert_eq!(person["time_zone"], "Europe/Vienna");
    assert_eq!(person["roles"], json!([]));
    assert_eq!(okta.get(&path(&made)).await, made);
    let error = okta.refused("POST", "/Users", ada(), 409).await;
    assert_eq!(error["scimType"], "uniqueness");
}

/// What Okta and Entra ask before they link or add somebody.
#[tokio::test]
async fn users_are_found_by_name_external_id_and_address() {
    let okta = Provider::open().await;
    let made = okta.made("/Users", ada()).await;
    okta.made("/Users", json!({"userName": "bob", "active": "False"}))
        .await;
    for filter in [
        "userName%20eq%20%22ADA@example.org%22",
        "externalId%20eq%20%2200u1%22",
        "emails.value%20eq%20%22ada@example.org%22",
        "emails%5Btype%20eq%20%22work%22%5D.value%20eq%20%22ada@example.org%22",
    ] {
        let page = okta
            .get(&format!("/Users?filter={filter}&aadOptscim062020"))
            .await;
        assert_eq!(page["totalResults"], 1, "{filter}");
        assert_eq!(page["Resources"][0]["id"], made["id"], "{filter}");
    }
    let none = okta.get("/Users?filter=userName%20eq%20%22nobody%22").await;
    assert_eq!(
        (&none["totalResults"], &none["Resources"]),
        (&json!(0), &json!([]))
    );
    let error = okta
        .refused("GET", "/Users?filter=userName", json!({}), 400)
        .await;
    assert_eq!(error["scimType"], "invalidFilter");
}

#[tokio::test]
async fn pages_count_from_one() {
    let okta = Provider::open().await;
    for name in ["a", "b", "c"] {
        okta.made("/Users", json!({"userName": name})).await;
    }
    let okta = &okta;
    let page = |query: &'static str| async move {
        let page = okta.get(&format!("/Users?{query}")).await;
        let shown = page["Resources"].as_array().unwrap().len();
        (
            page["totalResults"].clone(),
            page["startIndex"].clone(),
            shown,
        )
    };
    assert_eq!(page("startIndex=2&count=1").await, (json!(3), json!(2), 1));
    assert_eq!(page("startIndex=4&count=1").await, (json!(3), json!(4), 0));
    assert_eq!(page("count=0").await, (json!(3), json!(1), 0));
    assert_eq!(page("startIndex=0").await, (json!(3), json!(1), 3));
}

#[tokio::test]
async fn entra_changes_a_user_in_its_own_dialect() {
    let entra = Provider::open().await;
    let made = entra.made("/Users", ada()).await;
    let after = entra
        .patched(
            &path(&made),
            json!([
                {"op": "Replace", "path": "emails[type eq \"work\"].value", "value": "al@example.org"},
                {"op": "Add", "path": "name.familyName", "value": "King"},
                {"op": "Add", "value": {"displayName": "Ada King", "name.givenName": "Augusta"}},
                {"op": "Replace", "path": "active", "value": "False"},
                {"op": "Replace", "path": "timezone", "value": "Not/AZone"},
            ]),
        )
        .await;
    assert_eq!(after["emails"][0]["value"], "al@example.org");
    assert_eq!(after["name"]["givenName"], "Augusta");
    assert_eq!(after["name"]["familyName"], "King");
    assert_eq!(after["displayName"], "Ada King");
    assert_eq!(after["active"], false);
    assert_eq!(
        after["timezone"], "Europe/Vienna",
        "an odd zone keeps nobody out"
    );
}

/// Okta replaces with PUT and mentions only what it maps.
#[tokio::test]
async fn what_a_replacement_does_not_mention_stays() {
    let okta = Provider::open().await;
    let made = okta.made("/Users", ada()).await;
    let body =
        json!({"userName": "ada@example.org", "name": {"familyName": "King"}, "active": true});
    let after = okta
        .ask("PUT", &path(&made), Some(body))
        .await
        .is(200)
        .json();
    assert_eq!(after["emails"], made["emails"]);
    assert_eq!(after["externalId"], "00u1");
    assert_eq!(
        after["displayName"], "Ada King",
        "the name follows its parts"
    );
}

#[tokio::test]
async fn a_deactivated_user_stops_at_once_and_returns_with_what_they_had() {
    let okta = Provider::open().await;
    let made = okta.made("/Users", ada()).await;
    let (_, token) = okta.house.token_of(&made["id"], &[], "30d").await;
    let own = || {
        okta.house
            .ask("GET", "/v1/tokens/self")
            .token(&token)
            .send()
    };
    own().await.is(200);
    okta.patched(
        &path(&made),
        json!([{"op": "replace", "value": {"active": false}}]),
    )
    .await;
    own().await.problem(401, "invalid-token");
    okta.patched(
        &path(&made),
        json!([{"op": "replace", "value": {"active": true}}]),
    )
    .await;
    own().await.is(200);
    okta.ask("DELETE", &path(&made), None).await.is(204);
    own().await.problem(401, "invalid-token");
    okta.refused("GET", &path(&made), json!({}), 404).await;
    okta.refused("DELETE", &path(&made), json!({}), 404).await;
    assert_eq!(okta.get("/Users").await["totalResults"], 0);
    let again = okta.made("/Users", ada()).await;
    assert_eq!(again["id"], made["id"]);
    own().await.is(200);
}

/// An address that is given to somebody new brings nothing of the one before.
#[tokio::test]
async fn another_person_with_the_same_address_is_another_person() {
    let okta = Provider::open().await;
    let made = okta.made("/Users", ada()).await;
    let (_, token) = okta.house.token_of(&made["id"], &[], "30d").await;
    okta.ask("DELETE", &path(&made), None).await.is(204);
    let mut other = ada();
    other["externalId"] = json!("00u2");
    let other = okta.made("/Users", other).await;
    assert_ne!(other["id"], made["id"]);
    assert_eq!(other["emails"][0]["value"], "ada@example.org");
    let own = okta
        .house
        .ask("GET", "/v1/tokens/self")
        .token(&token)
        .send();
    own.await.problem(401, "invalid-token");
}

#[tokio::test]
async fn members_of_a_group_come_and_go() {
    let entra = Provider::open().await;
    let mut ids = Vec::new();
    for name in ["a", "b", "c"] {
        ids.push(entra.made("/Users", json!({"userName": name})).await["id"].clone());
    }
    let group = json!({"displayName": "core", "externalId": "g1", "members": [{"value": ids[0]}]});
    let group = entra.made("/Groups", group).await;
    let address = path(&group);
    let members = |document: &Value| document["members"].as_array().unwrap().len();
    let add =
        json!([{"op": "Add", "path": "members", "value": [{"value": ids[1]}, {"value": ids[2]}]}]);
    let after = entra.patched(&address, add).await;
    assert_eq!(members(&after), 3);
    let user = entra
        .get(&format!("{}/{}", "/Users", ids[1].as_str().unwrap()))
        .await;
    assert_eq!(user["groups"][0]["value"], group["id"]);
    let one = format!("members[value eq {}]", ids[0]);
    let after = entra
        .patched(&address, json!([{"op": "Remove", "path": one}]))
        .await;
    assert_eq!(members(&after), 2);
    let bare = entra
        .get(&format!("{address}?excludedAttributes=members"))
        .await;
    assert!(bare.get("members").is_none());
    let unknown =
        json!({"Operations": [{"op": "add", "path": "members", "value": [{"value": "per_x"}]}]});
    let error = entra.refused("PATCH", &address, unknown, 400).await;
    assert_eq!(error["scimType"], "invalidValue");
    let found = entra
        .get("/Groups?filter=displayName%20eq%20%22core%22")
        .await;
    assert_eq!(found["totalResults"], 1);
}

/// What a team answers for is not lost with the group; one of the same name takes over.
#[tokio::test]
async fn a_group_that_is_taken_away_leaves_an_empty_team() {
    let okta = Provider::open().await;
    let ada = okta.made("/Users", ada()).await;
    let body = json!({"displayName": "core", "members": [{"value": ada["id"]}]});
    let group = okta.made("/Groups", body.clone()).await;
    okta.refused("POST", "/Groups", body.clone(), 409).await;
    okta.ask("DELETE", &path(&group), None).await.is(204);
    okta.refused("GET", &path(&group), json!({}), 404).await;
    let id = group["id"].as_str().unwrap();
    let team = okta
        .house
        .get(&format!("/v1/teams/{id}"))
        .await
        .is(200)
        .json();
    assert_eq!(team["members"], json!([]));
    let again = okta.made("/Groups", body).await;
    assert_eq!(
        (&again["id"], again["members"].as_array().unwrap().len()),
        (&group["id"], 1)
    );
}

/// P6: a provisioning system's token reaches nobody who may do more than it.
#[tokio::test]
async fn who_holds_more_than_the_token_is_not_changed_by_it() {
    let okta = Provider::open().await;
    let boss = json!({"name": "Boss", "email": "boss@example.org", "roles": ["Admin"]});
    okta.house.post("/v1/people", boss).await.is(201);
    let found = okta
        .get("/Users?filter=userName%20eq%20%22boss@example.org%22")
        .await;
    let boss = path(&found["Resources"][0]);
    let body = json!({"Operations": [{"op": "replace", "path": "active", "value": false}]});
    okta.refused("PATCH", &boss, body, 403).await;
}

#[tokio::test]
async fn errors_below_scim_are_documents_of_scim() {
    let okta = Provider::open().await;
    okta.refused("GET", "/Nothing", json!({}), 404).await;
    okta.refused("POST", "/Schemas", json!({}), 405).await;
    okta.refused("POST", "/Users", json!({"userName": ""}), 400)
        .await;
    okta.refused(
        "POST",
        "/Users",
        json!({"userName": "a", "emails": [{"value": "a b"}]}),
        400,
    )
    .await;
    let reply = okta.house.ask("GET", "/scim/v2/Users").send().await.is(401);
    assert_eq!(reply.header("content-type"), "application/scim+json");
    assert!(!reply.header("www-authenticate").is_empty());
    let types = okta.get("/ResourceTypes").await;
    assert_eq!(types["totalResults"], 2);
    okta.get("/Schemas/urn:ietf:params:scim:schemas:core:2.0:User")
        .await;
}

/// What is compared with each other is bounded before it is.
#[tokio::test]
async fn more_members_than_a_team_may_have_are_refused_before_they_are_joined() {
    let provider = Provider::open().await;
    let group = provider
        .made("/Groups", json!({"displayName": "everybody"}))
        .await;
    let members = |count: usize| -> Value {
        let one = |n: usize| json!({"value": format!("per_{n}")});
        (0..count).map(one).collect()
    };
    let add = |count| json!({"op": "add", "path": "members", "value": members(count)});
    let body = json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
        "Operations": [add(22_000), add(22_000)],
    });
    let error = provider.refused("PATCH", &path(&group), body, 400).await;
    assert_eq!(error["scimType"], "tooMany");
    let detail = error["detail"].as_str().unwrap();
    assert!(
        detail.contains("`members` may have at most 10000 items"),
        "{detail}"
    );
}

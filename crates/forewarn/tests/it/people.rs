//! `/v1/people`, `/v1/teams`, `/v1/service-accounts`

use serde_json::json;

use crate::house::House;

#[test]
fn who_leaves_takes_their_tokens_along_and_brings_them_back() {
    let house = House::open();
    let body = json!({"name": "Ada", "email": "ada@example.org", "roles": ["Analyst"]});
    let ada = house.admin().post("/v1/people", &body).expect(201).json();
    let body = json!({"name": "t", "owner": ada["id"], "roles": ["Analyst"]});
    let (_, value) = house.issue(&body);
    assert!(value.starts_with("fwnp_"), "a person's token says so");
    let path = format!("/v1/people/{}", ada["id"].as_str().unwrap());
    let works = || house.bearer(&value).get("/v1/tokens/self").status;
    assert_eq!(works(), 200);
    let _ = house
        .admin()
        .patch(&path, &json!({"active": false}))
        .expect(200);
    assert_eq!(works(), 401);
    let _ = house
        .admin()
        .patch(&path, &json!({"active": true}))
        .expect(200);
    assert_eq!(works(), 200);
}

#[test]
fn a_disabled_service_account_stops_and_revives() {
    let house = House::open();
    let (_, value) = house.holder("bot", &[]);
    let owner = house.bearer(&value).get("/v1/tokens/self").json()["owner"].clone();
    let path = format!("/v1/service-accounts/{}", owner.as_str().unwrap());
    let works = || house.bearer(&value).get("/v1/tokens/self").status;
    let account = house.admin().get(&path).expect(200).json();
    let field = ["active", "enabled", "disabled"]
        .into_iter()
        .find(|f| account.get(f).is_some());
    let field = field.unwrap();
    let _ = house
        .admin()
        .patch(&path, &json!({field: field == "disabled"}))
        .expect(200);
    assert_eq!(works(), 401);
    let _ = house
        .admin()
        .patch(&path, &json!({field: field != "disabled"}))
        .expect(200);
    assert_eq!(works(), 200);
}

#[test]
fn a_token_lists_for_the_team_that_answers_for_it() {
    let house = House::open();
    let body = json!({"name": "platform", "email": "platform@example.org"});
    let team = house.admin().post("/v1/teams", &body).expect(201).json();
    house.issue(&json!({"name": "t", "team": "platform"}));
    let page = house
        .admin()
        .get("/v1/tokens?team=platform")
        .expect(200)
        .json();
    assert_eq!(page["items"][0]["team"], team["id"]);
    assert_eq!(page["items"].as_array().unwrap().len(), 1);
}

#[test]
fn what_nobody_answers_for_is_a_finding() {
    let house = House::open();
    let admin = house.admin();
    crate::push::push(&admin, "lost", "2099-01-01T00:00:00Z").succeeded();
    let body = json!({"name": "bot", "roles": []});
    let account = admin.post("/v1/service-accounts", &body).expect(201).json();
    let _ = admin
        .post("/v1/teams", &json!({"name": "empty"}))
        .expect(201);
    let found = house
        .cli(&["finding", "list", "--json"])
        .ends_with(0)
        .json();
    let of = |kind: &str| {
        let all = found.as_array().unwrap().iter();
        let of_kind = all.filter(|f| f["kind"] == kind);
        of_kind
            .map(|f| f["name"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(of("orphaned"), ["lost"]);
    assert_eq!(of("silent_team"), ["empty"]);
    assert!(of("account_without_team").contains(&"bot".to_owned()));
    let path = "/v1/findings?kind=account_without_team&kind=silent_team&limit=1";
    let page = admin.get(path).expect(200).json();
    assert_eq!(page["items"].as_array().unwrap().len(), 1);
    assert!(page["next_cursor"].is_string());
    let _ = admin.get("/v1/findings?kind=odd").expect(422);
    let body = json!({"name": "t", "owner": account["id"]});
    let (_, value) = house.issue(&body);
    let own = house.bearer(&value).get("/v1/findings").expect(200).json();
    assert_eq!(own["items"], json!([]), "{own}");
}

#[test]
fn every_team_has_the_reviews_of_the_configuration() {
    let house = House::with(&format!(
        "{}\n[reviews.quarterly]\nevery = \"quarter\"\n\
         [[watchers]]\nmatch = {{ label = {{ env = \"prod\" }} }}\nnotify = [\"ops@example.org\"]\n",
        crate::house::CONFIG
    ));
    let team = house.admin().post("/v1/teams", &json!({"name": "core"}));
    let team = team.expect(201).json();
    let list = house.cli(&["review", "list", "--json"]).ends_with(0).json();
    let id = format!("quarterly:{}", team["id"].as_str().unwrap());
    assert_eq!(list[0]["id"], id.as_str());
    assert_eq!(
        (&list[0]["every"], &list[0]["total"]),
        (&json!("quarter"), &json!(0))
    );
    let shown = house
        .cli(&["review", "show", &id, "--json"])
        .ends_with(0)
        .json();
    assert_eq!(shown["credentials"], json!([]));
    let said = house.cli(&["review", "decide", &id, "none", "--as", "keep"]);
    said.ends_with(2).is_one_sentence();
}

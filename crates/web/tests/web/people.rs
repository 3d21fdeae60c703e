//! `/people`, `/teams`, `/service-accounts`, `/roles`: seen, added, changed.

use crate::house::House;

const ALL: [&str; 4] = ["/people", "/teams", "/service-accounts", "/roles"];

#[tokio::test]
async fn a_person_is_added_changed_and_sent_away() {
    let house = House::open().await;
    let mut ada = house.founded().await;
    let form = [
        ("name", "Bob"),
        ("email", "bob@example.org"),
        ("roles", "Analyst"),
        ("leaves", "2027-01-31"),
    ];
    ada.post("/people/new", &form).await.is(303);
    let id = house.person("Bob").await;
    let path = format!("/people/{id}");
    let page = ada.get(&path).await.is(200).says("bob@example.org");
    let page = page.says("value=\"2027-01-31\"");
    page.says("value=\"Analyst\" checked");
    let form = [
        ("name", "Bob Builder"),
        ("email", "bob@example.org"),
        ("leaves", "2027-01-31"),
    ];
    ada.post(&path, &form).await.is(303);
    let page = ada.get("/people").await.is(200).says("Bob Builder");
    page.says("deactivated");
}

#[tokio::test]
async fn what_is_wrong_stands_beside_its_field_and_nothing_typed_is_lost() {
    let house = House::open().await;
    let mut ada = house.founded().await;
    let form = [("name", "Bob"), ("email", "nowhere"), ("roles", "None")];
    let page = ada.post("/people/new", &form).await.is(422);
    let page = page.says("email-error").says("value=\"nowhere\"");
    page.says("value=\"None\" checked");
    let form = [("name", "Bob"), ("leaves", "someday")];
    let page = ada.post("/people/new", &form).await.is(422);
    page.says("leaves-error");
    let form = [("name", "Crew"), ("members", "nobody@example.org")];
    let page = ada.post("/teams/new", &form).await.is(422);
    page.says("members-error").says("nobody@example.org");
    let form = [("name", "Reader"), ("scopes", "a\"b")];
    let page = ada.post("/roles/new", &form).await.is(422);
    page.says("scopes-error");
}

#[tokio::test]
async fn the_role_that_allows_nothing_is_not_given_beside_others() {
    let house = House::open().await;
    let mut ada = house.founded().await;
    let wrong = [("name", "Bob"), ("roles", "None"), ("roles", "Analyst")];
    for path in ["/people/new", "/service-accounts/new"] {
        let page = ada.post(path, &wrong).await.is(422);
        page.says("roles-error").says("choose it alone");
    }
    ada.post("/people/new", &wrong[..2]).await.is(303);
    let path = format!("/people/{}", house.person("Bob").await);
    let page = ada.post(&path, &wrong).await.is(422);
    page.says("roles-error");
}

#[tokio::test]
async fn a_service_account_without_a_team_is_marked() {
    let house = House::open().await;
    let mut ada = house.founded().await;
    let form = [("name", "nightly"), ("roles", "None")];
    ada.post("/service-accounts/new", &form).await.is(303);
    let page = ada.get("/service-accounts").await.is(200);
    page.says("no team hears of it");
}

#[tokio::test]
async fn a_change_that_was_overtaken_is_not_made() {
    let house = House::open().await;
    let mut ada = house.founded().await;
    let form = [("name", "Crew"), ("members", "ada@example.org")];
    ada.post("/teams/new", &form).await.is(303);
    let page = ada.get("/teams/Crew").await.is(200);
    page.says("Ada Lovelace")
        .says("name=\"version\" value=\"1\"");
    let form = [("name", "Crew A"), ("members", ""), ("version", "1")];
    ada.post("/teams/Crew", &form).await.is(303);
    let form = [("name", "Crew B"), ("members", ""), ("version", "1")];
    let page = ada.post("/teams/Crew%20A", &form).await.is(422);
    page.says("omebody else changed this").says("Crew B");
}

#[tokio::test]
async fn a_service_account_has_a_team_and_can_be_stopped() {
    let house = House::open().await;
    let mut ada = house.founded().await;
    ada.post("/teams/new", &[("name", "Crew")]).await.is(303);
    let form = [("name", "robot"), ("team", "Crew"), ("roles", "None")];
    ada.post("/service-accounts/new", &form).await.is(303);
    let page = ada.get("/service-accounts").await.is(200);
    page.says("robot").says("Crew");
    let form = [("name", "robot"), ("team", "Crew"), ("roles", "None")];
    ada.post("/service-accounts/robot", &form).await.is(303);
    let page = ada.get("/service-accounts/robot").await.is(200);
    page.says("disabled");
}

/// What a role allows stands beside what one holds oneself.
#[tokio::test]
async fn a_role_is_explained_compared_changed_and_removed() {
    let house = House::open().await;
    let mut ada = house.founded().await;
    let form = [
        ("name", "Auditor"),
        ("description", "reads along"),
        ("scopes", "audit:read\nbilling:read"),
        ("active", "yes"),
    ];
    let page = ada.get("/roles/new").await.is(200);
    page.says("Scopes that exist").says("read the audit log");
    ada.post("/roles/new", &form).await.is(303);
    let page = ada.get("/roles/Auditor").await.is(200);
    let page = page.says("read the audit log");
    page.says("your organisation&#39;s own")
        .says("hold all of it");
    let page = ada.get("/roles/Admin").await.is(200);
    page.says("built in, stays as it is").says("Ada Lovelace");
    let mut bob = house.somebody("Bob", &["roles:read", "audit:read"]).await;
    let page = bob.get("/roles/Auditor").await.is(200);
    let page = page.says("lack 1 scope");
    assert!(!page.html.contains("<textarea"));
    let form = [("scopes", "audit:read"), ("version", "1")];
    ada.post("/roles/Auditor", &form).await.is(303);
    ada.post("/roles/Auditor/remove", &[])
        .await
        .leads_to("/roles?said=removed");
    let page = ada.post("/roles/None/remove", &[]).await.is(409);
    page.says("stays as it is");
    let page = ada.post("/roles/role%20of%20Bob/remove", &[]).await;
    page.is(409).says("remove-error");
}

/// P6: nobody gives more than they hold.
#[tokio::test]
async fn more_than_one_holds_is_refused_beside_the_roles() {
    let house = House::open().await;
    let scopes = ["people:read", "people:write"];
    let mut bob = house.somebody("Bob", &scopes).await;
    let page = bob.get("/people/new").await.is(200);
    assert!(!page.html.contains("value=\"Admin\""));
    let form = [("name", "Eve"), ("roles", "Admin")];
    let page = bob.post("/people/new", &form).await.is(422);
    page.says("roles-error").says("do not hold");
}

#[tokio::test]
async fn who_may_only_read_is_offered_no_form() {
    let house = House::open().await;
    let scopes = ["people:read", "roles:read"];
    let mut bob = house.somebody("Bob", &scopes).await;
    for path in ALL {
        let page = bob.get(path).await.is(200);
        assert!(!page.html.contains("/new\""), "{path}");
    }
    let id = house.person("Bob").await;
    let page = bob.get(&format!("/people/{id}")).await.is(200);
    assert!(!page.html.contains("name=\"version\""));
}

/// B14: a hostile name stays a name.
#[tokio::test]
async fn a_hostile_name_is_inert() {
    let house = House::open().await;
    let mut ada = house.founded().await;
    let name = "\"><img src=x>";
    let form = [("name", name)];
    for path in ALL {
        let _ = ada.post(&format!("{path}/new"), &form).await;
        let page = ada.get(path).await.is(200);
        assert!(!page.html.contains("<img"), "{path}");
    }
    let id = house.person(name).await;
    let page = ada.get(&format!("/people/{id}")).await.is(200);
    assert!(!page.html.contains("<img"));
}

//! `/monitors`: integrations that report in.

use app::monitors::{Ping, list_monitors, ping};
use app::people::{PatchPerson, patch_person};
use domain::kernel::Span;

use crate::house::House;

#[tokio::test]
async fn a_monitor_is_set_up_heard_missed_and_removed() {
    let house = House::open().await;
    let mut ada = house.founded().await;
    let id = house.credential("erp-token", Span::days(5), None).await;
    ada.get("/monitors")
        .await
        .is(200)
        .says("Nothing reports in yet");
    let asked = format!("/monitors/new?depends_on={id}&name=nightly");
    ada.get(&asked).await.is(200).says(&id).says("nightly");
    let life = format!("/credentials/{id}");
    ada.get(&life).await.says("Have a monitor notice");
    let form = [
        ("name", "nightly export"),
        ("period", "1d"),
        ("depends_on", id.as_str()),
    ];
    let made = ada.post("/monitors/new", &form).await.is(303);
    let path = made.headers["location"].to_str().unwrap().to_owned();
    let page = ada.get(&path).await.is(200).says("It is set up");
    let page = page.says("/ping/").says("erp-token").says("not heard yet");
    page.says("every day");
    let page = ada.get(&life).await.is(200);
    let page = page.says("Monitors that need it").says("nightly export");
    assert!(!page.html.contains("Have a monitor notice"));
    let items = list_monitors(&house.ctx, &house.admin).await.unwrap();
    let key = items[0].monitor.key.expose().to_owned();
    ping(&house.ctx, &key, Ping::Fine).await.unwrap();
    let page = ada.get("/monitors").await.is(200).says("tag ok\">heard");
    page.says("erp-token")
        .says("may be 4 hours 48 minutes late");
    house.clock.advance(Span::days(2));
    let mut ada = house.somebody("Grace", &["*"]).await;
    ada.get("/monitors")
        .await
        .is(200)
        .says("silent")
        .says("missed since");
    let path = path.split('?').next().unwrap();
    house.sweep().await;
    let page = ada.get(path).await.is(200).says("Its alert");
    let alert = page.html.split("href=\"/alerts/").nth(1).unwrap();
    let alert = format!("/alerts/{}", alert.split('"').next().unwrap());
    let page = ada.get(&alert).await.is(200).says("See what it is about");
    assert!(!page.html.contains("What may lapse"), "it has no end");
    let gone = ada.post(&format!("{path}/remove"), &[]).await;
    gone.leads_to("/monitors?said=removed");
    ada.get(path).await.is(404);
}

#[tokio::test]
async fn a_monitor_is_changed_and_paused_and_what_is_wrong_stands_beside_its_field() {
    let house = House::open().await;
    let mut ada = house.founded().await;
    let form = [("name", "nightly export"), ("period", "often")];
    let page = ada.post("/monitors/new", &form).await.is(422);
    page.says("period-error").says("nightly export");
    let form = [
        ("name", "nightly export"),
        ("period", "1d"),
        ("depends_on", "none"),
    ];
    ada.post("/monitors/new", &form)
        .await
        .is(422)
        .says("depends_on-error");
    let form = [("name", "nightly export"), ("period", "1d")];
    let made = ada.post("/monitors/new", &form).await.is(303);
    let path = made.headers["location"].to_str().unwrap().to_owned();
    let path = path.split('?').next().unwrap();
    let form = [
        ("name", "hourly export"),
        ("period", "1h"),
        ("grace", "10m"),
        ("owner", "ada@example.org"),
    ];
    ada.post(path, &form)
        .await
        .leads_to(&format!("{path}?said=changed"));
    let page = ada
        .get(path)
        .await
        .is(200)
        .says("hourly export")
        .says("paused");
    page.says("every hour").says("10 minutes");
    let form = [
        ("name", "hourly export"),
        ("period", "1h"),
        ("watched", "yes"),
        ("version", "1"),
    ];
    ada.post(path, &form)
        .await
        .is(422)
        .says("Somebody else changed this");
}

#[tokio::test]
async fn who_only_looks_sees_no_address_and_no_form() {
    let house = House::open().await;
    let mut ada = house.founded().await;
    let form = [("name", "<img src=x>"), ("period", "1d")];
    let made = ada.post("/monitors/new", &form).await.is(303);
    let path = made.headers["location"].to_str().unwrap().to_owned();
    let path = path.split('?').next().unwrap();
    let mut reader = house.somebody("Reader", &["alerts:read"]).await;
    let page = reader
        .get(path)
        .await
        .is(200)
        .says("shown to those who answer");
    for hidden in ["/ping/", "Remove the monitor", "<img"] {
        assert!(!page.html.contains(hidden), "{hidden}");
    }
    reader.post(&format!("{path}/remove"), &[]).await.is(403);
    let mut bob = house.somebody("Bob", &[]).await;
    bob.get(path).await.is(404);
    bob.get("/monitors")
        .await
        .is(200)
        .says("Nothing reports in yet");
}

/// What a monitor needs is typed by name; a name that several carry is asked about.
#[tokio::test]
async fn what_a_monitor_needs_is_named_by_its_name_or_its_id() {
    let house = House::open().await;
    let mut ada = house.founded().await;
    let id = house.credential("erp token", Span::days(5), None).await;
    let form = |needs| [("name", "nightly"), ("period", "1d"), ("depends_on", needs)];
    let refused = ada.post("/monitors/new", &form("erp")).await.is(422);
    refused.says("was not found, by id or by name");
    let made = ada.post("/monitors/new", &form("erp token")).await.is(303);
    let path = made.headers["location"].to_str().unwrap().to_owned();
    let path = path.split('?').next().unwrap();
    let line = format!("erp token ({id})");
    ada.get(path).await.is(200).says(&line);
    ada.post(path, &form(&line)).await.is(303);
    let (mine, also) = (house.token_of("Bob", &[]).await, &mut ada);
    let name = mine.item.credential.name.to_string();
    house.credential(&name, Span::days(5), None).await;
    let refused = also.post("/monitors/new", &form(&name)).await.is(422);
    refused
        .says("everal credentials are called")
        .says(mine.item.credential.id.as_str())
        .says("of prod-gitlab");
}

/// Who left is said so, as on the other pages.
#[tokio::test]
async fn an_owner_who_left_is_marked() {
    let house = House::open().await;
    let mut ada = house.founded().await;
    house.token_of("Bob", &[]).await;
    let bob = house.person("Bob").await;
    let form = [
        ("name", "nightly"),
        ("period", "1d"),
        ("owner", "bob@example.org"),
    ];
    ada.post("/monitors/new", &form).await.is(303);
    let page = ada.get("/monitors").await.is(200).says("<bdi>Bob</bdi>");
    assert!(!page.html.contains("(left)"));
    let gone = PatchPerson {
        active: Some(false),
        ..PatchPerson::default()
    };
    patch_person(&house.ctx, &house.admin, &bob, gone, None)
        .await
        .unwrap();
    ada.get("/monitors").await.is(200).says("Bob (left)");
}

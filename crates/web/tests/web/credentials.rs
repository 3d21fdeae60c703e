//! `/credentials`: the table, its views, one life, and what is done.

use domain::kernel::Span;

use crate::house::House;

#[tokio::test]
async fn the_address_says_what_is_shown() {
    let house = House::open().await;
    let mut ada = house.somebody("Ada", &["*"]).await;
    house.credential("alpha", Span::days(3), None).await;
    house.credential("beta", Span::days(60), None).await;
    house.credential("gone", Span::days(-3), None).await;
    for (query, shown, hidden) in [
        ("", "beta", "gone"),
        ("?name=ALP", "alpha", "beta"),
        ("?expires_within=7d", "alpha", "beta"),
        ("?view=ended", "gone", "alpha"),
        ("?state=any&name=gone", "gone", "alpha"),
        ("?expires_after=2026-12-01", "beta", "alpha"),
        (
            "?source=prod-gitlab&orphaned=true&sort=name",
            "alpha",
            "token of Ada",
        ),
        ("?owner=ada%40example.org", "token of Ada", "alpha"),
    ] {
        let page = ada.get(&format!("/credentials{query}")).await.is(200);
        let row = |name: &str| page.html.contains(&format!("<bdi>{name}</bdi></a>"));
        assert!(row(shown) && !row(hidden), "{query}");
    }
}

#[tokio::test]
async fn what_cannot_be_read_is_told_beside_its_field() {
    let house = House::open().await;
    let mut ada = house.somebody("Ada", &["*"]).await;
    for (query, field) in [
        ("expires_within=soon", "expires_within"),
        ("expires_before=31.12.2026", "expires_before"),
        ("team=nobody%20knows", "team"),
    ] {
        let page = ada.get(&format!("/credentials?{query}")).await.is(200);
        page.says(&format!("id=\"{field}-error\""));
    }
    ada.get("/credentials?after=x").await.is(400);
}

#[tokio::test]
async fn pages_follow_one_another() {
    let house = House::open().await;
    let mut ada = house.somebody("Ada", &["*"]).await;
    for n in 0..55 {
        house
            .credential(&format!("row-{n:02}"), Span::days(30 + n), None)
            .await;
    }
    let page = ada
        .get("/credentials?name=row-")
        .await
        .is(200)
        .says("Next page");
    let at = page.html.find("rel=\"next\"").unwrap();
    let before = &page.html[..at];
    let href = before[before.rfind("href=\"").unwrap() + 6..]
        .split('"')
        .next()
        .unwrap();
    let href = href.replace("&#38;", "&").replace("&amp;", "&");
    let page = ada
        .get(&href)
        .await
        .is(200)
        .says("row-54")
        .says("First page");
    assert!(!page.html.contains("row-49") && !page.html.contains("Next page"));
}

#[tokio::test]
async fn several_are_acknowledged_and_let_lapse_at_once() {
    let house = House::open().await;
    let mut ada = house.somebody("Ada", &["*"]).await;
    let a = house.credential("alpha", Span::days(5), None).await;
    let b = house.credential("beta", Span::days(6), None).await;
    house.sweep().await;
    ada.get("/credentials").await.says("Acknowledge<span");
    let both = [
        ("id", a.as_str()),
        ("id", b.as_str()),
        ("do", "acknowledge"),
        ("back", "/credentials?name=a"),
    ];
    ada.post("/credentials/act", &both)
        .await
        .leads_to("/credentials?name=a&said=acknowledged");
    let page = ada.get("/credentials").await;
    assert_eq!(page.html.matches(">acknowledged</span>").count(), 2);
    let one = [("id", a.as_str()), ("do", "let-lapse")];
    ada.post("/credentials/act", &one)
        .await
        .leads_to("/?said=lapses");
    ada.get("/credentials").await.says(">may lapse</span>");
    ada.post("/credentials/act", &[("do", "acknowledge")])
        .await
        .leads_to("/?said=nothing");
}

#[tokio::test]
async fn one_that_cannot_be_done_keeps_no_other_from_it() {
    let house = House::open().await;
    let mut ada = house.somebody("Ada", &["*"]).await;
    let a = house.credential("alpha", Span::days(5), None).await;
    let own = house.person("Ada").await;
    let fields = [
        ("id", a.as_str()),
        ("id", "none"),
        ("do", "assign"),
        ("owner", &own),
    ];
    let page = ada.post("/credentials/act", &fields).await.is(422);
    page.says("Done for 1.").says("<code>none</code>");
    ada.get(&format!("/credentials/{a}"))
        .await
        .says("<bdi>Ada</bdi>");
}

#[tokio::test]
async fn a_life_tells_what_was_and_what_comes() {
    let house = House::open().await;
    let mut ada = house.somebody("Ada", &["*"]).await;
    let own = house.person("Ada").await;
    let id = house.credential("alpha", Span::days(5), Some(&own)).await;
    house.sweep().await;
    let path = format!("/credentials/{id}");
    let page = ada.get(&path).await.is(200);
    for words in [
        "Issued",
        "First seen by Forewarn",
        "Last used",
        "Said: 7 days before the end",
        "3 days before the end",
        // A repetition says how near the end is then.
        "Again, 2 days before the end",
        "It ends",
        "https://gitlab.example/tokens",
    ] {
        assert!(page.html.contains(words), "{words}");
    }
    let form = [("do", "acknowledge"), ("note", "on it <b>")];
    ada.post(&format!("{path}/alert"), &form)
        .await
        .leads_to(&format!("{path}?said=acknowledged"));
    let page = ada
        .get(&path)
        .await
        .is(200)
        .says("Acknowledged by Ada")
        .says("on it &#60;b&#62;");
    assert!(!page.html.contains("value=\"acknowledge\""));
}

#[tokio::test]
async fn who_answers_is_changed_with_errors_beside_the_field() {
    let house = House::open().await;
    let mut ada = house.somebody("Ada", &["*"]).await;
    let id = house.credential("alpha", Span::days(5), None).await;
    let path = format!("/credentials/{id}");
    let bad = [
        ("owner", "nobody@x"),
        ("team", ""),
        ("watchers", "a@example.org"),
        ("lead_time", ""),
    ];
    let page = ada.post(&path, &bad).await.is(422);
    page.says("id=\"owner-error\"")
        .says("value=\"a@example.org\"");
    let good = [
        ("owner", "ada@example.org"),
        ("team", ""),
        ("watchers", "a@example.org"),
        ("lead_time", "45d"),
    ];
    ada.post(&path, &good)
        .await
        .leads_to(&format!("{path}?said=changed"));
    ada.get(&path)
        .await
        .says("<bdi>Ada</bdi>")
        .says("value=\"a@example.org\"")
        .says("value=\"45d\"");
}

/// The owner of our own tokens cannot change; the rest of the form still works.
#[tokio::test]
async fn the_owner_of_our_own_tokens_is_not_asked_about() {
    let house = House::open().await;
    let token = house.token_of("Bob", &[]).await;
    let mut ada = house.somebody("Ada", &["*"]).await;
    let id = token.item.token.id.to_string();
    let path = format!("/credentials/{id}");
    let page = ada.get(&path).await.is(200);
    assert!(!page.html.contains("<label for=\"owner\">"));
    let page = page.says(&format!("href=\"/tokens/{id}\""));
    drop(page);
    let form = [
        ("owner", "bob@example.org"),
        ("team", ""),
        ("watchers", ""),
        ("lead_time", "20d"),
    ];
    ada.post(&path, &form)
        .await
        .leads_to(&format!("{path}?said=changed"));
}

/// What belongs to somebody else is not there; who may only look is not offered to act.
#[tokio::test]
async fn a_stranger_sees_nothing_and_a_reader_does_nothing() {
    let house = House::open().await;
    let id = house.credential("alpha", Span::days(5), None).await;
    house.sweep().await;
    let path = format!("/credentials/{id}");
    let mut bob = house.somebody("Bob", &[]).await;
    bob.get(&path).await.is(404);
    bob.post(&format!("{path}/alert"), &[("do", "acknowledge")])
        .await
        .is(404);
    let mut eve = house.somebody("Eve", &["credentials:read"]).await;
    let page = eve.get(&path).await.is(200);
    assert!(!page.html.contains("value=\"acknowledge\"") && !page.html.contains("Change it"));
    eve.post(&path, &[("owner", "eve@example.org")])
        .await
        .is(403);
    house
        .stranger()
        .get(&path)
        .await
        .leads_to(&format!("/sign-in?next=%2Fcredentials%2F{id}"));
}

/// Nobody has to look up the id of a team to let it hear too.
#[tokio::test]
async fn a_team_hears_too_by_its_name() {
    let house = House::open().await;
    let mut ada = house.founded().await;
    let team = [("name", "Data Platform"), ("members", "ada@example.org")];
    ada.post("/teams/new", &team).await.is(303);
    let id = house.credential("ci-deploy", Span::days(40), None).await;
    let path = format!("/credentials/{id}");
    let form = [("watchers", "team:Nobody")];
    ada.post(&path, &form).await.is(422).says("watchers-error");
    let form = [("watchers", "team:Data Platform, ops@example.org")];
    ada.post(&path, &form).await.is(303);
    let page = ada.get(&path).await.is(200);
    page.says("team:Data Platform").says("ops@example.org");
}

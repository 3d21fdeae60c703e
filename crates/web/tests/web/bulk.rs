//! What is done to several rows of `/credentials`, and the same rows as a file.

use domain::kernel::Span;

use crate::house::House;

/// Everything shown once on a page.
fn values(html: &str) -> Vec<String> {
    let parts = html.split("data-copy>").skip(1);
    parts
        .map(|rest| rest.split('<').next().unwrap().to_owned())
        .collect()
}

#[tokio::test]
async fn the_file_holds_what_the_page_shows() {
    let house = House::open().await;
    let mut ada = house.founded().await;
    house.credential("alpha", Span::days(3), None).await;
    house.credential("=cmd()", Span::days(4), None).await;
    house.credential("beta", Span::days(60), None).await;
    let page = ada.get("/credentials?expires_within=7d").await.is(200);
    page.says("href=\"/credentials.csv?expires_within=7d\"");
    let query = "source=prod-gitlab&expires_within=7d";
    let file = ada.get(&format!("/credentials.csv?{query}")).await.is(200);
    assert_eq!(file.headers["content-type"], "text/csv; charset=utf-8");
    let lines: Vec<&str> = file.html.lines().collect();
    assert_eq!(lines.len(), 3, "{lines:?}");
    assert!(lines[0].starts_with("id,name,kind,source"));
    // B17: no spreadsheet runs a name.
    assert!(lines[1].contains(",alpha,") && lines[2].contains(",'=cmd(),"));
    let mut bob = house.somebody("Bob", &[]).await;
    let file = bob.get("/credentials.csv").await.is(200);
    assert!(!file.html.contains("alpha") && file.html.contains("token of Bob"));
}

#[tokio::test]
async fn the_view_that_is_shown_says_so() {
    let house = House::open().await;
    let mut ada = house.founded().await;
    for (query, label) in [
        ("", "All that work"),
        ("?expires_within=7d", "Within 7 days"),
        ("?name=&state=any&sort=newest", "Newest"),
        ("?expires_within=30d&sort=expires_at", "Within 30 days"),
    ] {
        let page = ada.get(&format!("/credentials{query}")).await.is(200);
        page.says(&format!("aria-current=\"page\">{label}</a>"));
    }
}

#[tokio::test]
async fn several_are_given_a_first_warning_and_nothing_else() {
    let house = House::open().await;
    let mut ada = house.founded().await;
    let a = house.credential("alpha", Span::days(90), None).await;
    let form = [
        ("id", a.as_str()),
        ("do", "assign"),
        ("lead_time", "45d"),
        ("back", "/credentials"),
    ];
    let done = "/credentials?said=assigned";
    ada.post("/credentials/act", &form).await.leads_to(done);
    let page = ada.get(&format!("/credentials/{a}")).await.is(200);
    page.says("45 days before the end");
    let form = [("id", a.as_str()), ("do", "assign"), ("lead_time", "soon")];
    ada.post("/credentials/act", &form).await.is(422);
    let form = [("id", a.as_str()), ("do", "assign"), ("back", "/mine")];
    let nothing = "/mine?said=nothing";
    ada.post("/credentials/act", &form).await.leads_to(nothing);
}

#[tokio::test]
async fn tokens_are_rotated_together_after_a_look_at_what_follows() {
    let house = House::open().await;
    let mut ada = house.founded().await;
    let first = house.token_of("Bob", &[]).await.item.token.id.to_string();
    let second = house.token_of("Cem", &[]).await.item.token.id.to_string();
    let other = house.credential("elsewhere", Span::days(5), None).await;
    ada.get("/credentials").await.is(200).says("Rotate…");
    let chosen = |word| {
        let ids = [&first, &second, &other].map(|id| ("id", id.as_str()));
        [ids.to_vec(), vec![("do", word), ("back", "/credentials")]].concat()
    };
    // Asking changes nothing.
    let page = ada
        .post("/credentials/act", &chosen("rotate"))
        .await
        .is(200);
    let page = page.says("Rotate 2 tokens?").says("was issued elsewhere");
    page.says("token of Bob").says("value=\"24h\"");
    ada.get(&format!("/tokens/{first}"))
        .await
        .is(200)
        .says("Rotate</a>");
    let wrong = [
        ("id", first.as_str()),
        ("do", "rotate-now"),
        ("overlap", "long"),
    ];
    ada.post("/credentials/act", &wrong)
        .await
        .is(422)
        .says("overlap-error");
    let now = [
        ("id", first.as_str()),
        ("id", second.as_str()),
        ("do", "rotate-now"),
        ("overlap", "2h"),
        ("back", "/credentials"),
    ];
    let page = ada.post("/credentials/act", &now).await.is(200);
    assert_eq!(page.headers["cache-control"], "no-store");
    let made = values(&page.html);
    assert_eq!(made.len(), 2);
    for value in &made {
        assert!(app::authenticate(&house.ctx, value).is_ok());
    }
    let both = [("value", made[0].as_str()), ("value", made[1].as_str())];
    let file = ada.post("/tokens/download", &both).await.is(200);
    assert_eq!(file.html, format!("{}\n{}\n", made[0], made[1]));
    // A second click makes nothing, and says so.
    let page = ada.post("/credentials/act", &now).await.is(422);
    assert!(values(&page.html).is_empty());
    page.says("Nothing was rotated").says(&first);
}

#[tokio::test]
async fn tokens_are_revoked_together_after_a_look_at_what_follows() {
    let house = House::open().await;
    let mut ada = house.founded().await;
    let issued = house.token_of("Bob", &[]).await;
    let value = issued.value.unwrap().expose().clone();
    let id = issued.item.token.id.to_string();
    app::authenticate(&house.ctx, &value).unwrap();
    let ask = [
        ("id", id.as_str()),
        ("do", "revoke"),
        ("back", "/credentials"),
    ];
    let page = ada.post("/credentials/act", &ask).await.is(200);
    page.says("Revoke 1 token?")
        .says("It is in use.")
        .says("Revoke now");
    assert!(app::authenticate(&house.ctx, &value).is_ok());
    let now = [
        ("id", id.as_str()),
        ("do", "revoke-now"),
        ("back", "/credentials"),
    ];
    let done = "/credentials?said=revoked";
    ada.post("/credentials/act", &now).await.leads_to(done);
    assert!(app::authenticate(&house.ctx, &value).is_err());
    let page = ada.post("/credentials/act", &ask).await.is(200);
    page.says("Nothing was changed").says("is over already");
}

#[tokio::test]
async fn whoever_may_not_revoke_is_told_so_row_by_row() {
    let house = House::open().await;
    let id = house.token_of("Bob", &[]).await.item.token.id.to_string();
    let mut reader = house.somebody("Reader", &["credentials:read"]).await;
    for word in ["revoke-now", "rotate-now"] {
        let form = [("id", id.as_str()), ("do", word)];
        let page = reader.post("/credentials/act", &form).await.is(422);
        assert!(values(&page.html).is_empty());
    }
}

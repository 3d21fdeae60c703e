//! `/`: what ends next.

use domain::kernel::Span;

use crate::house::House;

#[tokio::test]
async fn what_exists_is_counted() {
    let house = House::open().await;
    let mut ada = house.somebody("Ada", &["credentials:read"]).await;
    // Her own token is there, and that of the set-up.
    ada.get("/").await.is(200).says("2 credentials");
}

#[tokio::test]
async fn what_ends_soon_stands_on_the_line_in_the_table_and_in_the_counts() {
    let house = House::open().await;
    let mut ada = house.somebody("Ada", &["*"]).await;
    house.credential("ci-deploy", Span::hours(10), None).await;
    house.credential("nightly", Span::days(5), None).await;
    house.credential("later", Span::days(40), None).await;
    let page = ada.get("/").await.is(200);
    let page = page
        .says("in 10 hours")
        .says("3 end within 7 days")
        .says("role=\"img\"");
    for (count, words) in [("2", "within a day"), ("3", "within 7 days")] {
        assert!(
            page.html.contains(&format!("<b>{count}</b> {words}")),
            "{words}"
        );
    }
    assert!(
        page.html
            .contains("<b class=\"crit\">3</b> <a href=\"/credentials?orphaned=true\">")
    );
}

#[tokio::test]
async fn a_day_on_which_many_end_is_pointed_at() {
    let house = House::open().await;
    let mut ada = house.somebody("Ada", &["*"]).await;
    for n in 0..12 {
        house
            .credential(&format!("crowd-{n}"), Span::days(60), None)
            .await;
        house
            .credential(&format!("usual-{n}"), Span::days(70 + n * 2), None)
            .await;
    }
    let page = ada.get("/").await.is(200);
    page.says("12 ends on Thu 21 Jan 2027").says("class=\"h4\"");
}

#[tokio::test]
async fn who_may_not_see_everything_begins_with_their_own() {
    let house = House::open().await;
    let mut bob = house.somebody("Bob", &[]).await;
    bob.get("/").await.leads_to("/mine");
    let page = bob.get("/mine").await.is(200).says("token of Bob");
    assert!(!page.html.contains(">Overview</a>"));
}

/// B14: a hostile name is inert in a chart, too.
#[tokio::test]
async fn a_hostile_name_is_inert_in_charts_and_tables() {
    let house = House::open().await;
    let mut ada = house.somebody("Ada", &["*"]).await;
    let name = "</text><script>alert(1)</script>\u{202E}\" onload=\"x";
    let id = house.credential(name, Span::hours(3), None).await;
    for path in ["/", "/credentials", &format!("/credentials/{id}")] {
        let page = ada.get(path).await.is(200);
        assert!(
            !page.html.contains("<script>") && !page.html.contains('\u{202E}'),
            "{path}"
        );
        assert!(!page.html.contains("\" onload"), "{path}");
    }
}

//! What goes wrong is told in the shell of whoever is signed in, with a way on.

use crate::house::House;

const SHELL: &str = "aria-label=\"Main\"";

#[tokio::test]
async fn what_one_may_not_see_is_told_within_the_shell() {
    let house = House::open().await;
    let mut bob = house.somebody("Bob", &[]).await;
    for (path, status) in [("/audit", 403), ("/tokens/abcdefghijkl", 404)] {
        let page = bob.get(path).await.is(status).says(SHELL);
        page.says("<bdi>Bob</bdi>").says("To the first page");
    }
    let foreign = [("sec-fetch-site", "cross-site")];
    let refused = bob.ask("POST", "/monitors/new", &foreign, "name=x").await;
    refused
        .is(403)
        .says("This form is not from here")
        .says(SHELL);
}

#[tokio::test]
async fn a_stranger_is_told_without_a_shell() {
    let house = House::open().await;
    let mut stranger = house.stranger();
    let page = stranger.get("/address/none").await.is(404);
    assert!(!page.html.contains(SHELL), "{}", page.html);
}

#[tokio::test]
async fn an_address_that_takes_forms_alone_says_so_when_it_is_opened() {
    let house = House::open().await;
    let mut bob = house.somebody("Bob", &[]).await;
    let page = bob.get("/credentials/act").await.is(405);
    assert_eq!(page.headers["allow"], "POST");
    page.says("This address cannot be opened like that")
        .says(SHELL);
    let changed = bob.ask("DELETE", "/monitors", &[], "").await.is(405);
    assert_eq!(changed.headers["allow"], "GET,HEAD");
}

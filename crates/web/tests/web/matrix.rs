//! Every page × every kind of caller. A page without a row fails.

use std::collections::BTreeSet;

use domain::kernel::Span;
use web::Needs;

use crate::house::{Browser, House};

/// Each page that needs somebody, with a path that can be asked.
const ROWS: &[(&str, &str, &str)] = &[
    ("GET", "/address", "/address"),
    ("POST", "/address", "/address"),
    ("POST", "/address/clock", "/address/clock"),
    ("POST", "/address/withdraw", "/address/withdraw"),
    ("POST", "/alerts/act", "/alerts/act"),
    ("POST", "/alerts/{id}", "/alerts/none"),
    ("GET", "/credentials", "/credentials"),
    ("GET", "/credentials.csv", "/credentials.csv"),
    ("POST", "/credentials/act", "/credentials/act"),
    ("GET", "/credentials/{id}", "/credentials/none"),
    ("POST", "/credentials/{id}", "/credentials/none"),
    ("POST", "/credentials/{id}/alert", "/credentials/none/alert"),
    ("POST", "/credentials/{id}/note", "/credentials/none/note"),
    ("GET", "/mine", "/mine"),
    ("GET", "/sources", "/sources"),
    ("POST", "/sources/{id}/sync", "/sources/none/sync"),
    ("POST", "/sources/{id}/accept", "/sources/none/accept"),
    ("POST", "/sources/{id}/test", "/sources/none/test"),
    ("GET", "/channels", "/channels"),
    ("POST", "/channels/{id}/test", "/channels/none/test"),
    ("GET", "/audit", "/audit"),
    ("GET", "/audit/verify", "/audit/verify"),
    ("GET", "/audit.ndjson", "/audit.ndjson"),
    ("GET", "/mine/notifications", "/mine/notifications"),
    ("GET", "/integrations", "/integrations"),
    ("GET", "/people", "/people"),
    ("GET", "/people/new", "/people/new"),
    ("POST", "/people/new", "/people/new"),
    ("GET", "/people/{id}", "/people/none"),
    ("POST", "/people/{id}", "/people/none"),
    ("GET", "/policies", "/policies"),
    ("GET", "/reviews", "/reviews"),
    ("GET", "/reviews/{id}", "/reviews/none"),
    ("POST", "/reviews/{id}", "/reviews/none"),
    ("GET", "/monitors", "/monitors"),
    ("GET", "/monitors/new", "/monitors/new"),
    ("POST", "/monitors/new", "/monitors/new"),
    ("GET", "/monitors/{id}", "/monitors/none"),
    ("POST", "/monitors/{id}", "/monitors/none"),
    ("POST", "/monitors/{id}/remove", "/monitors/none/remove"),
    ("GET", "/roles", "/roles"),
    ("GET", "/roles/new", "/roles/new"),
    ("POST", "/roles/new", "/roles/new"),
    ("GET", "/roles/{name}", "/roles/nothing"),
    ("POST", "/roles/{name}", "/roles/nothing"),
    ("POST", "/roles/{name}/remove", "/roles/nothing/remove"),
    ("GET", "/service-accounts", "/service-accounts"),
    ("GET", "/service-accounts/new", "/service-accounts/new"),
    ("POST", "/service-accounts/new", "/service-accounts/new"),
    ("GET", "/service-accounts/{id}", "/service-accounts/none"),
    ("POST", "/service-accounts/{id}", "/service-accounts/none"),
    ("GET", "/silences", "/silences"),
    ("POST", "/silences", "/silences"),
    ("POST", "/silences/{id}/end", "/silences/none/end"),
    ("GET", "/teams", "/teams"),
    ("GET", "/teams/new", "/teams/new"),
    ("POST", "/teams/new", "/teams/new"),
    ("GET", "/teams/{id}", "/teams/none"),
    ("POST", "/teams/{id}", "/teams/none"),
    ("GET", "/sessions", "/sessions"),
    ("POST", "/sessions/{id}/end", "/sessions/none/end"),
    ("POST", "/sessions/end-others", "/sessions/end-others"),
    ("POST", "/sessions/password", "/sessions/password"),
    ("GET", "/tokens", "/tokens"),
    ("GET", "/tokens/{id}", "/tokens/none"),
    ("GET", "/tokens/{id}/revoke", "/tokens/none/revoke"),
    ("POST", "/tokens/{id}/revoke", "/tokens/none/revoke"),
    ("GET", "/tokens/{id}/rotate", "/tokens/none/rotate"),
    ("POST", "/tokens/{id}/rotate", "/tokens/none/rotate"),
    ("POST", "/tokens/download", "/tokens/download"),
    ("GET", "/tokens/new", "/tokens/new"),
    ("POST", "/tokens/new", "/tokens/new"),
];

/// Pages for everybody.
const OPEN: &[(&str, &str)] = &[
    ("GET", "/"),
    ("GET", "/address/{person}/{code}"),
    ("POST", "/address/{person}/{code}"),
    ("GET", "/alerts"),
    ("GET", "/alerts/{id}"),
    ("GET", "/assets/{name}"),
    ("GET", "/setup/{code}"),
    ("GET", "/sign-in"),
    ("GET", "/sign-in/provider"),
    ("GET", "/sign-in/provider/back"),
    ("POST", "/setup/{code}"),
    ("POST", "/sign-in"),
    ("POST", "/sign-in/token"),
    ("POST", "/sign-out"),
];

/// Pages for whoever holds a link that we signed.
const LINKS: &[(&str, &str)] = &[
    ("GET", "/act/{alert}/{code}"),
    ("POST", "/act/{alert}/{code}"),
];

async fn status(browser: &mut Browser<'_>, row: &(&str, &str, &str)) -> u16 {
    let (method, _, asked) = row;
    match *method {
        "GET" => browser.get(asked).await.status,
        _ => browser.post(asked, &[]).await.status,
    }
}

fn needs(row: &(&str, &str, &str)) -> Needs {
    let same = |r: &web::Route| r.path == row.1 && r.method == row.0;
    web::routes()
        .into_iter()
        .find(same)
        .expect("a row without a page")
        .needs
}

#[test]
fn every_page_has_a_row() {
    let rows: BTreeSet<_> = ROWS.iter().map(|(m, p, _)| ((*m).to_owned(), *p)).collect();
    let open: BTreeSet<_> = OPEN.iter().map(|(m, p)| ((*m).to_owned(), *p)).collect();
    let links: BTreeSet<_> = LINKS.iter().map(|(m, p)| ((*m).to_owned(), *p)).collect();
    let (mut closed, mut for_all, mut linked) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
    for route in web::routes() {
        let key = (route.method.to_string(), route.path);
        match route.needs {
            Needs::Nothing => for_all.insert(key),
            Needs::Link => linked.insert(key),
            _ => closed.insert(key),
        };
    }
    assert_eq!(rows, closed);
    assert_eq!(open, for_all);
    assert_eq!(links, linked);
}

/// A stranger, somebody whose session ended, somebody whose token was revoked or expired:
/// pages lead to the sign-in, actions are refused.
#[tokio::test]
async fn nobody_gets_in_without_a_session() {
    let house = House::open().await;
    let mut expired = house.somebody("Expired", &["*"]).await;
    let mut forged = house.stranger();
    forged.cookie = format!("forewarn={}", "a".repeat(44));
    house.clock.advance(Span::days(30));
    for row in ROWS {
        let wanted = if row.0 == "GET" { 303 } else { 401 };
        assert_eq!(status(&mut house.stranger(), row).await, wanted, "{row:?}");
        for browser in [&mut expired, &mut forged] {
            assert_eq!(status(browser, row).await, wanted, "{row:?}");
        }
    }
}

#[tokio::test]
async fn who_lacks_the_scope_is_told_which_one() {
    let house = House::open().await;
    let mut powerless = house.somebody("Powerless", &[]).await;
    for row in ROWS {
        let code = status(&mut powerless, row).await;
        match needs(row) {
            Needs::Scope(scope) => {
                assert_eq!(code, 403, "{row:?}");
                let page = match row.0 {
                    "GET" => powerless.get(row.2).await,
                    _ => powerless.post(row.2, &[]).await,
                };
                page.says(&format!("<code>{scope}</code>"));
            }
            _ => assert!(
                [200, 303, 400, 404, 403, 422].contains(&code),
                "{row:?}: {code}"
            ),
        }
    }
}

#[tokio::test]
async fn the_right_scope_opens_each_page() {
    let house = House::open().await;
    let scopes: BTreeSet<&str> = ROWS
        .iter()
        .filter_map(|row| match needs(row) {
            Needs::Scope(scope) => Some(scope),
            _ => None,
        })
        .collect();
    for scope in scopes {
        let mut holder = house.somebody(scope, &[scope]).await;
        for row in ROWS.iter().filter(|row| needs(row) == Needs::Scope(scope)) {
            let code = status(&mut holder, row).await;
            assert!(
                [200, 303, 404, 422].contains(&code),
                "{scope} {row:?}: {code}"
            );
        }
    }
}

/// A scanner that follows every link changes nothing: asking is reading.
#[tokio::test]
async fn head_is_answered_like_get() {
    let house = House::open().await;
    let mut ada = house.founded().await;
    for row in ROWS.iter().filter(|row| row.0 == "GET") {
        let page = ada.get(row.2).await;
        let head = ada.ask("HEAD", row.2, &[], "").await;
        assert_eq!(
            (head.status, head.html.as_str()),
            (page.status, ""),
            "{row:?}"
        );
    }
}

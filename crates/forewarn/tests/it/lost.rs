//! Paths that nobody answers: a page for people, a problem for programs.

use crate::house::House;

const BROWSER: (&str, &str) = (
    "accept",
    "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
);

#[test]
fn an_unknown_path_is_a_page_for_people_and_a_problem_for_programs() {
    let house = House::open();
    let stranger = house.stranger();
    let ask = |method: &str, headers: &[(&str, &str)]| {
        stranger.request(method, "/no/such/page", headers, b"")
    };
    let page = ask("GET", &[BROWSER]);
    assert_eq!(page.status, 404);
    assert_eq!(
        page.header("content-type"),
        Some("text/html; charset=utf-8")
    );
    assert!(page.text().contains("There is no page here"));
    assert!(page.text().contains("href=\"/\""), "there is a way on");
    assert!(page.header("content-security-policy").is_some());
    let token = ("authorization", "Bearer fwnp_x");
    for (method, headers) in [
        ("GET", vec![]),
        ("GET", vec![("accept", "*/*")]),
        ("GET", vec![("accept", "application/json")]),
        ("GET", vec![BROWSER, token]),
        ("POST", vec![BROWSER]),
    ] {
        let reply = ask(method, &headers);
        assert_eq!(reply.status, 404, "{method} {headers:?}");
        let kind = reply.header("content-type");
        assert_eq!(
            kind,
            Some("application/problem+json"),
            "{method} {headers:?}"
        );
    }
}

//! `GET /v1/tokens`

use serde_json::json;

use crate::house::{House, names};

#[test]
fn tokens_are_found_by_scope_role_owner_end_and_name() {
    let house = House::open();
    let (_, value) = house.holder("reader", &["billing:read", "billing:write"]);
    let owner = house.bearer(&value).get("/v1/tokens/self").json()["owner"].clone();
    let owner = owner.as_str().unwrap();
    let body =
        json!({"name": "narrow", "owner": owner, "scopes": ["billing:read"], "lifetime": "2d"});
    house.issue(&body);
    let found = |query: &str| {
        let page = house
            .admin()
            .get(&format!("/v1/tokens?{query}"))
            .expect(200)
            .json();
        let mut names = names(&page);
        names.sort();
        names
    };
    assert_eq!(
        found("scope=billing:read&owner=reader"),
        ["narrow", "reader"]
    );
    assert_eq!(
        found("scope=billing:read&scope=billing:write&owner=reader"),
        ["reader"]
    );
    assert_eq!(found("role=role%20of%20reader"), ["reader"]);
    assert_eq!(
        found(&format!("owner={owner}&expires_within=3d")),
        ["narrow"]
    );
    assert_eq!(found(&format!("owner={owner}&expires_within=1d")), [""; 0]);
    assert_eq!(found("name=arro"), ["narrow"]);
    assert_eq!(found("state=revoked"), [""; 0]);
    let soonest = house
        .admin()
        .get("/v1/tokens?sort=expires_at")
        .expect(200)
        .json();
    assert_eq!(names(&soonest), ["bootstrap", "narrow", "reader"]);
}

/// B38, B40: pages are bounded, cursors belong to their list.
#[test]
fn pages_join_without_gap_or_repeat() {
    let house = House::open();
    for n in 0..7 {
        house.issue(&json!({"name": format!("n{n}")}));
    }
    let (mut seen, mut path) = (Vec::new(), "/v1/tokens?limit=3".to_owned());
    loop {
        let page = house.admin().get(&path).expect(200).json();
        seen.extend(names(&page));
        match page["next_cursor"].as_str() {
            Some(cursor) => path = format!("/v1/tokens?limit=3&cursor={cursor}"),
            None => break,
        }
    }
    seen.sort();
    assert_eq!(
        seen,
        ["bootstrap", "n0", "n1", "n2", "n3", "n4", "n5", "n6"]
    );
    for bad in ["limit=0", "limit=-1", "limit=1000000000", "sort=secret"] {
        let status = house.admin().get(&format!("/v1/tokens?{bad}")).status;
        assert!([422, 400].contains(&status), "{bad}: {status}");
    }
    let _ = house.admin().get("/v1/tokens?cursor=forged").expect(400);
}

#[test]
fn without_the_right_to_read_one_sees_ones_own() {
    let house = House::open();
    house.issue(&json!({"name": "foreign"}));
    let (_, value) = house.holder("bot", &[]);
    let page = house.bearer(&value).get("/v1/tokens").expect(200).json();
    assert_eq!(names(&page), ["bot"]);
}

//! A real proxy asks for each request, set up as docs/forward-auth.md says.

use serde_json::json;
use testkit::http::Client;

use crate::house::House;
use crate::nginx::{Nginx, free_address, listens};

/// The first block of the page, with the addresses of this test.
fn documented(forewarn: &str, listen: &str, behind: &str) -> String {
    let page = include_str!("../../../../docs/forward-auth.md");
    let (_, block) = page.split_once("```nginx\n").unwrap();
    let (block, _) = block.split_once("```").unwrap();
    let mut block = block.to_owned();
    for (told, here) in [
        ("127.0.0.1:8080", forewarn),
        ("listen 8443", &format!("listen {listen}")),
        ("127.0.0.1:9000", behind),
    ] {
        assert!(block.contains(told), "{told} is not in the page any more");
        block = block.replace(told, here);
    }
    block
}

/// What stands behind the proxy repeats who nginx says it is.
fn behind(address: &str) -> String {
    format!(
        "server {{ listen {address}; location / {{ \
         return 200 \"$http_x_token_id $http_x_token_owner\"; }} }}"
    )
}

#[test]
fn nginx_lets_through_who_holds_the_scope_and_says_who_it_is() {
    let Some(program) = testkit::outside::program("nginx") else {
        return;
    };
    let house = House::open();
    let (id, value) = house.holder("bot", &["billing:read"]);
    let (_, other) = house.holder("other", &["billing:write"]);
    let (front, back) = (free_address(), free_address());
    let forewarn = house.server.address().to_string();
    let http = documented(&forewarn, &front.to_string(), &back.to_string());
    let _nginx = Nginx::start(&program, &(http + &behind(&back.to_string())));
    listens(front);

    let caller = |value: &str| Client::new(front).bearer(value);
    let passed = caller(&value).get("/invoices").expect(200);
    assert!(
        passed.text().starts_with(&format!("{id} sva_")),
        "{}",
        passed.text()
    );
    let end = "authentication-token-expiration";
    assert!(passed.header(end).is_some());
    // What a caller says of itself does not reach those behind.
    let liar = [("x-token-id", "somebody"), ("x-token-owner", "else")];
    let passed = caller(&value).request("GET", "/invoices", &liar, b"");
    assert!(passed.expect(200).text().starts_with(&format!("{id} sva_")));

    let body = json!({"amount": 3}).to_string();
    let _ = caller(&value)
        .request("POST", "/invoices", &[], body.as_bytes())
        .expect(200);
    let _ = Client::new(front).get("/invoices").expect(401);
    let _ = caller(&other).get("/invoices").expect(403);
    let revoke = format!("/v1/tokens/{id}/revoke");
    let _ = house.admin().post(&revoke, &json!({})).expect(200);
    let _ = caller(&value).get("/invoices").expect(401);
}

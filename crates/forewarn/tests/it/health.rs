//! `/livez`, `/readyz`, `/metrics`, `/openapi.json`, `/docs`

use crate::house::House;

#[test]
fn a_server_without_a_way_to_people_says_so() {
    let house = House::with("");
    let _ = house.server.client().get("/livez").expect(200);
    let ready = house.server.client().get("/readyz").expect(200).json();
    assert_eq!(ready["status"], "degraded");
    assert!(
        ready["degraded"]
            .as_array()
            .unwrap()
            .contains(&"no_channel".into()),
        "{ready}"
    );
}

#[test]
fn metrics_need_a_scope_and_name_no_names() {
    let house = House::open();
    house.issue(&serde_json::json!({"name": "secretproject"}));
    let _ = house.server.client().get("/metrics").expect(401);
    let text = house.admin().get("/metrics").expect(200).text();
    assert!(text.contains("forewarn_credential_expiry_timestamp_seconds{"));
    assert!(!text.contains("secretproject"));
}

#[test]
fn the_documentation_needs_nothing_from_elsewhere() {
    let house = House::open();
    let page = house.server.client().get("/docs").expect(200).text();
    assert!(!page.contains("src=\"http") && !page.contains("<script"));
    let document = house
        .server
        .client()
        .get("/openapi.json")
        .expect(200)
        .json();
    assert!(
        document["openapi"]
            .as_str()
            .is_some_and(|v| v.starts_with("3."))
    );
    assert!(document["paths"]["/v1/tokens/self"]["get"].is_object());
}

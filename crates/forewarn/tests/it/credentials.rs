//! `/v1/credentials`

use serde_json::json;

use crate::house::{House, names};

/// B17: the export opens in a spreadsheet without running anything.
#[test]
fn the_inventory_streams_as_csv_and_ndjson() {
    let house = House::open();
    house.issue(&json!({"name": "=cmd|' /C calc'!A0", "lifetime": "2d"}));
    let csv = house
        .admin()
        .get("/v1/credentials.csv?expires_within=3d&sort=expires_at")
        .expect(200);
    assert!(
        csv.header("content-type")
            .is_some_and(|t| t.starts_with("text/csv"))
    );
    assert!(csv.text().contains("'=cmd|"), "{}", csv.text());
    let lines = house
        .admin()
        .get("/v1/credentials.ndjson?expires_within=3d&name=cmd")
        .expect(200);
    assert_eq!(lines.header("content-type"), Some("application/x-ndjson"));
    let only: serde_json::Value = serde_json::from_str(lines.text().trim()).unwrap();
    assert_eq!(
        only["external_id"], only["id"],
        "our own tokens have one id"
    );
    assert_eq!(only["source"], "forewarn");
}

#[test]
fn somebody_becomes_accountable() {
    let house = House::open();
    let (id, _) = house.issue(&json!({"name": "t"}));
    let _ = house
        .admin()
        .post("/v1/teams", &json!({"name": "platform"}))
        .expect(201);
    let change =
        json!({"team": "platform", "used_by": [{"what": "nightly", "url": null, "team": null}]});
    let path = format!("/v1/credentials/{id}");
    let item = house.admin().patch(&path, &change).expect(200).json();
    assert_eq!(item["used_by"][0]["what"], "nightly");
    let page = house
        .admin()
        .get("/v1/credentials?team=platform")
        .expect(200)
        .json();
    assert_eq!(names(&page), ["t"]);
}

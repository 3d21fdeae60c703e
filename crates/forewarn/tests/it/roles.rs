//! `/v1/roles`

use serde_json::json;

use crate::house::{House, names};

#[test]
fn a_role_takes_effect_and_loses_it_for_tokens_that_exist() {
    let house = House::open();
    let (_, value) = house.holder("bot", &["billing:read", "billing:write"]);
    let may = |scope: &str| {
        house
            .bearer(&value)
            .get(&format!("/auth/verify?scope={scope}"))
            .status
    };
    assert_eq!((may("billing:read"), may("billing:write")), (200, 200));
    let change = json!({"scopes": ["billing:read"]});
    let _ = house
        .admin()
        .patch("/v1/roles/role%20of%20bot", &change)
        .expect(200);
    assert_eq!((may("billing:read"), may("billing:write")), (200, 403));
}

/// B28, P6: an editor of roles widens nothing beyond what they hold.
#[test]
fn an_editor_of_roles_hands_out_only_what_they_hold() {
    let house = House::open();
    let (_, value) = house.holder("editor", &["roles:write", "roles:read", "billing:read"]);
    let editor = house.bearer(&value);
    let _ = editor
        .post(
            "/v1/roles",
            &json!({"name": "r1", "scopes": ["billing:read"]}),
        )
        .expect(201);
    let refused = editor.post(
        "/v1/roles",
        &json!({"name": "r2", "scopes": ["audit:read"]}),
    );
    assert!(refused.expect(403).text().contains("audit:read"));
    let _ = editor
        .post("/v1/roles", &json!({"name": "r3", "scopes": ["*"]}))
        .expect(403);
    let _ = editor
        .patch("/v1/roles/r1", &json!({"scopes": ["*"]}))
        .expect(403);
    let own = json!({"scopes": ["roles:write", "roles:read", "billing:read", "tokens:revoke"]});
    let _ = editor
        .patch("/v1/roles/role%20of%20editor", &own)
        .expect(403);
    let grantable = names(&editor.get("/v1/roles/grantable").expect(200).json());
    assert!(grantable.contains(&"r1".to_owned()) && !grantable.contains(&"Admin".to_owned()));
}

#[test]
fn the_built_in_roles_are_there_and_admin_stays() {
    let house = House::open();
    let roles = names(&house.admin().get("/v1/roles").expect(200).json());
    for name in [
        "Admin",
        "Analyst",
        "Continuous Integration",
        "None",
        "Sensor Creator",
    ] {
        assert!(roles.contains(&name.to_owned()), "{name} in {roles:?}");
    }
    let _ = house
        .admin()
        .patch("/v1/roles/Admin", &json!({"scopes": []}))
        .expect(409);
}

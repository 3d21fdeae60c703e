//! `POST /v1/tokens/{id}/rotate`, `/v1/tokens/self/rotate`

use serde_json::json;

use crate::house::{House, issued};

#[test]
fn both_values_work_for_the_overlap_and_the_new_one_knows_the_old() {
    let house = House::open();
    let (id, old) = house.holder("bot", &["billing:read"]);
    let rotated = house
        .bearer(&old)
        .post("/v1/tokens/self/rotate", &json!({"overlap": "1h"}));
    let answer = rotated.expect(201).json();
    let (_, new) = issued(&answer);
    assert_eq!(answer["token"]["rotated_from"], id);
    for value in [&old, &new] {
        let item = house
            .bearer(value)
            .get("/v1/tokens/self")
            .expect(200)
            .json();
        assert_eq!(item["scopes"], json!(["billing:read"]));
    }
    let left = house.bearer(&old).get("/v1/tokens/self").json()["remaining_seconds"].as_i64();
    assert!(left.is_some_and(|s| s <= 3600), "{left:?}");
}

#[test]
fn without_an_overlap_the_old_value_stops_at_once() {
    let house = House::open();
    let (id, old) = house.holder("bot", &[]);
    let body = json!({"overlap": "0s"});
    let answer = house
        .admin()
        .post(&format!("/v1/tokens/{id}/rotate"), &body)
        .expect(201);
    let (_, new) = issued(&answer.json());
    let _ = house.bearer(&old).get("/v1/tokens/self").expect(401);
    let _ = house.bearer(&new).get("/v1/tokens/self").expect(200);
}

#[test]
fn the_first_use_of_the_new_value_ends_the_old_one_within_a_second() {
    let house = House::open();
    let (id, old) = house.holder("bot", &[]);
    let body = json!({"overlap": "1h", "end_old": "first_use"});
    let answer = house
        .admin()
        .post(&format!("/v1/tokens/{id}/rotate"), &body)
        .expect(201);
    let (_, new) = issued(&answer.json());
    let _ = house.bearer(&old).get("/v1/tokens/self").expect(200);
    let _ = house.bearer(&new).get("/v1/tokens/self").expect(200);
    // The promise is a second; the machine that tests may be slow.
    let ended = crate::wire::comes_true(10, || {
        house.bearer(&old).get("/v1/tokens/self").status == 401
    });
    assert!(ended, "the old value still works");
}

/// B42: rotated at the same time, one wins.
#[test]
fn of_rotations_at_the_same_time_one_wins() {
    let house = House::open();
    let (id, _) = house.holder("bot", &[]);
    let (admin, path) = (house.admin(), format!("/v1/tokens/{id}/rotate"));
    let mut statuses: Vec<u16> = std::thread::scope(|scope| {
        let callers: Vec<_> = (0..6)
            .map(|_| scope.spawn(|| admin.post(&path, &json!({})).status))
            .collect();
        callers.into_iter().map(|c| c.join().unwrap()).collect()
    });
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 409, 409, 409, 409, 409]);
}

/// B42: what is revoked is not rotated; no rotation makes a longer life.
#[test]
fn rotation_revives_nothing_and_prolongs_nothing() {
    let house = House::open();
    let (id, _) = house.holder("bot", &[]);
    let path = format!("/v1/tokens/{id}/rotate");
    let _ = house
        .admin()
        .post(&path, &json!({"lifetime": "31d"}))
        .expect(422);
    let _ = house
        .admin()
        .post(&format!("/v1/tokens/{id}/revoke"), &json!({}))
        .expect(200);
    let _ = house.admin().post(&path, &json!({})).expect(409);
}

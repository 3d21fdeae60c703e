//! `[policies.NAME]`, `/v1/policies` and `/v1/silences`

use serde_json::{Value, json};

use crate::house::{CONFIG, House};

fn names(items: &Value, key: &str) -> Vec<String> {
    let items = items.as_array().unwrap().iter();
    items
        .map(|item| item[key].as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn policies_are_listed_in_the_order_in_which_they_are_asked() {
    let house = House::with(&format!(
        "{CONFIG}\n\
         [policies.default]\nsteps = [\"7d\", \"1d\"]\n\
         [policies.b]\nmatch = {{ source = \"legacy\" }}\nquiet_hours = {{ from = \"20:00\", to = \"07:00\" }}\n\
         [policies.c]\nmatch = {{ source = \"legacy\", label = {{ env = \"prod\" }} }}\n\
         audience = {{ \"7d\" = [\"owner\"], end = [\"team\"] }}\n"
    ));
    let all = house.admin().get("/v1/policies").expect(200).json();
    assert_eq!(names(&all["items"], "name"), ["c", "b", "default"]);
    assert_eq!(
        all["items"][0]["steps"],
        json!(["7d", "1d"]),
        "as in the default"
    );
    assert_eq!(all["items"][0]["audience"][1]["from"], "end");
    assert_eq!(all["items"][1]["match"], json!({ "source": ["legacy"] }));
}

#[test]
fn a_dry_run_tells_what_a_policy_would_change() {
    let house = House::open();
    house.issue(&json!({"name": "nightly", "lifetime": "80d", "labels": {"env": "prod"}}));
    house.issue(&json!({"name": "other", "lifetime": "80d"}));
    let body = json!({"name": "early", "days": 79, "policy": {
        "match": {"label": {"env": "prod"}}, "steps": ["25d", "1d"],
    }});
    let run = house
        .admin()
        .post("/v1/policies/dry-run", &body)
        .expect(200)
        .json();
    assert_eq!(run["applies_to"], 1);
    let of = |list: &Value| {
        let mut steps = names(list, "step");
        steps.dedup();
        steps
    };
    assert_eq!(of(&run["added"]), ["25d"]);
    assert!(
        names(&run["removed"], "name")
            .iter()
            .all(|name| name == "nightly")
    );
    assert!(names(&run["forecast"]["notices"], "policy").contains(&"early".to_owned()));
    for (policy, field) in [
        (json!({"steps": ["1d"]}), "match"),
        (
            json!({"match": {"source": "a"}, "time_zone": "Mars/Base"}),
            "time_zone",
        ),
        (json!({"match": {"source": "a"}, "stepps": []}), "stepps"),
        (json!({"match": {"sauce": "a"}}), "sauce"),
    ] {
        let body = json!({"name": "early", "policy": policy});
        let refused = house
            .admin()
            .post("/v1/policies/dry-run", &body)
            .expect(422);
        assert!(refused.json().to_string().contains(field), "{field}");
    }
}

#[test]
fn a_silence_is_made_with_a_reason_listed_and_ended() {
    let house = House::open();
    let ends_at = crate::push::in_hours(48);
    let body = json!({"match": {"source": "legacy", "name": ["a*", "b"]}, "ends_at": ends_at, "reason": "moving"});
    let made = house.admin().post("/v1/silences", &body).expect(201).json();
    assert_eq!(made["match"]["name"], json!(["a*", "b"]));
    let list = |path: &str| house.admin().get(path).expect(200).json();
    assert_eq!(list("/v1/silences")["items"][0]["reason"], "moving");
    let path = format!("/v1/silences/{}", made["id"].as_str().unwrap());
    let _ = house.admin().request("DELETE", &path, &[], b"").expect(204);
    assert_eq!(list("/v1/silences")["items"], json!([]));
    assert_eq!(list("/v1/silences?over=true")["items"][0]["id"], made["id"]);
    let audit = list("/v1/audit")["items"].to_string();
    assert!(audit.contains("silence.create") && audit.contains("silence.end"));
    for body in [
        json!({"match": {}, "ends_at": ends_at, "reason": "x"}),
        json!({"match": {"source": "a"}, "ends_at": ends_at, "reason": ""}),
        json!({"match": {"source": "a"}, "ends_at": "2020-01-01T00:00:00Z", "reason": "x"}),
    ] {
        let _ = house.admin().post("/v1/silences", &body).expect(422);
    }
    let (_, value) = house.holder("reader", &["alerts:read"]);
    let body = json!({"match": {"source": "a"}, "ends_at": ends_at, "reason": "x"});
    let _ = house.bearer(&value).post("/v1/silences", &body).expect(403);
}

#[test]
fn silences_and_policies_have_commands() {
    let house = House::open();
    let add = [
        "silence", "add", "--source", "legacy", "--label", "env=test",
    ];
    let more = ["--for", "3d", "--reason", "migration", "--json"];
    let made = house.cli(&[&add[..], &more].concat()).ends_with(0).json();
    assert_eq!(
        made["match"],
        json!({"source": ["legacy"], "label": {"env": "test"}})
    );
    let list = house
        .cli(&["silence", "list", "--json"])
        .ends_with(0)
        .json();
    assert_eq!(list[0]["id"], made["id"]);
    house
        .cli(&["silence", "end", made["id"].as_str().unwrap()])
        .ends_with(0);
    let list = house
        .cli(&["silence", "list", "--json"])
        .ends_with(0)
        .json();
    assert_eq!(list, json!([]));
    house
        .cli(&["silence", "add", "--source", "a", "--reason", "no end"])
        .ends_with(2);

    let list = house.cli(&["policy", "list", "--json"]).ends_with(0).json();
    assert_eq!(list[0]["name"], "default");
    house.issue(&json!({"name": "nightly", "lifetime": "80d"}));
    let file = house.path("early.toml");
    let early = "[policies.early]\nmatch = { name = \"nightly\" }\nsteps = [\"25d\", \"1d\"]\n";
    std::fs::write(&file, early).unwrap();
    let args = ["policy", "dry-run", file.to_str().unwrap(), "--days", "79"];
    let shown = house.cli(&args).ends_with(0).out;
    assert!(
        shown.starts_with("`early` would apply to 1 credentials."),
        "{shown}"
    );
    assert!(shown.contains("25d"), "{shown}");
    std::fs::write(&file, "[server]\n").unwrap();
    house.cli(&args).ends_with(2).is_one_sentence();
}

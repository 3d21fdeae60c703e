//! `/scim/v2`, as an identity provider uses it.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};
use testkit::http::Client;
use testkit::outside;

use crate::house::House;
use crate::wire::comes_true;

/// Everything that was said, as text.
fn letters(folder: &Path) -> Vec<String> {
    let files = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let text = |path: PathBuf| std::fs::read_to_string(path).unwrap_or_default();
    files.map(|file| text(file.path())).collect()
}

/// What two hands have: the house, and who provisions it.
struct Organisation {
    house: House,
    said: tempfile::TempDir,
    provider: Client,
}

impl Organisation {
    fn open() -> Self {
        let said = tempfile::tempdir().unwrap();
        let config = format!(
            "[audience]\ncatch_all = [\"ops@example.org\"]\n\
             [channels.kept]\nkind = \"outbox\"\ndirectory = \"{}\"\n\
             [sources.legacy]\nsystem = \"push\"\n",
            said.path().display()
        );
        let house = House::with(&config);
        let (_, token) = house.holder("provider", &["people:write"]);
        let provider = house.bearer(&token);
        Self {
            house,
            said,
            provider,
        }
    }

    fn user(&self, name: &str) -> Value {
        let body = json!({"userName": format!("{name}@example.org"), "displayName": name});
        let made = self.provider.post("/scim/v2/Users", &body);
        made.expect(201).json()
    }

    fn patch(&self, document: &Value, operations: &Value) {
        let location = document["meta"]["location"].as_str().unwrap();
        let path = location.split_once("/scim/").unwrap().1;
        let body = json!({"Operations": operations});
        let _ = self
            .provider
            .patch(&format!("/scim/{path}"), &body)
            .expect(200);
    }

    /// Whether somebody was told all of these in one message.
    fn was_told(&self, to: &str, names: &[&str]) -> bool {
        letters(self.said.path())
            .iter()
            .any(|letter| letter.contains(to) && names.iter().all(|name| letter.contains(name)))
    }
}

/// Show 7: an owner leaves through SCIM, and within one sweep team and admins hold the
/// list of what they inherit; who returns gets everything back. The interval is an hour:
/// it is the change that wakes the sweep.
#[test]
fn what_an_owner_leaves_is_in_the_hands_of_team_and_admins_at_once() {
    let org = Organisation::open();
    let admin = org.house.admin();
    let boss = json!({"name": "boss", "email": "boss@example.org", "roles": ["Admin"]});
    let _ = admin.post("/v1/people", &boss).expect(201);
    let (ada, bob) = (org.user("ada"), org.user("bob"));
    let members = json!([{"value": ada["id"]}, {"value": bob["id"]}]);
    let group = json!({"displayName": "core", "members": members});
    let _ = org.provider.post("/scim/v2/Groups", &group).expect(201);
    let names = ["deploy-a", "deploy-b", "deploy-c"];
    for name in names {
        crate::push::push(&admin, name, "2099-01-01T00:00:00Z").succeeded();
    }
    let owned = json!({"owner": ada["id"], "team": "core"});
    let ids = || {
        let page = admin.get("/v1/credentials?source=legacy").json();
        page["items"].as_array().unwrap().clone()
    };
    for item in ids() {
        let path = format!("/v1/credentials/{}", item["id"].as_str().unwrap());
        let _ = admin.patch(&path, &owned).expect(200);
    }
    let own = json!({"name": "own", "owner": ada["id"]});
    let (_, value) = org.house.issue(&own);
    let works = || org.house.bearer(&value).get("/v1/tokens/self").status == 200;
    let orphaned = || ids().iter().filter(|item| item["orphaned"] == true).count();
    assert!(comes_true(30, || orphaned() == 0), "{:?}", ids());
    assert!(works());

    org.patch(
        &ada,
        &json!([{"op": "Replace", "path": "active", "value": "False"}]),
    );
    assert!(!works(), "own tokens stop with the answer");
    for heir in ["bob@example.org", "boss@example.org"] {
        let told = || org.was_told(heir, &names);
        assert!(
            comes_true(30, told),
            "{heir}: {:?}",
            letters(org.said.path())
        );
    }
    assert_eq!(orphaned(), 3);

    org.patch(
        &ada,
        &json!([{"op": "Replace", "path": "active", "value": "True"}]),
    );
    assert!(works());
    assert!(comes_true(30, || orphaned() == 0), "{:?}", ids());
    assert!(ids().iter().all(|item| item["owner"] == ada["id"]));
}

/// What an independent client finds wrong, and stays so: it writes words of chance where a
/// time zone or a locale stands, and says that the one address is not the primary one;
/// somebody always has a name and is here or not; a search over both kinds is not offered.
const KNOWN: &[&str] = &[
    "unexpected value for 'timezone'",
    "unexpected value for 'locale'",
    "unexpected value for 'emails'",
    "did not remove attribute 'displayName'",
    "did not remove attribute 'active'",
    "search_with_attributes",
];

#[test]
fn an_independent_client_finds_a_server_that_keeps_to_the_rules() {
    let Some(python) = outside::peers_python() else {
        return;
    };
    let house = House::open();
    let (_, token) = house.holder("provider", &["people:write"]);
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/peers/scim_check.py");
    let url = format!("{}/scim/v2", house.server.url());
    let out = Command::new(python)
        .arg(script)
        .args([&url, &token])
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&out.stdout).into_owned();
    let report: Value = serde_json::from_str(&text)
        .unwrap_or_else(|e| panic!("{e}: {text} {}", String::from_utf8_lossy(&out.stderr)));
    let failed = report["failed"].as_array().unwrap().iter();
    let known = |line: &str| KNOWN.iter().any(|known| line.contains(known));
    let failed: Vec<&str> = failed
        .filter_map(Value::as_str)
        .filter(|l| !known(l))
        .collect();
    assert!(failed.is_empty(), "{failed:#?}");
    assert!(report["passed"].as_u64().unwrap() > 40, "{report}");
}

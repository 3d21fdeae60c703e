//! `/v1/people/self/address` and the page behind the link: an address that its holder typed.

use std::path::Path;

use serde_json::{Value, json};
use testkit::http::Client;

use crate::house::{CONFIG, House};
use crate::wire::comes_true;

struct Town {
    house: House,
    letters: tempfile::TempDir,
}

impl Town {
    fn open() -> Self {
        let letters = tempfile::tempdir().unwrap();
        let kept = "kind = \"outbox\"";
        let written = format!("{kept}\ndirectory = \"{}\"", letters.path().display());
        let house = House::with(&CONFIG.replace(kept, &written));
        Self { house, letters }
    }

    /// Somebody, and a token that holds what they hold: nothing.
    fn person(&self, name: &str) -> (String, Client) {
        let body = json!({"name": name, "email": format!("{name}@example.org")});
        let made = self.house.admin().post("/v1/people", &body).expect(201);
        let id = made.json()["id"].as_str().unwrap().to_owned();
        let (_, value) = self.house.issue(&json!({"name": "own", "owner": id}));
        (id, self.house.bearer(&value))
    }

    fn address_of(&self, id: &str) -> Value {
        let path = format!("/v1/people/{id}");
        self.house.admin().get(&path).expect(200).json()["email"].clone()
    }

    /// The path of the link in the letter that asks at an address.
    fn link(&self, email: &str) -> String {
        let found = || letter(self.letters.path(), email);
        assert!(comes_true(30, || found().is_some()), "no letter to {email}");
        let text = found().unwrap();
        let after = text.split_once("/address/").unwrap().1;
        let end = after.find(char::is_whitespace).unwrap_or(after.len());
        format!("/address/{}", &after[..end])
    }
}

/// The text of the question that went to this address.
fn letter(folder: &Path, email: &str) -> Option<String> {
    let files = std::fs::read_dir(folder).ok()?.flatten();
    let texts = files.filter(|f| f.path().extension().is_some_and(|e| e == "txt"));
    let mut texts = texts.filter_map(|f| std::fs::read_to_string(f.path()).ok());
    texts.find(|t| t.contains(email) && t.contains("Is this your address?"))
}

fn claim(caller: &Client, email: &str) -> testkit::http::Reply {
    caller.post("/v1/people/self/address", &json!({ "email": email }))
}

/// T26: an address typed by its holder is used once somebody there confirmed it; looking at
/// the page confirms nothing, and pressing twice changes nothing.
#[test]
fn an_address_typed_by_its_holder_is_used_once_it_is_confirmed() {
    let town = Town::open();
    let (ada, own) = town.person("ada");
    let said = claim(&own, "ada@new.example").expect(202).json();
    assert_eq!(said["email"], "ada@example.org");
    assert_eq!(said["unconfirmed_email"], "ada@new.example");
    let link = town.link("ada@new.example");
    let reader = town.house.server.client();
    for method in ["GET", "HEAD", "GET"] {
        let seen = reader.try_request(method, &link, &[], b"").unwrap();
        assert_eq!(seen.status, 200, "{method}");
    }
    assert_eq!(town.address_of(&ada), "ada@example.org");
    for _ in 0..2 {
        let page = reader.form(&link, "").expect(200).text();
        assert!(page.contains("It is yours"), "{page}");
        assert_eq!(town.address_of(&ada), "ada@new.example");
    }
    assert_eq!(
        own.get(&format!("/v1/people/{ada}")).json()["unconfirmed_email"],
        Value::Null
    );
}

/// T26: a link that was changed, or is of an earlier question, opens nothing.
#[test]
fn a_link_that_was_changed_or_overtaken_opens_nothing() {
    let town = Town::open();
    let (ada, own) = town.person("ada");
    let (bob, _) = town.person("bob");
    let _ = claim(&own, "one@new.example").expect(202);
    let first = town.link("one@new.example");
    let reader = town.house.server.client();
    let last = if first.ends_with('0') { "1" } else { "0" };
    let changed = format!("{}{last}", &first[..first.len() - 1]);
    for bad in [
        changed,
        first.replace(&ada, &bob),
        "/address/x/y".to_owned(),
    ] {
        let _ = reader.get(&bad).expect(404);
        let _ = reader.form(&bad, "").expect(404);
    }
    let _ = claim(&own, "two@new.example").expect(202);
    let _ = reader.form(&first, "").expect(404);
    let second = town.link("two@new.example");
    let nobody = own.try_request("DELETE", "/v1/people/self/address", &[], b"");
    assert_eq!(nobody.unwrap().status, 200);
    let _ = reader.form(&second, "").expect(404);
    assert_eq!(town.address_of(&ada), "ada@example.org");
    assert_eq!(town.address_of(&bob), "bob@example.org");
}

/// T26: nobody can have others written to at will, take somebody's address, or give a
/// person an address with a token that holds less than the person.
#[test]
fn questions_are_few_and_only_about_ones_own() {
    let town = Town::open();
    let (_, own) = town.person("ada");
    let _ = town.person("bob");
    let _ = claim(&own, "bob@example.org").expect(409);
    let _ = claim(&own, "ada@example.org").expect(409);
    let _ = claim(&own, "no address").expect(422);
    for n in 0..3 {
        let _ = claim(&own, &format!("new{n}@new.example")).expect(202);
    }
    let _ = claim(&own, "new3@new.example").expect(409);
    let (_, robot) = town.house.holder("robot", &[]);
    let _ = claim(&town.house.bearer(&robot), "robot@new.example").expect(403);
    let admin = town.house.admin();
    let boss = json!({"name": "boss", "email": "boss@example.org", "roles": ["Admin"]});
    let boss = admin.post("/v1/people", &boss).expect(201).json();
    let weak = json!({"name": "weak", "owner": boss["id"], "roles": ["None"]});
    let (_, weak) = town.house.issue(&weak);
    let _ = claim(&town.house.bearer(&weak), "thief@new.example").expect(403);
}

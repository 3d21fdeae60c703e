//! P6: nobody obtains a scope that their maker lacks, whatever they try.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use testkit::SeededRandom;

use crate::house::{House, Reply};

const WORDS: [&str; 8] = [
    "tokens:issue",
    "tokens:issue-for-others",
    "roles:write",
    "people:write",
    "billing:read",
    "billing:write",
    "audit:read",
    "*",
];

/// Somebody who tries, with what they may do.
#[derive(Clone)]
struct Caller {
    token: String,
    owner: String,
    scopes: BTreeSet<String>,
}

struct Attempt<'a> {
    house: &'a House,
    random: SeededRandom,
    callers: Vec<Caller>,
    roles: Vec<String>,
}

/// B28: 10,000 random roles and callers through the API's own code; none obtains a scope
/// that its maker lacks.
#[tokio::test]
async fn ten_thousand_attempts_obtain_nothing() {
    // Fresh servers, for a changed role is felt by every token that carries it.
    for seed in 0..25 {
        attempts(400, seed).await;
    }
}

async fn attempts(count: u64, seed: u64) {
    let house = House::open().await;
    let mut attempt = Attempt {
        house: &house,
        random: SeededRandom::new(seed),
        callers: Vec::new(),
        roles: vec!["Admin".to_owned(), "Analyst".to_owned(), "None".to_owned()],
    };
    let mut obtained = 0;
    for n in 0..count {
        if n % 10 == 0 {
            attempt.newcomer(n).await;
        }
        obtained += match attempt.random.next() % 4 {
            0 | 1 => attempt.issue().await,
            2 => attempt.make_role(n).await,
            _ => attempt.widen_role().await,
        };
    }
    assert!(
        obtained > count / 20,
        "only {obtained} of {count} came through; the test tests nothing"
    );
}

impl Attempt<'_> {
    fn pick(&self, below: usize) -> usize {
        usize::try_from(self.random.next()).unwrap_or(0) % below
    }

    /// Each word with a likelihood in percent; everything (`*`) seldom.
    fn some_words(&self, percent: usize) -> Vec<&'static str> {
        let chosen = |word: &&str| self.pick(100) < if *word == "*" { 3 } else { percent };
        WORDS.into_iter().filter(chosen).collect()
    }

    /// A service account with a role of its own, made by the admin.
    async fn newcomer(&mut self, n: u64) {
        let words = self.some_words(70);
        let (id, token) = self.house.holder(&format!("n{n}"), &words).await;
        let owner = self
            .house
            .get(&format!("/v1/tokens/{id}"))
            .await
            .is(200)
            .json()["owner"]
            .clone();
        self.roles.push(format!("role of n{n}"));
        let scopes = words.into_iter().map(str::to_owned).collect();
        let owner = owner.as_str().unwrap().to_owned();
        self.remember(Caller {
            token,
            owner,
            scopes,
        });
    }

    /// The last few are enough to try with.
    fn remember(&mut self, caller: Caller) {
        self.callers.push(caller);
        if self.callers.len() > 20 {
            self.callers.remove(0);
        }
    }

    fn somebody(&self) -> Caller {
        self.callers[self.pick(self.callers.len())].clone()
    }

    fn some_roles(&self) -> Vec<&str> {
        let count = self.pick(4) / 2;
        (0..count)
            .map(|_| self.roles[self.pick(self.roles.len())].as_str())
            .collect()
    }

    async fn issue(&mut self) -> u64 {
        let (by, other) = (self.somebody(), self.somebody());
        let mut body =
            json!({"name": "x", "scopes": self.some_words(20), "roles": self.some_roles()});
        if self.pick(3) == 0 {
            body["owner"] = json!(other.owner);
        }
        let reply = self.try_to(&by, "POST", "/v1/tokens", &body).await;
        if reply.status != 201 {
            return 0;
        }
        let issued = reply.json();
        let token = issued["value"].as_str().unwrap().to_owned();
        let own = self
            .house
            .ask("GET", "/v1/tokens/self")
            .token(&token)
            .send()
            .await
            .is(200)
            .json();
        let scopes = words(&own["scopes"]);
        self.within(&by, &scopes, &body).await;
        let owner = own["owner"].as_str().unwrap().to_owned();
        self.remember(Caller {
            token,
            owner,
            scopes,
        });
        1
    }

    async fn make_role(&mut self, n: u64) -> u64 {
        let by = self.somebody();
        let name = format!("r{n}");
        let body = json!({"name": name, "scopes": self.some_words(20)});
        let reply = self.try_to(&by, "POST", "/v1/roles", &body).await;
        if reply.status != 201 {
            return 0;
        }
        self.within(&by, &words(&reply.json()["scopes"]), &body)
            .await;
        self.roles.push(name);
        1
    }

    async fn widen_role(&mut self) -> u64 {
        let by = self.somebody();
        let name = self.roles[self.pick(self.roles.len())].replace(' ', "%20");
        let body = json!({"scopes": self.some_words(20)});
        let reply = self
            .try_to(&by, "PATCH", &format!("/v1/roles/{name}"), &body)
            .await;
        if reply.status != 200 {
            return 0;
        }
        // The one who changed it may have lost scopes by it: what counts is before.
        let after = words(&reply.json()["scopes"]);
        assert!(
            lacks(&by.scopes, &after).is_empty(),
            "{body} by {:?}",
            by.scopes
        );
        self.refresh().await;
        1
    }

    async fn try_to(&mut self, by: &Caller, method: &str, path: &str, body: &Value) -> Reply {
        let ask = self.house.ask(method, path).token(&by.token).json(body);
        let reply = ask.send().await;
        let code = reply.status.as_u16();
        assert!(
            [200, 201, 401, 403, 409, 422].contains(&code),
            "{code}: {}",
            reply.text()
        );
        reply
    }

    async fn within(&self, by: &Caller, scopes: &BTreeSet<String>, body: &Value) {
        let missing = lacks(&by.scopes, scopes);
        assert!(
            missing.is_empty(),
            "{body} gave {missing:?} to one who has {:?}",
            by.scopes
        );
    }

    /// A changed role changes what its carriers may do.
    async fn refresh(&mut self) {
        for caller in &mut self.callers {
            let own = self
                .house
                .ask("GET", "/v1/tokens/self")
                .token(&caller.token)
                .send()
                .await;
            if own.status == 200 {
                caller.scopes = words(&own.json()["scopes"]);
            }
        }
    }
}

fn words(scopes: &Value) -> BTreeSet<String> {
    let list = scopes.as_array().unwrap().iter();
    list.map(|scope| scope.as_str().unwrap().to_owned())
        .collect()
}

fn lacks(held: &BTreeSet<String>, wanted: &BTreeSet<String>) -> Vec<String> {
    if held.contains("*") {
        return Vec::new();
    }
    wanted.difference(held).cloned().collect()
}

//! How do the two schemas tell that a token was made or ended?

use super::dice::Dice;
use super::line::{Line, quoted};

/// Names that are `CREATE_TOKEN` once the JSON is read.
const CREATE: [&str; 4] = [
    "\"CREATE_TOKEN\"",
    "\"CREATE_TOKEN\"",
    "\"\\u0043REATE_TOKEN\"",
    "\"CREATE\\u005fTOKEN\"",
];
const REVOKE: [&str; 3] = [
    "\"REVOKE_TOKEN\"",
    "\"REVOKE_TOKEN\"",
    "\"REVOK\\u0045_TOKEN\"",
];
/// Names that say nothing; under the right category of `audit.3` they need not.
const OTHER: [&str; 4] = [
    "\"GENERATE_USER_TOKEN\"",
    "\"VALIDATE_TOKEN\"",
    "\"create_token\"",
    "\"ROTATE\"",
];

/// Who did it, and when.
#[derive(Clone)]
pub struct Act {
    /// JSON text; `None` for a line without a time.
    pub time: Option<String>,
    pub uid: Option<String>,
    /// JSON text.
    pub result: Option<&'static str>,
}

/// What `audit.3` says of one token.
pub struct Said {
    pub id: String,
    /// JSON text.
    pub expiration: Option<String>,
    pub owner: Option<String>,
    pub kind: Option<&'static str>,
}

fn opened(schema: &str, act: &Act, name: &str, dice: &mut Dice) -> Line {
    Line::default()
        .text("type", schema)
        .maybe("time", act.time.clone())
        .maybe("uid", act.uid.as_deref().map(quoted))
        .text("sid", &dice.uuid())
        // The token that was used for the call, never the one it is about.
        .text("tokenId", &dice.uuid())
        .with("name", name)
        .maybe("result", act.result)
}

/// `audit.2`, which tells of one token in a category of its own.
fn second(act: &Act, name: &str, category: &str, token: &str, dice: &mut Dice) -> Line {
    let (entry, event) = (dice.uuid(), dice.uuid());
    let params = format!(
        r#"{{"_auditEventId":"{event}","_auditLogEntryId":"{entry}","_userAgent":"multipass/1.0","_category":{{"type":"{category}","{category}":{token}}}}}"#
    );
    opened("audit.2", act, name, dice)
        .with("requestParams", params)
        .with("resultParams", "{}")
}

fn second_token(id: &str, ttl: Option<&str>, kind: Option<&str>) -> String {
    let ttl = ttl.map(|ttl| format!(r#","tokenTtl":{ttl}"#));
    let kind = kind.map(|kind| format!(r#","tokenType":"{kind}""#));
    let (ttl, kind) = (ttl.unwrap_or_default(), kind.unwrap_or_default());
    format!(r#"{{"tokenId":"{id}"{ttl}{kind}}}"#)
}

/// `ttl` is JSON text.
pub fn make_2(act: &Act, id: &str, ttl: Option<&str>, kind: Option<&str>, dice: &mut Dice) -> Line {
    let (name, token) = (dice.one(&CREATE), second_token(id, ttl, kind));
    second(act, name, "tokenGeneration", &token, dice)
}

pub fn end_2(act: &Act, id: &str, dice: &mut Dice) -> Line {
    let kind = Some("API_TOKEN").filter(|_| dice.in_100(70));
    let (name, token) = (dice.one(&REVOKE), second_token(id, Some("0"), kind));
    second(act, name, "managementTokens", &token, dice)
}

/// The same shape under a name that changes nothing; `name` is JSON text.
pub fn decoy_2(act: &Act, name: &str, category: &str, id: &str, dice: &mut Dice) -> Line {
    let token = second_token(id, Some("864000"), Some("API_TOKEN"));
    let line = second(act, name, category, &token, dice);
    // A category beside an audit.2 line is none.
    line.with("categories", r#"["tokenGeneration","tokenRevoke"]"#)
}

fn third(act: &Act, name: &str, categories: &str, users: &str, dice: &mut Dice) -> Line {
    opened("audit.3", act, name, dice)
        .text("eventId", &dice.uuid())
        .text("logEntryId", &dice.uuid())
        .with("sequenceId", dice.below(4).to_string())
        .text("product", "multipass")
        .with("categories", categories)
        .with("users", users)
}

fn list<T>(tokens: &[T], mut json: impl FnMut(&T) -> String) -> String {
    let all: Vec<String> = tokens.iter().map(&mut json).collect();
    format!("[{}]", all.join(","))
}

fn identifier(id: &str) -> String {
    if id.starts_with("ri.") {
        return format!(r#"{{"type":"rid","rid":"{id}"}}"#);
    }
    format!(r#"{{"type":"other","other":{{"value":"{id}","description":null}}}}"#)
}

fn third_token(said: &Said) -> String {
    let end = said.expiration.as_ref();
    let end = end.map(|end| format!(r#","expirationTime":{end}"#));
    let owner = said.owner.as_ref();
    let owner = owner.map(|owner| format!(r#","userId":"{owner}""#));
    let kind = said.kind.map(|kind| format!(r#","type":"{kind}""#));
    let rest: String = [end, owner, kind].into_iter().flatten().collect();
    format!(r#"{{"id":{}{rest}}}"#, identifier(&said.id))
}

fn reference(id: &str) -> String {
    format!(r#"{{"id":{},"type":"API_TOKEN"}}"#, identifier(id))
}

/// One line that makes tokens, by its name or by its category. `users` is JSON text.
pub fn make_3(act: &Act, tokens: &[&Said], users: &str, dice: &mut Dice) -> Line {
    let named = dice.in_100(60);
    let name = dice.one(if named { &CREATE } else { &OTHER });
    let categories = match dice.below(3) {
        0 if named => "[]",
        1 => r#"["dataLoad","tokenGeneration"]"#,
        _ => r#"["tokenGeneration"]"#,
    };
    let results = format!(
        r#"{{"generatedTokens":{}}}"#,
        list(tokens, |said| third_token(said))
    );
    third(act, name, categories, users, dice)
        .with("requestFields", "{}")
        .with("resultFields", results)
}

/// One line that makes a token and ends another.
pub fn replace_3(act: &Act, made: &Said, ended: &str, users: &str, dice: &mut Dice) -> Line {
    let name = dice.one(&OTHER);
    let (made, ended) = (third_token(made), reference(ended));
    let results = format!(r#"{{"generatedTokens":[{made}],"revokedTokens":[{ended}]}}"#);
    third(
        act,
        name,
        r#"["tokenRevoke","tokenGeneration"]"#,
        users,
        dice,
    )
    .with("resultFields", results)
}

/// One line that ends tokens, in one of the three ways there are.
pub fn end_3(act: &Act, ids: &[String], dice: &mut Dice) -> Line {
    let ids = list(ids, |id| reference(id));
    let managed = dice.in_100(30);
    let named = managed || dice.in_100(50);
    let name = dice.one(if named { &REVOKE } else { &OTHER });
    if managed {
        return third(act, name, r#"["managementTokens"]"#, "[]", dice)
            .with("requestFields", format!(r#"{{"managedTokens":{ids}}}"#))
            .with("resultFields", "{}");
    }
    let categories = if named && dice.in_100(30) {
        "[]"
    } else {
        r#"["tokenRevoke"]"#
    };
    third(act, name, categories, "[]", dice)
        .with("resultFields", format!(r#"{{"revokedTokens":{ids}}}"#))
}

/// Tokens that are managed in some other way, or merely looked at.
pub fn decoy_3(act: &Act, id: &str, dice: &mut Dice) -> Line {
    let ids = format!("[{}]", reference(id));
    let name = dice.one(&OTHER);
    if dice.in_100(50) {
        return third(act, name, r#"["managementTokens"]"#, "[]", dice)
            .with("requestFields", format!(r#"{{"managedTokens":{ids}}}"#));
    }
    third(act, name, r#"["tokenAccess"]"#, "[]", dice).with(
        "resultFields",
        format!(r#"{{"accessedTokens":{ids},"revokedTokens":{ids}}}"#),
    )
}

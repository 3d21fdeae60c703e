//! What else does an audit log hold? Work with data, logins, and much that only looks
//! like a token event.

use super::dice::Dice;
use super::events::{self, Act};
use super::line::{Line, quoted};
use super::outlet::Record;

const WORK: [&str; 10] = [
    "GET_DATASET_FILES",
    "READ_OBJECTS",
    "LOGIN",
    "LOGOUT",
    "PUT_OBJECT",
    "RUN_BUILD",
    "LIST_PROJECTS",
    "VALIDATE_TOKEN",
    "EXPORT_DATA",
    "GET_USER",
];
const WORDS: [&str; 12] = [
    "orders",
    "flights",
    "SELECT",
    "Zürich",
    "2026",
    "raw",
    "clean",
    "CREATE_TOKEN",
    "join",
    "東京",
    "part-00017",
    "\\u00e9\\\"quoted\\\"",
];
/// JSON texts of names that are no token event's.
const NAMES: [&str; 9] = [
    "\"VALIDATE_TOKEN\"",
    "\"create_token\"",
    "\" CREATE_TOKEN\"",
    "\"CREATE_TOKEN \"",
    "\"CREATE_TOKENS\"",
    "\"\\\\u0043REATE_TOKEN\"",
    "\"DISABLE_TOKEN\"",
    "\"CREATE\\u0000TOKEN\"",
    "null",
];
const NOT_SUCCESS: [Option<&str>; 5] = [
    Some("\"ERROR\""),
    Some("\"UNAUTHORIZED\""),
    Some("\"PARTIAL\""),
    Some("null"),
    None,
];

/// A line of ordinary work, from a few hundred bytes to a few thousand.
pub fn work(act: &Act, dice: &mut Dice) -> Line {
    let words = if dice.in_100(3) { 150 } else { dice.below(14) };
    let text: Vec<&str> = (0..words).map(|_| dice.one(&WORDS)).collect();
    let params = format!(
        r#"{{"datasetRid":"ri.foundry.main.dataset.{}","path":"{}","name":"CREATE_TOKEN","rows":{}}}"#,
        dice.uuid(),
        text.join(" "),
        dice.below(1_000_000),
    );
    let third = dice.in_100(40);
    let line = Line::default()
        .text("type", if third { "audit.3" } else { "audit.2" })
        .maybe("time", act.time.clone())
        .maybe("uid", act.uid.as_deref().map(quoted))
        .text("sid", &dice.uuid())
        .text("tokenId", &dice.uuid())
        .text("name", dice.one(&WORK))
        .maybe("result", act.result);
    if third {
        return line
            .text("eventId", &dice.uuid())
            .with("categories", r#"["dataLoad"]"#)
            .with("requestFields", params);
    }
    line.with("requestParams", params)
        .with("resultParams", "{}")
}

/// A line that must change nothing although it names `known`, a token that lives.
pub fn decoy(act: &Act, known: &String, dice: &mut Dice) -> Record {
    let failed = Act {
        result: NOT_SUCCESS
            .get(dice.below(NOT_SUCCESS.len()))
            .copied()
            .flatten(),
        ..act.clone()
    };
    let fresh = dice.uuid();
    let line = match dice.below(8) {
        0 => events::make_2(&failed, &fresh, Some("864000"), Some("API_TOKEN"), dice),
        1 => events::end_2(&failed, known, dice),
        2 => events::end_3(&failed, std::slice::from_ref(known), dice),
        3 => events::decoy_2(act, dice.one(&NAMES), "managementTokens", known, dice),
        4 => events::decoy_2(act, dice.one(&NAMES), "tokenGeneration", &fresh, dice),
        5 => events::decoy_3(act, known, dice),
        6 => return Record::Text(no_object(dice)),
        // Its request holds no JSON, so it tells of no token.
        _ => opaque(act),
    };
    Record::Whole(line)
}

fn opaque(act: &Act) -> Line {
    Line::default()
        .text("type", "audit.2")
        .maybe("time", act.time.clone())
        .text("name", "CREATE_TOKEN")
        .text("result", "SUCCESS")
        .text("requestParams", r#"{"_category":{"type":"tokenGeneration""#)
}

fn no_object(dice: &mut Dice) -> String {
    let texts = [
        "42",
        "null",
        "[{\"name\":\"CREATE_TOKEN\"}]",
        "\"CREATE_TOKEN\"",
        " true\t",
    ];
    dice.one(&texts).to_owned()
}

/// A line that cannot be read, made from one that would count.
pub fn broken(act: &Act, dice: &mut Dice) -> Record {
    let line = events::make_2(act, &dice.uuid(), Some("864000"), Some("API_TOKEN"), dice);
    let texts = [
        "%%% log rotated %%%",
        "{'name': 'CREATE_TOKEN'}",
        "{\"name\":\"CREATE_TOKEN\",\"result\":\"SUCCESS\",\"ttl\":NaN}",
        "{\"name\":\"CREATE_TOKEN\",\"ttl\":-Infinity}",
        "{\"name\":\"CREATE\u{1}TOKEN\"}",
        "\u{0}\u{0}\u{0}\u{0}",
        "{\"name\":\"GET_USER\"} {\"name\":\"GET_USER\"}",
        "{\"ttl\":01}",
    ];
    match dice.below(10) {
        0..=3 => Record::Cut(line),
        4..=6 => Record::Bytes(line),
        _ => Record::Text(dice.one(&texts).to_owned()),
    }
}

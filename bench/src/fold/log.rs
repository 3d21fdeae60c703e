//! A seeded audit log, large and quick to write: two schemas, as a busy platform mixes
//! them. What is odd in such files is the business of `cargo xtask agree`.

use std::io::{self, Write};

use crate::dice::Dice;

/// What the log holds.
#[derive(Clone, Copy, Debug, Default)]
pub struct Held {
    pub lines: u64,
    pub bytes: u64,
    /// Tokens that were made, and those of them that were ended.
    pub made: u64,
    pub ended: u64,
}

const NAMES: [&str; 12] = [
    "VALIDATE_TOKEN",
    "GET_DATASET",
    "LIST_RESOURCES",
    "READ_FILE",
    "PUT_FILE",
    "GET_OBJECT",
    "SEARCH_OBJECTS",
    "RUN_BUILD",
    "GET_BRANCH",
    "LOAD_ONTOLOGY",
    "AUTHENTICATE",
    "EXPORT_DATA",
];
const USERS: [&str; 6] = [
    "anna.meier",
    "svc-export",
    "li.wei",
    "Jürgen Groß",
    "svc-nightly",
    "m.okafor",
];
const CATEGORIES: [&str; 6] = [
    r#""dataLoad","userLogin""#,
    r#""dataExport""#,
    r#""dataCreate","dataPromote""#,
    r#""managementPermissions""#,
    r#""internal""#,
    r#""dataSearch","dataLoad","metaDataAccess""#,
];

/// Writes about so many lines and says what they hold.
///
/// # Errors
/// When the file takes no more.
pub fn write(seed: u64, lines: u64, out: &mut impl Write) -> io::Result<Held> {
    let mut dice = Dice::new(seed);
    let mut held = Held::default();
    let mut alive: Vec<String> = Vec::new();
    let mut text = String::with_capacity(4096);
    for number in 0..lines {
        text.clear();
        match dice.below(1000) {
            0..14 => {
                let id = dice.uuid();
                create(&mut text, &mut dice, number, &id);
                held.made += 1;
                alive.push(id);
            }
            14..20 if !alive.is_empty() => {
                let at = usize::try_from(dice.below(alive.len() as u64)).unwrap_or(0);
                let id = alive.swap_remove(at);
                revoke(&mut text, &mut dice, number, &id);
                held.ended += 1;
            }
            20..500 => older(&mut text, &mut dice, number),
            _ => newer(&mut text, &mut dice, number),
        }
        text.push('\n');
        out.write_all(text.as_bytes())?;
        held.bytes += text.len() as u64;
    }
    held.lines = lines;
    Ok(held)
}

fn time(number: u64) -> String {
    let second = number / 40;
    let (day, hour, minute) = (
        second / 86_400 % 28 + 1,
        second / 3600 % 24,
        second / 60 % 60,
    );
    format!(
        "2026-10-{day:02}T{hour:02}:{minute:02}:{:02}.{:06}Z",
        second % 60,
        number % 1_000_000
    )
}

/// What every line of `audit.2` begins with.
fn head(text: &mut String, dice: &mut Dice, number: u64, name: &str) {
    text.push_str(&format!(
        r#"{{"type":"audit.2","time":"{}","uid":"{}","sid":"{}","tokenId":"{}","orgId":"ri.multipass..organization.{}","traceId":"{:016x}","name":"{name}","result":"SUCCESS","#,
        time(number), dice.uuid(), dice.uuid(), dice.uuid(), dice.uuid(), dice.next(),
    ));
}

fn create(text: &mut String, dice: &mut Dice, number: u64, id: &str) {
    head(text, dice, number, "CREATE_TOKEN");
    let ttl = 3600 * (1 + dice.below(24 * 365));
    text.push_str(&format!(
        r#""request_params":{{"_category":{{"type":"tokenGeneration","tokenGeneration":{{"tokenId":"{id}","tokenTtl":{ttl},"tokenType":"API_TOKEN"}}}}}}}}"#
    ));
}

fn revoke(text: &mut String, dice: &mut Dice, number: u64, id: &str) {
    head(text, dice, number, "REVOKE_TOKEN");
    text.push_str(&format!(
        r#""request_params":{{"_category":{{"type":"managementTokens","managementTokens":{{"tokenId":"{id}"}}}}}}}}"#
    ));
}

fn older(text: &mut String, dice: &mut Dice, number: u64) {
    let name = dice.pick(&NAMES);
    head(text, dice, number, name);
    let rid = dice.uuid();
    // Now and then a query stands inside as text.
    let query = match dice.in_1000(80) {
        true => r#""query":"{\"select\":[\"a\",\"b\"],\"where\":\"x > 1\"}","#,
        false => "",
    };
    text.push_str(&format!(
        r#""request_params":{{{query}"resource":"ri.foundry.main.dataset.{rid}","branch":"master","count":{}}},"result_params":{{"ok":true}}}}"#,
        dice.below(100_000),
    ));
}

fn newer(text: &mut String, dice: &mut Dice, number: u64) {
    let (uid, user) = (dice.uuid(), dice.pick(&USERS));
    text.push_str(&format!(
        r#"{{"type":"audit.3","time":"{}","deployment":"prod","host":"node-{}","product":"multipass","productVersion":"1.{}.0","producerType":"SERVER","stack":"main","service":"api","environment":"","name":"{}","result":"SUCCESS","eventId":"{}","logEntryId":"{}","sequenceId":{},"categories":[{}],"uid":"{uid}","sid":"{}","orgId":"ri.multipass..organization.{}","traceId":"{:016x}","origins":["10.{}.{}.7"],"sourceOrigin":"10.1.2.3","userAgent":"python-requests/2.{}","users":[{{"uid":"{uid}","userName":"{user}","groups":[]}}],"requestFields":{{"rid":"ri.foundry.main.dataset.{}","limit":{}}},"resultFields":{{"rows":{}}}}}"#,
        time(number), dice.below(40), dice.below(400), dice.pick(&NAMES), dice.uuid(), dice.uuid(),
        dice.below(1 << 40), dice.pick(&CATEGORIES), dice.uuid(), dice.uuid(), dice.next(),
        dice.below(256), dice.below(256), dice.below(40), dice.uuid(), dice.below(1000),
        dice.below(1 << 20),
    ));
}

//! Which system, which kinds, which fields, tried how: the table that people choose by.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use sources::Preset;
use toml::{Table, Value};

use crate::fixture::{Fixture, room};

const OPENING: &str = "\
# Systems

Written by `cargo xtask systems` from the presets and their fixtures; a test compares it.
What a list shows is what its issuer tells: where a column is empty, nobody tells it.

*Tried*: the strongest thing it ran against. Every preset also runs against answers in the form that its vendor documents.
";

/// What a preset maps, in the order of the columns.
const FIELDS: [(&str, &str); 7] = [
    ("owner", "owner"),
    ("address", "owner.email"),
    ("made", "created"),
    ("end", "expires"),
    ("last use", "last_used"),
    ("rights", "scopes"),
    ("stopped", "revoked_when"),
];

/// The page.
pub fn page() -> String {
    let known = sources::systems().unwrap_or_else(|error| panic!("{error}"));
    let told = sources::presets(&known);
    let documents = documents();
    let mut page = String::from(OPENING);
    let is_probe = |document: &Table| document.get("probe") == Some(&Value::Boolean(true));
    page.push_str("\n## Lists\n\n");
    table(&mut page, &told, &documents, |document| !is_probe(document));
    page.push_str("\n## One credential, asked about itself\n\n");
    table(&mut page, &told, &documents, is_probe);
    page.push_str(
        "\n## Read by code of their own\n\n| system | id | kinds | tried |\n|---|---|---|---|\n",
    );
    for preset in told.iter().filter(|one| !documents.contains_key(&one.id)) {
        let kinds = preset.kinds.join(", ");
        let tried = preset.tried.unwrap_or_default();
        writeln!(
            page,
            "| {} | `{}` | {kinds} | {tried} |",
            preset.system, preset.id
        )
        .unwrap();
    }
    page.push_str("\n## What each needs\n\n| | how it signs in | least permission | read |\n|---|---|---|---|\n");
    for preset in &told {
        let pages: BTreeSet<&String> = preset.pages.iter().collect();
        let pages: Vec<&str> = pages.into_iter().map(String::as_str).collect();
        let (id, auth, needs) = (&preset.id, &preset.auth, &preset.needs);
        writeln!(
            page,
            "| `{id}` | {auth} | {needs} | {} |",
            pages.join("<br>")
        )
        .unwrap();
    }
    page
}

fn table(
    page: &mut String,
    told: &[Preset],
    documents: &BTreeMap<String, Table>,
    wanted: impl Fn(&Table) -> bool,
) {
    let columns: Vec<&str> = FIELDS.iter().map(|(column, _)| *column).collect();
    writeln!(
        page,
        "| system | id | kinds | {} | tried |",
        columns.join(" | ")
    )
    .unwrap();
    writeln!(page, "|---|---|---{}|---|", "|---".repeat(columns.len())).unwrap();
    for preset in told {
        let Some(document) = documents.get(&preset.id).filter(|d| wanted(d)) else {
            continue;
        };
        let kinds: BTreeSet<String> = kinds(document, preset);
        let kinds: Vec<String> = kinds.into_iter().collect();
        let marks = FIELDS.map(|(_, key)| if maps(document, key) { "✓" } else { "" });
        let tried = preset.tried.unwrap_or_default();
        let line = format!(
            "| {} | `{}` | {} | {} | {tried} |",
            preset.system,
            preset.id,
            kinds.join(", "),
            marks.join(" | ")
        );
        writeln!(page, "{line}").unwrap();
    }
}

/// Documents by id, and by each alias.
fn documents() -> BTreeMap<String, Table> {
    let mut documents = BTreeMap::new();
    for fixture in Fixture::all() {
        let path = room()
            .join("src/presets")
            .join(format!("{}.toml", fixture.id));
        let document: Table = std::fs::read_to_string(path).unwrap().parse().unwrap();
        let aliases = document.get("aliases").and_then(Value::as_table).cloned();
        for (alias, _) in aliases.unwrap_or_default() {
            documents.insert(alias, document.clone());
        }
        documents.insert(fixture.id, document);
    }
    documents
}

/// What the lists say, and what the fixture shows besides.
fn kinds(document: &Table, preset: &Preset) -> BTreeSet<String> {
    let id = document["id"].as_str().unwrap();
    let mut kinds: BTreeSet<String> = preset.kinds.iter().cloned().collect();
    kinds.extend(Fixture::named(id).rows.into_iter().map(|row| row.kind));
    kinds
}

/// Whether any list maps it.
fn maps(document: &Table, key: &str) -> bool {
    let lists = document["lists"].as_array().unwrap();
    let mut maps = lists.iter().filter_map(|list| list.get("map"));
    let has = |map: &Value, key: &str| {
        map.get(key)
            .is_some_and(|value| *value != Value::Array(vec![]))
    };
    maps.any(|map| match key {
        "owner.email" => map
            .get("owner")
            .is_some_and(|owner| owner.get("email").is_some()),
        "scopes" => has(map, "scopes") || has(map, "roles"),
        "revoked_when" => has(map, "revoked_when") || has(map, "suspended_when"),
        key => has(map, key),
    })
}

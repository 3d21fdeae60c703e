//! What a fixture says: the answers of one system, and what must come of them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::told::Row;

/// `fixtures/ID.toml`: the answers of the system that the preset ID reads, in the form
/// that its pages document, with values of our own.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fixture {
    /// The preset; from the name of the file.
    #[serde(skip)]
    pub id: String,
    /// The vendor's pages, each with the day it was read.
    pub read: Vec<VendorPage>,
    /// The keys of the source. `{origin}` is where the fake listens, `{files}` the folder
    /// of `files`, `{rsa}` a key made for this run. Secrets stand here as they are.
    #[serde(default)]
    pub settings: toml::Table,
    /// Headers that each request must have, else it is answered 401; a `*` at the end
    /// stands for anything.
    #[serde(default)]
    pub requires: BTreeMap<String, String>,
    /// Files by name, for presets that read files.
    #[serde(default)]
    pub files: BTreeMap<String, String>,
    /// What is asked and answered, in any order.
    #[serde(default)]
    pub exchanges: Vec<Exchange>,
    /// What must be listed, no more and no less.
    #[serde(default)]
    pub rows: Vec<Row>,
    /// What this system cannot show, and why.
    #[serde(default)]
    pub lacks: BTreeMap<Shows, String>,
}

/// A vendor's page.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VendorPage {
    pub url: String,
    pub on: String,
}

/// What every fixture shows, unless it says why not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Shows {
    /// A list that is turned to a second page.
    Pages,
    /// A row that ended.
    Expired,
    /// A row without an end.
    Never,
    /// A row that was revoked or suspended.
    Stopped,
}

/// One request and its answer.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Exchange {
    /// `METHOD /path?query`; the order of the parameters does not matter.
    pub ask: String,
    /// Fields that a JSON body must have.
    #[serde(default)]
    pub json: BTreeMap<String, String>,
    /// Fields that a form must have.
    #[serde(default)]
    pub form: BTreeMap<String, String>,
    /// In place of the fixture's.
    pub requires: Option<BTreeMap<String, String>>,
    #[serde(default = "ok")]
    pub status: u16,
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
    #[serde(default)]
    pub body: String,
    /// The read is whole without it too: a look-up, an optional list, a child that ended.
    #[serde(default)]
    pub spare: bool,
    /// A refusal of it alone says that it ended, so only all of them together count.
    #[serde(default)]
    pub child: bool,
}

fn ok() -> u16 {
    200
}

/// What the request for a second page has in its query.
const PLACES: [&str; 10] = [
    "page=2",
    "page[number]=2",
    "page=1&perPage",
    "p=2",
    "cursor=",
    "oken=",
    "start=1",
    "offset=1",
    "continue=",
    "nextPageKey=",
];

/// The folder of this crate.
pub fn room() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

impl Fixture {
    /// Every fixture, by id.
    pub fn all() -> Vec<Self> {
        let mut paths: Vec<PathBuf> = std::fs::read_dir(room().join("fixtures"))
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .filter(|path| path.extension().is_some_and(|e| e == "toml"))
            .collect();
        paths.sort();
        paths.iter().map(|path| Self::read(path)).collect()
    }

    /// That of a preset that ships.
    pub fn named(id: &str) -> Self {
        Self::read(&room().join("fixtures").join(format!("{id}.toml")))
    }

    /// That of an operator's own preset.
    pub fn own(id: &str) -> Self {
        Self::read(&room().join("fixtures/own").join(format!("{id}.toml")))
    }

    fn read(path: &Path) -> Self {
        let text = std::fs::read_to_string(path).unwrap();
        let read: Result<Self, _> = toml::from_str(&text);
        let id = path.file_stem().unwrap().to_str().unwrap().to_owned();
        let fixture = read.unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        Self { id, ..fixture }
    }

    /// Whether it shows something.
    pub fn shows(&self, what: Shows) -> bool {
        let state = |state: &str| self.rows.iter().any(|row| row.state == state);
        match what {
            Shows::Pages => self.asks_for_a_second_page(),
            Shows::Expired => state("expired"),
            Shows::Never => self.rows.iter().any(|row| row.end == "never"),
            Shows::Stopped => state("revoked") || state("suspended"),
        }
    }

    /// Whether its preset asks one credential about itself.
    pub fn is_probe(&self) -> bool {
        let preset = room().join("src/presets").join(format!("{}.toml", self.id));
        let preset: toml::Table = std::fs::read_to_string(preset).unwrap().parse().unwrap();
        preset.get("probe") == Some(&toml::Value::Boolean(true))
    }

    /// Two requests to one path that differ in their query alone.
    fn asks_for_a_second_page(&self) -> bool {
        let path = |exchange: &Exchange| exchange.ask.split('?').next().unwrap().to_owned();
        let turns = |ask: &str| PLACES.iter().any(|place| ask.contains(place));
        let all = &self.exchanges;
        all.iter()
            .filter(|one| turns(&one.ask))
            .any(|b| all.iter().any(|a| a.ask != b.ask && path(a) == path(b)))
    }
}

//! Places that may break a rule for now, each with its reason.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use anyhow::{Context, Result};
use serde::Deserialize;

use super::Finding;
use crate::shell;

const PAGE: &str = "xtask/tidy.toml";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Lists {
    /// `path::function` → why it is longer than the limit.
    #[serde(default)]
    long_functions: BTreeMap<String, String>,
    /// Path of test code → what real thing it waits for.
    #[serde(default)]
    sleeps: BTreeMap<String, String>,
    /// Path → why a machine's path or a mark stands in it.
    #[serde(default)]
    words: BTreeMap<String, String>,
}

/// The lists, and which of their entries were needed.
pub struct Exceptions {
    lists: Lists,
    needed: RefCell<BTreeSet<String>>,
}

impl Exceptions {
    pub fn read() -> Result<Self> {
        let text = fs::read_to_string(shell::root().join(PAGE)).context(PAGE)?;
        Ok(Self {
            lists: toml::from_str(&text).context(PAGE)?,
            needed: RefCell::default(),
        })
    }

    pub fn long_function(&self, place: &str) -> bool {
        self.allow(&self.lists.long_functions, place)
    }

    pub fn sleep(&self, path: &str) -> bool {
        self.allow(&self.lists.sleeps, path)
    }

    pub fn word(&self, path: &str) -> bool {
        self.allow(&self.lists.words, path)
    }

    fn allow(&self, list: &BTreeMap<String, String>, place: &str) -> bool {
        let there = list.contains_key(place);
        if there {
            self.needed.borrow_mut().insert(place.to_owned());
        }
        there
    }

    /// Entries that nothing needs any more: the lists only shrink.
    pub fn unneeded(&self) -> Vec<Finding> {
        let Lists {
            long_functions,
            sleeps,
            words,
        } = &self.lists;
        let all = long_functions
            .keys()
            .chain(sleeps.keys())
            .chain(words.keys());
        let needed = self.needed.borrow();
        let stale = all.filter(|place| !needed.contains(*place));
        stale
            .map(|place| Finding::new(PAGE, format!("`{place}` needs no exception any more")))
            .collect()
    }
}

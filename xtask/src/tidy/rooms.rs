//! Do the crates import what ARCHITECTURE.md allows, and nothing else?

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result};
use serde::Deserialize;

use super::Finding;
use super::exceptions::Exceptions;
use super::table;
use super::tree::Tree;
use crate::shell;

const PAGE: &str = "ARCHITECTURE.md";

/// Tests may lean on these from any room.
const TEST_ROOMS: [&str; 3] = ["testkit", "store", "verifier"];

#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Package>,
}

#[derive(Deserialize)]
struct Package {
    name: String,
    dependencies: Vec<Dependency>,
}

#[derive(Deserialize)]
struct Dependency {
    name: String,
    kind: Option<String>,
    path: Option<String>,
}

impl Package {
    fn rooms(&self, in_tests: bool) -> BTreeSet<&str> {
        let ours = self
            .dependencies
            .iter()
            .filter(|dependency| dependency.path.is_some());
        ours.filter(|one| (one.kind.as_deref() == Some("dev")) == in_tests)
            .map(|one| one.name.as_str())
            .collect()
    }
}

fn packages() -> Result<Vec<Package>> {
    let mut ask = shell::cargo();
    ask.args(["metadata", "--no-deps", "--format-version", "1"]);
    let metadata: Metadata = serde_json::from_str(&shell::output(&mut ask)?)?;
    Ok(metadata.packages)
}

/// The table of rooms: who may import whom. A missing arrow is as wrong as an extra one.
pub fn arrows(tree: &Tree, _: &Exceptions) -> Result<Vec<Finding>> {
    let mut allowed = BTreeMap::new();
    for row in table::rows(tree, PAGE, "room")? {
        let [room, _, imports] = row.as_slice() else {
            continue;
        };
        let room = table::quoted(room)
            .into_iter()
            .next()
            .context("a room without a name")?;
        allowed.insert(
            room,
            table::quoted(imports).into_iter().collect::<BTreeSet<_>>(),
        );
    }
    let mut findings = Vec::new();
    for package in packages()? {
        match allowed.remove(&package.name) {
            Some(may) => findings.extend(compare(&package, &may)),
            None => findings.push(Finding::new(
                PAGE,
                format!("the room `{}` is not in the table", package.name),
            )),
        }
    }
    let gone = allowed
        .keys()
        .map(|room| Finding::new(PAGE, format!("there is no room `{room}`")));
    findings.extend(gone);
    Ok(findings)
}

fn compare(package: &Package, may: &BTreeSet<String>) -> Vec<Finding> {
    let place = format!("{}/Cargo.toml", package.name);
    let real = package.rooms(false);
    let extra = real.iter().filter(|room| !may.contains(**room));
    let missing = may.iter().filter(|room| !real.contains(room.as_str()));
    let in_tests = package.rooms(true).into_iter();
    let strange = in_tests.filter(|room| !TEST_ROOMS.contains(room) && !may.contains(*room));
    let extra = extra.map(|room| format!("imports `{room}`, which {PAGE} does not allow"));
    let missing = missing.map(|room| format!("does not import `{room}`, though {PAGE} says so"));
    let strange = strange.map(|room| format!("its tests import `{room}`"));
    extra
        .chain(missing)
        .chain(strange)
        .map(|what| Finding::new(&place, what))
        .collect()
}

/// The table of walls: which library stays behind which room.
pub fn walls(tree: &Tree, _: &Exceptions) -> Result<Vec<Finding>> {
    let packages = packages()?;
    let mut findings = Vec::new();
    for row in table::rows(tree, PAGE, "library")? {
        let [libraries, rooms, _] = row.as_slice() else {
            continue;
        };
        let rooms = table::quoted(rooms);
        for library in table::quoted(libraries) {
            let outside = packages
                .iter()
                .filter(|package| !rooms.contains(&package.name));
            let through = outside
                .filter(|package| package.dependencies.iter().any(|one| one.name == library));
            findings.extend(through.map(|package| {
                Finding::new(
                    format!("{}/Cargo.toml", package.name),
                    format!("`{library}` belongs behind {}", rooms.join(", ")),
                )
            }));
        }
    }
    Ok(findings)
}

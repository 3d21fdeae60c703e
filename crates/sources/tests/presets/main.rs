//! Does every preset read its system as the vendor documents it?
//!
//! One table: a fixture of each, served by a fake on loopback, read through the public
//! way. The fixture says what must come of it, no more and no less.
#![allow(clippy::unwrap_used, reason = "a test may stop where it stands")]
#![allow(clippy::indexing_slicing, reason = "a test may stop where it stands")]
#![allow(clippy::panic, reason = "a test may stop where it stands")]

mod coverage;
mod fixture;
mod run;
mod server;
mod told;
mod wrong;

use std::collections::BTreeSet;

use app::ports::ConnectorError;
use fixture::{Fixture, Shows};
use run::Bench;
use server::Fault;

fn shipped_ids() -> BTreeSet<String> {
    let presets = std::fs::read_dir(fixture::room().join("src/presets")).unwrap();
    let names = presets.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    names
        .filter_map(|name| name.strip_suffix(".toml").map(str::to_owned))
        .collect()
}

#[test]
fn every_preset_has_a_fixture_and_every_fixture_a_preset() {
    let fixtures: BTreeSet<String> = Fixture::all().into_iter().map(|f| f.id).collect();
    assert_eq!(shipped_ids(), fixtures);
}

/// B69: two pages, an end that has passed, none at all, and what was stopped.
#[test]
fn every_fixture_shows_the_whole_range_or_says_why_not() {
    for fixture in Fixture::all() {
        for what in [Shows::Pages, Shows::Expired, Shows::Never, Shows::Stopped] {
            let (shows, lacks) = (fixture.shows(what), fixture.lacks.contains_key(&what));
            assert_ne!(shows, lacks, "{}: {what:?}", fixture.id);
        }
        for page in &fixture.read {
            assert!(
                page.url.starts_with("https://") && page.on.len() == 10,
                "{}",
                fixture.id
            );
        }
    }
}

#[tokio::test]
async fn every_preset_reads_its_fixture_row_for_row() {
    let (bench, mut wrong) = (Bench::shipped(), Vec::new());
    for fixture in Fixture::all() {
        wrong.extend(what_is_wrong(&bench, &fixture).await);
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A system that nobody thought of takes one file and no code: see "Add a source" in
/// CONTRIBUTING.
#[tokio::test]
async fn a_new_system_takes_one_file() {
    let file = fixture::room().join("../../docs/examples/clickhouse-cloud.toml");
    let (bench, fixture) = (Bench::own(&file), Fixture::own("clickhouse-cloud"));
    let wrong = what_is_wrong(&bench, &fixture).await;
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// `FOREWARN_WRITE_PAGES` makes it write instead of compare; `cargo xtask systems` sets it.
#[test]
fn the_page_of_systems_is_that_of_the_presets() {
    let (path, page) = (
        fixture::room().join("../../docs/systems.md"),
        coverage::page(),
    );
    println!("{page}");
    let writes = std::env::var_os("FOREWARN_WRITE_PAGES").is_some();
    if writes {
        std::fs::write(&path, &page).unwrap();
    }
    let stands = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        stands == page,
        "docs/systems.md is old; run `cargo xtask systems`"
    );
}

/// How what was told differs from the fixture.
async fn what_is_wrong(bench: &Bench, fixture: &Fixture) -> Vec<String> {
    let outcome = bench.run(fixture, Fault::None).await;
    let (mut rows, mut wanted) = (outcome.rows(), fixture.rows.clone());
    rows.sort();
    wanted.sort();
    for (row, wanted) in rows.iter_mut().zip(&wanted) {
        if wanted.renew_url.is_none() {
            row.renew_url = None;
        }
    }
    let (unknown, unasked) = (outcome.vendor.unknown(), outcome.vendor.unasked(fixture));
    let (id, mut wrong) = (&fixture.id, Vec::new());
    if !outcome.is_complete() {
        wrong.push(format!("{id}: {:?}", outcome.result));
    }
    if !unknown.is_empty() || !unasked.is_empty() {
        wrong.push(format!("{id}: unknown {unknown:#?}, unasked {unasked:#?}"));
    }
    if rows != wanted {
        wrong.push(difference(id, &rows, &wanted));
    }
    wrong
}

fn difference(id: &str, rows: &[told::Row], wanted: &[told::Row]) -> String {
    let lines = |rows: &[told::Row], others: &[told::Row]| {
        let differ = rows.iter().filter(|row| !others.contains(row));
        differ
            .map(|row| format!("{row:?}"))
            .collect::<Vec<_>>()
            .join("\n    ")
    };
    let (too_many, missing) = (lines(rows, wanted), lines(wanted, rows));
    format!("{id}\n  told\n    {too_many}\n  wanted\n    {missing}")
}

/// B69, P8: a page that is forbidden, or is a sign-in page with status 200, is an error and
/// never a shorter list.
#[tokio::test]
async fn no_preset_takes_an_error_page_for_the_end_of_a_list() {
    let bench = Bench::shipped();
    for fixture in Fixture::all() {
        for (at, exchange) in fixture.exchanges.iter().enumerate() {
            for fault in [Fault::Forbidden(at), Fault::SignIn(at)] {
                let is_forbidden = matches!(fault, Fault::Forbidden(_));
                if exchange.spare || exchange.child && is_forbidden {
                    continue;
                }
                let outcome = bench.run(&fixture, fault).await;
                let told = format!(
                    "{}: {fault:?} at {}: {:?}",
                    fixture.id, exchange.ask, outcome.result
                );
                assert!(
                    !outcome.is_complete() || outcome.listed.is_empty(),
                    "{told}"
                );
                assert!(!told.contains("s3cret"), "{told}");
            }
        }
    }
}

/// F27: a source whose own credential is refused says so, in a way of its own.
#[tokio::test]
async fn every_preset_tells_that_its_own_credential_is_refused() {
    let bench = Bench::shipped();
    for fixture in Fixture::all() {
        if fixture.requires.is_empty() {
            continue;
        }
        let outcome = bench.run(&fixture, Fault::Refused).await;
        // A probe has just seen what it was for: it is not the source that is blind.
        let refused = match fixture.is_probe() {
            true => outcome.is_complete() && outcome.refused,
            false => matches!(outcome.result, Err(ConnectorError::Auth(_))),
        };
        assert!(refused, "{}: {:?}", fixture.id, outcome.result);
    }
}

/// P4: what the fakes answer holds secrets in the places where vendors put them.
#[tokio::test]
async fn no_preset_lets_a_secret_through() {
    let bench = Bench::shipped();
    for fixture in Fixture::all() {
        let outcome = bench.run(&fixture, Fault::None).await;
        let told = format!("{:?} {:?}", outcome.listed, outcome.result);
        assert!(!told.contains("s3cret"), "{}: {told}", fixture.id);
    }
}

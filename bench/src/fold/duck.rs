//! The same log folded by DuckDB, in the best of three forms.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};
use serde::Deserialize;

use super::log::Held;
use super::{Run, check};
use crate::Args;
use crate::row::{Bound, Row, median};
use crate::verify::rivals::python;

const SCRIPT: &str = include_str!("../../peers/duck.py");

#[derive(Deserialize)]
struct Form {
    seconds: f64,
    made: u64,
    ended: u64,
}

/// The row beside DuckDB; none where it is not installed.
///
/// # Errors
/// When it cannot run, or finds something else.
pub fn measure(args: &Args, plain: &Path, held: &Held) -> Result<Option<Row>> {
    let Some(python) = python(args) else {
        println!("DuckDB is skipped: not installed; run `cargo xtask bench --peers`");
        return Ok(None);
    };
    let script = args.dir.join("duck.py");
    fs::write(&script, SCRIPT)?;
    let (mut ours, mut theirs) = (Vec::new(), BTreeMap::<String, Vec<f64>>::new());
    // Once more than asked for: the first of each only warms up.
    for round in 0..=args.rounds {
        let own = check(args, plain, 2, held)?;
        let forms = forms(&python, &script, plain, held)?;
        if round == 0 {
            continue;
        }
        ours.push(own);
        for (name, form) in forms {
            theirs.entry(name).or_default().push(form.seconds);
        }
    }
    Ok(best(theirs).map(|(name, theirs)| row(&ours, &name, theirs)))
}

fn forms(
    python: &Path,
    script: &Path,
    plain: &Path,
    held: &Held,
) -> Result<BTreeMap<String, Form>> {
    let mut command = Command::new(python);
    let out = command
        .arg(script)
        .arg(plain)
        .stderr(Stdio::inherit())
        .output()?;
    let forms: BTreeMap<String, Form> =
        serde_json::from_slice(&out.stdout).context("DuckDB told nothing")?;
    for (name, form) in &forms {
        ensure!(
            (form.made, form.ended) == (held.made, held.ended),
            "DuckDB ({name}) found {} and {}, not {held:?}",
            form.made,
            form.ended
        );
    }
    Ok(forms)
}

fn best(theirs: BTreeMap<String, Vec<f64>>) -> Option<(String, f64)> {
    let middles = theirs.into_iter().map(|(name, all)| (name, median(all)));
    let mut middles: Vec<(String, f64)> = middles.collect();
    middles.sort_by(|a, b| a.1.total_cmp(&b.1));
    for (name, seconds) in &middles {
        println!("DuckDB, {name}: {seconds:.2} s");
    }
    middles.into_iter().next()
}

fn row(ours: &[Run], form: &str, theirs: f64) -> Row {
    let own = median(ours.iter().map(|run| run.seconds).collect());
    Row {
        name: "fold, 2 threads",
        compared: "DuckDB's best form, 2 threads",
        bound: Bound::AtLeast(4.0),
        stretch: Bound::AtLeast(5.5),
        numbers: format!("{own:.2} s against {theirs:.2} s ({form})"),
        value: theirs / own,
        others: median(ours.iter().map(|run| run.others).collect()),
    }
}

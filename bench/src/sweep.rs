//! Does finding what is due cost more the more there is?
//!
//! Whole passes, as the server makes them: plan, decide, write, look at Forewarn itself.

use std::sync::Arc;
use std::time::Instant as Moment;

use anyhow::{Result, ensure};
use app::ports::{Changes, Random, Write};
use app::sweep::sweep;
use app::{Context, Settings};
use domain::expiry::Subject;
use domain::kernel::{CredentialId, Instant, SweepId};
use testkit::{FakeClock, SeededRandom};
use verifier::{Keys, Verifier};

use crate::Args;
use crate::clone;
use crate::inventory::{self, Inventory, Kind};
use crate::machine::{self, Watch};
use crate::row::{Bound, Row, median};

const DUE: u64 = 100;
pub const FEW: u64 = 10_000;
/// How often each pass is made.
const TIMES: usize = 31;
/// One in so many is Forewarn's own token.
pub const OWN_IN: u64 = 4;

/// The rows of the sweep.
///
/// # Errors
/// When a store cannot be filled or read.
pub fn measure(args: &Args) -> Result<Vec<Row>> {
    let runtime = tokio::runtime::Runtime::new()?;
    runtime.block_on(async {
        let mut rows = Vec::new();
        for kind in Kind::all(args) {
            rows.extend(of(args, &kind, args.tokens, OWN_IN).await?);
        }
        Ok(rows)
    })
}

/// The rows of one database.
///
/// # Errors
/// When it cannot be filled or read.
pub async fn of(args: &Args, kind: &Kind, many: u64, own_in: u64) -> Result<Vec<Row>> {
    let few = inventory::open(args, kind, FEW, OWN_IN)?;
    let many = inventory::open(args, kind, many, own_in)?;
    let (few, many) = (Sweeper::new(few), Sweeper::new(many));
    let watch = Watch::start(&[]);
    let (mut a, mut b) = (Vec::new(), Vec::new());
    for round in 0..=TIMES {
        let (first, second) = (few.pass(DUE).await?, many.pass(DUE).await?);
        if round > 0 {
            a.push(first.micros);
            b.push(second.micros);
        }
    }
    let mut spent = Vec::new();
    for _ in 0..TIMES {
        spent.push(many.pass(0).await?.spent);
    }
    let (a, b, spent) = (median(a), median(b), median(spent));
    let others = watch.others();
    let millions = many.inventory.count as f64 / 1e6;
    Ok(vec![
        Row {
            name: kind.named("sweep, 100 due, SQLite", "sweep, 100 due, PostgreSQL"),
            compared: "the same of 10⁴",
            bound: Bound::AtMost(2.0),
            stretch: Bound::AtMost(1.2),
            numbers: format!("{b:.0} us of {millions} million against {a:.0} us"),
            value: b / a,
            others,
        },
        Row {
            name: kind.named(
                "sweep, nothing due, SQLite",
                "sweep, nothing due, PostgreSQL (our side)",
            ),
            compared: "1 ms of CPU",
            bound: Bound::AtMost(1.0),
            stretch: Bound::AtMost(0.5),
            numbers: format!("{spent:.0} us of CPU, {millions} million"),
            value: spent / 1000.0,
            others,
        },
    ])
}

/// Somebody who sweeps one inventory.
struct Sweeper {
    inventory: Inventory,
    ctx: Context,
}

/// How long a pass took, and how much of a processor, in microseconds.
struct Took {
    micros: f64,
    spent: f64,
}

impl Sweeper {
    fn new(inventory: Inventory) -> Self {
        let random = SeededRandom::new(7);
        let mut entropy: &dyn Random = &random;
        let keys = Keys::generate(&mut entropy);
        let ctx = Context::new(
            Arc::clone(&inventory.store),
            Arc::new(FakeClock::at(Instant::from_micros(1_795_737_600_000_000))),
            Arc::new(SeededRandom::new(8)),
            Arc::new(Verifier::new(keys)),
            Settings::default(),
            Vec::new(),
        );
        Self { inventory, ctx }
    }

    async fn pass(&self, due: u64) -> Result<Took> {
        let mut changes = Changes::default();
        for number in 1..=due {
            // Spread over the whole inventory.
            let subject = Subject::Credential(self.id(number * (self.inventory.count / 101))?);
            changes
                .writes
                .push(Write::DueAtLatest(subject, Instant::from_micros(1)));
        }
        self.inventory.store.commit(changes).await?;
        let random = SeededRandom::new(9);
        let mut entropy: &dyn Random = &random;
        let id = SweepId::random(&mut entropy);
        let (began, spent) = (Moment::now(), machine::cpu_of(std::process::id()));
        let report = sweep(&self.ctx, &id).await?;
        let spent = machine::cpu_of(std::process::id()) - spent;
        let micros = began.elapsed().as_secs_f64() * 1e6;
        ensure!(
            report.examined >= due && report.examined < due + 50,
            "{} were looked at, not {due}",
            report.examined
        );
        Ok(Took {
            micros,
            spent: spent as f64 / 1e3,
        })
    }

    fn id(&self, number: u64) -> Result<CredentialId> {
        clone::id(number)
    }
}

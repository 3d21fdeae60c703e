//! Does finding what is due, and listing, cost more the more there is?
//!
//! SQLite, through the store's own reads; times are medians of many.

use std::sync::Arc;
use std::time::Instant as Moment;

use anyhow::{Context, Result, ensure};
use app::ports::{Changes, CredentialFilter, CredentialSort, PageRequest, Store, Write};
use domain::expiry::Subject;
use domain::inventory::State;
use domain::kernel::{CredentialId, Instant};
use store::{Sqlite, SqliteOptions};

use crate::Args;
use crate::machine::Watch;
use crate::row::{Bound, Row, median};
use crate::stage;

const DUE: usize = 100;
const FEW: u64 = 10_000;
const TIMES: usize = 101;

/// One size of the inventory.
struct Size {
    store: Arc<dyn Store>,
    ids: Vec<CredentialId>,
}

/// The rows of sweeping and listing.
///
/// # Errors
/// When a store cannot be filled or read.
pub fn measure(args: &Args) -> Result<Vec<Row>> {
    let runtime = tokio::runtime::Runtime::new()?;
    runtime.block_on(async {
        let few = open(args, FEW).await?;
        let many = open(args, args.tokens).await?;
        let watch = Watch::start(&[]);
        let mut rows = vec![due(&few, &many).await?, nothing(&many).await?];
        rows.extend(lists(&few, &many).await?);
        let others = watch.others();
        rows.iter_mut().for_each(|row| row.others = others);
        Ok(rows)
    })
}

async fn open(args: &Args, tokens: u64) -> Result<Size> {
    let args = Args {
        tokens,
        ..args.clone()
    };
    let stage = stage::set(&args)?;
    let store = Sqlite::open(&stage.data.join("forewarn.db"), &SqliteOptions::default())?;
    let ids = stage
        .tokens
        .iter()
        .filter_map(|value| CredentialId::parse(value.get(5..17)?).ok());
    let ids: Vec<CredentialId> = ids.take(DUE).collect();
    ensure!(ids.len() == DUE, "too few tokens");
    let mut changes = Changes::default();
    for id in &ids {
        let subject = Subject::Credential(id.clone());
        changes
            .writes
            .push(Write::DueAtLatest(subject, Instant::from_micros(1)));
    }
    store.commit(changes).await?;
    Ok(Size { store, ids })
}

/// Microseconds, at the median.
macro_rules! timed {
    ($work:expr) => {{
        let mut all = Vec::with_capacity(TIMES);
        for _ in 0..TIMES {
            let began = Moment::now();
            std::hint::black_box($work);
            all.push(began.elapsed().as_secs_f64() * 1e6);
        }
        median(all)
    }};
}

async fn due(few: &Size, many: &Size) -> Result<Row> {
    let (a, b) = (look(few).await?, look(many).await?);
    Ok(Row {
        name: "sweep, 100 due, SQLite",
        compared: "the same of 10⁴",
        bound: Bound::AtMost(2.0),
        stretch: Bound::AtMost(1.2),
        numbers: format!("{b:.0} against {a:.0} us"),
        value: b / a,
        others: 0.0,
    })
}

/// What a sweep reads of the queue and of the inventory.
async fn look(size: &Size) -> Result<f64> {
    let now = Instant::from_micros(2);
    let due = size.store.due(now, None, 200).await?;
    ensure!(due.len() == DUE, "{} are due, not {DUE}", due.len());
    Ok(timed!({
        size.store.due(now, None, 200).await?;
        size.store.credentials_of(&size.ids).await?
    }))
}

async fn nothing(many: &Size) -> Result<Row> {
    let took = timed!(many.store.due(Instant::from_micros(0), None, 200).await?);
    Ok(Row {
        name: "sweep, nothing due, SQLite",
        compared: "1 ms",
        bound: Bound::AtMost(1.0),
        stretch: Bound::AtMost(0.2),
        numbers: format!("{took:.0} us"),
        value: took / 1000.0,
        others: 0.0,
    })
}

async fn lists(few: &Size, many: &Size) -> Result<Vec<Row>> {
    let credential = many
        .store
        .credential(many.ids.first().context("no id")?)
        .await?;
    let owner = credential
        .and_then(|c| c.owner)
        .map(|owner| owner.to_string());
    let now = Instant::from_micros(1_790_000_000_000_000);
    let all = CredentialFilter {
        now,
        ..CredentialFilter::default()
    };
    let filters = [
        ("list, all", all.clone()),
        (
            "list, by owner",
            CredentialFilter {
                owner,
                ..all.clone()
            },
        ),
        (
            "list, by role",
            CredentialFilter {
                role: Some("bench".to_owned()),
                ..all.clone()
            },
        ),
        (
            "list, by scope",
            CredentialFilter {
                scopes: vec!["billing:read".to_owned()],
                ..all.clone()
            },
        ),
        (
            "list, by state",
            CredentialFilter {
                states: vec![State::Active],
                ..all.clone()
            },
        ),
        (
            "list, name that nobody has",
            CredentialFilter {
                name: Some("zzz".to_owned()),
                ..all.clone()
            },
        ),
        (
            "list, by end",
            CredentialFilter {
                sort: CredentialSort::ExpiresAt,
                ..all.clone()
            },
        ),
        (
            "list, expired",
            CredentialFilter {
                states: vec![State::Expired],
                ..all.clone()
            },
        ),
        (
            "list, orphaned",
            CredentialFilter {
                orphaned: Some(true),
                ..all
            },
        ),
    ];
    let page = PageRequest {
        limit: 50,
        after: None,
    };
    let mut rows = Vec::new();
    for (name, filter) in filters {
        let a = timed!(few.store.list_credentials(&filter, &page).await?);
        let began = Moment::now();
        many.store.list_credentials(&filter, &page).await?;
        // One that takes long is not asked a hundred times.
        let once = began.elapsed().as_secs_f64() * 1e6;
        let b = match once > 100_000.0 {
            true => once,
            false => timed!(many.store.list_credentials(&filter, &page).await?),
        };
        rows.push(Row {
            name,
            compared: "the same of 10⁴",
            bound: Bound::AtMost(3.0),
            stretch: Bound::AtMost(1.5),
            numbers: format!("{b:.0} against {a:.0} us"),
            value: b / a,
            others: 0.0,
        });
    }
    Ok(rows)
}

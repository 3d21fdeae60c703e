//! Does a page of a list cost more the more there is, or the further behind it stands?
//!
//! Through the store's own reads, for every filter that is documented.

use std::time::Instant as Moment;

use anyhow::{Context, Result};
use app::ports::{CredentialFilter, CredentialSort, Cursor, PageRequest, Store};
use domain::inventory::State;
use domain::kernel::{Instant, SourceId, Span, TeamId};

use crate::Args;
use crate::inventory::{self, Inventory, Kind};
use crate::machine::Watch;
use crate::row::{Bound, Row, median};
use crate::sweep::{FEW, OWN_IN};

const PAGE: u32 = 50;
const TIMES: usize = 21;
/// What takes longer is asked for only this often.
const SLOW: f64 = 50_000.0;
const TIMES_SLOW: usize = 3;
/// So many are passed over at once on the way to the last page: no page is longer.
const STRIDE: u64 = 10_000;

/// The rows of lists.
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

/// How long the first and the last page take, in microseconds.
#[derive(Clone, Copy, Debug)]
struct Pages {
    first: f64,
    last: f64,
}

/// The rows of one database.
///
/// # Errors
/// When it cannot be filled or read.
pub async fn of(args: &Args, kind: &Kind, many: u64, own_in: u64) -> Result<Vec<Row>> {
    let few = inventory::open(args, kind, FEW, OWN_IN)?;
    let many = inventory::open(args, kind, many, own_in)?;
    let owner = owner(&few).await?;
    let watch = Watch::start(&[]);
    let mut behind = Worst::default();
    let mut beside = Worst::default();
    println!(
        "lists, {}: first and last page in us of 10⁴, of {}",
        kind.named("SQLite", "PostgreSQL"),
        many.count
    );
    for (name, filter) in filters(&owner)? {
        let near = last(few.store.as_ref(), &filter, None).await?;
        // Behind it stand few of the many too: the way there is not walked again.
        let far = last(many.store.as_ref(), &filter, near.clone()).await?;
        let (a, b) = (
            pages(&few, &filter, near).await?,
            pages(&many, &filter, far).await?,
        );
        println!(
            "  {name}: {:.0} and {:.0}, {:.0} and {:.0}",
            a.first, a.last, b.first, b.last
        );
        behind.see(name, b.last, b.first);
        beside.see(name, b.first, a.first);
        beside.see(name, b.last, a.last);
    }
    let others = watch.others();
    let row = |name, compared, worst: Worst, bound, stretch| Row {
        name,
        compared,
        bound: Bound::AtMost(bound),
        stretch: Bound::AtMost(stretch),
        numbers: worst.numbers,
        value: worst.ratio,
        others,
    };
    Ok(vec![
        row(
            kind.named(
                "list, worst filter, SQLite",
                "list, worst filter, PostgreSQL",
            ),
            "last page against first",
            behind,
            2.0,
            1.2,
        ),
        row(
            kind.named(
                "list, worst filter, SQLite",
                "list, worst filter, PostgreSQL",
            ),
            "the same of 10⁴",
            beside,
            3.0,
            1.5,
        ),
    ])
}

/// The filter that does worst.
#[derive(Default)]
struct Worst {
    ratio: f64,
    numbers: String,
}

impl Worst {
    fn see(&mut self, name: &str, ours: f64, other: f64) {
        if ours / other > self.ratio {
            self.ratio = ours / other;
            self.numbers = format!("{name}: {ours:.0} against {other:.0} us");
        }
    }
}

async fn owner(inventory: &Inventory) -> Result<String> {
    let one = crate::clone::id(1)?;
    let credential = inventory.store.credential(&one).await?;
    let owner = credential.and_then(|c| c.owner).context("no owner")?;
    Ok(owner.to_string())
}

/// Everything that a caller may ask for; some find most, some few, one nothing.
fn filters(owner: &str) -> Result<Vec<(&'static str, CredentialFilter)>> {
    let now = Instant::from_micros(1_795_737_600_000_000);
    let all = CredentialFilter {
        now,
        ..CredentialFilter::default()
    };
    let narrowed = |change: &dyn Fn(&mut CredentialFilter)| {
        let mut filter = all.clone();
        change(&mut filter);
        filter
    };
    let state = |state| narrowed(&|f| f.states = vec![state]);
    let (source, team) = (SourceId::parse("system-3")?, TeamId::parse("team-17")?);
    let week = now + Span::days(7);
    Ok(vec![
        ("all", all.clone()),
        ("tokens", narrowed(&|f| f.issued_here = Some(true))),
        (
            "sort=expires_at",
            narrowed(&|f| f.sort = CredentialSort::ExpiresAt),
        ),
        ("sort=name", narrowed(&|f| f.sort = CredentialSort::Name)),
        (
            "scope",
            narrowed(&|f| f.scopes = vec!["scope-7".to_owned()]),
        ),
        (
            "two scopes",
            narrowed(&|f| f.scopes = vec!["scope-8".to_owned(), "read".to_owned()]),
        ),
        (
            "scope that nobody has",
            narrowed(&|f| f.scopes = vec!["none".to_owned()]),
        ),
        ("role", narrowed(&|f| f.role = Some("role-3".to_owned()))),
        ("owner", narrowed(&|f| f.owner = Some(owner.to_owned()))),
        ("team", narrowed(&|f| f.team = Some(team.clone()))),
        ("source", narrowed(&|f| f.source = Some(source.clone()))),
        ("active", state(State::Active)),
        ("suspended", state(State::Suspended)),
        ("expired", state(State::Expired)),
        ("revoked", state(State::Revoked)),
        ("gone", state(State::Gone)),
        ("unknown_end", state(State::UnknownEnd)),
        ("orphaned", narrowed(&|f| f.orphaned = Some(true))),
        ("name", narrowed(&|f| f.name = Some("token-99".to_owned()))),
        (
            "name that nobody has",
            narrowed(&|f| f.name = Some("zzz".to_owned())),
        ),
        (
            "expires_within",
            narrowed(&|f| {
                (f.states, f.expires_after, f.expires_before) =
                    (vec![State::Active], Some(now), Some(week));
            }),
        ),
        (
            "expires_before",
            narrowed(&|f| f.expires_before = Some(now)),
        ),
        (
            "expires_after",
            narrowed(&|f| f.expires_after = Some(now + Span::days(690))),
        ),
        (
            "last_used_before",
            narrowed(&|f| f.last_used_before = Some(now - Span::days(399))),
        ),
        (
            "created_after",
            narrowed(&|f| f.created_after = Some(now - Span::days(400) + Span::hours(1))),
        ),
    ])
}

async fn pages(
    inventory: &Inventory,
    filter: &CredentialFilter,
    last: Option<Cursor>,
) -> Result<Pages> {
    let store = inventory.store.as_ref();
    Ok(Pages {
        first: time(store, filter, None).await?,
        last: time(store, filter, last).await?,
    })
}

/// Where the last page begins, of what stands behind a place in the order.
async fn last(
    store: &dyn Store,
    filter: &CredentialFilter,
    behind: Option<Cursor>,
) -> Result<Option<Cursor>> {
    let (found, _) = walk(store, filter, behind.clone(), u64::MAX).await?;
    let left = found.saturating_sub(u64::from(PAGE));
    let (_, at) = walk(store, filter, behind, left).await?;
    Ok(at)
}

/// Goes over so many rows at most; how many there were, and where that ended.
async fn walk(
    store: &dyn Store,
    filter: &CredentialFilter,
    mut at: Option<Cursor>,
    most: u64,
) -> Result<(u64, Option<Cursor>)> {
    let mut found = 0;
    while found < most {
        let request = PageRequest {
            limit: u32::try_from(STRIDE.min(most - found))?,
            after: at.clone(),
        };
        let page = store.list_credentials(filter, &request).await?;
        found += page.items.len() as u64;
        if page.next.is_none() {
            break;
        }
        at = page.next;
    }
    Ok((found, at))
}

async fn time(store: &dyn Store, filter: &CredentialFilter, after: Option<Cursor>) -> Result<f64> {
    let request = PageRequest { limit: PAGE, after };
    let mut all = Vec::with_capacity(TIMES);
    let mut times = TIMES;
    while all.len() < times {
        let began = Moment::now();
        std::hint::black_box(store.list_credentials(filter, &request).await?);
        let took = began.elapsed().as_secs_f64() * 1e6;
        if took > SLOW {
            times = TIMES_SLOW;
        }
        all.push(took);
    }
    Ok(median(all))
}

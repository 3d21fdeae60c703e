//! What was due and is not said, what was said and nobody heard.

use std::collections::BTreeSet;

use domain::expiry::{Alert, AlertKind, Books, CredentialView, How, Step, Subject, plan};
use domain::inventory::{Credential, State};
use domain::kernel::{CredentialId, Instant, SourceId, Span};

use crate::ports::{CredentialFilter, CredentialSort, PageRequest, StoreError};
use crate::{Context, Settings};

use super::super::load::{Page, Surroundings};
use super::super::{LAST_ALIVE, PAGE};

/// So many credentials are looked at, soonest end first: each comes near in its time.
const LOOKED_AT: u64 = 20_000;
/// Steps wider than this are left to the sweep until they are nearer.
const HORIZON: Span = Span::days(90);
/// What ended longer ago than this is no longer news.
const ENDED: Span = Span::days(1);
/// A step may be unheard for so long before the last day.
const UNHEARD: Span = Span::days(1);

/// What differs.
#[derive(Default)]
pub(super) struct Found {
    pub books: Books,
    /// What is to be put back on the queue.
    pub unsaid: Vec<Subject>,
}

/// What all comparisons ask.
struct Desk<'a> {
    around: &'a Surroundings,
    /// Two intervals and a minute: so late anything may be.
    patience: Span,
    /// What was due by then must have been said.
    late: Instant,
    /// Sources whose first import still runs; it is told of when it is over.
    importing: BTreeSet<SourceId>,
}

/// Compares. Time in which this process was not there (`began`) is held against nobody.
pub(super) async fn compare(
    ctx: &Context,
    around: &Surroundings,
    began: Instant,
) -> Result<Found, StoreError> {
    let patience = patience(&around.settings);
    let late = around.now - patience;
    let sources = ctx.store.sources().await?.into_iter();
    let desk = Desk {
        around,
        patience,
        late,
        importing: sources.filter(|s| !s.imported).map(|s| s.id).collect(),
    };
    let mut found = Found::default();
    if began > late {
        return Ok(found);
    }
    let swept = swept_at(ctx).await?.filter(|at| !desk.is_far_ahead(*at));
    let swept = swept.unwrap_or(began).max(began);
    found.books.swept_at = (swept < late).then_some(swept);
    found.books.waiting_since = ctx.store.oldest_waiting(late).await?;
    desk.credentials(ctx, &mut found).await?;
    Ok(found)
}

/// A sweep, or a message, that is later than this stands still.
fn patience(settings: &Settings) -> Span {
    let twice = settings.interval.as_micros().saturating_mul(2);
    Span::from_micros(twice.saturating_add(Span::minutes(1).as_micros()))
}

/// When any process last completed a sweep.
async fn swept_at(ctx: &Context) -> Result<Option<Instant>, StoreError> {
    let kept = ctx.store.meta(LAST_ALIVE).await?;
    let micros = kept.and_then(|text| text.parse().ok());
    Ok(micros.map(Instant::from_micros))
}

impl Desk<'_> {
    async fn credentials(&self, ctx: &Context, found: &mut Found) -> Result<(), StoreError> {
        let now = self.around.now;
        let filter = CredentialFilter {
            now,
            states: vec![State::Active, State::Expired],
            expires_after: Some(now - ENDED),
            expires_before: Some(now + HORIZON),
            sort: CredentialSort::ExpiresAt,
            ..CredentialFilter::default()
        };
        let mut request = PageRequest {
            limit: PAGE,
            after: None,
        };
        let mut seen = 0;
        loop {
            let page = ctx.store.list_credentials(&filter, &request).await?;
            let credentials: Vec<Credential> = page.items.into_iter().map(|(c, _)| c).collect();
            seen += u64::try_from(credentials.len()).unwrap_or(u64::MAX);
            self.page(ctx, &credentials, found).await?;
            request.after = page.next.filter(|_| seen < LOOKED_AT);
            if request.after.is_none() {
                return Ok(());
            }
        }
    }

    async fn page(
        &self,
        ctx: &Context,
        credentials: &[Credential],
        found: &mut Found,
    ) -> Result<(), StoreError> {
        let subject = |c: &Credential| Subject::Credential(c.id.clone());
        let subjects: Vec<Subject> = credentials.iter().map(subject).collect();
        let page = Page::load(ctx, self.around, &subjects).await?;
        let fresh = self.fresh(ctx, &subjects).await?;
        for credential in credentials {
            if !fresh.contains(&credential.id) && self.is_unsaid(&page, credential) {
                found.books.unsaid += 1;
                found.unsaid.push(subject(credential));
            } else if self.is_unheard(&page, credential) {
                found.books.unheard += 1;
            }
        }
        Ok(())
    }

    /// What was put on the queue not long ago: it changed, and the sweep still has time.
    async fn fresh(
        &self,
        ctx: &Context,
        subjects: &[Subject],
    ) -> Result<BTreeSet<CredentialId>, StoreError> {
        let queued = ctx.store.due_of(subjects).await?.into_iter();
        let fresh = queued.filter(|due| self.late < due.at && due.at <= self.around.now);
        let ids = fresh.filter_map(|due| match due.subject {
            Subject::Credential(id) => Some(id),
            _ => None,
        });
        Ok(ids.collect())
    }

    /// Whether a clock wrote it that has been set right since. Those of two nodes differ a
    /// little.
    fn is_far_ahead(&self, at: Instant) -> bool {
        self.around.now + self.patience < at
    }

    /// Whether something was due before now, as the plan of that time would have had it.
    fn is_unsaid(&self, page: &Page, stored: &Credential) -> bool {
        let seen = stored.first_seen_at;
        let is_new = self.late < seen && !self.is_far_ahead(seen);
        let waits = stored.from_first_import && self.importing.contains(&stored.source);
        if is_new || waits {
            return false;
        }
        let credential = self.around.governed(stored, self.around.now);
        let facts = page.facts.get(&credential.id).cloned().unwrap_or_default();
        let view = CredentialView::of(&credential, &facts);
        let (policy, _) = self.around.policy(&credential, self.around.now);
        let alert = expiry_of(page, &credential);
        plan(&view, policy, alert, self.late).say.is_some()
    }

    /// Whether a step was said long enough ago for somebody to have heard it. Who
    /// acknowledged has.
    fn is_unheard(&self, page: &Page, credential: &Credential) -> bool {
        let (Some(alert), true) = (expiry_of(page, credential), self.around.can_be_heard()) else {
            return false;
        };
        let (Some(said), Some(end)) = (said_at(alert), alert.end) else {
            return false;
        };
        let over = alert.resolved.is_some() || alert.acknowledged.is_some();
        if over || alert.occurrence == 0 || alert.heard_at.is_some() {
            return false;
        }
        let is_last_day = said.until(end) <= Span::days(1);
        let patience = if is_last_day { self.patience } else { UNHEARD };
        let since = alert.held_until.map_or(said, |held| held.max(said));
        since + patience < self.around.now
    }
}

fn expiry_of<'a>(page: &'a Page, credential: &Credential) -> Option<&'a Alert> {
    let subject = Subject::Credential(credential.id.clone());
    page.alerts.get(&Alert::id_of(&subject, AlertKind::Expiry))
}

/// When the step that stands was said first.
fn said_at(alert: &Alert) -> Option<Instant> {
    let said = |s: &&domain::expiry::Settlement| s.how == How::Said && s.step != Step::Baseline;
    let steps = alert.settled.iter().filter(said);
    steps.max_by_key(|s| s.step).map(|s| s.at)
}

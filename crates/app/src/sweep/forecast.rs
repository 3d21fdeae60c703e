//! What will be said, to whom, over what, if nobody acts.
//!
//! Asks the very functions that the sweep asks, of the same surroundings. Writes
//! nothing and sends nothing.

use std::collections::BTreeSet;
use std::sync::Arc;

use domain::expiry::{
    Alert, AlertKind, CredentialView, Foretold, Policies, Policy, Saying, Step, Subject,
};
use domain::inventory::{Credential, State};
use domain::kernel::{ChannelId, CredentialId, Instant, Span, SweepId};
use domain::notice::{Audience, Listener, audience, operators, schedule, ways};
use domain::people::Recipient;

use crate::credentials::{get_credential, list_credentials};
use crate::ports::{CredentialFilter, CredentialSort, PageRequest};
use crate::{AppError, Context, Principal, Settings};

use super::gather::hours_of;
use super::load::{Page, Pass, Surroundings};
use super::stand::{BESIDE, Stand, is_for_operators};

/// How many credentials are looked at together.
const PAGE: u32 = 500;
/// Nothing is said of what ended longer ago.
const LINGERS: Span = Span::days(31);

/// Every notice that will go out, in order of time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Forecast {
    /// When it was made.
    pub generated_at: Instant,
    /// How far it looks.
    pub until: Instant,
    /// The notices.
    pub notices: Vec<Foreseen>,
    /// Credentials of whose end nobody would hear.
    pub unheard: Vec<CredentialId>,
}

/// One notice that will go out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Foreseen {
    /// When it is sent: when the step is entered, or when the recipient's hours allow.
    pub at: Instant,
    /// About which credential.
    pub credential: CredentialId,
    /// What it is called.
    pub name: String,
    /// About its end, or about something that is wrong with it now or will be.
    pub kind: AlertKind,
    /// Which step; [`Step::Now`] for what is not about its end.
    pub step: Step,
    /// Which time: 1 for the first.
    pub occurrence: u32,
    /// The end that it speaks of.
    pub end: Option<Instant>,
    /// Who hears.
    pub recipient: Recipient,
    /// Over which channel; `None` when there is no way to the recipient.
    pub channel: Option<ChannelId>,
    /// Why, for people.
    pub reason: String,
    /// Under which policy.
    pub policy: String,
}

impl Forecast {
    /// What is wrong is repeated until somebody acts: of that keeps the first word to each
    /// who hears, so that ends are not lost among it.
    pub fn keep_first_words(&mut self) {
        let mut known = BTreeSet::new();
        self.notices.retain(|n| {
            let word = (n.credential.clone(), n.kind, n.recipient.clone());
            n.kind == AlertKind::Expiry || known.insert(word)
        });
    }
}

/// What will be said in the next `span` about everything the caller may see.
///
/// # Errors
/// The store's.
pub async fn forecast(
    ctx: &Context,
    principal: &Principal,
    span: Span,
) -> Result<Forecast, AppError> {
    let (around, forecast) = begin(ctx, span).await?;
    let (forecast, _) = everything(ctx, principal, &around, forecast, "").await?;
    Ok(forecast)
}

/// The same under other policies, and to how many credentials the one of this name
/// applies now; what has ended does not count.
pub(crate) async fn forecast_with(
    ctx: &Context,
    principal: &Principal,
    span: Span,
    policies: Policies,
    name: &str,
) -> Result<(Forecast, u64), AppError> {
    let (mut around, forecast) = begin(ctx, span).await?;
    let settings = Settings {
        policies,
        ..(*around.settings).clone()
    };
    around.settings = Arc::new(settings);
    everything(ctx, principal, &around, forecast, name).await
}

async fn everything(
    ctx: &Context,
    principal: &Principal,
    around: &Surroundings,
    mut forecast: Forecast,
    counted: &str,
) -> Result<(Forecast, u64), AppError> {
    let alive = CredentialFilter {
        states: vec![State::Active, State::UnknownEnd],
        sort: CredentialSort::ExpiresAt,
        ..CredentialFilter::default()
    };
    // What ended not long ago is still spoken of.
    let ended = CredentialFilter {
        states: vec![State::Expired],
        expires_after: Some(around.now - LINGERS),
        sort: CredentialSort::ExpiresAt,
        ..CredentialFilter::default()
    };
    let mut count = 0_u64;
    for filter in [alive, ended] {
        let mut page = PageRequest {
            limit: PAGE,
            after: None,
        };
        loop {
            let found = list_credentials(ctx, principal, filter.clone(), &page).await?;
            let items = found.items.into_iter();
            let credentials: Vec<Credential> = items.map(|item| item.credential).collect();
            let applies = |c: &&Credential| {
                let stands = c.state(around.now) != State::Expired;
                stands && around.policy(c, around.now).0.name == counted
            };
            count += credentials.iter().filter(applies).count() as u64;
            add(ctx, around, &credentials, &mut forecast).await?;
            match found.next {
                Some(cursor) => page.after = Some(cursor),
                None => break,
            }
        }
    }
    forecast.notices.sort_by(|a, b| {
        (a.at, &a.credential, &a.recipient).cmp(&(b.at, &b.credential, &b.recipient))
    });
    Ok((forecast, count))
}

/// What will be said in the next `span` about one credential.
///
/// # Errors
/// [`AppError::NotFound`] also for what the caller may not see.
pub async fn forecast_one(
    ctx: &Context,
    principal: &Principal,
    id: &str,
    span: Span,
) -> Result<Forecast, AppError> {
    let item = get_credential(ctx, principal, id).await?;
    forecast_of(ctx, &[item.credential], span).await
}

/// The same about some that the caller has seen; they need not be stored yet.
pub(crate) async fn forecast_of(
    ctx: &Context,
    credentials: &[Credential],
    span: Span,
) -> Result<Forecast, AppError> {
    let (around, mut forecast) = begin(ctx, span).await?;
    add(ctx, &around, credentials, &mut forecast).await?;
    Ok(forecast)
}

async fn begin(ctx: &Context, span: Span) -> Result<(Surroundings, Forecast), AppError> {
    let pass = Pass::begin(ctx, &SweepId::derived(&["forecast"]));
    let around = Surroundings::load(ctx, &pass).await?;
    let forecast = Forecast {
        generated_at: around.now,
        until: around.now + span,
        notices: Vec::new(),
        unheard: Vec::new(),
    };
    Ok((around, forecast))
}

async fn add(
    ctx: &Context,
    around: &Surroundings,
    credentials: &[Credential],
    to: &mut Forecast,
) -> Result<(), AppError> {
    let subjects: Vec<Subject> = credentials
        .iter()
        .map(|c| Subject::Credential(c.id.clone()))
        .collect();
    let page = Page::load(ctx, around, &subjects).await?;
    for credential in credentials {
        foresee(around, &page, credential, to);
        for kind in BESIDE {
            foresee_beside(around, &page, credential, kind, to);
        }
    }
    Ok(())
}

/// Runs one credential's plan forward.
fn foresee(around: &Surroundings, page: &Page, stored: &Credential, to: &mut Forecast) {
    let credential = &around.governed(stored, around.now);
    let facts = page.facts.get(&credential.id).cloned().unwrap_or_default();
    let view = CredentialView::of(credential, &facts);
    let id = Alert::id_of(
        &Subject::Credential(credential.id.clone()),
        AlertKind::Expiry,
    );
    let alert = page.alerts.get(&id);
    let policy_at = |at| around.policy(credential, at);
    let told = domain::expiry::forecast(&view, policy_at, alert, around.now, to.until);
    let mut nobody = false;
    // Who knows it already; a new cycle begins with nobody.
    let mut known = alert.map(|a| a.told.clone()).unwrap_or_default();
    let mut end = alert.and_then(|a| a.end);
    for (index, foretold) in told.iter().enumerate() {
        if end != foretold.end {
            known.clear();
            end = foretold.end;
        }
        let (policy, _) = policy_at(foretold.at);
        let mut audience = hearing(around, credential, &foretold.saying, foretold.at);
        if foretold.saying.newcomers_only {
            audience = audience.newcomers(&known);
        } else {
            nobody |= audience.nobody || !reaches_somebody(around, &audience);
        }
        // What still waits when something newer is said of it is not sent.
        let later = told.iter().skip(index + 1);
        let newer = later
            .filter(|t| !t.saying.newcomers_only)
            .map(|t| t.at)
            .next();
        for listener in audience.listeners {
            let notice = notice(around, credential, foretold, policy, listener);
            if notice.channel.is_some() {
                known.insert(notice.recipient.clone());
            }
            if newer.is_none_or(|at| notice.at < at) && notice.at <= to.until {
                to.notices.push(notice);
            }
        }
    }
    if nobody {
        to.unheard.push(credential.id.clone());
    }
}

/// Runs the plan of something that may be wrong with a credential forward.
fn foresee_beside(
    around: &Surroundings,
    page: &Page,
    stored: &Credential,
    kind: AlertKind,
    to: &mut Forecast,
) {
    let subject = Subject::Credential(stored.id.clone());
    let alert = |kind| page.alerts.get(&Alert::id_of(&subject, kind));
    let (expiry, before) = (alert(AlertKind::Expiry), alert(kind));
    if before.is_none() && !may_be_wrong(stored, page, kind) {
        return;
    }
    let at = |now| around.governed(stored, now);
    let rule = |before: Option<&Alert>, now| {
        let credential = at(now);
        let stand = Stand::of(around, page, &credential, now);
        let mut planned = stand.beside(kind, expiry, before);
        let turns_at = stand.turns_at.filter(|at| *at > now);
        planned.next_due_at = [planned.next_due_at, turns_at].into_iter().flatten().min();
        planned
    };
    for foretold in domain::expiry::forecast_by(rule, before, around.now, to.until) {
        let credential = at(foretold.at);
        let audience = if is_for_operators(kind) {
            operators_at(around, foretold.at)
        } else {
            hearing(around, &credential, &foretold.saying, foretold.at)
        };
        let (policy, _) = around.policy(&credential, foretold.at);
        for listener in audience.listeners {
            let notice = notice(around, &credential, &foretold, policy, listener);
            to.notices.push(Foreseen { kind, ..notice });
        }
    }
}

fn notice(
    around: &Surroundings,
    credential: &Credential,
    foretold: &Foretold,
    policy: &Policy,
    listener: Listener,
) -> Foreseen {
    let saying = &foretold.saying;
    let hours = hours_of(
        &around.directory,
        &policy.hours,
        &listener.recipient,
        saying.gathers,
    );
    let (end, next) = (foretold.end, foretold.next_step_at);
    Foreseen {
        at: schedule(&hours, saying.step, end, next, foretold.at),
        credential: credential.id.clone(),
        name: credential.name.to_string(),
        kind: AlertKind::Expiry,
        step: saying.step,
        occurrence: saying.occurrence,
        end,
        channel: ways(&listener.recipient, &around.channels)
            .into_iter()
            .next(),
        recipient: listener.recipient,
        reason: listener.reason,
        policy: policy.name.clone(),
    }
}

/// Whether anything is known that this rule could ever speak of; of a hundred thousand
/// credentials few are looked at further.
fn may_be_wrong(stored: &Credential, page: &Page, kind: AlertKind) -> bool {
    let facts = page.facts.get(&stored.id);
    match kind {
        AlertKind::Refused => stored.refused.is_some(),
        AlertKind::UsedAfterEnd => stored.last_used_at.is_some(),
        AlertKind::UsedInOverlap => facts.is_some_and(|f| f.overlap.is_some()),
        AlertKind::FellSilent => facts.is_some_and(|f| f.days.is_some()),
        _ => true,
    }
}

fn operators_at(around: &Surroundings, at: Instant) -> Audience {
    let shared = around.shared(None);
    operators(&around.directory, &around.audience, &shared, at)
}

/// Whether there is a way to any of them who is no shared channel.
fn reaches_somebody(around: &Surroundings, audience: &Audience) -> bool {
    let recipients = audience.listeners.iter().map(|l| &l.recipient);
    recipients
        .filter(|r| !matches!(r, Recipient::Channel(_)))
        .any(|r| !ways(r, &around.channels).is_empty())
}

fn hearing(
    around: &Surroundings,
    credential: &Credential,
    saying: &Saying,
    at: Instant,
) -> Audience {
    let about = around.concerned(&around.governed(credential, at), at);
    let shared = around.shared(None);
    audience(
        &about,
        saying,
        &around.directory,
        &around.audience,
        &shared,
        at,
    )
}

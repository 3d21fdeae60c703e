//! What will be said, to whom, over what, if nobody acts.
//!
//! Asks the very functions that the sweep asks, of the same surroundings. Writes
//! nothing and sends nothing.

use domain::expiry::{Alert, AlertKind, CredentialView, Saying, Step, Subject};
use domain::inventory::{Credential, State};
use domain::kernel::{ChannelId, CredentialId, Instant, Span, SweepId};
use domain::notice::{Audience, Concerned, audience, ways};
use domain::people::Recipient;

use crate::credentials::{get_credential, list_credentials};
use crate::ports::{CredentialFilter, CredentialSort, PageRequest};
use crate::{AppError, Context, Principal};

use super::load::{Page, Surroundings};

/// How many credentials are looked at together.
const PAGE: u32 = 500;

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
    /// When, at the earliest.
    pub at: Instant,
    /// About which credential.
    pub credential: CredentialId,
    /// What it is called.
    pub name: String,
    /// Which step.
    pub step: Step,
    /// Which time: 1 for the first.
    pub occurrence: u32,
    /// Who hears.
    pub recipient: Recipient,
    /// Over which channel; `None` when there is no way to the recipient.
    pub channel: Option<ChannelId>,
    /// Why, for people.
    pub reason: String,
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
    let (around, mut forecast) = begin(ctx, span).await?;
    let filter = CredentialFilter {
        states: vec![State::Active],
        expires_after: Some(around.now),
        sort: CredentialSort::ExpiresAt,
        ..CredentialFilter::default()
    };
    let mut page = PageRequest {
        limit: PAGE,
        after: None,
    };
    loop {
        let found = list_credentials(ctx, principal, filter.clone(), &page).await?;
        let credentials: Vec<Credential> = found
            .items
            .into_iter()
            .map(|item| item.credential)
            .collect();
        add(ctx, &around, &credentials, &mut forecast).await?;
        match found.next {
            Some(cursor) => page.after = Some(cursor),
            None => break,
        }
    }
    forecast.notices.sort_by(|a, b| {
        (a.at, &a.credential, &a.recipient).cmp(&(b.at, &b.credential, &b.recipient))
    });
    Ok(forecast)
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
    let (around, mut forecast) = begin(ctx, span).await?;
    add(ctx, &around, &[item.credential], &mut forecast).await?;
    Ok(forecast)
}

async fn begin(ctx: &Context, span: Span) -> Result<(Surroundings, Forecast), AppError> {
    let around = Surroundings::load(ctx, &SweepId::derived(&["forecast"])).await?;
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
    }
    Ok(())
}

/// Runs one credential's plan forward.
fn foresee(around: &Surroundings, page: &Page, credential: &Credential, to: &mut Forecast) {
    let facts = page.facts.get(&credential.id).cloned().unwrap_or_default();
    let view = CredentialView::of(credential, &facts);
    let policy = around.settings.policies.for_credential(credential);
    let id = Alert::id_of(
        &Subject::Credential(credential.id.clone()),
        AlertKind::Expiry,
    );
    let alert = page.alerts.get(&id);
    let said = domain::expiry::forecast(&view, policy, alert, around.now, to.until);
    let mut nobody = false;
    for (at, saying) in said {
        let audience = hearing(around, credential, &saying, at);
        nobody |= audience.nobody || !reaches_somebody(around, &audience);
        to.notices
            .extend(audience.listeners.into_iter().map(|listener| {
                Foreseen {
                    at,
                    credential: credential.id.clone(),
                    name: credential.name.to_string(),
                    step: saying.step,
                    occurrence: saying.occurrence,
                    channel: ways(&listener.recipient, &around.channels)
                        .into_iter()
                        .next(),
                    recipient: listener.recipient,
                    reason: listener.reason,
                }
            }));
    }
    if nobody {
        to.unheard.push(credential.id.clone());
    }
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
    let about = Concerned::from(credential);
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

//! Who answers for a credential and who hears of it, changed alike for tokens and for
//! watched credentials.

use domain::inventory::Credential;
use domain::kernel::Span;

use crate::{AppError, Context, whois};

/// What shall change; `None` leaves a field as it is, `Some(None)` empties it.
pub(crate) struct AudiencePatch<'a> {
    pub(crate) team: Option<&'a Option<String>>,
    pub(crate) watchers: Option<&'a [String]>,
    pub(crate) lead_time: Option<Option<Span>>,
}

/// The longest first lead time.
const LEAD_TIME_MAX: Span = Span::days(366);

impl AudiencePatch<'_> {
    pub(crate) async fn apply(
        &self,
        ctx: &Context,
        credential: &mut Credential,
    ) -> Result<(), AppError> {
        if let Some(lead_time) = self.lead_time {
            credential.lead_time = checked_lead_time(lead_time)?;
        }
        if self.team.is_none() && self.watchers.is_none() {
            return Ok(());
        }
        let directory = ctx.store.directory().await?;
        if let Some(team) = self.team {
            let named = team
                .as_ref()
                .map(|text| whois::team(&directory, text, "team"));
            credential.team = named.transpose()?;
        }
        if let Some(texts) = self.watchers {
            credential.watchers = whois::watchers(&directory, texts)?;
        }
        Ok(())
    }
}

/// A first lead time within bounds.
pub(crate) fn checked_lead_time(lead_time: Option<Span>) -> Result<Option<Span>, AppError> {
    if lead_time.is_some_and(|span| !span.is_positive() || span > LEAD_TIME_MAX) {
        let problem = format!("a lead time is longer than zero and at most {LEAD_TIME_MAX}");
        return Err(AppError::invalid("lead_time", problem));
    }
    Ok(lead_time)
}

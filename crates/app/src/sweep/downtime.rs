//! What lapsed while Forewarn was down?
//!
//! Asked once, at the first pass after a gap, before that pass settles anything. Only
//! credentials that were known before the gap and whose end was never said count.

use domain::expiry::{Alert, AlertKind, CredentialView, Subject, lapsed, lapsed_while_down};
use domain::inventory::Credential;
use domain::kernel::{Instant, Span, escape_line};

use crate::Context;
use crate::ports::{CredentialFilter, CredentialSort, PageRequest, StoreError, Write};

use super::load::Surroundings;
use super::{LAST_ALIVE, PAGE, SweepReport, commit, decide};

/// So many are named; the rest is counted.
const NAMED: usize = 20;
/// A gap is longer than so many intervals.
const INTERVALS: i64 = 2;

/// Tells of what lapsed in the gap before this pass, if there was one.
pub(super) async fn tell(
    ctx: &Context,
    around: &Surroundings,
    report: &mut SweepReport,
) -> Result<(), StoreError> {
    let Some(since) = down_since(ctx, around).await? else {
        return Ok(());
    };
    let lost = lost(ctx, around, since).await?;
    if lost.is_empty() {
        return Ok(());
    }
    let subject = Subject::System("notifier".to_owned());
    let stored = ctx
        .store
        .alert(&Alert::id_of(&subject, AlertKind::LapsedWhileDown))
        .await?;
    let count = u64::try_from(lost.len()).unwrap_or(u64::MAX);
    let mut planned = lapsed(count, stored.as_ref(), around.now);
    if let Some(alert) = &mut planned.alert {
        alert.detail = Some(sentence(alert.detail.as_deref().unwrap_or_default(), &lost));
    }
    let decided = decide::told(around, None, stored.as_ref(), planned);
    report.notices += decided.notices;
    let mut writes = decided.writes;
    let messages = decided.messages.into_iter();
    writes.extend(messages.map(|m| Write::AddMessage(Box::new(m))));
    writes.push(Write::SetDue(subject, decided.next));
    tracing::warn!(credentials = count, %since, "credentials lapsed while Forewarn was down");
    commit(ctx, writes).await
}

/// When the last pass was, if that is too long ago. An instant in the future was written
/// by a clock that has been set right since; it says nothing.
async fn down_since(ctx: &Context, around: &Surroundings) -> Result<Option<Instant>, StoreError> {
    let kept = ctx.store.meta(LAST_ALIVE).await?;
    let Some(since) = kept
        .and_then(|text| text.parse().ok())
        .map(Instant::from_micros)
    else {
        return Ok(None);
    };
    if since > around.now {
        tracing::warn!(%since, "the clock was once ahead of now; what it wrote is ignored");
        return Ok(None);
    }
    let usual = around
        .settings
        .interval
        .as_micros()
        .saturating_mul(INTERVALS);
    Ok((since.until(around.now) > Span::from_micros(usual)).then_some(since))
}

async fn lost(
    ctx: &Context,
    around: &Surroundings,
    since: Instant,
) -> Result<Vec<String>, StoreError> {
    let filter = CredentialFilter {
        now: around.now,
        expires_after: Some(since),
        expires_before: Some(around.now + Span::from_micros(1)),
        sort: CredentialSort::ExpiresAt,
        ..CredentialFilter::default()
    };
    let mut request = PageRequest {
        limit: PAGE,
        after: None,
    };
    let mut lost = Vec::new();
    loop {
        let page = ctx.store.list_credentials(&filter, &request).await?;
        let credentials: Vec<Credential> = page.items.into_iter().map(|(c, _)| c).collect();
        lost.extend(unsaid(ctx, around, since, &credentials).await?);
        match page.next {
            Some(next) => request.after = Some(next),
            None => return Ok(lost),
        }
    }
}

async fn unsaid(
    ctx: &Context,
    around: &Surroundings,
    since: Instant,
    credentials: &[Credential],
) -> Result<Vec<String>, StoreError> {
    let subject = |c: &Credential| Subject::Credential(c.id.clone());
    let subjects: Vec<Subject> = credentials.iter().map(subject).collect();
    let alerts = ctx.store.alerts_of(&subjects).await?;
    let is_lost = |c: &&Credential| {
        let id = Alert::id_of(&subject(c), AlertKind::Expiry);
        let alert = alerts.iter().find(|a| a.id == id);
        let (policy, _) = around.policy(c, around.now);
        let view = CredentialView::alone(c, &around.directory);
        lapsed_while_down(&view, policy, alert, since, around.now)
    };
    let lost = credentials.iter().filter(is_lost);
    Ok(lost.map(|c| escape_line(c.name.as_str())).collect())
}

fn sentence(counted: &str, names: &[String]) -> String {
    let named: Vec<&str> = names.iter().take(NAMED).map(String::as_str).collect();
    let more = match names.len().saturating_sub(NAMED) {
        0 => String::new(),
        1 => " and 1 other".to_owned(),
        n => format!(" and {n} others"),
    };
    format!("{counted}: {}{more}", named.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_named_is_counted() {
        for (more, end) in [(0, "t"), (1, "t and 1 other"), (2, "t and 2 others")] {
            let names = vec!["t".to_owned(); NAMED + more];
            let said = sentence("they lapsed", &names);
            assert!(said.ends_with(&format!(", {end}")), "{said}");
        }
    }
}

//! The rounds that run, and what is still to be decided in them.

use domain::expiry::{AlertKind, AlertState, ReviewRule, Round, Subject};
use domain::inventory::{Credential, State};
use domain::kernel::{Instant, TeamId};
use domain::people::{Directory, Team};

use crate::ports::{
    AlertFilter, AuditEntry, Changes, CredentialFilter, CredentialSort, PageRequest, StoreError,
    Write,
};
use crate::{Context, Settings};

/// Credentials of one team that are looked at in one round at most, soonest end first.
pub(crate) const ROUND_MAX: usize = 2_000;
const PAGE: u32 = 500;
/// So many are named in a message.
const NAMED: usize = 3;

/// A review of one team.
pub(super) struct Running<'a> {
    /// `NAME:TEAM`.
    pub id: String,
    pub name: &'a str,
    pub rule: &'a ReviewRule,
    pub team: &'a Team,
}

/// All reviews of all teams.
pub(super) fn running<'a>(settings: &'a Settings, directory: &'a Directory) -> Vec<Running<'a>> {
    let reviews = settings.reviews.iter();
    let of_review = |(name, rule): (&'a String, &'a ReviewRule)| {
        let meant = |team: &&Team| {
            let named = |word: &String| word == team.name.as_str() || word == team.id.as_str();
            !team.removed && (rule.teams.is_empty() || rule.teams.iter().any(named))
        };
        let teams = directory.teams.values().filter(meant);
        let one = |team: &'a Team| Running {
            id: format!("{name}:{}", team.id),
            name,
            rule,
            team,
        };
        teams.map(one).collect::<Vec<_>>()
    };
    reviews.flat_map(of_review).collect()
}

/// The ids of all reviews of the teams that are meant.
pub(crate) fn of_teams(
    ctx: &Context,
    directory: &Directory,
    is_meant: impl Fn(&TeamId) -> bool,
) -> Vec<String> {
    let settings = ctx.settings.load_full();
    let all = running(&settings, directory).into_iter();
    all.filter(|review| is_meant(&review.team.id))
        .map(|review| review.id)
        .collect()
}

/// The team of a review, from its id.
pub(crate) fn team_of(id: &str) -> Option<TeamId> {
    let (_, team) = id.rsplit_once(':')?;
    TeamId::parse(team).ok()
}

/// The name under which a round is kept.
pub(super) fn key(id: &str) -> String {
    format!("review:{id}")
}

/// The round as it is kept, and as text for compare-and-set.
pub(super) async fn stored(
    ctx: &Context,
    id: &str,
) -> Result<(Option<Round>, Option<String>), StoreError> {
    let text = ctx.store.meta(&key(id)).await?;
    let round = match &text {
        None => None,
        Some(text) => Some(serde_json::from_str(text).map_err(|_| StoreError::Corrupt {
            table: "meta",
            row: key(id),
        })?),
    };
    Ok((round, text))
}

/// A round as text.
pub(super) fn written(round: &Round) -> String {
    serde_json::to_string(round).unwrap_or_default()
}

/// Begins the rounds whose time has come.
pub(crate) async fn begin(
    ctx: &Context,
    directory: &Directory,
    now: Instant,
) -> Result<(), StoreError> {
    let settings = ctx.settings.load_full();
    for review in running(&settings, directory) {
        let (round, from) = stored(ctx, &review.id).await?;
        let beginning = review.rule.every.last_beginning(review.rule.day, now);
        let next = match &round {
            None => Some(Round::known(now)),
            Some(round) => round.begun(beginning, now),
        };
        let Some(next) = next else { continue };
        let begins = next.began_at.is_some();
        let changes = Changes {
            writes: vec![Write::SwapMeta {
                name: key(&review.id),
                from,
                to: Some(written(&next)),
            }],
            audit: begins.then(|| begun(&review.id, now)).into_iter().collect(),
        };
        match ctx.store.commit(changes).await {
            // Somebody else began it.
            Err(StoreError::Conflict(_)) => {}
            done => done?,
        }
    }
    Ok(())
}

fn begun(id: &str, now: Instant) -> AuditEntry {
    AuditEntry {
        at: now,
        actor: "system".to_owned(),
        action: "review.begin".to_owned(),
        target: format!("review:{id}"),
        details: serde_json::Value::Null,
    }
}

/// The reviews that a sweep looks at: those that run, and those about which an alert
/// stands although nothing of them is configured any more.
pub(crate) async fn subjects(
    ctx: &Context,
    directory: &Directory,
    now: Instant,
) -> Result<Vec<Subject>, StoreError> {
    let settings = ctx.settings.load_full();
    let running = running(&settings, directory).into_iter();
    let mut all: Vec<Subject> = running.map(|r| Subject::Review(r.id)).collect();
    let filter = AlertFilter {
        now,
        kind: Some(AlertKind::ReviewDue),
        states: vec![
            AlertState::Open,
            AlertState::Acknowledged,
            AlertState::Snoozed,
        ],
        ..AlertFilter::default()
    };
    let mut request = PageRequest {
        limit: PAGE,
        after: None,
    };
    loop {
        let page = ctx.store.list_alerts(&filter, &request).await?;
        let open = page.items.into_iter().map(|alert| alert.subject);
        let lost: Vec<Subject> = open.filter(|subject| !all.contains(subject)).collect();
        all.extend(lost);
        request.after = page.next;
        if request.after.is_none() {
            return Ok(all);
        }
    }
}

/// Everything of a team that a round is about, soonest end first.
pub(super) async fn of_team(ctx: &Context, team: &TeamId) -> Result<Vec<Credential>, StoreError> {
    let filter = CredentialFilter {
        now: ctx.now(),
        team: Some(team.clone()),
        states: vec![State::Active, State::Suspended, State::UnknownEnd],
        sort: CredentialSort::ExpiresAt,
        ..CredentialFilter::default()
    };
    let mut request = PageRequest {
        limit: PAGE,
        after: None,
    };
    let mut all = Vec::new();
    loop {
        let page = ctx.store.list_credentials(&filter, &request).await?;
        all.extend(page.items.into_iter().map(|(credential, _)| credential));
        request.after = page.next;
        if request.after.is_none() || all.len() >= ROUND_MAX {
            all.truncate(ROUND_MAX);
            return Ok(all);
        }
    }
}

/// About what nothing is decided yet in a review, soonest end first; nothing when the review
/// is there no longer, or its first round has not begun.
pub(crate) async fn waiting(
    ctx: &Context,
    directory: &Directory,
    id: &str,
) -> Result<Vec<Credential>, StoreError> {
    let settings = ctx.settings.load_full();
    let all = running(&settings, directory);
    let Some(review) = all.into_iter().find(|r| r.id == id) else {
        return Ok(Vec::new());
    };
    let (Some(round), _) = stored(ctx, id).await? else {
        return Ok(Vec::new());
    };
    if round.began_at.is_none() {
        return Ok(Vec::new());
    }
    let mut credentials = of_team(ctx, &review.team.id).await?;
    credentials.retain(|credential| round.awaits(credential));
    Ok(credentials)
}

/// What is still to be decided in a review, in a sentence; `None` when nothing is.
pub(crate) async fn wrong(
    ctx: &Context,
    directory: &Directory,
    id: &str,
) -> Result<Option<String>, StoreError> {
    let waiting = waiting(ctx, directory, id).await?;
    Ok((!waiting.is_empty()).then(|| sentence(id, &waiting)))
}

fn sentence(id: &str, waiting: &[Credential]) -> String {
    let few = waiting.iter().take(NAMED).map(told);
    let few: Vec<String> = few.collect();
    let more = waiting.len().saturating_sub(NAMED);
    let more = if more > 0 {
        format!("; and {more} more")
    } else {
        String::new()
    };
    let number = match waiting.len() {
        1 => "1 credential of this team waits".to_owned(),
        n => format!("{n} credentials of this team wait"),
    };
    format!(
        "{number} for a decision (keep, rotate, let lapse, not ours): {}{more}. `forewarn review show {}`",
        few.join("; "),
        id
    )
}

/// Name, end and last use. Names are cut: the sentence has little room.
fn told(credential: &Credential) -> String {
    let name: String = credential.name.as_str().chars().take(32).collect();
    let day = |at: Instant| at.to_string().chars().take(10).collect::<String>();
    let end = match credential.expires_at() {
        Some(at) => format!("ends {}", day(at)),
        None => "no known end".to_owned(),
    };
    match credential.last_used_at {
        Some(at) => format!("{name}, {end}, used {}", day(at)),
        None => format!("{name}, {end}"),
    }
}

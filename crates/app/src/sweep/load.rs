//! Everything a page of subjects is planned with, read before the decision.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use domain::expiry::{Alert, ContextFacts, Overlap, Policy, Silence, Silenced, Subject, Successor};
use domain::inventory::{
    Credential, DaysOfUse, Monitor, Outage, Watch, governed, watchers_by_rule,
};
use domain::kernel::{
    AlertId, ChannelId, CredentialId, Instant, MonitorId, SourceId, Span, SweepId, TeamId,
};
use domain::notice::{
    Audience, AudienceSettings, ChannelFacts, Concerned, SharedChannel, operators, reviewers,
};
use domain::people::Directory;

use crate::ports::{SourceState, StoreError};
use crate::ways_out::{WaysOut, audience_settings};
use crate::{Context, Settings};

use super::turns_at;

/// Only what ends within this is worth asking for a successor.
const SUCCESSION: Span = Span::days(90);
/// The source of the tokens issued here.
const ISSUED_HERE: &str = "forewarn";

/// Which pass, and the instant at which everything in it is judged.
pub(super) struct Pass {
    pub sweep: SweepId,
    pub now: Instant,
}

impl Pass {
    pub fn begin(ctx: &Context, sweep: &SweepId) -> Self {
        Self {
            sweep: sweep.clone(),
            now: ctx.now(),
        }
    }
}

/// What is the same for every subject that is planned together.
pub(super) struct Surroundings {
    pub sweep: SweepId,
    pub now: Instant,
    pub settings: Arc<Settings>,
    pub directory: Arc<Directory>,
    pub audience: AudienceSettings,
    pub ways: WaysOut,
    pub channels: Vec<ChannelFacts>,
    pub silences: Vec<Silence>,
    /// Who asked to hear of all of a kind, beside the rules of the configuration.
    pub watches: Vec<Watch>,
    /// What monitors depend on.
    pub depended_on: BTreeSet<CredentialId>,
    /// When Forewarn itself could last hear nothing.
    pub outage: Option<Outage>,
}

/// What belongs to the subjects of one page.
pub(super) struct Page {
    pub credentials: BTreeMap<CredentialId, Credential>,
    pub facts: BTreeMap<CredentialId, ContextFacts>,
    pub alerts: BTreeMap<AlertId, Alert>,
    pub sources: BTreeMap<SourceId, SourceState>,
    pub monitors: BTreeMap<MonitorId, Monitor>,
    /// What is still to be decided in these reviews.
    pub reviews: BTreeMap<String, String>,
    /// What the monitors depend on.
    pub depended_on: BTreeMap<CredentialId, Credential>,
    /// When the readers of these sources last gave a sign of life.
    pub alive: BTreeMap<SourceId, Instant>,
    /// The credentials that these sources are read with.
    pub own: BTreeMap<SourceId, Credential>,
    /// When messages last failed over every way.
    pub exhausted: Option<(Instant, String)>,
}

impl Surroundings {
    /// Reads people, settings and ways out as they are at this moment.
    pub async fn load(ctx: &Context, pass: &Pass) -> Result<Self, StoreError> {
        let settings = ctx.settings.load_full();
        let directory = ctx.store.directory().await?;
        let audience = audience_settings(&settings.audience, &directory);
        let ways = WaysOut::load(ctx).await?;
        let monitors = ctx.store.monitors().await?;
        Ok(Self {
            depended_on: monitors.into_iter().flat_map(|m| m.depends_on).collect(),
            sweep: pass.sweep.clone(),
            now: pass.now,
            channels: ways.facts(),
            silences: ctx.store.silences().await?,
            watches: ctx.store.watches().await?,
            settings,
            directory,
            audience,
            ways,
            outage: crate::monitors::outage(ctx).await?,
        })
    }

    /// The credential as it stands under the rules about owners and the people there at
    /// an instant.
    pub fn governed(&self, stored: &Credential, at: Instant) -> Credential {
        let after = governed(stored, &self.settings.owners, &self.directory, at);
        after.unwrap_or_else(|| stored.clone())
    }

    /// Those who hear of a credential, with the watchers that rules add.
    pub fn concerned(&self, credential: &Credential, at: Instant) -> Concerned {
        let mut about = Concerned::from(credential);
        let made_here = self.watches.iter().map(|watch| &watch.rule);
        let rules = self.settings.watchers.iter().chain(made_here);
        let more = watchers_by_rule(credential, rules, &self.directory, at);
        about.watchers.extend(more);
        about
    }

    /// The policy that applies to a credential at an instant, and when by time alone
    /// another one may, or somebody who hears of it leaves.
    pub fn policy(&self, credential: &Credential, at: Instant) -> (&Policy, Option<Instant>) {
        let policies = &self.settings.policies;
        let policy = policies.for_credential(credential, &self.directory, at);
        let audience = || &self.audience;
        let turns = turns_at(credential, policies, &self.directory, audience, at);
        (policy, turns)
    }

    /// Whether any way out reaches a person.
    pub fn can_be_heard(&self) -> bool {
        self.ways.reach_persons()
    }

    /// The channels that are told by themselves.
    pub fn shared(&self, but: Option<&ChannelId>) -> Vec<SharedChannel> {
        self.ways.shared(but)
    }

    /// Who looks at everything that a team answers for.
    pub fn reviewers(&self, team: &TeamId) -> Audience {
        let shared = self.shared(None);
        reviewers(team, &self.directory, &self.audience, &shared, self.now)
    }

    /// Who hears what is wrong with the house, not over the channel named.
    pub fn operators(&self, but: Option<&ChannelId>) -> Audience {
        let shared = self.shared(but);
        operators(&self.directory, &self.audience, &shared, self.now)
    }
}

impl Page {
    /// Reads what belongs to these subjects.
    pub async fn load(
        ctx: &Context,
        around: &Surroundings,
        subjects: &[Subject],
    ) -> Result<Self, StoreError> {
        let ids: Vec<CredentialId> = subjects.iter().filter_map(credential_of).collect();
        let credentials = ctx.store.credentials_of(&ids).await?;
        let alerts = ctx.store.alerts_of(subjects).await?;
        let mut facts = BTreeMap::new();
        let mut days = days_of_use(ctx, &credentials).await?;
        for credential in &credentials {
            let mut known = surrounding(ctx, around, credential).await?;
            known.days = days.remove(&credential.id);
            facts.insert(credential.id.clone(), known);
        }
        let ids: Vec<MonitorId> = subjects.iter().filter_map(monitor_of).collect();
        let monitors = crate::monitors::load_all(ctx, &ids).await?;
        let depended_on = crate::monitors::depended_on(ctx, monitors.iter()).await?;
        let (sources, alive, own) = sources(ctx, subjects).await?;
        Ok(Self {
            credentials: credentials.into_iter().map(|c| (c.id.clone(), c)).collect(),
            facts,
            alerts: alerts.into_iter().map(|a| (a.id.clone(), a)).collect(),
            sources,
            alive,
            own,
            monitors: monitors.into_iter().map(|m| (m.id.clone(), m)).collect(),
            depended_on,
            reviews: reviews(ctx, around, subjects).await?,
            exhausted: crate::deliver::last_exhausted(ctx).await?,
        })
    }
}

/// What is still to be decided in the reviews among the subjects.
async fn reviews(
    ctx: &Context,
    around: &Surroundings,
    subjects: &[Subject],
) -> Result<BTreeMap<String, String>, StoreError> {
    let mut wrong = BTreeMap::new();
    for subject in subjects {
        if let Subject::Review(id) = subject
            && let Some(sentence) = crate::reviews::wrong(ctx, &around.directory, id).await?
        {
            wrong.insert(id.clone(), sentence);
        }
    }
    Ok(wrong)
}

type Sources = (
    BTreeMap<SourceId, SourceState>,
    BTreeMap<SourceId, Instant>,
    BTreeMap<SourceId, Credential>,
);

/// The sources among the subjects, with what the rules ask of them.
async fn sources(ctx: &Context, subjects: &[Subject]) -> Result<Sources, StoreError> {
    let asked = |id: &SourceId| subjects.contains(&Subject::Source(id.clone()));
    if !subjects.iter().any(|s| matches!(s, Subject::Source(_))) {
        return Ok(Sources::default());
    }
    let all = ctx.store.sources().await?.into_iter();
    let sources: BTreeMap<_, _> = all
        .filter(|s| asked(&s.id))
        .map(|s| (s.id.clone(), s))
        .collect();
    let connectors = ctx.connectors.load();
    let read = connectors.keys().filter_map(|id| sources.get(id));
    let alive = |s: &SourceState| ctx.readings.alive_at(&s.id, s.ended_at.or(s.attempted_at));
    let alive = read.map(|s| (s.id.clone(), alive(s))).collect();
    let mut own = BTreeMap::new();
    for source in sources.values() {
        if let Some(id) = &source.own
            && let Some(credential) = ctx.store.credential(id).await?
        {
            own.insert(source.id.clone(), credential);
        }
    }
    Ok((sources, alive, own))
}

fn credential_of(subject: &Subject) -> Option<CredentialId> {
    match subject {
        Subject::Credential(id) => Some(id.clone()),
        _ => None,
    }
}

fn monitor_of(subject: &Subject) -> Option<MonitorId> {
    match subject {
        Subject::Monitor(id) => Some(id.clone()),
        _ => None,
    }
}

/// On which days the tokens issued here were used; nobody else's use is counted by days.
async fn days_of_use(
    ctx: &Context,
    credentials: &[Credential],
) -> Result<BTreeMap<CredentialId, DaysOfUse>, StoreError> {
    let here = credentials
        .iter()
        .filter(|c| c.source.as_str() == ISSUED_HERE);
    let ids: Vec<CredentialId> = here.map(|c| c.id.clone()).collect();
    if ids.is_empty() {
        return Ok(BTreeMap::new());
    }
    ctx.store.days_of_use(&ids).await
}

async fn surrounding(
    ctx: &Context,
    around: &Surroundings,
    credential: &Credential,
) -> Result<ContextFacts, StoreError> {
    Ok(ContextFacts {
        owner_leaves_at: around.directory.leaving_of(credential.owner.as_ref()),
        overlap: overlap(ctx, credential).await?,
        successor: successor(ctx, credential, around.now).await?,
        days: None,
        silences: silences(around, credential),
        can_be_heard: around.can_be_heard(),
    })
}

fn silences(around: &Surroundings, credential: &Credential) -> Vec<Silenced> {
    let of = |s: &Silence| s.of(credential, &around.directory, around.now);
    around.silences.iter().filter_map(of).collect()
}

async fn overlap(ctx: &Context, credential: &Credential) -> Result<Option<Overlap>, StoreError> {
    if !credential.in_overlap {
        return Ok(None);
    }
    let Some(token) = ctx.store.token(&credential.id).await? else {
        return Ok(None);
    };
    let (Some(new), Some(until)) = (&token.rotated_to, token.overlap_ends_at) else {
        return Ok(None);
    };
    let new = ctx.store.credential(new).await?;
    let from = new.and_then(|n| n.created_at);
    Ok(from.map(|from| Overlap { from, until }))
}

async fn successor(
    ctx: &Context,
    credential: &Credential,
    now: Instant,
) -> Result<Option<Successor>, StoreError> {
    let near = credential
        .remaining(now)
        .is_some_and(|left| left <= SUCCESSION);
    if !near || !credential.name_is_given {
        return Ok(None);
    }
    let later = ctx.store.possible_successors(credential).await?;
    Ok(later.iter().find_map(|new| Successor::of(credential, new)))
}

//! Gathers what a message says, from what stands now.

use std::collections::BTreeMap;

use domain::expiry::{Alert, AlertState, Subject};
use domain::inventory::{Credential, Monitor, PlaceOfUse, State};
use domain::kernel::{AlertId, CredentialId, Instant, NoticeKey, SourceId, TeamId};
use domain::notice::{AudienceRole, Message, Notice, NoticeState};
use domain::people::{Directory, Owner, Person, Recipient};

use crate::alerts::act_link;
use crate::ports::{
    Addressee, Condition, CredentialFacts, DependencyFacts, Item, MessageContent, MonitorFacts,
    OwnWords, Question, ReviewFacts, SourceState, StoreError,
};
use crate::{Context, people};

/// Rows asked for at once.
const CHUNK: usize = 500;
/// Of so many items details are looked up that cost a query each.
const DETAILED: usize = 50;

/// The notices of these keys, in any order.
pub(super) async fn notices(ctx: &Context, keys: &[NoticeKey]) -> Result<Vec<Notice>, StoreError> {
    let mut all = Vec::with_capacity(keys.len());
    for chunk in keys.chunks(CHUNK) {
        all.extend(ctx.store.notices(chunk).await?);
    }
    Ok(all)
}

/// The alerts the notices speak of.
pub(super) async fn alerts(
    ctx: &Context,
    notices: &[Notice],
) -> Result<BTreeMap<AlertId, Alert>, StoreError> {
    let subjects: std::collections::BTreeSet<Subject> =
        notices.iter().map(|n| n.subject.clone()).collect();
    let subjects: Vec<Subject> = subjects.into_iter().collect();
    let mut all = BTreeMap::new();
    for chunk in subjects.chunks(CHUNK) {
        let alerts = ctx.store.alerts_of(chunk).await?;
        all.extend(alerts.into_iter().map(|a| (a.id.clone(), a)));
    }
    Ok(all)
}

/// Whether the recipient was told that the cycle began, so that its end is news.
pub(super) async fn was_told(ctx: &Context, notice: &Notice) -> Result<bool, StoreError> {
    let all = ctx.store.notices_of(&notice.alert).await?;
    Ok(all.iter().any(|n| {
        n.recipient == notice.recipient
            && n.resolution.is_none()
            && n.end == notice.end
            && matches!(n.state, NoticeState::Accepted { .. })
    }))
}

/// What the message says, most urgent first.
pub(super) async fn content(
    ctx: &Context,
    message: &Message,
    notices: Vec<Notice>,
    now: Instant,
) -> Result<MessageContent, StoreError> {
    let directory = ctx.store.directory().await?;
    let alerts = alerts(ctx, &notices).await?;
    let credentials = credentials(ctx, &notices).await?;
    let monitors = ctx.store.monitors().await?;
    let depended_on = depended_on(ctx, &notices, &monitors).await?;
    let sources = ctx.store.sources().await?;
    let teller = Teller {
        directory: &directory,
        sources: sources.into_iter().map(|s| (s.id.clone(), s)).collect(),
        public_url: &ctx.settings.load().public_url.clone(),
        monitors,
        depended_on,
        now,
    };
    let mut items = Vec::with_capacity(notices.len());
    for notice in notices {
        let credential = match &notice.subject {
            Subject::Credential(id) => credentials.get(id),
            _ => None,
        };
        let mut item = teller.item(notice, &alerts, credential);
        if let (Subject::Review(id), None) = (&item.subject, item.resolution) {
            item.review = Some(teller.review(ctx, id).await?);
        }
        items.push(item);
    }
    items.sort_by_key(|item| {
        let end = item.credential.as_ref().and_then(|c| c.expires_at);
        (end.unwrap_or(now), std::cmp::Reverse(item.step))
    });
    detail(ctx, &mut items).await?;
    give_links(ctx, message, &alerts, &mut items, now);
    if let Some(wording) = ctx.wording.load().as_ref() {
        for item in &mut items {
            item.own = wording.words(item, teller.public_url, now);
        }
    }
    Ok(MessageContent {
        id: message.id.clone(),
        kind: message.kind,
        now,
        public_url: teller.public_url.to_owned(),
        to: addressee(&message.recipient, &directory),
        items,
        question: None,
    })
}

/// What a question says; `None` once it was answered, taken back, or another was asked.
pub(super) async fn question(
    ctx: &Context,
    message: &Message,
    now: Instant,
) -> Result<Option<MessageContent>, StoreError> {
    let directory = ctx.store.directory().await?;
    let asks = |person: &&Person| {
        let claimed = person.claimed.as_ref();
        claimed.is_some_and(|claimed| people::asks(&person.id, claimed) == message.id)
    };
    let asked = directory.persons.values().find(asks);
    let Some((person, link)) = asked.and_then(|p| Some((p, people::claim_link(ctx, p)?))) else {
        return Ok(None);
    };
    Ok(Some(MessageContent {
        id: message.id.clone(),
        kind: message.kind,
        now,
        public_url: ctx.settings.load().public_url.clone(),
        to: Addressee {
            name: person.name.to_string(),
            ..addressee(&message.recipient, &directory)
        },
        items: Vec::new(),
        question: Some(Question {
            by: person.name.to_string(),
            link,
        }),
    }))
}

async fn credentials(
    ctx: &Context,
    notices: &[Notice],
) -> Result<BTreeMap<CredentialId, Credential>, StoreError> {
    let ids = notices.iter().filter_map(|n| match &n.subject {
        Subject::Credential(id) => Some(id.clone()),
        _ => None,
    });
    let ids: Vec<CredentialId> = ids.collect();
    let mut all = BTreeMap::new();
    for chunk in ids.chunks(CHUNK) {
        let found = ctx.store.credentials_of(chunk).await?;
        all.extend(found.into_iter().map(|c| (c.id.clone(), c)));
    }
    Ok(all)
}

/// What the monitors that the notices are about depend on.
async fn depended_on(
    ctx: &Context,
    notices: &[Notice],
    monitors: &[Monitor],
) -> Result<BTreeMap<CredentialId, Credential>, StoreError> {
    let spoken_of = |m: &&Monitor| {
        let about = |n: &Notice| matches!(&n.subject, Subject::Monitor(id) if *id == m.id);
        notices.iter().any(about)
    };
    crate::monitors::depended_on(ctx, monitors.iter().filter(spoken_of)).await
}

/// Adds what costs a query each, for as many items as anybody reads.
async fn detail(ctx: &Context, items: &mut [Item]) -> Result<(), StoreError> {
    for item in items.iter_mut().take(DETAILED) {
        if let Some(facts) = &mut item.credential {
            let uses = ctx.store.uses(&facts.id).await?;
            facts.uses = (uses > 0).then_some(uses);
        }
    }
    Ok(())
}

/// Adds to what still stands where the recipient may act without a sign-in. Whoever only
/// watches may not act, and a pager has buttons of its own.
fn give_links(
    ctx: &Context,
    message: &Message,
    alerts: &BTreeMap<AlertId, Alert>,
    items: &mut [Item],
    now: Instant,
) {
    if ctx.settings.load().links_need_sign_in {
        return;
    }
    let acts = |item: &&mut Item| {
        let looks_on = matches!(item.role, AudienceRole::Watcher | AudienceRole::Pager);
        item.resolution.is_none() && item.state != AlertState::Resolved && !looks_on
    };
    for item in items.iter_mut().filter(acts) {
        let alert = alerts.get(&item.alert);
        item.act_link = alert.map(|alert| act_link(ctx, alert, &message.recipient, now));
    }
}

/// Where a recipient is written to.
pub(crate) fn addressee(recipient: &Recipient, directory: &Directory) -> Addressee {
    let person = match recipient {
        Recipient::Person(id) => directory.persons.get(id),
        _ => None,
    };
    let team = match recipient {
        Recipient::Team(id) => directory.teams.get(id),
        _ => None,
    };
    let email = match recipient {
        Recipient::Address(email) => Some(email.clone()),
        _ => person
            .and_then(|p| p.email.clone())
            .or_else(|| team.and_then(|t| t.email.clone())),
    };
    Addressee {
        recipient: recipient.clone(),
        name: name_of(recipient, directory),
        email,
        time_zone: person.and_then(|p| p.time_zone.clone()),
        locale: person.and_then(|p| p.locale.clone()),
    }
}

/// What a recipient is called.
fn name_of(recipient: &Recipient, directory: &Directory) -> String {
    match recipient {
        Recipient::Person(id) => directory.persons.get(id).map(|p| p.name.to_string()),
        Recipient::Team(id) => directory.teams.get(id).map(|t| t.name.to_string()),
        Recipient::Address(email) => Some(email.to_string()),
        Recipient::Channel(id) => Some(id.to_string()),
    }
    .unwrap_or_else(|| recipient.to_string())
}

struct Teller<'a> {
    directory: &'a Directory,
    sources: BTreeMap<SourceId, SourceState>,
    public_url: &'a str,
    monitors: Vec<Monitor>,
    /// What the monitors that are spoken of depend on.
    depended_on: BTreeMap<CredentialId, Credential>,
    now: Instant,
}

impl Teller<'_> {
    fn item(
        &self,
        notice: Notice,
        alerts: &BTreeMap<AlertId, Alert>,
        credential: Option<&Credential>,
    ) -> Item {
        let alert = alerts.get(&notice.alert);
        let told = alert.map(|a| &a.told).into_iter().flatten();
        let others = told.filter(|r| **r != notice.recipient);
        Item {
            others: others.map(|r| name_of(r, self.directory)).collect(),
            detail: alert.and_then(|a| a.detail.clone()),
            own: OwnWords::default(),
            act_link: None,
            credential: credential.map(|c| self.facts(c)),
            monitor: self.monitor(&notice.subject),
            review: None,
            alert: notice.alert,
            subject: notice.subject,
            kind: notice.kind,
            step: notice.step,
            occurrence: notice.occurrence,
            resolution: notice.resolution,
            state: alert.map_or(AlertState::Open, |a| a.state(self.now)),
            role: notice.role,
            reason: notice.reason,
        }
    }

    /// What a team is to decide about, with how often each was used.
    async fn review(&self, ctx: &Context, id: &str) -> Result<ReviewFacts, StoreError> {
        let all = crate::reviews::waiting(ctx, self.directory, id).await?;
        let mut waiting = Vec::new();
        for credential in all.iter().take(DETAILED) {
            let mut facts = self.facts(credential);
            let uses = ctx.store.uses(&facts.id).await?;
            facts.uses = (uses > 0).then_some(uses);
            waiting.push(facts);
        }
        let others = all.len() - waiting.len();
        Ok(ReviewFacts { waiting, others })
    }

    fn facts(&self, c: &Credential) -> CredentialFacts {
        let owner = c.owner.as_ref();
        let own = || format!("{}/credentials/{}", self.public_url, c.id);
        CredentialFacts {
            id: c.id.clone(),
            external_id: c.external_id.clone(),
            name: c.name.to_string(),
            kind: c.kind.clone(),
            source: c.source.to_string(),
            system: self.system(&c.source),
            created_at: c.created_at,
            expires_at: c.expires_at(),
            last_used_at: c.last_used_at,
            uses: None,
            confirmed_at: c.confirmed_at,
            doubt: self.doubt(&c.source),
            owner: self.owner(owner),
            team: self.team(c.team.as_ref()),
            scopes: c.scopes.clone(),
            labels: c.labels.clone().into_iter().collect(),
            used_by: self.used_by(c),
            renew_url: c
                .origin_url
                .clone()
                .or_else(|| (c.source.as_str() == "forewarn").then(own)),
            advice: c.advice.clone(),
            newer: c.successor.as_ref().map(ToString::to_string),
            orphaned: c.orphaned,
        }
    }

    /// How the source does, while its word may be out of date.
    fn doubt(&self, source: &SourceId) -> Option<Condition> {
        let condition = self.sources.get(source)?.condition();
        condition.is_doubtful().then_some(condition)
    }

    fn owner(&self, owner: Option<&Owner>) -> Option<(String, String)> {
        owner.map(|o| (o.to_string(), self.directory.owner_name(o).to_owned()))
    }

    fn team(&self, team: Option<&TeamId>) -> Option<(String, String)> {
        team.map(|id| {
            let team = self.directory.teams.get(id);
            (
                id.to_string(),
                team.map_or_else(|| id.to_string(), |t| t.name.to_string()),
            )
        })
    }

    /// The places that are known, and the monitors that depend on it.
    fn used_by(&self, credential: &Credential) -> Vec<PlaceOfUse> {
        let depends = |m: &&Monitor| m.depends_on.contains(&credential.id);
        let named = |m: &&Monitor| {
            let same = |place: &PlaceOfUse| place.what == m.name.as_str();
            !credential.used_by.iter().any(same)
        };
        let monitors = self.monitors.iter().filter(depends).filter(named);
        let monitors = monitors.map(|m| PlaceOfUse {
            what: m.name.to_string(),
            url: None,
            team: self.team(m.team.as_ref()).map(|(_, name)| name),
        });
        credential.used_by.iter().cloned().chain(monitors).collect()
    }

    fn monitor(&self, subject: &Subject) -> Option<MonitorFacts> {
        let Subject::Monitor(id) = subject else {
            return None;
        };
        let monitor = self.monitors.iter().find(|m| m.id == *id)?;
        let depends_on = monitor.depends_on.iter();
        let depends_on = depends_on.filter_map(|id| self.depended_on.get(id));
        Some(MonitorFacts {
            id: monitor.id.clone(),
            name: monitor.name.to_string(),
            period: monitor.period,
            grace: monitor.grace,
            last_ping_at: monitor.last_ping_at,
            owner: self.owner(monitor.owner.as_ref()),
            team: self.team(monitor.team.as_ref()),
            depends_on: depends_on.map(|c| self.dependency(c)).collect(),
        })
    }

    fn dependency(&self, credential: &Credential) -> DependencyFacts {
        let state = credential.state(self.now);
        DependencyFacts {
            id: credential.id.clone(),
            name: credential.name.to_string(),
            state: match &credential.refused {
                Some(_) if state == State::Active || state == State::UnknownEnd => "refused",
                _ => state.as_str(),
            },
            expires_at: credential.expires_at(),
        }
    }

    /// What the source is called: `Foundry (prod-foundry)`.
    fn system(&self, source: &SourceId) -> String {
        let system = self.sources.get(source).map(|s| s.system.as_str());
        match system {
            Some(system) => format!("{} ({source})", capitalised(system)),
            None if source.as_str() == "forewarn" => "Forewarn".to_owned(),
            None => source.to_string(),
        }
    }
}

fn capitalised(word: &str) -> String {
    let mut letters = word.chars();
    match letters.next() {
        Some(first) => first.to_uppercase().chain(letters).collect(),
        None => String::new(),
    }
}

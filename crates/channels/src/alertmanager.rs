//! Alerts pushed to Prometheus Alertmanager, which groups, mutes and routes them on.
//!
//! Alertmanager knows an alert by its labels and keeps it in memory until `endsAt`. So
//! labels are the same from the first warning to the end, severity apart; what was last
//! pushed is remembered, and when the labels change the old alert is ended beside the new
//! one. What stands is pushed again every few minutes, for an Alertmanager that was
//! started anew has forgotten it; and it ends by itself only after a day without word, so
//! that no restart of ours looks like a resolution.
//!
//! Source: github.com/prometheus/alertmanager, api/v2/openapi.yaml, as of 2026-11-22.

use std::collections::BTreeMap;
use std::sync::Arc;

use app::ports::{
    Cause, Channel, ChannelMemory, DeliveryError, Item, MessageContent, Receipt, RenderError,
    StoreError,
};
use async_trait::async_trait;
use domain::kernel::{AlertId, ChannelId, Instant, MessageId, Secret, Span};
use egress::{Egress, TargetError};
use http::{Method, header};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::answer;
use crate::failure::{RETRY, failure};
use crate::post::{self, Api};
use crate::render::{Urgency, alert_url, headline, moment_utc, plain, to_do};

/// How often what stands is pushed again.
pub const UPKEEP: Span = Span::minutes(5);
/// So long after the last push an alert ends by itself.
pub const HOLD: Span = Span::days(1);
/// The longest label value, in characters: labels are an index, not a text.
const LABEL_MAX: usize = 120;
/// So many alerts go into one request.
const BATCH: usize = 100;

/// A table `[channels.…]` of kind `alertmanager`.
#[derive(Clone, Debug)]
pub struct AlertmanagerSettings {
    /// The table's key.
    pub id: ChannelId,
    /// Every member of the cluster, for they do not tell one another of alerts.
    pub urls: Vec<String>,
    /// Sent as `Authorization: Bearer …`, where a proxy asks for one.
    pub token: Option<Secret<String>>,
}

/// Why the table cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AlertmanagerError {
    /// No member is named.
    #[error("`urls` of the channel is empty; name every member, as in http://alertmanager:9093")]
    None,
    /// A URL is refused.
    #[error("a member in `urls` of the channel is refused: {0}")]
    Url(#[source] TargetError),
    /// The token cannot stand in a header.
    #[error("`token` of the channel holds characters that a header cannot")]
    Token,
}

/// Alertmanager.
pub struct AlertmanagerChannel {
    id: ChannelId,
    members: Vec<Api>,
    memory: Arc<dyn ChannelMemory>,
}

impl std::fmt::Debug for AlertmanagerChannel {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AlertmanagerChannel")
            .field("id", &self.id)
            .field("members", &self.members.len())
            .finish_non_exhaustive()
    }
}

type Labels = BTreeMap<String, String>;

/// An alert as it shall stand there.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Entry {
    /// Of which alert; `None` for a test.
    alert: Option<AlertId>,
    labels: Labels,
    annotations: Labels,
    url: String,
    over: bool,
}

/// What was last pushed of an alert.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Pushed {
    labels: Labels,
    since: Instant,
}

impl AlertmanagerChannel {
    /// Makes the channel.
    ///
    /// # Errors
    /// No member, a refused URL, or a token that is none.
    pub fn new(
        settings: &AlertmanagerSettings,
        egress: &Egress,
        memory: Arc<dyn ChannelMemory>,
    ) -> Result<Self, AlertmanagerError> {
        let member = |url: &String| {
            let api = Api::new(egress, url).map_err(AlertmanagerError::Url)?;
            let Some(token) = &settings.token else {
                return Ok(api);
            };
            let bearer = format!("Bearer {}", token.expose().trim());
            api.with(header::AUTHORIZATION, &bearer)
                .ok_or(AlertmanagerError::Token)
        };
        let members: Vec<Api> = settings.urls.iter().map(member).collect::<Result<_, _>>()?;
        if members.is_empty() {
            return Err(AlertmanagerError::None);
        }
        Ok(Self {
            id: settings.id.clone(),
            members,
            memory,
        })
    }

    /// Pushes the entries, and the end of whatever stood under other labels.
    async fn push(&self, entries: &[Entry], now: Instant) -> Result<(), DeliveryError> {
        for batch in entries.chunks(BATCH) {
            let mut alerts = Vec::new();
            for entry in batch {
                let before = self.recall(entry).await?;
                alerts.extend(wire(entry, before.as_ref(), now));
            }
            self.post(&Value::from(alerts), now).await?;
            for entry in batch {
                self.remember(entry, now).await?;
            }
        }
        Ok(())
    }

    /// One member that took it is enough; the others learn of it when what stands is
    /// pushed again.
    async fn post(&self, alerts: &Value, now: Instant) -> Result<(), DeliveryError> {
        let mut refused = None;
        let mut taken = false;
        for member in &self.members {
            let answer = member
                .ask(Method::POST, "/api/v2/alerts", Some(alerts))
                .await;
            match answer.and_then(|response| answer::judge(&response, now)) {
                Ok(_) => taken = true,
                Err(error) => refused = Some(error),
            }
        }
        match refused {
            Some(error) if !taken => Err(error),
            _ => Ok(()),
        }
    }

    async fn recall(&self, entry: &Entry) -> Result<Option<Pushed>, DeliveryError> {
        let Some(alert) = &entry.alert else {
            return Ok(None);
        };
        let kept = self.memory.recall(&self.id, alert).await;
        let kept = kept.map_err(|e| forgotten(&e))?;
        Ok(kept.and_then(|text| serde_json::from_str(&text).ok()))
    }

    async fn remember(&self, entry: &Entry, now: Instant) -> Result<(), DeliveryError> {
        let Some(alert) = &entry.alert else {
            return Ok(());
        };
        let before = self.recall(entry).await?;
        let pushed = Pushed {
            labels: entry.labels.clone(),
            since: before.as_ref().map_or(now, |b| b.since),
        };
        let unchanged = before.is_some_and(|b| b.labels == pushed.labels);
        if unchanged && !entry.over {
            return Ok(());
        }
        let value = serde_json::to_string(&pushed).map_err(|_| post::damaged())?;
        let value = (!entry.over).then_some(value);
        let kept = self.memory.remember(&self.id, alert, value).await;
        kept.map_err(|e| forgotten(&e))
    }
}

fn forgotten(error: &StoreError) -> DeliveryError {
    let said = format!("what was pushed before cannot be looked up: {error}");
    failure(RETRY, Cause::Server, &said)
}

#[async_trait]
impl Channel for AlertmanagerChannel {
    fn id(&self) -> &ChannelId {
        &self.id
    }

    fn kind(&self) -> &'static str {
        "alertmanager"
    }

    /// Whom Alertmanager tells is its own affair.
    fn reaches_persons(&self) -> bool {
        false
    }

    fn is_shared(&self) -> bool {
        true
    }

    fn is_idempotent(&self) -> bool {
        true
    }

    fn render(&self, content: &MessageContent) -> Result<String, RenderError> {
        serde_json::to_string(&entries(content))
            .map_err(|_| RenderError::Unsayable("it cannot be kept".to_owned()))
    }

    async fn send(
        &self,
        _: &MessageId,
        payload: &str,
        now: Instant,
    ) -> Result<Receipt, DeliveryError> {
        let entries: Vec<Entry> = serde_json::from_str(payload).map_err(|_| post::damaged())?;
        self.push(&entries, now).await?;
        Ok(Receipt {
            said: format!("{} pushed", entries.len()),
        })
    }

    fn upkeep(&self) -> Option<Span> {
        Some(UPKEEP)
    }

    async fn keep_up(&self, content: &MessageContent) -> Result<bool, DeliveryError> {
        let entries = entries(content);
        self.push(&entries, content.now).await?;
        Ok(!entries.is_empty())
    }
}

/// The entry as Alertmanager takes it; before it the end of what it was known as. What is
/// over ends under the labels it was known by.
fn wire(entry: &Entry, before: Option<&Pushed>, now: Instant) -> Vec<Value> {
    let since = before.map_or(now, |b| b.since);
    let ends = match (entry.over, &entry.alert) {
        (true, _) => now,
        (false, Some(_)) => now + HOLD,
        (false, None) => now + UPKEEP,
    };
    let one = |labels: &Labels, ends: Instant| {
        json!({
            "labels": labels,
            "annotations": entry.annotations,
            "startsAt": since.to_string(),
            "endsAt": ends.to_string(),
            "generatorURL": entry.url,
        })
    };
    match before {
        Some(old) if entry.over => vec![one(&old.labels, ends)],
        Some(old) if old.labels != entry.labels => {
            vec![one(&old.labels, now), one(&entry.labels, ends)]
        }
        _ => vec![one(&entry.labels, ends)],
    }
}

fn entries(content: &MessageContent) -> Vec<Entry> {
    if content.kind.is_trial() {
        return vec![test(content)];
    }
    content.items.iter().map(|i| entry(i, content)).collect()
}

fn test(content: &MessageContent) -> Entry {
    let label = |(key, value): (&str, &str)| (key.to_owned(), value.to_owned());
    let labels = [
        ("alertname", "ForewarnTest"),
        ("job", "forewarn"),
        ("severity", "info"),
    ];
    let summary = ("summary", "This is a test of Forewarn, and it has arrived");
    Entry {
        alert: None,
        labels: labels.map(label).into(),
        annotations: [summary].map(label).into(),
        url: format!("{}/channels", content.public_url),
        over: false,
    }
}

fn entry(item: &Item, content: &MessageContent) -> Entry {
    Entry {
        alert: Some(item.alert.clone()),
        labels: labels(item, content),
        annotations: annotations(item, content),
        url: alert_url(&content.public_url, &item.alert),
        over: item.resolution.is_some(),
    }
}

/// Few and bounded. What people read stands in the annotations.
fn labels(item: &Item, content: &MessageContent) -> Labels {
    let mut labels = Labels::new();
    let mut put = |key: &str, value: &str| {
        let value = plain(value, LABEL_MAX);
        // An empty label is no label to Alertmanager.
        if !value.is_empty() {
            labels.insert(key.to_owned(), value);
        }
    };
    put("alertname", &format!("forewarn_{}", item.kind.as_str()));
    put("job", "forewarn");
    put("severity", severity(Urgency::of(item, content.now)));
    put("subject", &item.subject.to_string());
    if let Some(facts) = &item.credential {
        put("credential", &facts.name);
        put("source", &facts.source);
        put("kind", &facts.kind);
        for (key, who) in [("owner", &facts.owner), ("team", &facts.team)] {
            if let Some((_, name)) = who {
                put(key, name);
            }
        }
    }
    labels
}

const fn severity(urgency: Urgency) -> &'static str {
    match urgency {
        Urgency::Calm => "info",
        Urgency::Soon | Urgency::Near => "warning",
        Urgency::Now => "critical",
    }
}

fn annotations(item: &Item, content: &MessageContent) -> Labels {
    let mut notes = Labels::new();
    let mut put = |key: &str, value: Option<String>| {
        notes.extend(value.filter(|v| !v.is_empty()).map(|v| (key.to_owned(), v)));
    };
    let facts = item.credential.as_ref();
    let end = facts.and_then(|f| f.expires_at);
    put("summary", Some(headline(item, content.now)));
    put("ends", end.map(moment_utc));
    put("expires_at", end.map(|end| end.to_string()));
    put("state", Some(item.state.as_str().to_owned()));
    put("step", Some(item.step.to_string()));
    put("description", item.detail.as_deref().map(|d| plain(d, 300)));
    put("advice", Some(to_do(item).join(" ")));
    notes
}

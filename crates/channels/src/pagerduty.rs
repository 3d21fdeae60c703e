//! PagerDuty, over its Events API v2: one event for each alert.
//!
//! The alert's id is the `dedup_key`, so that an event that comes twice is one, and a
//! resolution closes what the warning opened. The routing key is a secret: it is put in
//! as an event leaves and stands in no frozen message. How each incident was last shown
//! is remembered, so that what somebody did in Forewarn is shown there too.
//!
//! Source: developer.pagerduty.com, "Events API v2", as of 2026-11-22.

use std::sync::Arc;

use app::ports::{
    Cause, Channel, ChannelMemory, DeliveryError, Item, MessageContent, Receipt, RenderError,
    StoreError, Verdict,
};
use async_trait::async_trait;
use domain::expiry::AlertState;
use domain::kernel::{AlertId, ChannelId, Instant, MessageId, Secret, Span};
use egress::{Egress, Response, TargetError};
use http::Method;
use serde_json::{Value, json};

use crate::answer;
use crate::failure::{RETRY, failure};
use crate::post::{self, Api};
use crate::render::{Urgency, alert_url, headline, moment_utc, name, others_need_attention, plain};

/// Where events go unless the configuration says otherwise; accounts in the European
/// service region have an address of their own.
pub const URL: &str = "https://events.pagerduty.com/v2/enqueue";
/// So many alerts of one message are events of their own; one more event counts the rest.
pub const EVENTS_MAX: usize = 50;
/// How often incidents are compared with their alerts, beside when somebody acts.
const UPKEEP: Span = Span::minutes(5);
/// PagerDuty takes no longer summary, in characters.
const SUMMARY_MAX: usize = 1_024;

/// A table `[channels.…]` of kind `pagerduty`.
#[derive(Clone, Debug)]
pub struct PagerDutySettings {
    /// The table's key.
    pub id: ChannelId,
    /// Where events go; usually [`URL`].
    pub url: String,
    /// The integration's key.
    pub routing_key: Secret<String>,
}

/// Why the table cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PagerDutyError {
    /// The URL is refused.
    #[error("`url` of the channel is refused: {0}")]
    Url(#[source] TargetError),
    /// The routing key has another form.
    #[error(
        "`routing_key` of the channel is not an integration key; it has 32 letters and digits and stands on the integration's page"
    )]
    RoutingKey,
}

/// PagerDuty.
pub struct PagerDutyChannel {
    id: ChannelId,
    api: Api,
    routing_key: Secret<String>,
    memory: Arc<dyn ChannelMemory>,
}

impl std::fmt::Debug for PagerDutyChannel {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PagerDutyChannel")
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}

impl PagerDutyChannel {
    /// Makes the channel.
    ///
    /// # Errors
    /// A refused URL, or a routing key that cannot be one.
    pub fn new(
        settings: PagerDutySettings,
        egress: &Egress,
        memory: Arc<dyn ChannelMemory>,
    ) -> Result<Self, PagerDutyError> {
        let key = settings.routing_key.expose().trim();
        let fits = key.len() == 32 && key.chars().all(|c| c.is_ascii_alphanumeric());
        if !fits {
            return Err(PagerDutyError::RoutingKey);
        }
        Ok(Self {
            id: settings.id,
            api: Api::new(egress, &settings.url).map_err(PagerDutyError::Url)?,
            routing_key: Secret::new(key.to_owned()),
            memory,
        })
    }

    /// Sends an event and remembers how its incident is shown by it.
    async fn enqueue(&self, mut event: Value, now: Instant) -> Result<Receipt, DeliveryError> {
        let shown = event["event_action"]
            .as_str()
            .unwrap_or_default()
            .to_owned();
        let alert = AlertId::parse(event["dedup_key"].as_str().unwrap_or_default()).ok();
        if let Some(fields) = event.as_object_mut() {
            fields.insert("routing_key".to_owned(), json!(self.routing_key.expose()));
        }
        let response = self.api.ask(Method::POST, "", Some(&event)).await?;
        match response.status {
            400 => Err(refused(&response)),
            _ => {
                let receipt = answer::judge(&response, now)?;
                if let Some(alert) = alert {
                    let kept = Some(shown).filter(|shown| shown != "resolve");
                    let kept = self.memory.remember(&self.id, &alert, kept).await;
                    kept.map_err(|e| forgotten(&e))?;
                }
                Ok(receipt)
            }
        }
    }

    /// The event that shows the incident as its alert stands; `None` when it does.
    async fn missing(&self, item: &Item) -> Result<Option<Value>, DeliveryError> {
        let shown = self.memory.recall(&self.id, &item.alert).await;
        let Some(shown) = shown.map_err(|e| forgotten(&e))? else {
            return Ok(None);
        };
        let action = match item.state {
            AlertState::Resolved => "resolve",
            AlertState::Acknowledged | AlertState::Snoozed | AlertState::LetLapse => "acknowledge",
            // Whoever took it there is on it, whatever stands here.
            AlertState::Open => return Ok(None),
        };
        let event = json!({ "event_action": action, "dedup_key": item.alert.as_str() });
        Ok((shown != action).then_some(event))
    }
}

fn forgotten(error: &StoreError) -> DeliveryError {
    let said = format!("how the incident was shown cannot be looked up: {error}");
    failure(RETRY, Cause::Server, &said)
}

#[async_trait]
impl Channel for PagerDutyChannel {
    fn id(&self) -> &ChannelId {
        &self.id
    }

    fn kind(&self) -> &'static str {
        "pagerduty"
    }

    /// Whoever is on call is a person.
    fn reaches_persons(&self) -> bool {
        true
    }

    fn is_shared(&self) -> bool {
        true
    }

    fn is_idempotent(&self) -> bool {
        true
    }

    fn render(&self, content: &MessageContent) -> Result<String, RenderError> {
        Ok(Value::from(events(content)).to_string())
    }

    async fn send(
        &self,
        _: &MessageId,
        payload: &str,
        now: Instant,
    ) -> Result<Receipt, DeliveryError> {
        let events: Vec<Value> = serde_json::from_str(payload).map_err(|_| post::damaged())?;
        let count = events.len();
        for event in events {
            self.enqueue(event, now).await?;
        }
        Ok(Receipt {
            said: format!("HTTP 202, {count} queued"),
        })
    }

    fn upkeep(&self) -> Option<Span> {
        Some(UPKEEP)
    }

    async fn keep_up(&self, content: &MessageContent) -> Result<bool, DeliveryError> {
        let mut spoke = false;
        for item in &content.items {
            if let Some(event) = self.missing(item).await? {
                self.enqueue(event, content.now).await?;
                spoke = true;
            }
        }
        Ok(spoke)
    }
}

/// A 400 is about this event, which is the same at every attempt, unless it is about the
/// key, which no event survives.
fn refused(response: &Response) -> DeliveryError {
    let errors = post::json(response)["errors"].to_string();
    if errors.contains("routing_key") {
        let said = "PagerDuty does not know the routing key; does the integration still exist?";
        return failure(Verdict::ChannelBroken, Cause::Auth, said);
    }
    let said = "PagerDuty answered 400: it does not take this event";
    failure(Verdict::GiveUp, Cause::Rejected, said)
}

fn events(content: &MessageContent) -> Vec<Value> {
    if content.kind.is_trial() {
        return vec![test(content)];
    }
    let shown = content.items.iter().take(EVENTS_MAX);
    let mut events: Vec<Value> = shown.map(|item| event(item, content)).collect();
    let others = content.items.len().saturating_sub(EVENTS_MAX);
    if others > 0 {
        events.push(rest(others, content));
    }
    events
}

fn event(item: &Item, content: &MessageContent) -> Value {
    let mut event = json!({
        "event_action": if item.resolution.is_some() { "resolve" } else { "trigger" },
        "dedup_key": item.alert.as_str(),
    });
    if item.resolution.is_none()
        && let Some(fields) = event.as_object_mut()
    {
        let url = alert_url(&content.public_url, &item.alert);
        fields.insert("client".to_owned(), json!("Forewarn"));
        fields.insert("client_url".to_owned(), json!(url));
        let take_care = json!([{ "href": url, "text": "Take care of it" }]);
        fields.insert("links".to_owned(), take_care);
        fields.insert("payload".to_owned(), payload(item, content));
    }
    event
}

fn payload(item: &Item, content: &MessageContent) -> Value {
    let facts = item.credential.as_ref();
    let who = |who: &Option<(String, String)>| who.as_ref().map(|(_, name)| plain(name, 80));
    json!({
        "summary": headline(item, content.now).chars().take(SUMMARY_MAX).collect::<String>(),
        "source": facts.map_or_else(|| "Forewarn".to_owned(), |f| plain(&f.system, 80)),
        "severity": severity(Urgency::of(item, content.now)),
        "timestamp": content.now.to_string(),
        "component": name(item),
        "group": facts.and_then(|f| who(&f.team)),
        "class": item.kind.as_str(),
        "custom_details": {
            "step": item.step.to_string(),
            "ends": facts.and_then(|f| f.expires_at).map(moment_utc),
            "owner": facts.and_then(|f| who(&f.owner)),
            "used_by": facts.map(|f| f.used_by.iter().take(5).map(|p| plain(&p.what, 120)).collect::<Vec<_>>()),
            "advice": facts.map(|f| f.advice.iter().take(3).map(|a| plain(a, 400)).collect::<Vec<_>>()),
            "what": item.detail.as_deref().map(|d| plain(d, 300)),
        },
    })
}

const fn severity(urgency: Urgency) -> &'static str {
    match urgency {
        Urgency::Calm => "info",
        Urgency::Soon => "warning",
        Urgency::Near => "error",
        Urgency::Now => "critical",
    }
}

/// What did not fit, as one event that the next message of this length repeats.
fn rest(others: usize, content: &MessageContent) -> Value {
    summary(
        &format!("forewarn-others-{}", content.to.recipient),
        &others_need_attention(others),
        "critical",
        content,
    )
}

/// A test wakes nobody on purpose, yet takes the very way that warnings take.
fn test(content: &MessageContent) -> Value {
    let said = "This is a test of Forewarn, and it has arrived";
    summary(content.id.as_str(), said, "info", content)
}

fn summary(key: &str, said: &str, severity: &str, content: &MessageContent) -> Value {
    json!({
        "event_action": "trigger",
        "dedup_key": key,
        "client": "Forewarn",
        "client_url": format!("{}/alerts", content.public_url),
        "payload": {
            "summary": said,
            "source": "Forewarn",
            "severity": severity,
            "timestamp": content.now.to_string(),
        },
    })
}

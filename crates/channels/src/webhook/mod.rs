//! A webhook: one signed JSON body for a program.
//!
//! Standard Webhooks in headers and signature. Only 2xx is success; redirects are
//! never followed; the URL is a secret and appears in no error.

mod alertmanager;
mod answer;
mod apprise;
mod body;
mod chat;
mod cloudevents;
mod discord;
mod event;
mod fit;
mod format;
mod mattermost;
mod ntfy;
mod signature;
mod slack;
mod teams;

use app::ports::{Cause, Channel, DeliveryError, MessageContent, Receipt, RenderError, Verdict};
use async_trait::async_trait;
use domain::kernel::{ChannelId, Instant, MessageId, Secret};
use egress::{Egress, Request, Target, TargetError, Trust};
use http::{HeaderName, HeaderValue, Method, header};
use serde_json::Value;

use crate::failure::{failure, unreached};

pub use format::Format;
pub use signature::{Keys, SecretError};
pub(crate) use slack::escape as slack_escape;

/// The most bytes of a body; Standard Webhooks advises 20 KB.
pub const BODY_MAX: usize = 20_000;

/// A table `[channels.…]` of kind `webhook`.
#[derive(Clone, Debug)]
pub struct WebhookSettings {
    /// The table's key.
    pub id: ChannelId,
    /// Where to; its path and query may be a secret.
    pub url: Secret<String>,
    /// `whsec_…`, the current one first; all of them sign, so that a receiver can
    /// change over in its own time. Empty: not signed.
    pub secrets: Vec<Secret<String>>,
    /// The words.
    pub format: Format,
    /// Sent as `Authorization: Bearer …`, for receivers that ask for one.
    pub token: Option<Secret<String>>,
    /// For ntfy: the topic, 1 to 64 letters, digits, `-` and `_`.
    pub topic: Option<Secret<String>>,
    /// For Apprise: only the services with this tag.
    pub tag: Option<String>,
}

impl WebhookSettings {
    /// Our own body, unsigned, with nothing that only some formats want.
    pub fn new(id: ChannelId, url: Secret<String>) -> Self {
        Self {
            id,
            url,
            secrets: Vec::new(),
            format: Format::Standard,
            token: None,
            topic: None,
            tag: None,
        }
    }
}

/// Why the table cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WebhookError {
    /// The URL is refused.
    #[error("`url` of the channel is refused: {0}")]
    Url(#[source] TargetError),
    /// A secret is refused.
    #[error("`secret` of the channel is refused: {0}")]
    Secret(#[source] SecretError),
    /// A format that programs act on must be signed.
    #[error(
        "`secret` of the channel is missing; make one with `openssl rand -base64 32` and write `whsec_` before it"
    )]
    Unsigned,
    /// ntfy needs a topic.
    #[error(
        "`topic` of the channel is missing or none; ntfy takes 1 to 64 letters, digits, `-` and `_`"
    )]
    Topic,
    /// The token cannot stand in a header.
    #[error("`token` of the channel holds characters that a header cannot")]
    Token,
}

/// A webhook.
#[derive(Debug)]
pub struct WebhookChannel {
    id: ChannelId,
    target: Target,
    keys: Keys,
    format: Format,
    authorization: Option<HeaderValue>,
    topic: Option<Secret<String>>,
    tag: Option<String>,
    egress: Egress,
}

impl WebhookChannel {
    /// Makes the channel; the URL is judged here and again at each send.
    ///
    /// # Errors
    /// A refused URL, an unusable secret, or none where one is needed.
    pub fn new(settings: &WebhookSettings, egress: Egress) -> Result<Self, WebhookError> {
        let target = egress
            .target(settings.url.expose(), Trust::Guarded)
            .map_err(WebhookError::Url)?;
        let keys = Keys::parse(&settings.secrets).map_err(WebhookError::Secret)?;
        if settings.format.is_signed() && keys.is_empty() {
            return Err(WebhookError::Unsigned);
        }
        let topic = match settings.format {
            Format::Ntfy => Some(topic(settings.topic.as_ref())?),
            _ => None,
        };
        let authorization = settings.token.as_ref().map(bearer).transpose()?;
        Ok(Self {
            id: settings.id.clone(),
            target,
            keys,
            format: settings.format,
            authorization,
            topic,
            tag: settings.tag.clone(),
            egress,
        })
    }

    fn write(&self, content: &MessageContent, shown: usize) -> Value {
        match self.format {
            Format::Standard => body::write(content, shown),
            Format::CloudEvents => cloudevents::write(content, shown),
            Format::Alertmanager => alertmanager::write(content, shown, self.id.as_str()),
            Format::Slack => slack::write(content, shown),
            Format::Teams => teams::write(content, shown),
            Format::Discord => discord::write(content, shown),
            Format::Mattermost => mattermost::write(content, shown),
            Format::Ntfy => ntfy::write(content, shown),
            Format::Apprise => apprise::write(content, shown, self.tag.as_deref()),
        }
    }

    fn request(&self, id: &MessageId, payload: &str, now: Instant) -> Option<Request> {
        let seconds = now.as_seconds();
        let mut request = Request::new(Method::POST, self.target.clone())
            .header(
                header::CONTENT_TYPE,
                HeaderValue::from_static(self.format.content_type()),
            )
            .header(
                HeaderName::from_static("webhook-id"),
                HeaderValue::from_str(id.as_str()).ok()?,
            )
            .header(
                HeaderName::from_static("webhook-timestamp"),
                HeaderValue::from(seconds),
            );
        if !self.keys.is_empty() {
            let signature = self.keys.sign(id.as_str(), seconds, payload);
            let signature = HeaderValue::from_str(&signature).ok()?;
            request = request.header(HeaderName::from_static("webhook-signature"), signature);
        }
        request.repeatable = self.is_idempotent();
        if let Some(value) = &self.authorization {
            request = request.header(header::AUTHORIZATION, value.clone());
        }
        Some(request.body(match &self.topic {
            Some(topic) => ntfy::addressed(payload, topic.expose())?,
            None => payload.to_owned(),
        }))
    }
}

#[async_trait]
impl Channel for WebhookChannel {
    fn id(&self) -> &ChannelId {
        &self.id
    }

    fn kind(&self) -> &'static str {
        "webhook"
    }

    /// A chat room is read by people; what a program does with a body is its own affair.
    fn reaches_persons(&self) -> bool {
        self.format.is_for_people()
    }

    fn is_shared(&self) -> bool {
        true
    }

    /// Receivers drop a `webhook-id` they have seen, Alertmanager's merge by
    /// fingerprint; a chat room shows a message twice.
    fn is_idempotent(&self) -> bool {
        !self.format.is_for_people()
    }

    fn render(&self, content: &MessageContent) -> Result<String, RenderError> {
        let attempt = |content: &MessageContent| {
            let write = |shown| self.write(content, shown).to_string();
            fit::fit(content.items.len(), BODY_MAX, write)
        };
        let body = attempt(content).or_else(|| attempt(&fit::thin(content)));
        body.ok_or_else(|| RenderError::Unsayable("it is larger than a webhook may be".to_owned()))
    }

    async fn send(
        &self,
        id: &MessageId,
        payload: &str,
        now: Instant,
    ) -> Result<Receipt, DeliveryError> {
        let damaged = || {
            failure(
                Verdict::GiveUp,
                Cause::Rejected,
                "the message's id does not fit a header",
            )
        };
        let request = self.request(id, payload, now).ok_or_else(damaged)?;
        match self.egress.send(request, Trust::Guarded).await {
            Ok(response) => answer::judge(&response, self.format, now),
            Err(error) => Err(answer::lost(unreached(&error), self.format)),
        }
    }
}

fn topic(given: Option<&Secret<String>>) -> Result<Secret<String>, WebhookError> {
    let topic = given.ok_or(WebhookError::Topic)?.expose().trim();
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    if !(1..=64).contains(&topic.len()) || !topic.chars().all(fits) {
        return Err(WebhookError::Topic);
    }
    Ok(Secret::new(topic.to_owned()))
}

fn bearer(token: &Secret<String>) -> Result<HeaderValue, WebhookError> {
    let text = format!("Bearer {}", token.expose().trim());
    let mut value = HeaderValue::from_str(&text).map_err(|_| WebhookError::Token)?;
    value.set_sensitive(true);
    Ok(value)
}

/// A message in our own words, as programs read it.
pub(crate) fn standard_body(content: &MessageContent) -> Value {
    body::write(content, content.items.len())
}

/// A message for a Slack room, as incoming webhooks and bots take it.
pub(crate) fn slack_body(content: &MessageContent) -> Value {
    slack::write(content, content.items.len())
}

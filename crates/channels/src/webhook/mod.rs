//! A webhook: one signed JSON body for a program.
//!
//! Standard Webhooks in headers and signature. Only 2xx is success; redirects are
//! never followed; the URL is a secret and appears in no error.

mod alertmanager;
mod answer;
mod body;
mod cloudevents;
mod event;
mod fit;
mod signature;
mod slack;

use app::ports::{Cause, Channel, DeliveryError, MessageContent, Receipt, RenderError, Verdict};
use async_trait::async_trait;
use domain::kernel::{ChannelId, Instant, MessageId, Secret};
use egress::{Egress, Request, Target, TargetError, Trust};
use http::{HeaderName, HeaderValue, Method, header};
use serde_json::Value;

use crate::failure::{failure, unreached};

pub use signature::{Keys, SecretError};

/// The most bytes of a body; Standard Webhooks advises 20 KB.
pub const BODY_MAX: usize = 20_000;

/// In which words the receiver is spoken to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Format {
    /// Our own body, as the documentation describes it.
    #[default]
    Standard,
    /// CloudEvents 1.0, structured mode; the same body as `data`.
    CloudEvents,
    /// What Prometheus Alertmanager sends to webhooks, version 4.
    Alertmanager,
    /// Slack's incoming webhooks, and whatever takes the same.
    Slack,
}

impl Format {
    /// Reads the word of the configuration.
    pub fn parse(word: &str) -> Option<Self> {
        match word {
            "standard" => Some(Self::Standard),
            "cloudevents" => Some(Self::CloudEvents),
            "alertmanager" => Some(Self::Alertmanager),
            "slack" => Some(Self::Slack),
            _ => None,
        }
    }

    /// Whether the receiver shows a message that comes twice, as chat rooms do.
    const fn is_shown_twice(self) -> bool {
        matches!(self, Self::Slack)
    }

    const fn content_type(self) -> &'static str {
        match self {
            Self::CloudEvents => "application/cloudevents+json",
            _ => "application/json",
        }
    }
}

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
}

/// A webhook.
#[derive(Debug)]
pub struct WebhookChannel {
    id: ChannelId,
    target: Target,
    keys: Keys,
    format: Format,
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
        let signed = matches!(settings.format, Format::Standard | Format::CloudEvents);
        if signed && keys.is_empty() {
            return Err(WebhookError::Unsigned);
        }
        Ok(Self {
            id: settings.id.clone(),
            target,
            keys,
            format: settings.format,
            egress,
        })
    }

    fn write(&self, content: &MessageContent, shown: usize) -> Value {
        match self.format {
            Format::Standard => body::write(content, shown),
            Format::CloudEvents => cloudevents::write(content, shown),
            Format::Alertmanager => alertmanager::write(content, shown, self.id.as_str()),
            Format::Slack => slack::write(content, shown),
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
        Some(request.body(payload.to_owned()))
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
        self.format.is_shown_twice()
    }

    fn is_shared(&self) -> bool {
        true
    }

    /// Receivers drop a `webhook-id` they have seen, Alertmanager's merge by
    /// fingerprint; a chat room shows a message twice.
    fn is_idempotent(&self) -> bool {
        !self.format.is_shown_twice()
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

//! A Slack bot: posts each step, edits what it posted when the alert moves on or is over,
//! and takes what people choose on its buttons.
//!
//! A new step is a new message, for an edit calls nobody; the message before it is edited
//! into one line. Where a message stands is remembered of single alerts; a digest is not
//! edited. What comes back from buttons is believed only with Slack's signature, and acts
//! with the rights of the person whose confirmed address Slack names.
//!
//! Source: docs.slack.dev, "chat.postMessage", "chat.update", "users.info", "Verifying
//! requests from Slack" and "block_actions payloads", as of 2026-11-22.

mod call;
mod face;

use std::sync::Arc;

use app::ports::{
    Call, CallError, Cause, Channel, ChannelMemory, DeliveryError, Item, MessageContent, Receipt,
    RenderError, StoreError, Verdict, Wish,
};
use async_trait::async_trait;
use domain::kernel::{AlertId, ChannelId, Instant, MessageId, Secret, Span};
use domain::notice::MessageKind;
use egress::{Egress, Response, TargetError};
use http::{Method, header};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::answer;
use crate::failure::{RETRY, failure};
use crate::post::{self, Api};
use face::Face;

/// Slack's programme interface.
pub const URL: &str = "https://slack.com/api";
/// How often messages are compared with their alerts, beside when somebody acts.
const UPKEEP: Span = Span::minutes(5);
/// What Slack says when trying again is of no use: the token or the room is gone.
const GONE: [&str; 9] = [
    "invalid_auth",
    "not_authed",
    "account_inactive",
    "token_revoked",
    "token_expired",
    "channel_not_found",
    "not_in_channel",
    "is_archived",
    "missing_scope",
];

/// A table `[channels.…]` of kind `slack`.
#[derive(Clone, Debug)]
pub struct SlackSettings {
    /// The table's key.
    pub id: ChannelId,
    /// Usually [`URL`].
    pub url: String,
    /// The bot's token, `xoxb-…`.
    pub token: Secret<String>,
    /// The room: `C0123456789`.
    pub room: String,
    /// With it, messages have buttons and what people choose on them is taken.
    pub signing_secret: Option<Secret<String>>,
}

/// Why the table cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SlackError {
    /// The URL is refused.
    #[error("`url` of the channel is refused: {0}")]
    Url(#[source] TargetError),
    /// The token is none.
    #[error("`token` of the channel is no bot token; it begins with `xoxb-`")]
    Token,
    /// The room is not named by its id.
    #[error(
        "`room` of the channel is no id of a room, such as C0123456789; it stands at the end of the room's details"
    )]
    Room,
}

/// A Slack bot in one room.
pub struct SlackChannel {
    id: ChannelId,
    api: Api,
    egress: Egress,
    room: String,
    signing_secret: Option<Secret<String>>,
    memory: Arc<dyn ChannelMemory>,
}

impl std::fmt::Debug for SlackChannel {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SlackChannel")
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}

/// What is frozen: the message, and the one alert it is about.
#[derive(Serialize, Deserialize)]
struct Frozen {
    message: Value,
    /// `None` for digests and tests.
    alert: Option<AlertId>,
    /// How the alert is shown by it.
    shown: String,
    over: bool,
    /// What an earlier message of this alert becomes.
    before: Option<Value>,
}

/// Where a message about an alert stands, and how it shows it.
#[derive(Clone, Serialize, Deserialize)]
struct Posted {
    room: String,
    ts: String,
    shown: String,
}

impl SlackChannel {
    /// Makes the channel.
    ///
    /// # Errors
    /// A refused URL, a token that is no bot's, a room that is no id.
    pub fn new(
        settings: SlackSettings,
        egress: &Egress,
        memory: Arc<dyn ChannelMemory>,
    ) -> Result<Self, SlackError> {
        let token = settings.token.expose().trim();
        let graphic = token.chars().all(|c| c.is_ascii_graphic());
        if !token.starts_with("xoxb-") || !graphic {
            return Err(SlackError::Token);
        }
        let room = &settings.room;
        let begins = room.starts_with(['C', 'G', 'D']);
        let letters = room
            .chars()
            .all(|c| c.is_ascii_uppercase() || c.is_ascii_digit());
        if !begins || !letters || !(9..=20).contains(&room.len()) {
            return Err(SlackError::Room);
        }
        let api = Api::new(egress, &settings.url)
            .map_err(SlackError::Url)?
            .with(header::AUTHORIZATION, &format!("Bearer {token}"))
            .ok_or(SlackError::Token)?;
        Ok(Self {
            id: settings.id,
            api,
            egress: egress.clone(),
            room: settings.room,
            signing_secret: settings.signing_secret,
            memory,
        })
    }

    fn has_buttons(&self) -> bool {
        self.signing_secret.is_some()
    }

    async fn ask(&self, method: &str, said: &Value, now: Instant) -> Result<Value, DeliveryError> {
        let path = format!("/{method}");
        let response = self.api.ask(Method::POST, &path, Some(said)).await?;
        judge(&response, now)
    }

    async fn post(&self, frozen: &Frozen, now: Instant) -> Result<(), DeliveryError> {
        let mut message = frozen.message.clone();
        set(&mut message, "channel", json!(self.room));
        let posted = self.ask("chat.postMessage", &message, now).await;
        // A room shows a message twice that comes twice.
        let posted = posted.map_err(open_if_lost)?;
        let (Some(alert), Some(ts)) = (&frozen.alert, posted["ts"].as_str()) else {
            return Ok(());
        };
        let before = self.recall(alert).await;
        let room = posted["channel"].as_str().unwrap_or(&self.room);
        let now_there = Posted {
            room: room.to_owned(),
            ts: ts.to_owned(),
            shown: frozen.shown.clone(),
        };
        // The message stands; what follows is tidying, and must not make it come again.
        let kept = self
            .remember(alert, (!frozen.over).then_some(&now_there))
            .await;
        if let Err(error) = kept {
            tracing::warn!(channel = %self.id, %error, "where a message stands could not be remembered");
        }
        if let (Ok(Some(before)), Some(face)) = (before, &frozen.before)
            && let Err(error) = self.edit(&before, face, now).await
        {
            tracing::warn!(channel = %self.id, %error, "an earlier message could not be edited");
        }
        Ok(())
    }

    async fn edit(&self, at: &Posted, face: &Value, now: Instant) -> Result<(), DeliveryError> {
        let mut message = face.clone();
        set(&mut message, "channel", json!(at.room));
        set(&mut message, "ts", json!(at.ts));
        match self.ask("chat.update", &message, now).await {
            // Somebody removed it, or it is too old to be edited.
            Err(error) if error.detail.contains("message_not_found") => Ok(()),
            Err(error) if error.detail.contains("cant_update_message") => Ok(()),
            Err(error) if error.detail.contains("edit_window_closed") => Ok(()),
            answered => answered.map(drop),
        }
    }

    /// Brings one message up to how its alert stands; whether Slack was asked.
    async fn refresh(&self, item: &Item, content: &MessageContent) -> Result<bool, DeliveryError> {
        let Some(posted) = self.recall(&item.alert).await? else {
            return Ok(false);
        };
        let face = Face::of(item, content, self.has_buttons());
        if posted.shown == face.shown {
            return Ok(false);
        }
        self.edit(&posted, &face.message, content.now).await?;
        let next = Posted {
            shown: face.shown,
            ..posted
        };
        let next = item.resolution.is_none().then_some(&next);
        self.remember(&item.alert, next).await?;
        Ok(true)
    }

    async fn recall(&self, alert: &AlertId) -> Result<Option<Posted>, DeliveryError> {
        let kept = self.memory.recall(&self.id, alert).await;
        let kept = kept.map_err(|e| forgotten(&e))?;
        Ok(kept.and_then(|text| serde_json::from_str(&text).ok()))
    }

    async fn remember(
        &self,
        alert: &AlertId,
        posted: Option<&Posted>,
    ) -> Result<(), DeliveryError> {
        let value = posted.and_then(|p| serde_json::to_string(p).ok());
        let kept = self.memory.remember(&self.id, alert, value).await;
        kept.map_err(|e| forgotten(&e))
    }
}

fn set(message: &mut Value, key: &str, value: Value) {
    if let Some(fields) = message.as_object_mut() {
        fields.insert(key.to_owned(), value);
    }
}

fn forgotten(error: &StoreError) -> DeliveryError {
    let said = format!("where the message stands cannot be looked up: {error}");
    failure(RETRY, Cause::Server, &said)
}

fn open_if_lost(error: DeliveryError) -> DeliveryError {
    let open = matches!(error.cause, Cause::Timeout | Cause::Server);
    let verdict = if open && error.detail.starts_with("the receiver") {
        error.verdict
    } else if open {
        Verdict::Ambiguous
    } else {
        error.verdict
    };
    DeliveryError { verdict, ..error }
}

/// Slack answers 200 and says in the body whether it did what was asked.
fn judge(response: &Response, now: Instant) -> Result<Value, DeliveryError> {
    answer::judge(response, now)?;
    let said = post::json(response);
    if said["ok"] == true {
        return Ok(said);
    }
    let word: String = said["error"]
        .as_str()
        .unwrap_or("refused")
        .chars()
        .filter(|c| c.is_ascii_lowercase() || *c == '_')
        .take(40)
        .collect();
    let verdict = match word.as_str() {
        gone if GONE.contains(&gone) => Verdict::ChannelBroken,
        "ratelimited"
        | "rate_limited"
        | "internal_error"
        | "fatal_error"
        | "service_unavailable" => RETRY,
        _ => Verdict::RetryTwice,
    };
    let cause = if verdict == Verdict::ChannelBroken {
        Cause::Auth
    } else {
        Cause::Rejected
    };
    Err(failure(verdict, cause, &format!("Slack refused: {word}")))
}

#[async_trait]
impl Channel for SlackChannel {
    fn id(&self) -> &ChannelId {
        &self.id
    }

    fn kind(&self) -> &'static str {
        "slack"
    }

    fn reaches_persons(&self) -> bool {
        true
    }

    fn is_shared(&self) -> bool {
        true
    }

    fn is_idempotent(&self) -> bool {
        false
    }

    fn render(&self, content: &MessageContent) -> Result<String, RenderError> {
        let frozen = match content.items.as_slice() {
            [only] if content.kind == MessageKind::Notices => {
                let face = Face::of(only, content, self.has_buttons());
                Frozen {
                    message: face.message,
                    alert: Some(only.alert.clone()),
                    shown: face.shown,
                    over: only.resolution.is_some(),
                    before: Some(Face::passed(only, content)),
                }
            }
            _ => Frozen {
                message: crate::webhook::slack_body(content),
                alert: None,
                shown: String::new(),
                over: false,
                before: None,
            },
        };
        serde_json::to_string(&frozen)
            .map_err(|_| RenderError::Unsayable("it cannot be kept".to_owned()))
    }

    async fn send(
        &self,
        _: &MessageId,
        payload: &str,
        now: Instant,
    ) -> Result<Receipt, DeliveryError> {
        let frozen: Frozen = serde_json::from_str(payload).map_err(|_| post::damaged())?;
        self.post(&frozen, now).await?;
        Ok(Receipt {
            said: "posted".to_owned(),
        })
    }

    fn upkeep(&self) -> Option<Span> {
        Some(UPKEEP)
    }

    async fn keep_up(&self, content: &MessageContent) -> Result<bool, DeliveryError> {
        let mut spoke = false;
        for item in &content.items {
            spoke |= self.refresh(item, content).await?;
        }
        Ok(spoke)
    }

    async fn hear(&self, call: &Call) -> Result<Wish, CallError> {
        let secret = self.signing_secret.as_ref().ok_or(CallError::NotHere)?;
        let chosen = call::read(call, secret)?;
        let found = self
            .ask_who(&chosen.user, call.now)
            .await
            .map_err(|e| CallError::Unavailable(e.detail))?;
        Ok(Wish {
            email: found,
            alert: chosen.alert,
            act: chosen.act,
            reply_to: chosen.reply_to,
        })
    }

    async fn reply(&self, reply_to: &str, said: &str) {
        let answer = json!({ "response_type": "ephemeral", "replace_original": false, "text": crate::webhook::slack_escape(said) });
        call::reply(&self.egress, reply_to, &answer).await;
    }
}

impl SlackChannel {
    /// The confirmed address of a user; `None` for bots, guests without one, strangers.
    async fn ask_who(&self, user: &str, now: Instant) -> Result<Option<String>, DeliveryError> {
        let path = format!("/users.info?user={user}");
        let response = self.api.ask(Method::GET, &path, None).await?;
        let said = judge(&response, now)?;
        let who = &said["user"];
        let counts = who["is_email_confirmed"] == true
            && who["deleted"] != true
            && who["is_bot"] != true
            && who["is_stranger"] != true;
        let email = who["profile"]["email"].as_str().filter(|_| counts);
        Ok(email.map(str::to_owned))
    }
}

//! E-mail: a letter for one person, frozen as the bytes of RFC 5322.
//!
//! One recipient a message, so that every outcome belongs to one recipient.

use std::time::{Duration, SystemTime};

use app::ports::{Cause, Channel, DeliveryError, MessageContent, Receipt, RenderError, Verdict};
use async_trait::async_trait;
use domain::kernel::{ChannelId, Email, Instant, MessageId};
use egress::Egress;
use lettre::Address;
use lettre::message::{Mailbox, Message, MultiPart, MultiPartBuilder, SinglePart};
use serde::{Deserialize, Serialize};

use crate::failure::failure;
use crate::letterhead::{AutoSubmitted, ListId, XAutoResponseSuppress};
use crate::render::{Rendered, plain, render};
use crate::smtp::{Connections, Envelope, Server};

/// A table `[channels.…]` of kind `email`.
#[derive(Clone, Debug)]
pub struct EmailSettings {
    /// The table's key.
    pub id: ChannelId,
    /// The mail server.
    pub server: Server,
    /// The sender: `Forewarn <tokens@example.org>` or a bare address.
    pub from: String,
}

/// Why the table cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EmailError {
    /// The sender is no mailbox.
    #[error("`from` of the channel is not a mailbox such as Forewarn <tokens@example.org>")]
    From,
    /// The server's name is missing.
    #[error("`host` of the channel is empty; name the mail server")]
    Host,
}

/// E-mail over one mail server.
#[derive(Debug)]
pub struct EmailChannel {
    id: ChannelId,
    server: Server,
    from: Mailbox,
    egress: Egress,
    connections: Connections,
}

/// What is kept between attempts: the envelope's recipient and the whole message.
#[derive(Serialize, Deserialize)]
struct Frozen {
    to: Email,
    message: String,
}

impl EmailChannel {
    /// Makes the channel.
    ///
    /// # Errors
    /// A sender that is no mailbox, or no server.
    pub fn new(settings: EmailSettings, egress: Egress) -> Result<Self, EmailError> {
        if settings.server.host.trim().is_empty() {
            return Err(EmailError::Host);
        }
        let written: Mailbox = settings.from.parse().map_err(|_| EmailError::From)?;
        let email =
            ascii_domain(written.email.user(), written.email.domain()).ok_or(EmailError::From)?;
        let from = Mailbox::new(written.name, email);
        Ok(Self {
            id: settings.id,
            server: settings.server,
            from,
            egress,
            connections: Connections::default(),
        })
    }

    /// The domain of all ids: the sender's, which exists and is the operator's own.
    fn domain(&self) -> &str {
        self.from.email.domain()
    }

    fn compose(&self, content: &MessageContent, to: Address, said: Rendered) -> Option<Message> {
        let unix = u64::try_from(content.now.as_micros()).unwrap_or(0);
        let name = Some(plain(&content.to.name, 80)).filter(|n| !n.trim().is_empty());
        let mut builder = Message::builder()
            .from(self.from.clone())
            .to(Mailbox::new(name, to))
            .date(SystemTime::UNIX_EPOCH + Duration::from_micros(unix))
            .message_id(Some(format!("<{}@{}>", content.id, self.domain())))
            .subject(said.subject)
            .header(AutoSubmitted("auto-generated".to_owned()))
            .header(XAutoResponseSuppress("All".to_owned()))
            .header(ListId(format!("<forewarn.{}>", self.domain())));
        if let [only] = content.items.as_slice() {
            // A message that was never sent: all that is said of one alert hangs below it.
            let root = format!("<{}@{}>", only.alert, self.domain());
            builder = builder.in_reply_to(root.clone()).references(root);
        }
        let boundary = format!("=_{}", content.id);
        let parts: MultiPartBuilder = MultiPart::alternative().boundary(boundary);
        let parts = parts
            .singlepart(SinglePart::plain(said.text))
            .singlepart(SinglePart::html(said.html));
        builder.multipart(parts).ok()
    }
}

#[async_trait]
impl Channel for EmailChannel {
    fn id(&self) -> &ChannelId {
        &self.id
    }

    fn kind(&self) -> &'static str {
        "email"
    }

    fn reaches_persons(&self) -> bool {
        true
    }

    fn is_shared(&self) -> bool {
        false
    }

    fn is_idempotent(&self) -> bool {
        false
    }

    fn render(&self, content: &MessageContent) -> Result<String, RenderError> {
        let email = content.to.email.as_ref().ok_or(RenderError::NoAddress)?;
        let to = address(email).ok_or(RenderError::NoAddress)?;
        let unsayable = |what: &str| RenderError::Unsayable(what.to_owned());
        let said = render(content).map_err(|_| unsayable("its template cannot be filled"))?;
        let message = self
            .compose(content, to, said)
            .ok_or_else(|| unsayable("its headers do not fit"))?;
        let message =
            String::from_utf8(message.formatted()).map_err(|_| unsayable("it is not text"))?;
        serde_json::to_string(&Frozen {
            to: email.clone(),
            message,
        })
        .map_err(|_| unsayable("it cannot be kept"))
    }

    async fn send(
        &self,
        _: &MessageId,
        payload: &str,
        _: Instant,
    ) -> Result<Receipt, DeliveryError> {
        let damaged = || {
            failure(
                Verdict::GiveUp,
                Cause::Rejected,
                "the frozen message cannot be read back",
            )
        };
        let frozen: Frozen = serde_json::from_str(payload).map_err(|_| damaged())?;
        let to = address(&frozen.to).ok_or_else(damaged)?;
        let envelope = Envelope {
            from: self.from.email.clone(),
            to,
        };
        let message = frozen.message.as_bytes();
        self.connections
            .send(&self.egress, &self.server, &envelope, message)
            .await
    }
}

fn address(email: &Email) -> Option<Address> {
    let (local, domain) = email.as_str().rsplit_once('@')?;
    ascii_domain(local, domain)
}

/// Domains travel in their ASCII form, which every server takes (RFC 5891).
fn ascii_domain(local: &str, domain: &str) -> Option<Address> {
    let domain = idna::domain_to_ascii(domain).ok()?;
    Address::new(local, domain).ok()
}

//! A way out: renders once, sends as often as it takes.

use async_trait::async_trait;
use domain::expiry::{AlertKind, AlertState, Resolution, Step, Subject};
use domain::kernel::{
    AlertId, ChannelId, CredentialId, Email, Instant, MessageId, MonitorId, Secret, Span,
};
use domain::notice::{AudienceRole, MessageKind};
use domain::people::Recipient;

use super::call::{Call, CallError, Wish};

use super::Condition;

/// A way out. One implementation per kind, one value per table of the configuration.
#[async_trait]
pub trait Channel: Send + Sync {
    /// The key of its table in the configuration.
    fn id(&self) -> &ChannelId;
    /// `email`, `webhook`, `outbox`, …
    fn kind(&self) -> &'static str;
    /// Whether an accepted message was put before a person. Only such a channel makes a
    /// step *heard*.
    fn reaches_persons(&self) -> bool;
    /// Whether the channel is a recipient by itself (a chat room, a webhook) rather than
    /// a way to persons.
    fn is_shared(&self) -> bool;
    /// Whether the other side drops a message it has seen, by its id. Only then is a
    /// lost answer tried again without limit.
    fn is_idempotent(&self) -> bool;
    /// Makes the bytes of a message, in the channel's own form. Called once, before the
    /// first attempt; the result is frozen.
    ///
    /// # Errors
    /// The recipient has no address for this channel, or the content cannot be said here.
    fn render(&self, content: &MessageContent) -> Result<String, RenderError>;
    /// Hands frozen bytes to the other side. `now` is the attempt's time.
    ///
    /// # Errors
    /// With a verdict: what the delivery engine is to do.
    async fn send(
        &self,
        id: &MessageId,
        payload: &str,
        now: Instant,
    ) -> Result<Receipt, DeliveryError>;
    /// How often the other side is compared with what stands; `None`, the usual, where it
    /// neither holds nor shows alerts.
    fn upkeep(&self) -> Option<Span> {
        None
    }
    /// Brings the other side up to how these alerts stand, of which the channel remembers
    /// something; answers whether anything was asked of it. What is up to date costs no
    /// request, and what was never said is not said here.
    ///
    /// # Errors
    /// The other side failed; it is tried again at the next turn.
    async fn keep_up(&self, content: &MessageContent) -> Result<bool, DeliveryError> {
        let _ = content;
        Ok(false)
    }
    /// Takes a call that came in for this channel: proves that the other side made it, and
    /// says who wants what. Decides nothing.
    ///
    /// # Errors
    /// The call is not to be believed, or the channel takes none.
    async fn hear(&self, call: &Call) -> Result<Wish, CallError> {
        let _ = call;
        Err(CallError::NotHere)
    }
    /// Tells whoever made a call what became of it, as [`Wish::reply_to`] says. Best
    /// effort.
    async fn reply(&self, reply_to: &str, said: &str) {
        let _ = (reply_to, said);
    }
}

/// What a channel has to say, before it is put into the channel's own form.
#[derive(Clone, Debug, PartialEq)]
pub struct MessageContent {
    /// The message's id.
    pub id: MessageId,
    /// What the message is for.
    pub kind: MessageKind,
    /// When it is rendered.
    pub now: Instant,
    /// Where links lead, without a slash at the end.
    pub public_url: String,
    /// Who hears.
    pub to: Addressee,
    /// What is said, most urgent first.
    pub items: Vec<Item>,
    /// What is asked; only in a question.
    pub question: Option<Question>,
}

/// Whether an address is its holder's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// What the person is called who said so.
    pub by: String,
    /// Where the answer is given: opening it changes nothing.
    pub link: String,
}

/// Who hears, as far as a channel needs to know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Addressee {
    /// The recipient.
    pub recipient: Recipient,
    /// As shown.
    pub name: String,
    /// Where to write; `None` for shared channels.
    pub email: Option<Email>,
    /// IANA name; `None` means UTC.
    pub time_zone: Option<String>,
    /// How dates are written: a BCP 47 tag; `None` means the plain form.
    pub locale: Option<String>,
}

/// One notice with all that is said about it.
#[derive(Clone, Debug, PartialEq)]
pub struct Item {
    /// Which alert.
    pub alert: AlertId,
    /// What the alert is about.
    pub subject: Subject,
    /// Which standing fact.
    pub kind: AlertKind,
    /// Which step.
    pub step: Step,
    /// Which time: 1 for the first.
    pub occurrence: u32,
    /// Set when the cycle is over.
    pub resolution: Option<Resolution>,
    /// How the alert stands now, in one word.
    pub state: AlertState,
    /// In which capacity the recipient hears.
    pub role: AudienceRole,
    /// Why the recipient hears, for people.
    pub reason: String,
    /// Who else was told, for people.
    pub others: Vec<String>,
    /// The credential, where the alert is about one.
    pub credential: Option<CredentialFacts>,
    /// The monitor, where the alert is about one.
    pub monitor: Option<MonitorFacts>,
    /// What is still to be decided, where the alert is about a review.
    pub review: Option<ReviewFacts>,
    /// A sentence, for alerts about something else.
    pub detail: Option<String>,
    /// The organisation's own words.
    pub own: OwnWords,
    /// Where this recipient may act without a sign-in: following it changes nothing. `None`
    /// where they may not, or nothing is left to do. Never where programs or strangers read.
    pub act_link: Option<Secret<String>>,
}

/// Words of the organisation's own, plain text; hostile until escaped, for names stand in
/// them.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct OwnWords {
    /// Instead of the usual sentence while the alert stands, one line.
    pub headline: Option<String>,
    /// Before the usual advice, a sentence each.
    pub advice: Vec<String>,
}

/// Makes the organisation's own words.
pub trait Wording: Send + Sync {
    /// The words for one item at `now`; what cannot be made is left to the usual words.
    fn words(&self, item: &Item, public_url: &str, now: Instant) -> OwnWords;
}

/// What a message says of an integration that reports in. Never its key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MonitorFacts {
    /// Our id.
    pub id: MonitorId,
    /// Its name; hostile until escaped.
    pub name: String,
    /// How often it reports in.
    pub period: Span,
    /// How late it may be.
    pub grace: Span,
    /// When it was last heard.
    pub last_ping_at: Option<Instant>,
    /// The accountable one's id and name.
    pub owner: Option<(String, String)>,
    /// The team's id and name.
    pub team: Option<(String, String)>,
    /// The credentials whose lapse would stop it.
    pub depends_on: Vec<DependencyFacts>,
}

/// What a message says of a credential that an integration depends on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DependencyFacts {
    /// Our id.
    pub id: CredentialId,
    /// Its name; hostile until escaped.
    pub name: String,
    /// `active`, `expired`, `revoked`, …; `refused` while its issuer refuses it.
    pub state: &'static str,
    /// When it ends.
    pub expires_at: Option<Instant>,
}

/// What a message says of a review: the credentials about which nothing is decided yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReviewFacts {
    /// The first of them, soonest end first.
    pub waiting: Vec<CredentialFacts>,
    /// How many more there are.
    pub others: usize,
}

/// What a message says of a credential. Never a secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CredentialFacts {
    /// Our id.
    pub id: CredentialId,
    /// The issuer's id.
    pub external_id: String,
    /// Its name; hostile until escaped.
    pub name: String,
    /// Its kind, in the issuer's words.
    pub kind: String,
    /// The source's id.
    pub source: String,
    /// What the source is called: "Foundry (prod-foundry)".
    pub system: String,
    /// When it was issued.
    pub created_at: Option<Instant>,
    /// When it ends.
    pub expires_at: Option<Instant>,
    /// The latest use; `None` means never or not known.
    pub last_used_at: Option<Instant>,
    /// How many uses are counted, where they are.
    pub uses: Option<u64>,
    /// When its source last confirmed it.
    pub confirmed_at: Instant,
    /// How its source does, while what it last said may be out of date: failing, read in
    /// part, or held.
    pub doubt: Option<Condition>,
    /// The accountable one's id and name.
    pub owner: Option<(String, String)>,
    /// The team's id and name.
    pub team: Option<(String, String)>,
    /// What it allows.
    pub scopes: Vec<String>,
    /// Labels.
    pub labels: Vec<(String, String)>,
    /// What breaks when it lapses.
    pub used_by: Vec<domain::inventory::PlaceOfUse>,
    /// Where it is renewed.
    pub renew_url: Option<String>,
    /// What to do, in sentences.
    pub advice: Vec<String>,
    /// A newer credential that seems to take its place.
    pub newer: Option<String>,
    /// Whether nobody who can act owns it.
    pub orphaned: bool,
}

/// What the other side said on acceptance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// SMTP reply with queue id, HTTP status line; at most 300 characters.
    pub said: String,
}

/// Why a message cannot be put into the channel's form.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RenderError {
    /// The recipient cannot be written to over this channel.
    #[error("the recipient has no address for this channel")]
    NoAddress,
    /// The content does not fit the channel.
    #[error("the message cannot be said over this channel: {0}")]
    Unsayable(String),
}

/// Why an attempt failed, and what follows.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{cause}: {detail}")]
pub struct DeliveryError {
    /// What the delivery engine is to do.
    pub verdict: Verdict,
    /// The class, for metrics.
    pub cause: Cause,
    /// A sentence for operators, without URL, address, secret or body; ≤ 300 characters.
    pub detail: String,
}

/// What the delivery engine is to do after a failed attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Try again on schedule, not before `after` where the other side asked for it.
    Retry {
        /// The wait the other side asked for, already clamped.
        after: Option<Span>,
    },
    /// Likely to stay, as an answer of 404 is: after the third attempt in all treat it
    /// as [`Verdict::ChannelBroken`].
    RetryTwice,
    /// The other side may have accepted; the answer was lost.
    Ambiguous,
    /// This message fails over this channel for good; the channel is fine.
    GiveUp,
    /// This recipient cannot be reached over this channel (mailbox gone).
    RecipientGone,
    /// The channel itself is broken (password refused, endpoint gone): fall over now.
    ChannelBroken,
}

/// The class of a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Cause {
    /// Name resolution, connection refused, reset.
    Unreachable,
    /// Took too long.
    Timeout,
    /// TLS was not offered or does not verify.
    Tls,
    /// Credentials refused.
    Auth,
    /// The other side asks for less.
    RateLimited,
    /// The other side failed.
    Server,
    /// The other side does not like what we say.
    Rejected,
    /// The endpoint or mailbox no longer exists.
    Gone,
    /// Our own address policy forbids the destination.
    Forbidden,
}

impl Cause {
    /// The word in metrics.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Unreachable => "unreachable",
            Self::Timeout => "timeout",
            Self::Tls => "tls",
            Self::Auth => "auth",
            Self::RateLimited => "rate_limited",
            Self::Server => "server",
            Self::Rejected => "rejected",
            Self::Gone => "gone",
            Self::Forbidden => "forbidden",
        }
    }
}

impl std::fmt::Display for Cause {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

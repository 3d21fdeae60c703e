//! A receiver that keeps what it got and can be away: all that the oracle reads.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use app::ports::{Cause, Channel, DeliveryError, MessageContent, Receipt, RenderError, Verdict};
use async_trait::async_trait;
use domain::kernel::{ChannelId, Instant, MessageId};

/// One mail as it arrived.
#[derive(Clone, Debug)]
pub struct Mail {
    pub at: Instant,
    /// `person:…`, `team:…`, `address:…`.
    pub to: String,
    pub lines: Vec<Line>,
}

/// What a mail says of one matter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// The credential's name; `None` for what is about something else.
    pub name: Option<String>,
    /// `30d`, `end`, `baseline`, `now`.
    pub step: String,
    /// About which end, in microseconds; `-` where there is none.
    pub end: String,
    /// Whether it says that the matter is over.
    pub over: bool,
}

/// A mail server that people read.
pub struct Receiver {
    id: ChannelId,
    away: AtomicBool,
    got: Mutex<Vec<Mail>>,
}

impl Receiver {
    pub fn new(id: &str) -> Self {
        Self {
            id: ChannelId::parse(id).unwrap(),
            away: AtomicBool::new(false),
            got: Mutex::default(),
        }
    }

    /// From now on it cannot be reached, or can again.
    pub fn is_away(&self, away: bool) {
        self.away.store(away, Ordering::SeqCst);
    }

    /// Everything that arrived, in order.
    pub fn transcript(&self) -> Vec<Mail> {
        self.got.lock().unwrap().clone()
    }

    pub fn count(&self) -> usize {
        self.got.lock().unwrap().len()
    }
}

#[async_trait]
impl Channel for Receiver {
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
        if content.to.email.is_none() {
            return Err(RenderError::NoAddress);
        }
        let mut text = format!("{}\n", content.to.recipient);
        for item in &content.items {
            let name = item.credential.as_ref().map_or("-", |c| c.name.as_str());
            let end = item.credential.as_ref().and_then(|c| c.expires_at);
            let end = end.map_or_else(|| "-".to_owned(), |end| end.as_micros().to_string());
            let over = if item.resolution.is_some() {
                "over"
            } else {
                "on"
            };
            text.push_str(&format!("{name} {} {end} {over}\n", item.step));
        }
        Ok(text)
    }

    async fn send(
        &self,
        _: &MessageId,
        payload: &str,
        now: Instant,
    ) -> Result<Receipt, DeliveryError> {
        if self.away.load(Ordering::SeqCst) {
            return Err(DeliveryError {
                verdict: Verdict::Retry { after: None },
                cause: Cause::Unreachable,
                detail: "nobody answers".to_owned(),
            });
        }
        self.got.lock().unwrap().push(read(payload, now));
        Ok(Receipt {
            said: "250 ok".to_owned(),
        })
    }
}

fn read(payload: &str, at: Instant) -> Mail {
    let (to, lines) = payload.split_once('\n').unwrap();
    let line = |text: &str| {
        let mut words = text.split(' ');
        let mut next = || words.next().unwrap().to_owned();
        let (name, step, end, over) = (next(), next(), next(), next());
        Line {
            name: (name != "-").then_some(name),
            step,
            end,
            over: over == "over",
        }
    };
    Mail {
        at,
        to: to.to_owned(),
        lines: lines.lines().map(line).collect(),
    }
}

//! A channel that follows a script and keeps what it was given.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use app::ports::{Cause, Channel, DeliveryError, MessageContent, Receipt, RenderError, Verdict};
use async_trait::async_trait;
use domain::kernel::{ChannelId, Instant, MessageId, Span};
use tokio_util::sync::CancellationToken;

/// What the channel does with one attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Accepts.
    Accept,
    /// Fails with this verdict before anything arrived.
    Fail(Verdict),
    /// The message arrives, the answer does not.
    AcceptButLose,
    /// Never answers.
    Hang,
    /// Accepts once the test lets it: see [`RecordingChannel::let_go`].
    Hold,
}

/// One attempt as the channel saw it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Heard {
    /// The message's id.
    pub id: MessageId,
    /// The bytes.
    pub payload: String,
    /// When.
    pub at: Instant,
    /// Whether the message arrived.
    pub arrived: bool,
}

/// A channel that follows a script and keeps what it was given. Its payload is a line
/// per item: `NAME STEP#OCCURRENCE [RESOLUTION]`.
#[derive(Debug)]
pub struct RecordingChannel {
    id: ChannelId,
    kind: &'static str,
    shared: bool,
    persons: bool,
    idempotent: bool,
    upkeep: Option<Span>,
    /// Ends what is held.
    free: CancellationToken,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    script: VecDeque<Answer>,
    otherwise: Answer,
    heard: Vec<Heard>,
    rendered: Vec<MessageContent>,
    kept: Vec<MessageContent>,
}

impl RecordingChannel {
    /// Like e-mail: reaches persons, drops no repeats.
    pub fn mail(id: &str) -> Self {
        Self::new(id, "email", false, true, false)
    }

    /// Like a webhook: told by itself, reaches no person, drops repeats.
    pub fn hook(id: &str) -> Self {
        Self::new(id, "webhook", true, false, true)
    }

    /// Like a chat room: told by itself, people read it.
    pub fn room(id: &str) -> Self {
        Self::new(id, "slack", true, true, false)
    }

    /// Shows how alerts stand, and is brought up to date so often.
    #[must_use]
    pub fn keeping(self, every: Span) -> Self {
        Self {
            upkeep: Some(every),
            ..self
        }
    }

    fn new(id: &str, kind: &'static str, shared: bool, persons: bool, idempotent: bool) -> Self {
        Self {
            id: ChannelId::parse(id).unwrap_or_else(|_| ChannelId::derived(&[id])),
            kind,
            shared,
            persons,
            idempotent,
            upkeep: None,
            free: CancellationToken::new(),
            state: Mutex::new(State {
                script: VecDeque::new(),
                otherwise: Answer::Accept,
                heard: Vec::new(),
                rendered: Vec::new(),
                kept: Vec::new(),
            }),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The next attempts are answered like this, in order.
    pub fn next(&self, answers: impl IntoIterator<Item = Answer>) {
        self.state().script.extend(answers);
    }

    /// All attempts beyond the script are answered like this.
    pub fn always(&self, answer: Answer) {
        self.state().otherwise = answer;
    }

    /// What is held is accepted, and nothing is held any more.
    pub fn let_go(&self) {
        self.free.cancel();
    }

    /// All attempts so far.
    pub fn attempts(&self) -> Vec<Heard> {
        self.state().heard.clone()
    }

    /// What arrived so far: attempts that the receiver has got, repeats included.
    pub fn arrived(&self) -> Vec<Heard> {
        let state = self.state();
        state.heard.iter().filter(|h| h.arrived).cloned().collect()
    }

    /// What was rendered so far.
    pub fn rendered(&self) -> Vec<MessageContent> {
        self.state().rendered.clone()
    }

    /// What it was brought up to date with.
    pub fn kept(&self) -> Vec<MessageContent> {
        self.state().kept.clone()
    }

    /// Forgets what was heard; the script stays.
    pub fn forget(&self) {
        let mut state = self.state();
        state.heard.clear();
        state.rendered.clear();
    }
}

#[async_trait]
impl Channel for RecordingChannel {
    fn id(&self) -> &ChannelId {
        &self.id
    }
    fn kind(&self) -> &'static str {
        self.kind
    }
    fn reaches_persons(&self) -> bool {
        self.persons
    }
    fn is_shared(&self) -> bool {
        self.shared
    }
    fn is_idempotent(&self) -> bool {
        self.idempotent
    }

    fn upkeep(&self) -> Option<Span> {
        self.upkeep
    }

    /// Answers by the script as well; `Accept` unless it says otherwise.
    async fn keep_up(&self, content: &MessageContent) -> Result<bool, DeliveryError> {
        let mut state = self.state();
        state.kept.push(content.clone());
        match state.script.pop_front() {
            Some(Answer::Fail(verdict)) => Err(failure(verdict)),
            _ => Ok(true),
        }
    }

    fn render(&self, content: &MessageContent) -> Result<String, RenderError> {
        if !self.shared && content.to.email.is_none() {
            return Err(RenderError::NoAddress);
        }
        self.state().rendered.push(content.clone());
        let line = |item: &app::ports::Item| {
            let what = match &item.credential {
                Some(credential) => credential.name.clone(),
                None => format!("{} {}", item.subject, item.kind.as_str()),
            };
            let over = item
                .resolution
                .map(|r| format!(" {r:?}"))
                .unwrap_or_default();
            format!("{what} {}#{}{over}", item.step, item.occurrence)
        };
        let lines: Vec<String> = content.items.iter().map(line).collect();
        Ok(format!("to {}\n{}", content.to.recipient, lines.join("\n")))
    }

    async fn send(
        &self,
        id: &MessageId,
        payload: &str,
        now: Instant,
    ) -> Result<Receipt, DeliveryError> {
        let answer = {
            let mut state = self.state();
            let answer = state.script.pop_front().unwrap_or(state.otherwise.clone());
            state.heard.push(Heard {
                id: id.clone(),
                payload: payload.to_owned(),
                at: now,
                arrived: matches!(
                    answer,
                    Answer::Accept | Answer::AcceptButLose | Answer::Hold
                ),
            });
            answer
        };
        match answer {
            Answer::Accept => Ok(accepted()),
            Answer::Fail(verdict) => Err(failure(verdict)),
            Answer::AcceptButLose => Err(failure(Verdict::Ambiguous)),
            Answer::Hang => std::future::pending().await,
            Answer::Hold => {
                self.free.cancelled().await;
                Ok(accepted())
            }
        }
    }
}

fn accepted() -> Receipt {
    Receipt {
        said: "250 OK".to_owned(),
    }
}

fn failure(verdict: Verdict) -> DeliveryError {
    DeliveryError {
        verdict,
        cause: Cause::Server,
        detail: "as the script says".to_owned(),
    }
}

//! Empties the outbox: some messages of each channel at a time, so that a channel that
//! hangs delays nobody else.
//!
//! Decides when, never what: a message's fate is the use case's. By a clock that jumped ahead
//! nothing is sent: all that waits would be too late, and leases would last until then.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::Instant as Running;

use app::Context;
use app::deliver::{claim, deliver, put_back, take_over};
use app::ports::StoreError;
use domain::kernel::{ChannelId, Instant, Span};
use domain::notice::{Message, MessageState};
use futures_util::FutureExt;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::pulse::{ASK_AGAIN, Pulse};
use crate::until;

/// Messages of one channel in flight at once.
pub const PER_CHANNEL: usize = 4;
/// Messages in flight at once. Also claimed at once.
pub const GLOBAL: usize = 16;
/// A message waits for its channel at most until so long before its lease ends.
const LEFT: Span = Span::seconds(20);
/// A message that waited too long for its channel waits so long before it is claimed again;
/// and so long after a fruitless look beside busy channels nobody looks again, unless told to.
const BUSY: Span = Span::seconds(1);

/// What becomes of a message that waited.
enum Next {
    Go(Message),
    Late(Message),
}

/// Messages on their way, and how many over which channel.
#[derive(Default)]
pub struct InFlight {
    tasks: JoinSet<ChannelId>,
    of: BTreeMap<ChannelId, usize>,
    waiting: BTreeMap<ChannelId, VecDeque<Message>>,
    /// When nothing was found beside which busy channels.
    fruitless: Option<(Instant, Vec<ChannelId>)>,
}

impl InFlight {
    /// Claims what may go now and starts it. Answers whether anything was started.
    ///
    /// # Errors
    /// The store's.
    pub async fn start(&mut self, ctx: &Arc<Context>) -> Result<bool, StoreError> {
        self.reap();
        if self.start_waiting(ctx).await? {
            return Ok(true);
        }
        loop {
            let free = GLOBAL.saturating_sub(self.tasks.len());
            let limit = u32::try_from(free).unwrap_or(0);
            // Of a channel whose messages wait none are claimed, so that none go back.
            let busy: Vec<ChannelId> = self.waiting.keys().cloned().collect();
            if limit == 0 || self.was_fruitless(&busy, ctx.now()) {
                return Ok(false);
            }
            let claimed = claim(ctx, limit, busy.clone()).await?;
            if claimed.is_empty() {
                self.fruitless = (!busy.is_empty()).then(|| (ctx.now(), busy));
                return Ok(false);
            }
            if self.spawn_all(ctx, claimed) {
                return Ok(true);
            }
        }
    }

    /// Looking goes through all that waits for the busy ones, so it is not done for each
    /// message that ends.
    fn was_fruitless(&self, busy: &[ChannelId], now: Instant) -> bool {
        let looked = self.fruitless.as_ref();
        looked.is_some_and(|(at, beside)| beside == busy && now < *at + BUSY)
    }

    /// Something new waits: the next start looks, whatever it found before.
    pub fn look_again(&mut self) {
        self.fruitless = None;
    }

    fn spawn_all(&mut self, ctx: &Arc<Context>, claimed: Vec<Message>) -> bool {
        let mut started = false;
        for message in claimed {
            if self.has_room(&message.channel) {
                started = true;
                self.spawn(Arc::clone(ctx), message);
            } else {
                let queue = self.waiting.entry(message.channel.clone()).or_default();
                queue.push_back(message);
            }
        }
        started
    }

    /// Starts what waits for a channel that has room again, and puts back what has waited
    /// so long that its lease may end.
    async fn start_waiting(&mut self, ctx: &Arc<Context>) -> Result<bool, StoreError> {
        let channels: Vec<ChannelId> = self.waiting.keys().cloned().collect();
        let limit = ctx.now() + LEFT;
        let mut started = false;
        for channel in channels {
            while let Some(next) = self.next_waiting(&channel, limit) {
                match next {
                    Next::Go(message) => {
                        started = true;
                        self.spawn(Arc::clone(ctx), message);
                    }
                    Next::Late(message) => put_back(ctx, message, BUSY).await?,
                }
            }
        }
        self.waiting.retain(|_, queue| !queue.is_empty());
        Ok(started)
    }

    fn next_waiting(&mut self, channel: &ChannelId, limit: Instant) -> Option<Next> {
        let room = self.has_room(channel) && self.tasks.len() < GLOBAL;
        let queue = self.waiting.get_mut(channel)?;
        let is_late = queue
            .front()
            .is_some_and(|m| m.leased_until.is_none_or(|until| until <= limit));
        match (is_late, room) {
            (true, _) => queue.pop_front().map(Next::Late),
            (false, true) => queue.pop_front().map(Next::Go),
            (false, false) => None,
        }
    }

    fn has_room(&self, channel: &ChannelId) -> bool {
        self.of.get(channel).copied().unwrap_or(0) < PER_CHANNEL
    }

    fn spawn(&mut self, ctx: Arc<Context>, message: Message) {
        let channel = message.channel.clone();
        let id = message.id.clone();
        *self.of.entry(channel.clone()).or_default() += 1;
        self.tasks.spawn(async move {
            let carried = std::panic::AssertUnwindSafe(deliver(&ctx, message)).catch_unwind();
            match carried.await {
                Ok(Ok(())) => {}
                Ok(Err(error)) => {
                    tracing::error!(message = %id, %error, "the outcome of a message could not be recorded; it is taken up again when its lease ends");
                }
                Err(_) => tracing::error!(message = %id, "a delivery panicked; its message is taken up again when its lease ends"),
            }
            channel
        });
    }

    /// Forgets what has ended.
    pub fn reap(&mut self) {
        while let Some(ended) = self.tasks.try_join_next() {
            self.forget(ended);
        }
    }

    /// Waits until one message has ended; `false` if none was on its way.
    pub async fn one_ended(&mut self) -> bool {
        match self.tasks.join_next().await {
            Some(ended) => {
                self.forget(ended);
                true
            }
            None => false,
        }
    }

    fn forget(&mut self, ended: Result<ChannelId, tokio::task::JoinError>) {
        // Panics are caught inside the task, so only an abort has no channel to tell.
        if let Ok(channel) = ended
            && let Some(running) = self.of.get_mut(&channel)
        {
            *running = running.saturating_sub(1);
        }
    }

    /// How many are on their way.
    pub fn len(&self) -> usize {
        self.tasks.len()
    }

    /// Whether none is on its way.
    pub fn is_empty(&self) -> bool {
        self.tasks.is_empty()
    }
}

/// Carries everything whose turn has come, and what follows from it, until nothing is
/// left to do now.
///
/// # Errors
/// The store's.
pub async fn drain(ctx: &Arc<Context>) -> Result<(), StoreError> {
    let mut flight = InFlight::default();
    loop {
        if flight.start(ctx).await? {
            continue;
        }
        if !flight.one_ended().await {
            return Ok(());
        }
    }
}

/// When the next message's turn comes; `None` when none waits.
///
/// # Errors
/// The store's.
pub async fn next_turn(ctx: &Context) -> Result<Option<Instant>, StoreError> {
    // "Waiting at the end of time" is everything that waits.
    ctx.store.oldest_waiting(Instant::MAX).await
}

/// Whether the message still has something ahead of it.
pub const fn is_open(state: MessageState) -> bool {
    matches!(
        state,
        MessageState::Collecting | MessageState::Queued | MessageState::Sending
    )
}

/// How long messages under way may take once the loop is asked to stop.
const DRAIN: std::time::Duration = std::time::Duration::from_secs(4);
/// How long the loop waits when nothing says sooner.
const IDLE: Span = Span::seconds(30);
/// How long it waits after the store failed.
const RETRY: Span = Span::seconds(2);

/// Starts what may go now, if the clock is believed; `None` when it is not.
///
/// # Errors
/// The store's.
pub async fn believed(
    ctx: &Arc<Context>,
    flight: &mut InFlight,
    pulse: &mut Pulse,
    running: Running,
) -> Result<Option<bool>, StoreError> {
    if !pulse.believes(ctx.now(), running) {
        return Ok(None);
    }
    flight.start(ctx).await.map(Some)
}

/// Delivers until stopped. Where no other process can be using the store (`alone`), what
/// a process that is gone was sending is taken over first.
pub async fn run(ctx: Arc<Context>, alone: bool, stop: CancellationToken) {
    if alone && let Err(error) = take_over(&ctx).await {
        tracing::error!(%error, "messages of a stopped process could not be taken over; their leases end by themselves");
    }
    let (mut flight, mut pulse) = (InFlight::default(), Pulse::default());
    while !stop.is_cancelled() {
        let next = match believed(&ctx, &mut flight, &mut pulse, Running::now()).await {
            Ok(Some(true)) => continue,
            Ok(Some(false)) => next_turn(&ctx).await.unwrap_or_default(),
            Ok(None) => {
                // Whoever wakes us is no second reading.
                tokio::select! {
                    () = stop.cancelled() => break,
                    () = tokio::time::sleep(ASK_AGAIN.to_std()) => continue,
                }
            }
            Err(error) => {
                tracing::error!(%error, "the outbox cannot be read and is tried again");
                Some(ctx.now() + RETRY)
            }
        };
        // What waits for a busy channel shows as due; a place that is free wakes us.
        let busy = !flight.is_empty();
        tokio::select! {
            () = stop.cancelled() => break,
            () = ctx.delivery_wanted.notified() => flight.look_again(),
            () = until(&ctx, next, IDLE) => {}
            true = flight.one_ended(), if busy => {}
        }
    }
    let ended = async { while flight.one_ended().await {} };
    if tokio::time::timeout(DRAIN, ended).await.is_err() {
        tracing::warn!("messages under way were left; they are taken up at the next start");
    }
}

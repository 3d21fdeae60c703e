//! Which ways out are there, do they work, and who stands behind them?
//!
//! Brings the configured channels, their remembered health and the configured audience
//! into the form that `domain::notice` decides with. Sends nothing.

mod health;
mod settings;

pub use health::{FAILURES_UNTIL_DEGRADED, Health, Turn};
pub use settings::audience_settings;

use std::collections::BTreeMap;
use std::sync::Arc;

use domain::kernel::{ChannelId, Instant};
use domain::notice::{ChannelFacts, SharedChannel};

use crate::Context;
use crate::ports::{Channel, StoreError};

/// The configured channels with what is remembered of each, at one moment.
pub struct WaysOut {
    channels: Vec<(Arc<dyn Channel>, Health)>,
    now: Instant,
}

impl WaysOut {
    /// Reads the health of every configured channel.
    ///
    /// # Errors
    /// The store's.
    pub async fn load(ctx: &Context) -> Result<Self, StoreError> {
        let mut channels = Vec::new();
        for channel in ctx.channels.load_full().iter() {
            let health = Health::load(ctx, channel.id()).await?;
            channels.push((Arc::clone(channel), health));
        }
        let now = ctx.now();
        Ok(Self { channels, now })
    }

    /// The channel of this id, if it is still configured.
    pub fn channel(&self, id: &ChannelId) -> Option<&Arc<dyn Channel>> {
        self.find(id).map(|(channel, _)| channel)
    }

    /// What is remembered of a channel.
    pub fn health(&self, id: &ChannelId) -> Health {
        self.find(id).map(|(_, h)| h.clone()).unwrap_or_default()
    }

    fn find(&self, id: &ChannelId) -> Option<&(Arc<dyn Channel>, Health)> {
        self.channels.iter().find(|(c, _)| c.id() == id)
    }

    /// As `domain::notice::ways` wants them.
    pub fn facts(&self) -> Vec<ChannelFacts> {
        let fact = |(channel, health): &(Arc<dyn Channel>, Health)| ChannelFacts {
            id: channel.id().clone(),
            kind: channel.kind().to_owned(),
            reaches_persons: channel.reaches_persons() && !channel.is_shared(),
            shared: channel.is_shared(),
            healthy: health.is_healthy(self.now),
        };
        self.channels.iter().map(fact).collect()
    }

    /// The channels that are told by themselves, without the one named.
    pub fn shared(&self, but: Option<&ChannelId>) -> Vec<SharedChannel> {
        let shared = self
            .channels
            .iter()
            .map(|(c, _)| c)
            .filter(|c| c.is_shared());
        shared
            .filter(|c| Some(c.id()) != but)
            .map(|c| SharedChannel {
                id: c.id().clone(),
                pager: matches!(c.kind(), "pagerduty" | "pager"),
            })
            .collect()
    }

    /// Whether any channel puts what it accepts before a person.
    pub fn reach_persons(&self) -> bool {
        self.channels.iter().any(|(c, _)| c.reaches_persons())
    }

    /// Whether any channel refuses what it is given.
    pub fn any_failing(&self) -> bool {
        self.channels.iter().any(|(_, h)| h.is_failing())
    }

    /// The ids, for telling whether the configuration changed.
    pub fn ids(&self) -> BTreeMap<String, &'static str> {
        let named = |(c, _): &(Arc<dyn Channel>, Health)| (c.id().to_string(), c.kind());
        self.channels.iter().map(named).collect()
    }
}

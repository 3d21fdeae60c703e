//! The ways out, as people see them.

use domain::kernel::{ChannelId, Instant};

use crate::ways_out::WaysOut;
use crate::{AppError, Context, Principal};

/// A way out, and how it does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChannelItem {
    /// The key of its table in the configuration.
    pub id: ChannelId,
    /// `email`, `webhook`, `outbox`, …
    pub kind: String,
    /// Whether what it accepts is put before a person.
    pub reaches_persons: bool,
    /// Whether it is told by itself (a chat room, a webhook).
    pub is_shared: bool,
    /// Since when nothing could be delivered, and why; `None` while it delivers.
    pub failing: Option<(Option<Instant>, String)>,
    /// The channel itself is broken: password refused, endpoint gone.
    pub is_broken: bool,
}

/// All configured channels, by id. Needs `channels:read`.
///
/// # Errors
/// [`AppError::Forbidden`].
pub async fn list_channels(
    ctx: &Context,
    principal: &Principal,
) -> Result<Vec<ChannelItem>, AppError> {
    if !principal.grant.holds("channels:read") {
        return Err(AppError::lacks("channels:read", "to see the channels"));
    }
    let ways = WaysOut::load(ctx).await?;
    let configured = ctx.channels.load_full();
    let items = configured.iter().map(|channel| {
        let health = ways.health(channel.id());
        ChannelItem {
            id: channel.id().clone(),
            kind: channel.kind().to_owned(),
            reaches_persons: channel.reaches_persons(),
            is_shared: channel.is_shared(),
            is_broken: health.broken,
            failing: health.is_failing().then_some((health.since, health.detail)),
        }
    });
    let mut items: Vec<ChannelItem> = items.collect();
    items.sort_by(|a, b| a.id.cmp(&b.id));
    Ok(items)
}

//! Over which channels can a recipient be told, best first?

use crate::kernel::ChannelId;
use crate::people::Recipient;

/// What must be known of a channel to choose it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChannelFacts {
    /// Which one.
    pub id: ChannelId,
    /// Its kind: `email`, `webhook`, `demo-outbox`.
    pub kind: String,
    /// Whether it can be addressed to a person; what it accepts then counts as heard.
    pub reaches_persons: bool,
    /// Whether it is told by itself.
    pub shared: bool,
    /// Whether it delivers at present.
    pub healthy: bool,
}

/// The channels over which the recipient can be told, best first: healthy ones before
/// others, then by id. Empty means that there is no way to this recipient.
///
/// A shared channel is told over itself, also while it is not healthy: its queue waits.
pub fn ways(recipient: &Recipient, channels: &[ChannelFacts]) -> Vec<ChannelId> {
    let mut fitting: Vec<&ChannelFacts> = channels
        .iter()
        .filter(|channel| match recipient {
            Recipient::Channel(id) => channel.shared && channel.id == *id,
            Recipient::Person(_) | Recipient::Team(_) | Recipient::Address(_) => {
                channel.reaches_persons
            }
        })
        .collect();
    fitting.sort_by_key(|channel| (!channel.healthy, &channel.id));
    fitting.into_iter().map(|c| c.id.clone()).collect()
}

//! In which words a receiver is spoken to.

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
    /// A Microsoft Teams workflow that posts Adaptive Cards.
    Teams,
    /// A Discord webhook.
    Discord,
    /// A Mattermost incoming webhook.
    Mattermost,
    /// An ntfy server.
    Ntfy,
    /// An Apprise API server.
    Apprise,
}

impl Format {
    /// Reads the word of the configuration.
    pub fn parse(word: &str) -> Option<Self> {
        match word {
            "standard" => Some(Self::Standard),
            "cloudevents" => Some(Self::CloudEvents),
            "alertmanager" => Some(Self::Alertmanager),
            "slack" => Some(Self::Slack),
            "teams" => Some(Self::Teams),
            "discord" => Some(Self::Discord),
            "mattermost" => Some(Self::Mattermost),
            "ntfy" => Some(Self::Ntfy),
            "apprise" => Some(Self::Apprise),
            _ => None,
        }
    }

    /// Whether people read it, as in a chat room, rather than programs: then a message
    /// that comes twice is shown twice, and nobody checks a signature.
    pub(super) const fn is_for_people(self) -> bool {
        match self {
            Self::Standard | Self::CloudEvents | Self::Alertmanager => false,
            Self::Slack
            | Self::Teams
            | Self::Discord
            | Self::Mattermost
            | Self::Ntfy
            | Self::Apprise => true,
        }
    }

    /// Whether the receiver acts on the body, so that it must be signed.
    pub(super) const fn is_signed(self) -> bool {
        matches!(self, Self::Standard | Self::CloudEvents)
    }

    pub(super) const fn content_type(self) -> &'static str {
        match self {
            Self::CloudEvents => "application/cloudevents+json",
            _ => "application/json",
        }
    }
}

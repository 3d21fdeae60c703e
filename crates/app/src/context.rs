//! What every use case is given: the ports, the settings, the verifier, the wake-ups.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use arc_swap::ArcSwap;
use domain::expiry::{Policies, ReviewRule};
use domain::inventory::{Outage, OwnerRule, WatcherRule};
use domain::kernel::{CredentialId, Email, Instant, SourceId, Span};
use tokio::sync::Notify;
use verifier::Verifier;

use crate::Signals;
use crate::monitors::Pings;
use crate::ports::{Channel, Clock, Connector, Decoder, IdentityProvider, Random, Store, Wording};
use crate::readings::Readings;
use crate::sources::SourceSettings;

/// What every use case is given. Cheap to clone behind an `Arc`.
pub struct Context {
    /// What is kept.
    pub store: Arc<dyn Store>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Random bytes.
    pub random: Arc<dyn Random>,
    /// The in-memory index that requests are verified against.
    pub verifier: Arc<Verifier>,
    /// What the configuration says; replaced as a whole on reload.
    pub settings: ArcSwap<Settings>,
    /// The ways out; replaced as a whole on reload.
    pub channels: ArcSwap<Vec<Arc<dyn Channel>>>,
    /// The ways in that are read; replaced as a whole on reload.
    pub connectors: ArcSwap<BTreeMap<SourceId, Arc<dyn Connector>>>,
    /// In whose form a source's lines are pushed, where that is not our own; set by the
    /// binary.
    pub decoders: ArcSwap<BTreeMap<SourceId, Arc<dyn Decoder>>>,
    /// The organisation's own words for messages, if any; set by the binary.
    pub wording: ArcSwap<Option<Arc<dyn Wording>>>,
    /// Who vouches for people, if anybody; set by the binary.
    pub provider: ArcSwap<Option<Arc<dyn IdentityProvider>>>,
    /// Wakes the sweep: something may be due now.
    pub sweep_wanted: Notify,
    /// Wakes the delivery: something stands in the outbox.
    pub delivery_wanted: Notify,
    /// Wakes the upkeep: somebody acted on an alert, and others are shown how it stands.
    pub upkeep_wanted: Notify,
    /// Wakes the observers: somebody asked for a sync.
    pub sync_wanted: Notify,
    /// Signs of life: workers write, `/readyz` and `/metrics` read.
    pub signals: Signals,
    /// Which sources are being read, and how far.
    pub readings: Readings,
    /// What integrations said and is not written down yet.
    pub pings: Pings,
    /// When this process could not listen before it did; set once, by the first look.
    pub(crate) outage: OnceLock<Option<Outage>>,
    /// Revoked tokens that were presented, whose rows could not be written yet.
    pub(crate) untold: tokio::sync::Mutex<Vec<(CredentialId, Instant)>>,
    /// Held while roles and owners are read for the verifier, so that an older reading
    /// can never replace a newer one.
    pub(crate) standings: tokio::sync::Mutex<()>,
}

/// What the configuration says, as far as the use cases and workers care.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Where links in messages lead, without a slash at the end.
    pub public_url: String,
    /// Which steps for which credential.
    pub policies: Policies,
    /// Who hears beside owner and team.
    pub audience: Audience,
    /// Who answers where nobody says so, in the order in which they are asked.
    pub owners: Vec<OwnerRule>,
    /// Who hears besides, of all credentials of a kind.
    pub watchers: Vec<WatcherRule>,
    /// Which reviews there are, by name.
    pub reviews: BTreeMap<String, ReviewRule>,
    /// How often the sweep runs.
    pub interval: Span,
    /// How long between repeats; also of the log line.
    pub backoff: Span,
    /// How long before the end surfaces show a credential.
    pub window: Span,
    /// The unit in which the log line counts.
    pub slice: Span,
    /// What that unit is called, in the singular.
    pub slice_name: String,
    /// How people sign in with a browser.
    pub sign_in: SignIn,
    /// Whether links in messages act only for somebody who is signed in.
    pub links_need_sign_in: bool,
    /// What is said of each source beside how it is read; those without a word about them
    /// may be missing.
    pub sources: BTreeMap<SourceId, SourceSettings>,
}

/// Who hears beside owner and team.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Audience {
    /// `team:NAME`, an address, or a person's id; empty means everybody with `Admin`.
    pub admins: Vec<String>,
    /// The last resort.
    pub catch_all: Vec<Email>,
}

/// How people sign in with a browser.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignIn {
    /// Whether passwords kept here open anything.
    pub passwords: bool,
    /// A session that nobody uses ends after so long.
    pub idle: Span,
    /// Every session ends after so long.
    pub lifetime: Span,
    /// Whether somebody whom the provider vouches for and nobody knows is added.
    pub admit: bool,
    /// Which roles the members of a group of the provider hold here.
    pub roles: BTreeMap<String, Vec<String>>,
    /// To which teams they belong here.
    pub teams: BTreeMap<String, Vec<String>>,
}

impl Default for SignIn {
    fn default() -> Self {
        Self {
            passwords: true,
            idle: Span::hours(8),
            lifetime: Span::hours(24),
            admit: true,
            roles: BTreeMap::new(),
            teams: BTreeMap::new(),
        }
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            public_url: "http://127.0.0.1:8080".to_owned(),
            policies: Policies::default(),
            audience: Audience::default(),
            owners: Vec::new(),
            watchers: Vec::new(),
            reviews: BTreeMap::new(),
            interval: Span::hours(1),
            backoff: Span::hours(24),
            window: Span::hours(168),
            slice: Span::hours(24),
            slice_name: "day".to_owned(),
            sign_in: SignIn::default(),
            links_need_sign_in: false,
            sources: BTreeMap::new(),
        }
    }
}

impl Settings {
    /// How often a source is read.
    pub fn interval_of(&self, source: &SourceId) -> Span {
        let own = self.sources.get(source).and_then(|s| s.interval);
        own.unwrap_or(self.interval)
    }
}

impl Context {
    /// Puts the parts together; nobody is awake yet and nothing was counted.
    pub fn new(
        store: Arc<dyn Store>,
        clock: Arc<dyn Clock>,
        random: Arc<dyn Random>,
        verifier: Arc<Verifier>,
        settings: Settings,
        channels: Vec<Arc<dyn Channel>>,
    ) -> Self {
        let began = clock.now();
        Self {
            store,
            clock,
            random,
            verifier,
            settings: ArcSwap::from_pointee(settings),
            channels: ArcSwap::from_pointee(channels),
            connectors: ArcSwap::default(),
            decoders: ArcSwap::default(),
            wording: ArcSwap::default(),
            provider: ArcSwap::default(),
            sweep_wanted: Notify::new(),
            delivery_wanted: Notify::new(),
            upkeep_wanted: Notify::new(),
            sync_wanted: Notify::new(),
            signals: Signals::default(),
            pings: Pings::default(),
            outage: OnceLock::new(),
            readings: Readings::new(began),
            untold: tokio::sync::Mutex::default(),
            standings: tokio::sync::Mutex::new(()),
        }
    }

    /// The present instant.
    pub fn now(&self) -> Instant {
        self.clock.now()
    }
}

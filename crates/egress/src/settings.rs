//! What the way out is made of: policy, limits, trust roots, three HTTP clients.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use ipnet::IpNet;
use reqwest::redirect;
use rustls::ClientConfig;
use rustls::client::danger::ServerCertVerifier;

use crate::address::{AddressPolicy, Trust};
use crate::identity::ClientIdentity;
use crate::resolve::{Guard, Lookup, SystemLookup};
use crate::target::{Target, TargetError};
use crate::tls::{client_config, verifier};

/// What an operator may set, with the defaults of the product.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Networks that are open although they are not public.
    pub allow_cidrs: Vec<IpNet>,
    /// PEM file with private certificate authorities, believed beside the platform's.
    pub ca_file: Option<PathBuf>,
    /// What is shown where the other side asks who we are; `None` shows nothing.
    pub identity: Option<ClientIdentity>,
    /// What the `user-agent` header says.
    pub user_agent: String,
    /// The longest wait for a connection, handshake included; 10 s.
    pub connect_timeout: Duration,
    /// The longest time from the look-up to the last byte of the answer; 15 s.
    pub total_timeout: Duration,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            allow_cidrs: Vec::new(),
            ca_file: None,
            identity: None,
            user_agent: concat!("Forewarn/", env!("CARGO_PKG_VERSION")).to_owned(),
            connect_timeout: Duration::from_secs(10),
            total_timeout: Duration::from_secs(15),
        }
    }
}

/// Why the way out could not be built.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SetupError {
    /// The file with private authorities is of no use.
    #[error("`egress.ca_file` {} cannot be used: {reason}", path.display())]
    CaFile {
        /// Where it was looked for.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// The certificate or key that is to be shown is of no use.
    #[error("{} cannot be used: {reason}", path.display())]
    Identity {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// No trust roots.
    #[error("no certificate authorities could be loaded: {0}; name a file in `egress.ca_file`")]
    Roots(String),
    /// The HTTP client refused its settings.
    #[error("the HTTP client could not be built: {0}; check `egress`")]
    Client(String),
}

/// The way out. Cheap to clone; all clones share connections and policy.
#[derive(Clone)]
pub struct Egress {
    pub(crate) policy: Arc<AddressPolicy>,
    pub(crate) tls: Arc<ClientConfig>,
    pub(crate) verifier: Arc<dyn ServerCertVerifier>,
    pub(crate) lookup: Arc<dyn Lookup>,
    pub(crate) settings: Arc<Settings>,
    trusted: reqwest::Client,
    guarded: reqwest::Client,
    bursts: reqwest::Client,
}

impl std::fmt::Debug for Egress {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Egress")
            .field("policy", &self.policy)
            .finish_non_exhaustive()
    }
}

impl Egress {
    /// Builds the way out with the system's resolver.
    ///
    /// # Errors
    /// An unreadable `ca_file` or identity, or no trust roots at all.
    pub fn new(settings: Settings) -> Result<Self, SetupError> {
        Self::with_lookup(settings, Arc::new(SystemLookup))
    }

    /// As [`Egress::new`], with a resolver of the caller's.
    ///
    /// # Errors
    /// An unreadable `ca_file` or identity, or no trust roots at all.
    pub fn with_lookup(settings: Settings, lookup: Arc<dyn Lookup>) -> Result<Self, SetupError> {
        let verifier = verifier(settings.ca_file.as_deref())?;
        let tls = client_config(Arc::clone(&verifier), settings.identity.as_ref())?;
        let policy = Arc::new(AddressPolicy::new(settings.allow_cidrs.clone()));
        let guard = |trust| Guard {
            lookup: Arc::clone(&lookup),
            policy: Arc::clone(&policy),
            trust,
        };
        let trusted = http_client(&settings, &tls, guard(Trust::Trusted), &KEPT)?;
        let guarded = http_client(&settings, &tls, guard(Trust::Guarded), &NOT_KEPT)?;
        let bursts = http_client(&settings, &tls, guard(Trust::Guarded), &KEPT_FOR_A_BURST)?;
        Ok(Self {
            policy,
            tls: Arc::new(tls),
            verifier,
            lookup,
            settings: Arc::new(settings),
            trusted,
            guarded,
            bursts,
        })
    }

    /// Judges a URL, when it is saved as well as when it is used.
    ///
    /// # Errors
    /// The rule that it breaks.
    pub fn target(&self, url: &str, trust: Trust) -> Result<Target, TargetError> {
        Target::parse(url, &self.policy, trust)
    }

    pub(crate) fn client(&self, trust: Trust, repeatable: bool) -> &reqwest::Client {
        match (trust, repeatable) {
            (Trust::Trusted, _) => &self.trusted,
            (Trust::Guarded, true) => &self.bursts,
            (Trust::Guarded, false) => &self.guarded,
        }
    }

    pub(crate) fn guard(&self, trust: Trust) -> Guard {
        Guard {
            lookup: Arc::clone(&self.lookup),
            policy: Arc::clone(&self.policy),
            trust,
        }
    }
}

/// Which connections wait for another request to the same host.
struct Kept {
    most: usize,
    idle: Duration,
}

const KEPT: Kept = Kept {
    most: 4,
    idle: Duration::from_secs(90),
};
const NOT_KEPT: Kept = Kept {
    most: 0,
    idle: Duration::ZERO,
};
/// A name that moved is followed after two seconds, and what it moved to is judged.
const KEPT_FOR_A_BURST: Kept = Kept {
    most: 64,
    idle: Duration::from_secs(2),
};

fn http_client(
    settings: &Settings,
    tls: &ClientConfig,
    guard: Guard,
    kept: &Kept,
) -> Result<reqwest::Client, SetupError> {
    let mut tls = tls.clone();
    tls.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the one place where clients are made"
    )]
    let builder = reqwest::Client::builder();
    builder
        .tls_backend_preconfigured(tls)
        .dns_resolver(guard)
        .redirect(redirect::Policy::none())
        .no_proxy()
        .referer(false)
        .tcp_nodelay(true)
        .connect_timeout(settings.connect_timeout)
        .timeout(settings.total_timeout)
        .pool_max_idle_per_host(kept.most)
        .pool_idle_timeout(kept.idle)
        .user_agent(&settings.user_agent)
        .build()
        .map_err(|e| SetupError::Client(e.without_url().to_string()))
}

//! The one way out of Forewarn: every connection that leaves starts here.
//!
//! A guarded HTTP client and a guarded dialer share one address policy, one set of
//! trust roots, one set of time limits. Names are resolved here, the resolved
//! addresses are filtered, and only those are connected to, so that a name cannot
//! mean one thing when it is checked and another when it is used.
//!
//! What this room must never do: follow a redirect, use a proxy behind the
//! operator's back, read an answer without an end, or print a URL, whose path and
//! query may be a secret.

mod address;
mod dial;
mod error;
mod http;
mod identity;
mod resolve;
mod retry_after;
mod settings;
mod stream;
mod target;
mod tls;
mod unverified;

pub use address::{AddressPolicy, Refusal, Trust};
pub use error::{EgressError, RetryVerdict};
pub use http::{Request, Response};
pub use identity::ClientIdentity;
/// A network in CIDR notation, as in `egress.allow_cidrs`.
pub use ipnet::IpNet;
pub use resolve::{Lookup, SystemLookup};
pub use retry_after::{RETRY_AFTER_MAX, parse_retry_after, retry_delay};
pub use settings::{Egress, Settings, SetupError};
pub use stream::{Flow, Streamed};
pub use target::{Target, TargetError};
pub use tls::TlsStream;
pub use unverified::{ChainVerdict, UnverifiedChain};

//! Which addresses of this name may be connected to?
//!
//! A name is resolved once for each connect, and the addresses that pass are the
//! ones that are used. A mixed answer loses its forbidden addresses; an answer
//! with nothing else is refused.

use std::future::Future;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use crate::address::{AddressPolicy, Trust};
use crate::error::EgressError;

/// What a look-up gives: the addresses in the resolver's order.
pub type Looked<'a> = Pin<Box<dyn Future<Output = std::io::Result<Vec<IpAddr>>> + Send + 'a>>;

/// Turns names into addresses. Replaced in tests by one that answers from a script.
pub trait Lookup: Send + Sync {
    /// All addresses of a name.
    fn lookup<'a>(&'a self, host: &'a str) -> Looked<'a>;
}

/// The system's resolver.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemLookup;

impl Lookup for SystemLookup {
    fn lookup<'a>(&'a self, host: &'a str) -> Looked<'a> {
        Box::pin(async move {
            let found = tokio::net::lookup_host((host, 0)).await?;
            Ok(found.map(|address| address.ip()).collect())
        })
    }
}

/// A resolver that hands out only addresses that the policy permits.
#[derive(Clone)]
pub(crate) struct Guard {
    pub(crate) lookup: Arc<dyn Lookup>,
    pub(crate) policy: Arc<AddressPolicy>,
    pub(crate) trust: Trust,
}

impl Guard {
    /// The permitted addresses of a name, at least one.
    pub(crate) async fn addresses(&self, host: &str) -> Result<Vec<IpAddr>, EgressError> {
        let failed = |reason: String| EgressError::Resolve {
            host: host.to_owned(),
            reason,
        };
        let found = self
            .lookup
            .lookup(host)
            .await
            .map_err(|e| failed(e.to_string()))?;
        let mut refusal = None;
        let mut permitted = Vec::new();
        for address in found {
            match self.policy.check(address, self.trust) {
                Ok(()) => permitted.push(address),
                Err(refused) => refusal = Some(refused),
            }
        }
        match (permitted.is_empty(), refusal) {
            (false, _) => Ok(permitted),
            (true, Some(refusal)) => Err(EgressError::Refused {
                host: host.to_owned(),
                refusal,
            }),
            (true, None) => Err(failed("the answer is empty".to_owned())),
        }
    }
}

impl Resolve for Guard {
    fn resolve(&self, name: Name) -> Resolving {
        let guard = self.clone();
        Box::pin(async move {
            let addresses = guard.addresses(name.as_str()).await?;
            Ok(Box::new(addresses.into_iter().map(|ip| SocketAddr::new(ip, 0))) as Addrs)
        })
    }
}

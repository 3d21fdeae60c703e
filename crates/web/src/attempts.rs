//! How often may somebody try to sign in?
//!
//! Tries are counted by the address they came from and by the account they were for.
//! Nobody is locked out for good: one more try is allowed every few seconds. What is
//! counted is forgotten with the process.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::num::NonZeroU32;
use std::sync::Arc;

use app::ports::Clock;
use axum::extract::ConnectInfo;
use governor::clock::Clock as Ticks;
use governor::middleware::NoOpMiddleware;
use governor::nanos::Nanos;
use governor::state::keyed::DashMapStateStore;
use governor::{Quota, RateLimiter};
use http::Extensions;

/// Tries from one network, all at once or spread over a minute.
const BY_ADDRESS: NonZeroU32 = NonZeroU32::MIN.saturating_add(19);
/// Tries for one account, all at once or spread over a minute.
const BY_ACCOUNT: NonZeroU32 = NonZeroU32::MIN.saturating_add(9);
/// So much is remembered at once. Beyond that everybody waits until some is forgotten.
const REMEMBERED_MAX: usize = 10_000;

type Limiter = RateLimiter<String, DashMapStateStore<String>, Wall, NoOpMiddleware<Nanos>>;

/// Counts those who try to sign in.
pub(crate) struct Attempts {
    by_address: Limiter,
    by_account: Limiter,
}

/// The server's clock, as the library wants it.
#[derive(Clone)]
struct Wall(Arc<dyn Clock>);

impl Ticks for Wall {
    type Instant = Nanos;

    fn now(&self) -> Nanos {
        let micros = u64::try_from(self.0.now().as_micros()).unwrap_or(0);
        Nanos::new(micros.saturating_mul(1000))
    }
}

impl Attempts {
    pub(crate) fn new(clock: Arc<dyn Clock>) -> Self {
        let limiter = |a_minute| {
            let wall = Wall(Arc::clone(&clock));
            RateLimiter::dashmap_with_clock(Quota::per_minute(a_minute), wall)
        };
        Self {
            by_address: limiter(BY_ADDRESS),
            by_account: limiter(BY_ACCOUNT),
        }
    }

    /// Counts one attempt before it is looked at, so that many at once count as many.
    /// False: too many came before it.
    pub(crate) fn may_try(&self, client: &Extensions, account: &str) -> bool {
        let address = client.get::<ConnectInfo<SocketAddr>>();
        let address = address.is_none_or(|ConnectInfo(peer)| {
            passes(&self.by_address, network(peer.ip()).to_string())
        });
        address && passes(&self.by_account, account.trim().to_ascii_lowercase())
    }
}

fn passes(limiter: &Limiter, key: String) -> bool {
    if limiter.len() >= REMEMBERED_MAX {
        limiter.retain_recent();
    }
    limiter.len() < REMEMBERED_MAX && limiter.check_key(&key).is_ok()
}

/// Whose addresses count as one: an IPv6 customer has at least a /64 (RFC 6177).
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(v6) => IpAddr::V6(Ipv6Addr::from_bits(v6.to_bits() & (u128::MAX << 64))),
        v4 => v4,
    }
}

#[cfg(test)]
mod tests {
    use domain::kernel::{Instant, Span};
    use testkit::FakeClock;

    use super::*;

    fn client(address: &str) -> Extensions {
        let mut extensions = Extensions::new();
        let peer = SocketAddr::new(address.parse().unwrap(), 4711);
        extensions.insert(ConnectInfo(peer));
        extensions
    }

    #[test]
    fn an_account_and_an_address_are_counted_apart_and_forgotten() {
        let clock = Arc::new(FakeClock::at(Instant::EPOCH + Span::days(20_000)));
        let attempts = Attempts::new(Arc::clone(&clock) as Arc<dyn Clock>);
        let one = client("192.0.2.1");
        for _ in 0..BY_ACCOUNT.get() {
            assert!(attempts.may_try(&one, "ada@example.org"));
        }
        assert!(!attempts.may_try(&one, " ADA@example.org"));
        assert!(!attempts.may_try(&client("192.0.2.2"), "ada@example.org"));
        assert!(attempts.may_try(&one, "bob@example.org"));
        clock.advance(Span::minutes(1));
        assert!(attempts.may_try(&one, "ada@example.org"));
    }

    #[test]
    fn one_address_tries_only_so_many_accounts() {
        let clock = Arc::new(FakeClock::at(Instant::EPOCH + Span::days(20_000)));
        let attempts = Attempts::new(clock);
        let one = client("2001:db8::1");
        for n in 0..BY_ADDRESS.get() {
            assert!(attempts.may_try(&one, &n.to_string()));
        }
        assert!(!attempts.may_try(&client("2001:db8::2"), "another"));
        assert!(attempts.may_try(&client("2001:db8:0:1::1"), "another"));
    }
}

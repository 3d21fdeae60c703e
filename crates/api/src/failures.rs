//! How often may one address present tokens that are none?
//!
//! Only failures are counted, and only they are answered differently: whoever proves a
//! token never comes by here, so that neither a lock nor the guesses of a neighbour
//! behind the same address stand in the way. What is counted is forgotten with the
//! process; it keeps noise away, a value of 190 bits needs no protection from guessing.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use app::ports::Clock;
use axum::extract::ConnectInfo;
use governor::clock::Clock as Ticks;
use governor::middleware::NoOpMiddleware;
use governor::nanos::Nanos;
use governor::state::keyed::DashMapStateStore;
use governor::{Quota, RateLimiter};
use http::Extensions;

/// Addresses remembered at once. Beyond that new ones are not counted.
const ADDRESSES_MAX: usize = 10_000;
/// In which time the failures of a limit are allowed.
const MINUTE: Duration = Duration::from_secs(60);

type Limiter = RateLimiter<IpAddr, DashMapStateStore<IpAddr>, Wall, NoOpMiddleware<Nanos>>;

/// Counts failed authentication by client address.
pub struct Failures {
    limiter: Limiter,
    /// In which second it was last looked for what can be forgotten.
    tidied: AtomicI64,
    clock: Arc<dyn Clock>,
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

impl Failures {
    /// So many in a minute and address, all at once or spread.
    pub fn new(clock: Arc<dyn Clock>, a_minute: NonZeroU32) -> Self {
        let quota = Quota::per_minute(a_minute);
        Self {
            limiter: RateLimiter::dashmap_with_clock(quota, Wall(Arc::clone(&clock))),
            tidied: AtomicI64::new(0),
            clock,
        }
    }

    /// Counts one failure of this client. `Some` are the seconds after which it may try
    /// again: it failed too often. A client whose address is not known is not counted.
    pub fn one_of(&self, client: &Extensions) -> Option<u32> {
        let ConnectInfo(peer) = client.get::<ConnectInfo<SocketAddr>>()?;
        self.one_at(peer.ip())
    }

    /// The same for a client at this address.
    pub fn one_at(&self, address: IpAddr) -> Option<u32> {
        if !self.has_room() {
            return None;
        }
        let until = self.limiter.check_key(&network(address)).err()?;
        let wait = until.wait_time_from(self.limiter.clock().now());
        // Longer can only mean that the clock went back; nobody waits for that.
        let seconds = u32::try_from(wait.as_millis().div_ceil(1000)).ok()?;
        (wait <= MINUTE).then_some(seconds.max(1))
    }

    /// Forgets, at most once a second, who has been quiet long enough.
    fn has_room(&self) -> bool {
        let full = || self.limiter.len() >= ADDRESSES_MAX;
        let now = self.clock.now().as_seconds();
        if full() && self.tidied.swap(now, Ordering::Relaxed) != now {
            self.limiter.retain_recent();
        }
        !full()
    }
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
        let peer = SocketAddr::new(address.parse().unwrap(), 4711);
        let mut extensions = Extensions::new();
        extensions.insert(ConnectInfo(peer));
        extensions
    }

    fn three_a_minute() -> (Failures, Arc<FakeClock>) {
        let clock = Arc::new(FakeClock::at(
            Instant::parse("2026-11-22T09:00:00Z").unwrap(),
        ));
        let three = NonZeroU32::new(3).unwrap();
        (Failures::new(clock.clone(), three), clock)
    }

    #[test]
    fn the_fourth_in_a_minute_waits_and_the_time_it_is_told_is_enough() {
        let (failures, clock) = three_a_minute();
        let one = client("192.0.2.1");
        for _ in 0..3 {
            assert_eq!(failures.one_of(&one), None);
        }
        assert_eq!(failures.one_of(&one), Some(20));
        clock.advance(Span::seconds(19));
        assert_eq!(failures.one_of(&one), Some(1));
        clock.advance(Span::seconds(1));
        assert_eq!(failures.one_of(&one), None);
        assert_eq!(failures.one_of(&one), Some(20));
    }

    #[test]
    fn neighbours_do_not_count_and_a_customer_with_many_addresses_is_one() {
        let (failures, _) = three_a_minute();
        for n in 1..=3 {
            assert_eq!(failures.one_of(&client("192.0.2.1")), None);
            assert_eq!(failures.one_of(&client(&format!("2001:db8::{n}"))), None);
        }
        assert!(failures.one_of(&client("192.0.2.1")).is_some());
        assert!(failures.one_of(&client("::ffff:192.0.2.1")).is_some());
        assert!(failures.one_of(&client("2001:db8::ffff:1")).is_some());
        assert_eq!(failures.one_of(&client("192.0.2.2")), None);
        assert_eq!(failures.one_of(&client("2001:db8:0:1::1")), None);
        assert_eq!(failures.one_of(&Extensions::new()), None);
    }

    /// F18: a clock that was ahead for a moment keeps nobody out for years.
    #[test]
    fn a_clock_that_went_back_keeps_nobody_waiting() {
        let (failures, clock) = three_a_minute();
        let one = client("192.0.2.1");
        clock.advance(Span::days(3650));
        for _ in 0..4 {
            failures.one_of(&one);
        }
        clock.advance(Span::days(-3650));
        assert_eq!(failures.one_of(&one), None);
    }

    #[test]
    fn memory_is_bounded_and_the_past_is_forgotten_first() {
        let (failures, clock) = three_a_minute();
        for n in 0..2 * ADDRESSES_MAX {
            let address = std::net::Ipv4Addr::from_bits(u32::try_from(n).unwrap());
            assert_eq!(failures.one_of(&client(&address.to_string())), None);
            assert!(failures.limiter.len() <= ADDRESSES_MAX);
        }
        clock.advance(Span::hours(1));
        assert_eq!(failures.one_of(&client("192.0.2.1")), None);
        assert_eq!(failures.limiter.len(), 1);
    }
}

//! How often may somebody try, before they wait?
//!
//! Counted in memory and forgotten with the process. Nobody is locked out for good: one
//! more try is allowed every few seconds.

use std::hash::Hash;
use std::net::{IpAddr, Ipv6Addr};
use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use governor::clock::Clock as Ticks;
use governor::middleware::NoOpMiddleware;
use governor::nanos::Nanos;
use governor::state::keyed::DashMapStateStore;
use governor::{Quota, RateLimiter};

use crate::ports::Clock;

/// Remembered at once. Beyond that new ones are not counted: to keep everybody out would
/// be easier than what this keeps away.
pub const REMEMBERED_MAX: usize = 10_000;
/// In which time the tries of a limit are allowed.
const MINUTE: Duration = Duration::from_secs(60);

type Limiter<K> = RateLimiter<K, DashMapStateStore<K>, Wall, NoOpMiddleware<Nanos>>;

/// Counts tries by what they have in common.
pub struct Limits<K: Hash + Eq + Clone> {
    limiter: Limiter<K>,
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

impl<K: Hash + Eq + Clone> Limits<K> {
    /// So many in a minute each, all at once or spread.
    pub fn new(clock: Arc<dyn Clock>, a_minute: NonZeroU32) -> Self {
        let wall = Wall(Arc::clone(&clock));
        Self {
            limiter: RateLimiter::dashmap_with_clock(Quota::per_minute(a_minute), wall),
            tidied: AtomicI64::new(0),
            clock,
        }
    }

    /// Counts one. `Some` are the seconds after which the next is allowed: there were too
    /// many, and this one is not.
    pub fn one_of(&self, key: &K) -> Option<u32> {
        if !self.has_room() {
            return None;
        }
        let until = self.limiter.check_key(key).err()?;
        let wait = until.wait_time_from(self.limiter.clock().now());
        // Longer can only mean that the clock went back; nobody waits for that.
        let seconds = u32::try_from(wait.as_millis().div_ceil(1000)).ok()?;
        (wait <= MINUTE).then_some(seconds.max(1))
    }

    /// How many are remembered.
    pub fn len(&self) -> usize {
        self.limiter.len()
    }

    /// Whether nobody is remembered.
    pub fn is_empty(&self) -> bool {
        self.limiter.is_empty()
    }

    /// Forgets, at most once a second, who has been quiet long enough.
    fn has_room(&self) -> bool {
        let full = || self.limiter.len() >= REMEMBERED_MAX;
        let now = self.clock.now().as_seconds();
        if full() && self.tidied.swap(now, Ordering::Relaxed) != now {
            self.limiter.retain_recent();
        }
        !full()
    }
}

/// Whose addresses count as one: an IPv6 customer has at least a /64 (RFC 6177).
pub fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(v6) => IpAddr::V6(Ipv6Addr::from_bits(v6.to_bits() & (u128::MAX << 64))),
        v4 => v4,
    }
}

//! How often may one address present tokens that are none?
//!
//! Only failures are counted, and only they are answered differently: whoever proves a
//! token never comes by here, so that neither a lock nor the guesses of a neighbour
//! behind the same address stand in the way. What is counted is forgotten with the
//! process; it keeps noise away, a value of 190 bits needs no protection from guessing.

use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::Arc;

use app::limits::{Limits, network};
use app::ports::Clock;

/// Counts failed authentication by client address.
pub struct Failures(Limits<IpAddr>);

impl Failures {
    /// So many in a minute and address, all at once or spread.
    pub fn new(clock: Arc<dyn Clock>, a_minute: NonZeroU32) -> Self {
        Self(Limits::new(clock, a_minute))
    }

    /// Counts one failure of this client. `Some` are the seconds after which it may try
    /// again: it failed too often. A client whose address is not known is not counted.
    pub fn one_of(&self, client: Option<IpAddr>) -> Option<u32> {
        self.0.one_of(&network(client?))
    }
}

#[cfg(test)]
mod tests {
    use domain::kernel::Instant;
    use testkit::FakeClock;

    use super::*;

    fn client(address: &str) -> Option<IpAddr> {
        Some(address.parse().unwrap())
    }

    #[test]
    fn neighbours_do_not_count_and_a_customer_with_many_addresses_is_one() {
        let start = Instant::parse("2026-11-22T09:00:00Z").unwrap();
        let three = NonZeroU32::new(3).unwrap();
        let failures = Failures::new(Arc::new(FakeClock::at(start)), three);
        for n in 1..=3 {
            assert_eq!(failures.one_of(client("192.0.2.1")), None);
            assert_eq!(failures.one_of(client(&format!("2001:db8::{n}"))), None);
        }
        assert!(failures.one_of(client("192.0.2.1")).is_some());
        assert!(failures.one_of(client("::ffff:192.0.2.1")).is_some());
        assert!(failures.one_of(client("2001:db8::ffff:1")).is_some());
        assert_eq!(failures.one_of(client("192.0.2.2")), None);
        assert_eq!(failures.one_of(client("2001:db8:0:1::1")), None);
        assert_eq!(failures.one_of(None), None);
    }
}

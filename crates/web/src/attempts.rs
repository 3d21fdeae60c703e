//! How often may somebody try to sign in?
//!
//! Tries are counted by the address they came from, and within it by the account they were
//! for, so that nobody elsewhere keeps the holder of an account out; and by the account
//! alone with a wider limit, for those who guess from many addresses.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::num::NonZeroU32;
use std::sync::Arc;

use app::limits::{Limits, network};
use app::ports::Clock;
use axum::extract::ConnectInfo;
use http::Extensions;

/// Tries from one network, all at once or spread over a minute.
const BY_ADDRESS: NonZeroU32 = NonZeroU32::MIN.saturating_add(19);
/// Tries from one network for one account.
const BY_ACCOUNT_THERE: NonZeroU32 = NonZeroU32::MIN.saturating_add(9);
/// Tries for one account from anywhere.
const BY_ACCOUNT: NonZeroU32 = NonZeroU32::MIN.saturating_add(99);

/// Presses behind one link of a message.
const BY_LINK: NonZeroU32 = NonZeroU32::MIN.saturating_add(9);

/// So much of a link is remembered.
const LINK_CHARS: usize = 64;

/// Counts those who try to sign in, and who act by a link.
pub(crate) struct Attempts {
    presses: Limits<IpAddr>,
    by_link: Limits<String>,
    by_address: Limits<IpAddr>,
    by_account_there: Limits<(IpAddr, String)>,
    by_account: Limits<String>,
}

impl Attempts {
    pub(crate) fn new(clock: Arc<dyn Clock>) -> Self {
        Self {
            presses: Limits::new(Arc::clone(&clock), BY_ADDRESS),
            by_link: Limits::new(Arc::clone(&clock), BY_LINK),
            by_address: Limits::new(Arc::clone(&clock), BY_ADDRESS),
            by_account_there: Limits::new(Arc::clone(&clock), BY_ACCOUNT_THERE),
            by_account: Limits::new(clock, BY_ACCOUNT),
        }
    }

    /// Counts one try that names no account, such as a token: the value itself cannot be
    /// guessed. False: too many came from there before it.
    pub(crate) fn may_come(&self, client: &Extensions) -> bool {
        self.by_address.one_of(&address(client)).is_none()
    }

    /// Counts one press behind a link of a message, or one link that is none. Apart from the
    /// sign-in, so that neither keeps anybody from the other. False: too many came before it.
    pub(crate) fn may_press(&self, client: &Extensions, link: Option<&str>) -> bool {
        let there = address(client);
        // Its beginning tells one link from others, and is short whatever somebody made up.
        let link = link.map(|link| link.chars().take(LINK_CHARS).collect::<String>());
        self.presses.one_of(&there).is_none()
            && link.is_none_or(|link| self.by_link.one_of(&link).is_none())
    }

    /// Counts one attempt at an account before it is looked at, so that many at once count
    /// as many. False: too many came before it.
    pub(crate) fn may_try(&self, client: &Extensions, account: &str) -> bool {
        let account = account.trim().to_ascii_lowercase();
        let there = (address(client), account.clone());
        self.may_come(client)
            && self.by_account_there.one_of(&there).is_none()
            && self.by_account.one_of(&account).is_none()
    }
}

/// Whose address is not known counts with all others of whom it is not.
fn address(client: &Extensions) -> IpAddr {
    let known = client.get::<ConnectInfo<SocketAddr>>();
    known.map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |ConnectInfo(peer)| {
        network(peer.ip())
    })
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

    fn attempts() -> (Attempts, Arc<FakeClock>) {
        let start = Instant::EPOCH + Span::days(20_000);
        let clock = Arc::new(FakeClock::at(start));
        (Attempts::new(Arc::clone(&clock) as Arc<dyn Clock>), clock)
    }

    #[test]
    fn guessing_at_an_account_is_slowed_where_it_is_done_and_keeps_its_holder_in() {
        let (attempts, clock) = attempts();
        let one = client("192.0.2.1");
        for _ in 0..BY_ACCOUNT_THERE.get() {
            assert!(attempts.may_try(&one, "ada@example.org"));
        }
        assert!(!attempts.may_try(&one, " ADA@example.org"));
        assert!(attempts.may_try(&client("192.0.2.2"), "ada@example.org"));
        assert!(attempts.may_try(&one, "bob@example.org"));
        clock.advance(Span::minutes(1));
        assert!(attempts.may_try(&one, "ada@example.org"));
    }

    #[test]
    fn guessing_from_many_addresses_is_slowed_too() {
        let (attempts, _) = attempts();
        let may = |n: u32| {
            let from = client(&std::net::Ipv4Addr::from_bits(n).to_string());
            attempts.may_try(&from, "ada@example.org")
        };
        assert!((0..BY_ACCOUNT.get()).all(may));
        assert!(!may(BY_ACCOUNT.get()));
    }

    #[test]
    fn one_address_tries_only_so_many_accounts_and_tokens() {
        let (attempts, _) = attempts();
        let one = client("2001:db8::1");
        for n in 0..BY_ADDRESS.get() {
            assert!(attempts.may_try(&one, &n.to_string()));
        }
        assert!(!attempts.may_try(&client("2001:db8::2"), "another"));
        assert!(!attempts.may_come(&one));
        assert!(attempts.may_come(&client("2001:db8:0:1::1")));
    }
}

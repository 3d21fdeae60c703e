//! What observations did to the inventory, in numbers.

use std::collections::BTreeMap;
use std::ops::AddAssign;

use domain::inventory::Credential;
use domain::kernel::CredentialId;

use crate::ports::LineCounts;

/// What observations did to the inventory.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Credentials that were told of.
    pub touched: u64,
    /// Of these, not known before.
    pub new: u64,
    /// Known, and something other than their last use is different.
    pub changed: u64,
    /// Known, and revoked now.
    pub ended: u64,
    /// Lines or items that were added to the source's counts in the same commits.
    pub counted: LineCounts,
}

impl Tally {
    /// Compares what was known with what is. What was not told of is in neither.
    pub(super) fn of(
        before: &BTreeMap<CredentialId, Credential>,
        after: &BTreeMap<CredentialId, Credential>,
    ) -> Self {
        let mut tally = Self::default();
        for (id, is) in after {
            tally.touched += 1;
            match before.get(id) {
                None => tally.new += 1,
                Some(was) if was.revoked_at.is_none() && is.revoked_at.is_some() => {
                    tally.ended += 1;
                }
                Some(was) => tally.changed += u64::from(differs(was, is)),
            }
        }
        tally
    }
}

fn differs(was: &Credential, is: &Credential) -> bool {
    let mut same = was.clone();
    same.confirmed_at = is.confirmed_at;
    same.last_used_at = is.last_used_at;
    same != *is
}

impl AddAssign for Tally {
    fn add_assign(&mut self, other: Self) {
        self.touched += other.touched;
        self.new += other.new;
        self.changed += other.changed;
        self.ended += other.ended;
        self.counted += other.counted;
    }
}

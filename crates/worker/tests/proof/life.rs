//! What is true of the town, whatever anybody is told: lives of credentials and of people.

use std::collections::BTreeMap;

use domain::kernel::{Instant, Span};

/// From one issue or renewal of a credential until its end, or until it was renewed.
#[derive(Clone, Debug)]
pub struct Life {
    pub name: String,
    pub created: Instant,
    /// When the inventory learned of it, or of its new end.
    pub known: Instant,
    pub end: Instant,
    /// Renewed, replaced or revoked before its end.
    pub over: Option<Instant>,
    /// The address-less id of its owner when it began, for rules that tell the owner alone.
    pub owner: Option<String>,
    /// People of its team.
    pub team: Vec<String>,
}

impl Life {
    pub fn length(&self) -> Span {
        self.created.until(self.end)
    }

    /// Whether it came to its end.
    pub fn lapsed(&self) -> bool {
        self.over.is_none()
    }
}

/// Who was there, and who reads a mailbox.
#[derive(Clone, Debug, Default)]
pub struct Presence {
    /// Until when each person was active; `None`: all the time.
    pub left: BTreeMap<String, Option<Instant>>,
    /// Who reads a team's mailbox.
    pub mailboxes: BTreeMap<String, Vec<String>>,
}

impl Presence {
    /// Whether a person behind this recipient was active at an instant. The address of last
    /// resort always has one.
    pub fn somebody(&self, recipient: &str, at: Instant) -> bool {
        match recipient.split_once(':') {
            Some(("person", _)) => self.is_there(recipient, at),
            Some(("team", _)) => {
                let readers = self.mailboxes.get(recipient);
                readers.is_some_and(|all| all.iter().any(|one| self.is_there(one, at)))
            }
            Some(("address", _)) => true,
            _ => false,
        }
    }

    fn is_there(&self, person: &str, at: Instant) -> bool {
        let left = self.left.get(person);
        left.is_some_and(|left| left.is_none_or(|left| at < left))
    }
}

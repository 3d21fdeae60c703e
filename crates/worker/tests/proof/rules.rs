//! What the rules of others would have said in the same year: models of what their own
//! documentation says, not of their code.
//!
//! Generous to them: every mail arrives at once and is read, although mail was away.

use domain::kernel::{Instant, Span};

use crate::life::{Life, Presence};

/// A rule: when it speaks of a life, and to whom.
pub struct Rule {
    pub name: &'static str,
    speaks: fn(&Life) -> Vec<Instant>,
    hears: fn(&Life, Instant) -> Vec<String>,
}

/// Who reads the log of a server, in the model of the daily line.
const OPERATOR: &str = "address:operator";

pub const RULES: [Rule; 4] = [
    Rule {
        name: "a line a day in the server's log from a week before (StackRox)",
        speaks: |life| (0..7).map(|n| life.end - Span::days(7 - n)).collect(),
        hears: |_, _| vec![OPERATOR.to_owned()],
    },
    Rule {
        name: "one mail to the owner three days before (crates.io)",
        speaks: |life| vec![life.end - Span::days(3)],
        hears: |life, _| life.owner.clone().into_iter().collect(),
    },
    Rule {
        name: "mails 60, 30 and 7 days before to the owner, or to the members for a bot (GitLab)",
        speaks: |life| [60, 30, 7].map(|n| life.end - Span::days(n)).into(),
        hears: |life, _| match &life.owner {
            Some(owner) if owner.starts_with("person:") => vec![owner.clone()],
            _ => life.team.clone(),
        },
    },
    Rule {
        name: "one mail to the owner a day before",
        speaks: |life| vec![life.end - Span::days(1)],
        hears: |life, _| life.owner.clone().into_iter().collect(),
    },
];

impl Rule {
    /// Every message of a life, while it stood and was known: when, and to whom.
    pub fn told(&self, life: &Life) -> Vec<(Instant, String)> {
        let stands = |at: &Instant| {
            life.known <= *at && *at < life.end && life.over.is_none_or(|over| *at < over)
        };
        let spoken = (self.speaks)(life).into_iter().filter(stands);
        spoken
            .flat_map(|at| (self.hears)(life, at).into_iter().map(move |who| (at, who)))
            .collect()
    }

    /// Messages that went to nobody are no messages: an account that has no mailbox, a
    /// person who has left.
    pub fn arrives(presence: &Presence, at: Instant, who: &str) -> bool {
        presence.somebody(who, at)
    }
}

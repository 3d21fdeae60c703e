//! How one credential stands at an instant, and what its rules beside the end say of that.
//!
//! The sweep and the forecast ask the same, so what is forecast is what happens.

use std::collections::BTreeSet;

use domain::expiry::{
    Alert, AlertKind, ContextFacts, CredentialView, Plan, Policy, Reason, Saying, Step, carried,
    fell_silent, orphaned, refused, unheard, used_after_end, used_in_overlap,
};
use domain::inventory::Credential;
use domain::kernel::{Instant, Span};
use domain::notice::{Concerned, audience};

use super::load::{Page, Surroundings};

/// What may be wrong with a credential beside that it ends.
pub(super) const BESIDE: [AlertKind; 7] = [
    AlertKind::UsedAfterEnd,
    AlertKind::UsedInOverlap,
    AlertKind::Refused,
    AlertKind::FellSilent,
    AlertKind::Orphaned,
    AlertKind::Carried,
    AlertKind::Unheard,
];

/// Whether those who run Forewarn hear it, and not those who answer for the credential.
pub(super) const fn is_for_operators(kind: AlertKind) -> bool {
    matches!(kind, AlertKind::Carried | AlertKind::Unheard)
}

/// How one credential stands at an instant.
pub(super) struct Stand<'a> {
    pub view: CredentialView,
    pub policy: &'a Policy,
    /// When by time alone another policy may apply, or somebody leaves who hears of it.
    pub turns_at: Option<Instant>,
    /// Who answers for it and watches it.
    pub about: Concerned,
    around: &'a Surroundings,
    /// Whether a person owns it and an integration works with it.
    carries: bool,
    now: Instant,
}

impl<'a> Stand<'a> {
    /// `credential` as the rules about owners have it at that instant.
    pub fn of(
        around: &'a Surroundings,
        page: &Page,
        credential: &Credential,
        now: Instant,
    ) -> Self {
        let none = ContextFacts::default();
        let facts = page.facts.get(&credential.id).unwrap_or(&none);
        let (policy, turns_at) = around.policy(credential, now);
        Self {
            view: CredentialView::of(credential, facts),
            policy,
            turns_at,
            about: around.concerned(credential, now),
            around,
            carries: credential.carries_for_a_person(around.depended_on.contains(&credential.id)),
            now,
        }
    }

    /// What is due of this kind; `expiry` is the alert about the end, `before` the one of
    /// this kind.
    pub fn beside(&self, kind: AlertKind, expiry: Option<&Alert>, before: Option<&Alert>) -> Plan {
        let (view, now) = (&self.view, self.now);
        match kind {
            AlertKind::UsedAfterEnd => used_after_end(view, before, now),
            AlertKind::UsedInOverlap => used_in_overlap(view, before, now),
            AlertKind::Refused => refused(view, before, self.policy.backoff, now),
            AlertKind::FellSilent => fell_silent(view, expiry, before, now),
            AlertKind::Orphaned => self.orphaned(before),
            AlertKind::Carried => carried(view, self.carries, before, now),
            _ => unheard(view, self.nobody_hears(), before, now),
        }
    }

    /// An owner whom nobody could ever resolve shows in lists and in every notice; an owner
    /// who is lost is news.
    fn orphaned(&self, before: Option<&Alert>) -> Plan {
        let news = self.about.owner.is_some() || before.is_some();
        let view = CredentialView {
            orphaned: self.view.orphaned && news,
            ..self.view.clone()
        };
        orphaned(&view, before, self.now)
    }

    /// Whether nobody at all would hear of the widest step.
    fn nobody_hears(&self) -> bool {
        let saying = Saying {
            step: Step::Lead(Span::days(30)),
            occurrence: 1,
            reason: Reason::Entered,
            scaled: false,
            acknowledged: false,
            let_lapse: false,
            still_used: false,
            newer_exists: false,
            broken: false,
            newcomers_only: false,
            gathers: false,
            whom: None,
            escalated_to: BTreeSet::new(),
        };
        let around = self.around;
        let shared = around.shared(None);
        audience(
            &self.about,
            &saying,
            &around.directory,
            &around.audience,
            &shared,
            self.now,
        )
        .nobody
    }
}

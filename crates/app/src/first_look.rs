//! When does a sweep look at a credential that nobody knew before?

use std::cell::OnceCell;

use domain::expiry::{CredentialView, Phase, phase, plan};
use domain::inventory::{Credential, governed};
use domain::kernel::Instant;
use domain::notice::AudienceSettings;
use domain::people::Directory;

use crate::Settings;
use crate::sweep::turns_at;
use crate::ways_out::audience_settings;

/// What new credentials are looked at with.
pub(crate) struct FirstLook<'a> {
    settings: &'a Settings,
    directory: &'a Directory,
    now: Instant,
    /// Made only where somebody leaves: most of the time nobody is known to.
    audience: OnceCell<AudienceSettings>,
}

impl<'a> FirstLook<'a> {
    pub(crate) fn new(settings: &'a Settings, directory: &'a Directory, now: Instant) -> Self {
        Self {
            settings,
            directory,
            now,
            audience: OnceCell::new(),
        }
    }

    /// When its first step is entered, or by time alone something else turns, as the sweep
    /// itself says; `None` inside for what never has any. `None` where something may be wrong
    /// or due already, or rules fill in who answers, so that a sweep must look now.
    pub(crate) fn at(&self, credential: &Credential) -> Option<Option<Instant>> {
        let now = self.now;
        let filled = || governed(credential, &self.settings.owners, self.directory, now).is_some();
        if credential.refused.is_some() || credential.orphaned || filled() {
            return None;
        }
        let view = CredentialView::alone(credential, self.directory);
        let policies = &self.settings.policies;
        let policy = policies.for_credential(credential, self.directory, now);
        let far = matches!(
            phase(&view, policy, now),
            Phase::Far | Phase::Never | Phase::Unknown | Phase::Over
        );
        let step = || plan(&view, policy, None, now).next_due_at;
        far.then(|| [step(), self.turns(credential)].into_iter().flatten().min())
    }

    fn turns(&self, credential: &Credential) -> Option<Instant> {
        let make = || audience_settings(&self.settings.audience, self.directory);
        let audience = || self.audience.get_or_init(make);
        let policies = &self.settings.policies;
        turns_at(credential, policies, self.directory, audience, self.now)
    }
}

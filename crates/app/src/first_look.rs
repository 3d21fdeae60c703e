//! When does a sweep look at a credential that nobody knew before?

use domain::expiry::{ContextFacts, CredentialView, Phase, Policies, phase, plan};
use domain::inventory::Credential;
use domain::kernel::Instant;
use domain::people::Directory;

/// When its first step is entered, which the rule itself says; `None` inside for what never
/// has one. `None` where something may be wrong or due already, so that a sweep must look now.
pub(crate) fn first_look(
    credential: &Credential,
    directory: &Directory,
    policies: &Policies,
    now: Instant,
) -> Option<Option<Instant>> {
    if credential.refused.is_some() || credential.orphaned {
        return None;
    }
    let view = CredentialView::of(credential, &ContextFacts::default());
    let policy = policies.for_credential(credential, directory, now);
    let far = matches!(
        phase(&view, policy, now),
        Phase::Far | Phase::Never | Phase::Unknown | Phase::Over
    );
    far.then(|| plan(&view, policy, None, now).next_due_at)
}

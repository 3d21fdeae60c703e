//! What is due for a monitor: that it is silent, or says that it failed.

use domain::expiry::{Alert, AlertKind, Subject, silent};
use domain::inventory::{Credential, Monitor};
use domain::notice::Concerned;
use domain::people::RecipientHours;

use super::gather::{Whom, gather};
use super::load::{Page, Surroundings};
use super::page::Decided;

/// Said to those who answer for it.
pub(super) fn decide(around: &Surroundings, page: &Page, monitor: &Monitor) -> Decided {
    let subject = Subject::Monitor(monitor.id.clone());
    let before = page.alerts.get(&Alert::id_of(&subject, AlertKind::Silent));
    let ids = monitor.depends_on.iter();
    let depends_on: Vec<&Credential> = ids.filter_map(|id| page.depended_on.get(id)).collect();
    let backoff = around.settings.backoff;
    let (outage, now) = (around.outage, around.now);
    let planned = silent(monitor, &depends_on, outage, before, backoff, now);
    let acts = |owner| around.directory.owner_is_active(owner, now);
    let about = Concerned {
        owner: monitor.owner.clone(),
        team: monitor.team.clone(),
        watchers: Default::default(),
        is_ours: false,
        orphaned: !monitor.owner.as_ref().is_some_and(acts),
    };
    let mut decided = Decided::default();
    // What is silent now waits for nobody's hours.
    let whom = Whom::Close(&about, &RecipientHours::default());
    gather(around, &whom, before, planned, &mut decided);
    decided
}

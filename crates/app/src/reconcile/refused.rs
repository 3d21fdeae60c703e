//! The issuer refuses a credential that it was asked about by means of it.
//!
//! Nothing that is known of its end, its use or its creation changes: a refusal tells of
//! this moment only.

use domain::inventory::{Credential, End, Listed, Refused};

use super::batch::Desk;
use super::listed;

/// The longest reason that is kept, in characters.
const WHY_MAX: usize = 200;

/// Marks the credential as refused. What the configuration says of it (name, owner, places
/// of use, labels) is believed; what was not known before has an unknown end.
pub(super) fn merge(desk: &mut Desk<'_>, told: &Listed, why: &str) {
    let id = listed::id_of(&desk.source.id, told);
    let known = desk.known.remove(&id);
    let mut credential = known.unwrap_or_else(|| Credential {
        end: End::Unknown,
        ..listed::fresh(desk, &id, told)
    });
    listed::describe(&mut credential, told);
    let since = credential.refused.take().map(|refused| refused.since);
    credential.refused = Some(Refused {
        since: since.unwrap_or(desk.now),
        why: why.chars().take(WHY_MAX).collect(),
    });
    // The configuration names it, so it is neither missing nor gone.
    credential.gone_at = None;
    credential.confirmed_at = desk.began;
    desk.dresser.owner(&mut credential, told.owner.clone());
    if desk.dresser.rest(&mut credential, told.own) {
        desk.own = Some(id.clone());
    }
    desk.known.insert(id, credential);
}

//! What is due for a review: that something is still to be decided.

use domain::expiry::{Alert, AlertKind, Subject, review};
use domain::kernel::TeamId;

use super::gather::{Whom, gather};
use super::load::{Page, Surroundings};
use super::page::Decided;

/// Said to the team.
pub(super) fn decide(around: &Surroundings, page: &Page, id: &str) -> Decided {
    let subject = Subject::Review(id.to_owned());
    let before = page
        .alerts
        .get(&Alert::id_of(&subject, AlertKind::ReviewDue));
    let wrong = page.reviews.get(id).map(String::as_str);
    let planned = review(id, wrong, before, around.now);
    let team = id.rsplit_once(':').map_or(id, |(_, team)| team);
    let mut decided = Decided::default();
    // A text that is no id of a team means nobody, so that the admins hear.
    let whom = TeamId::parse(team).map_or(Whom::Operators(None), Whom::Team);
    gather(around, &whom, before, planned, &mut decided);
    // Every pass looks at every review.
    decided.next = None;
    decided
}

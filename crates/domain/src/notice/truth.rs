//! Is a notice still true just before it is first sent?
//!
//! This is what stops a retry of three days from saying "ends in 7 days" of what was
//! renewed since.

use crate::expiry::{Alert, How, Step};
use crate::kernel::{Instant, Span};

use super::Notice;

/// Whether the notice still says what stands: its cycle runs, no deeper step and no later
/// occurrence was said, and nobody acknowledged, snoozed or let it lapse since (which the
/// last day ignores). That a cycle is over stays true. Ask before the first attempt;
/// afterwards the bytes are frozen.
pub fn still_true(notice: &Notice, alert: Option<&Alert>, now: Instant) -> bool {
    if notice.resolution.is_some() {
        return true;
    }
    let Some(alert) = alert else {
        return false;
    };
    alert.resolved.is_none()
        && alert.end == notice.end
        && !is_superseded(notice, alert)
        && (is_last_day(notice, now) || !is_settled_by_people(notice, alert))
}

/// Whether something newer about the same cycle was said.
fn is_superseded(notice: &Notice, alert: &Alert) -> bool {
    match spoken(alert) {
        Some(step) if step > notice.step => true,
        Some(step) if step == notice.step => alert.occurrence > notice.occurrence,
        _ => false,
    }
}

/// The deepest step that was said. A step that was skipped first and said later counts
/// by its occurrence.
fn spoken(alert: &Alert) -> Option<Step> {
    let said = alert.settled.iter().filter(|s| s.how == How::Said);
    let deepest = said.map(|s| s.step).max();
    let later = alert.step().filter(|_| alert.occurrence > 0);
    let is_after_end = matches!(deepest, Some(Step::End | Step::AfterEnd(_)));
    // After the end nothing that was skipped is said later.
    if is_after_end {
        deepest
    } else {
        later.max(deepest)
    }
}

/// Whether somebody acted on the very step after the notice was made.
fn is_settled_by_people(notice: &Notice, alert: &Alert) -> bool {
    let since = |at: Instant| at >= notice.created_at;
    let acknowledged = alert
        .acknowledged
        .as_ref()
        .is_some_and(|a| since(a.at) && a.step >= Some(notice.step));
    let snoozed = alert.snoozed.as_ref().is_some_and(|s| since(s.at));
    let lapse = alert.let_lapse.as_ref().is_some_and(|l| since(l.at));
    acknowledged || snoozed || lapse
}

fn is_last_day(notice: &Notice, now: Instant) -> bool {
    notice
        .end
        .is_some_and(|end| now.until(end) <= Span::days(1))
}

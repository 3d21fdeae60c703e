//! When is the current step said again, and when must the plan look again?

use crate::kernel::{Instant, Span};

use super::steps::{LAST, Rung};
use super::{Alert, CredentialView, How, Policy, Resolution, Settlement, Skipped, Step};

/// The last day before an end ignores acknowledgement and snooze.
pub(super) const LAST_DAY: Span = Span::days(1);
/// After so long an alert about a lapsed credential closes by itself.
const LINGER: Span = Span::days(30);
/// But what was said last stays true for so long.
const LINGER_SAID: Span = Span::days(7);

/// What one plan asks again and again of one running cycle.
pub(super) struct Due<'a> {
    pub view: &'a CredentialView,
    pub policy: &'a Policy,
    pub end: Instant,
    pub now: Instant,
}

impl Due<'_> {
    /// Whether `now` lies in the last day before the end, or after it.
    pub fn is_last_day(&self) -> bool {
        self.now.until(self.end) <= LAST_DAY
    }

    /// Whether the end is still ahead.
    pub fn is_before_end(&self) -> bool {
        self.now < self.end
    }

    /// Whether somebody is on the current step.
    pub fn is_acknowledged(&self, alert: &Alert) -> bool {
        alert
            .acknowledged
            .as_ref()
            .is_some_and(|ack| ack.step >= alert.step())
    }

    /// Until when the alert is snoozed or the credential silenced, if it is.
    pub fn snoozed_until(&self, alert: &Alert) -> Option<Instant> {
        let by_hand = alert.snoozed.as_ref().map(|snoozed| snoozed.until);
        let silenced = self.view.silenced_until(self.now);
        let until = by_hand.max(silenced)?.min(self.end - LAST_DAY);
        (self.now < until).then_some(until)
    }

    /// Whether a snooze has ended, or was taken back, and nothing was said since.
    pub fn is_snooze_over(&self, alert: &Alert) -> bool {
        let kept_back = |c: &Settlement| c.how == How::Skipped(Skipped::Policy);
        if alert.occurrence == 0 && current(alert).is_some_and(kept_back) {
            return true;
        }
        let Some(snoozed) = &alert.snoozed else {
            return false;
        };
        let until = snoozed.until.min(self.end - LAST_DAY);
        until <= self.now && alert.said_at.is_none_or(|said| said < until)
    }

    /// When the current step is said again because nobody acted. Counted from the step's own
    /// instant, or from when it was settled if that was much later, and never from the last
    /// saying, so that late sweeps do not add up.
    pub fn repeat_at(&self, alert: &Alert) -> Option<Instant> {
        let current = current(alert)?;
        let Step::Lead(lead) = current.step else {
            return None;
        };
        if lead > self.policy.repeat_from {
            return None;
        }
        let backoff = self.policy.backoff.as_micros().max(1);
        let entered = self.end - lead;
        let late = entered.until(current.at).as_micros();
        let base = if (0..=backoff / 4).contains(&late) {
            entered
        } else {
            current.at
        };
        let last = alert.said_at.unwrap_or(current.at).max(current.at);
        let slots = base.until(last).as_micros() / backoff + 1;
        let next = base + Span::from_micros(slots.saturating_mul(backoff));
        (next < self.end).then_some(next)
    }

    /// When others hear the current step too, because nobody acknowledged it since it was
    /// said. Not for steps scaled down to a short life, which never climb.
    pub fn escalate_at(&self, alert: &Alert) -> Option<Instant> {
        let escalation = self.policy.escalation.as_ref()?;
        let current = current(alert)?;
        let Step::Lead(lead) = current.step else {
            return None;
        };
        let scaled = !self.policy.steps.contains(&lead) && self.view.lead_time != Some(lead);
        if scaled || alert.occurrence == 0 || alert.escalated == Some(current.step) {
            return None;
        }
        // What was kept back counts from when it was said at last.
        let said = match current.how {
            How::Skipped(_) if alert.occurrence == 1 => alert.said_at.unwrap_or(current.at),
            _ => current.at,
        };
        let at = said + escalation.after;
        (at < self.end).then_some(at)
    }

    /// When the current step is said again because no person has heard it.
    pub fn unheard_at(&self, alert: &Alert) -> Option<Instant> {
        let unheard = self.view.can_be_heard && alert.occurrence > 0 && alert.heard_at.is_none();
        let patience = match current(alert)?.step {
            Step::Lead(lead) => Span::from_micros(lead.as_micros() / 4),
            _ => self.policy.backoff,
        };
        let said = alert.said_at.filter(|_| unheard)?;
        let since = alert.held_until.map_or(said, |held| held.max(said));
        Some(since + patience.min(self.policy.backoff))
    }

    /// When the alert of a lapsed credential closes.
    pub fn closes_at(&self, alert: &Alert) -> Instant {
        if alert.let_lapse.is_some() {
            return self.end;
        }
        let said = alert.said_at.unwrap_or(self.end);
        (self.end + LINGER).max(said + LINGER_SAID)
    }

    /// The next instant that matters.
    pub fn next(&self, alert: Option<&Alert>, rungs: &[Rung]) -> Option<Instant> {
        let is_open = |rung: &&Rung| alert.is_none_or(|a| !is_settled(a, rung.step));
        let steps = rungs.iter().filter(is_open).map(|rung| rung.at);
        let others = alert.map(|a| self.others(a)).unwrap_or_default();
        let own_end = self.view.own_end_counts_at();
        let all = steps.chain(others).chain(own_end);
        all.filter(|at| *at > self.now).min()
    }

    fn others(&self, alert: &Alert) -> Vec<Instant> {
        match alert.resolved.map(|r| r.how) {
            // Only a moved end matters now, and that is a change.
            Some(Resolution::Lapsed) => return Vec::new(),
            _ if alert.let_lapse.is_some() => return vec![self.end],
            _ => {}
        }
        let mut instants = vec![self.closes_at(alert)];
        if let Some(until) = self.snoozed_until(alert) {
            instants.push(until);
        } else if self.is_acknowledged(alert) && !self.is_last_day() {
            instants.push(self.end - LAST_DAY);
        } else {
            instants.extend(self.repeat_at(alert));
            instants.extend(self.escalate_at(alert));
            instants.extend(self.unheard_at(alert));
        }
        instants
    }
}

/// The step that stands: the deepest settled one. Not the first import, and not the last
/// step of all where it was passed over.
pub(super) fn current(alert: &Alert) -> Option<&Settlement> {
    let stands =
        |s: &&Settlement| s.step != Step::Baseline && (s.step != LAST || s.how == How::Said);
    alert.settled.iter().filter(stands).max_by_key(|s| s.step)
}

/// Whether the step was settled in this cycle.
pub(super) fn is_settled(alert: &Alert, step: Step) -> bool {
    alert.settled.iter().any(|s| s.step == step)
}

/// Whether the step was said in this cycle.
pub(super) fn was_said(alert: &Alert, step: Step) -> bool {
    alert
        .settled
        .iter()
        .any(|s| s.step == step && s.how == How::Said)
}

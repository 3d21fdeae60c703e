//! The course of one running cycle: which step is due, and how it is settled.

use std::collections::BTreeSet;

use crate::kernel::{Instant, Span};

use super::cycle::Cycle;
use super::due::{Due, current, is_settled, was_said};
use super::steps::{LAST, Rung, ladder};
use super::verdict::is_raised;
use super::{
    Alert, AlertKind, CredentialView, How, Plan, Policy, Reason, Resolution, Resolved, Saying,
    Settlement, Skipped, Step, Subject, Whom,
};

/// Plans a running cycle.
pub(super) fn run(
    view: &CredentialView,
    policy: &Policy,
    cycle: Cycle,
    end: Instant,
    now: Instant,
) -> Plan {
    let due = Due {
        view,
        policy,
        end,
        now,
    };
    let rungs = ladder(view, policy, end);
    let course = Course {
        due,
        rungs,
        cycle: &cycle,
    };
    course.plan()
}

pub(super) struct Course<'a> {
    pub due: Due<'a>,
    pub rungs: Vec<Rung>,
    pub cycle: &'a Cycle,
}

impl Course<'_> {
    fn plan(&self) -> Plan {
        if self.is_history() {
            return Plan::silent(None, Reason::Lapsed);
        }
        let lapsed = |a: &&Alert| a.resolved.is_some_and(|r| r.how == Resolution::Lapsed);
        if let Some(alert) = self.cycle.alert.as_ref().filter(lapsed) {
            return Plan::silent(Some(alert), Reason::Lapsed);
        }
        let pending: Vec<Rung> = self.pending();
        let plan = match self.due_rung(&pending) {
            Some(rung) => self.settle(&pending, rung),
            None => self.stay(&pending),
        };
        self.finish(plan)
    }

    /// Entered and not settled, widest first.
    fn pending(&self) -> Vec<Rung> {
        let open = |step| {
            self.cycle
                .alert
                .as_ref()
                .is_none_or(|a| !is_settled(a, step))
        };
        let entered = self.rungs.iter().filter(|rung| rung.at <= self.due.now);
        entered.filter(|rung| open(rung.step)).copied().collect()
    }

    /// The deepest pending step, unless a deeper one is settled already.
    fn due_rung(&self, pending: &[Rung]) -> Option<Rung> {
        let settled = self.cycle.alert.as_ref().and_then(Alert::step);
        let rung = pending
            .iter()
            .rfind(|rung| self.is_said_at_all(rung.step))?;
        (settled.is_none_or(|deepest| deepest < rung.step)).then_some(*rung)
    }

    fn is_said_at_all(&self, step: Step) -> bool {
        step != LAST || self.due.view.is_still_used(self.due.end)
    }

    fn settle(&self, pending: &[Rung], rung: Rung) -> Plan {
        let mut alert = self.alert();
        let before = alert.clone();
        let (how, reason) = self.verdict(&before, rung);
        let others = match how {
            How::Skipped(Skipped::Baseline) => Skipped::Baseline,
            _ => Skipped::Deeper,
        };
        self.skip(&mut alert, pending, Some(rung.step), others);
        let floor = if before.settled.is_empty() {
            before.occurrence
        } else {
            0
        };
        alert.settled.push(self.settlement(rung.step, how));
        alert.occurrence = 0;
        alert.heard_at = None;
        match how {
            How::Said => {
                alert.occurrence = floor;
                self.say(alert, rung.step, reason, self.due.is_acknowledged(&before))
            }
            How::Skipped(Skipped::Baseline) => self.say_baseline(alert),
            How::Skipped(_) => self.rest(alert, reason),
        }
    }

    /// No new step: perhaps the current one is said again.
    fn stay(&self, pending: &[Rung]) -> Plan {
        let Some(mut alert) = self.cycle.alert.clone() else {
            return Plan::silent(None, Reason::NotDue);
        };
        self.skip(&mut alert, pending, None, Skipped::Deeper);
        let Some(current) = current(&alert).map(|c| c.step) else {
            return Plan::silent(Some(&alert), Reason::NotDue);
        };
        match self.again(&alert) {
            Ok(reason) => self.say(alert, current, reason, false),
            Err(reason) => self.rest(alert, reason),
        }
    }

    /// Nothing is said; perhaps the cycle is over in silence.
    fn rest(&self, mut alert: Alert, reason: Reason) -> Plan {
        if self.due.is_before_end() || self.due.now < self.due.closes_at(&alert) {
            return Plan::silent(Some(&alert), reason);
        }
        alert.resolved = Some(Resolved {
            at: self.due.now,
            how: Resolution::Lapsed,
        });
        Plan::silent(Some(&alert), Reason::Lapsed)
    }

    fn say(&self, mut alert: Alert, step: Step, reason: Reason, acknowledged: bool) -> Plan {
        alert.occurrence = alert.occurrence.saturating_add(1);
        alert.said_at = Some(self.due.now);
        alert.held_until = None;
        let passed = self
            .due
            .escalate_at(&alert)
            .is_some_and(|at| at <= self.due.now);
        let raised = is_raised(&alert);
        if raised || (passed && !acknowledged) {
            alert.escalated = Some(step);
        }
        if let Some(raised) = &mut alert.raised {
            raised.told = raised.told.or(Some(step));
        }
        let acknowledged = acknowledged && !raised;
        let saying = self.saying(&alert, step, reason);
        let mut plan = Plan::silent(Some(&alert), reason);
        plan.say = Some(Saying {
            acknowledged,
            ..saying
        });
        plan
    }

    fn say_baseline(&self, mut alert: Alert) -> Plan {
        alert
            .settled
            .push(self.settlement(Step::Baseline, How::Said));
        alert.said_at = Some(self.due.now);
        let saying = self.saying(&alert, Step::Baseline, Reason::Baseline);
        let mut plan = Plan::silent(Some(&alert), Reason::Baseline);
        plan.say = Some(saying);
        plan
    }

    fn saying(&self, alert: &Alert, step: Step, reason: Reason) -> Saying {
        let scaled = |r: &Rung| r.step == step && r.scaled;
        let by_hand = is_raised_in(alert, step);
        Saying {
            step,
            occurrence: alert.occurrence.max(1),
            reason,
            scaled: !by_hand && self.rungs.iter().any(scaled),
            acknowledged: false,
            let_lapse: alert.let_lapse.is_some(),
            still_used: self.due.view.is_still_used(self.due.end),
            newer_exists: self.due.view.successor.is_some(),
            broken: false,
            newcomers_only: false,
            gathers: !by_hand && gathers(alert, step),
            whom: self
                .due
                .policy
                .audience_at(step)
                .map(|rule| rule.whom.clone()),
            escalated_to: self.escalated_to(alert, step),
        }
    }

    fn escalated_to(&self, alert: &Alert, step: Step) -> BTreeSet<Whom> {
        let escalation = self.due.policy.escalation.as_ref();
        let escalated = escalation.filter(|_| alert.escalated == Some(step));
        let mut whom = escalated.map(|e| e.to.clone()).unwrap_or_default();
        if is_raised_in(alert, step) {
            whom.extend([Whom::ParentTeam, Whom::Admins]);
        }
        whom
    }

    /// Adds what every plan of a running cycle has.
    fn finish(&self, mut plan: Plan) -> Plan {
        let now = self.due.now;
        plan.next_step_at = self.rungs.iter().map(|r| r.at).find(|at| *at > now);
        if let Some(closed) = &self.cycle.closed {
            plan.resolved = closed.resolved.map(|r| r.how);
            plan.closed = Some(closed.clone());
        }
        // While nothing of a new cycle stands, the one that is over is what is stored.
        let nothing = plan.alert.as_ref().is_none_or(|a| a.settled.is_empty());
        if nothing && let Some(over) = &self.cycle.over {
            plan.alert = Some(over.clone());
            plan.next_due_at = self.due.next(None, &self.rungs);
            return plan;
        }
        plan.next_due_at = self.due.next(plan.alert.as_ref(), &self.rungs);
        plan.standing = plan
            .alert
            .as_ref()
            .filter(|_| plan.say.is_none())
            .and_then(|a| self.standing(a));
        plan
    }

    fn standing(&self, alert: &Alert) -> Option<Saying> {
        let current = current(alert)?.step;
        let told = alert.occurrence > 0 || was_said(alert, Step::Baseline);
        let running = told && alert.resolved.is_none();
        running.then(|| Saying {
            broken: false,
            newcomers_only: true,
            ..self.saying(alert, current, Reason::Standing)
        })
    }

    fn alert(&self) -> Alert {
        self.cycle.alert.clone().unwrap_or_else(|| {
            let subject = Subject::Credential(self.due.view.id.clone());
            Alert::open(subject, AlertKind::Expiry, Some(self.due.end), self.due.now)
        })
    }

    /// Settles all pending steps but `except` as skipped.
    fn skip(&self, alert: &mut Alert, pending: &[Rung], except: Option<Step>, why: Skipped) {
        for rung in pending.iter().filter(|r| Some(r.step) != except) {
            let why = if rung.step == LAST {
                Skipped::Policy
            } else {
                why
            };
            alert
                .settled
                .push(self.settlement(rung.step, How::Skipped(why)));
        }
    }

    fn settlement(&self, step: Step, how: How) -> Settlement {
        Settlement {
            step,
            how,
            at: self.due.now,
        }
    }
}

/// Whether this step was escalated by hand.
fn is_raised_in(alert: &Alert, step: Step) -> bool {
    let told = alert.raised.as_ref().and_then(|raised| raised.told);
    told == Some(step)
}

/// Whether it may wait for a digest: there are weeks left, or something was said before.
fn gathers(alert: &Alert, step: Step) -> bool {
    let before = |s: &Settlement| s.how == How::Said && s.step < step;
    match step {
        Step::Lead(lead) => lead > FIRST_WORD || alert.settled.iter().any(before),
        _ => false,
    }
}

/// With no more than this left the first word about an end is said at once.
const FIRST_WORD: Span = Span::days(14);

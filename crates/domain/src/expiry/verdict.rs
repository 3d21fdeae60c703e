//! The judgements in a course: is a step said or skipped, is the current one said again?

use crate::kernel::{Instant, Span};

use super::course::Course;
use super::due::LAST_DAY;
use super::steps::Rung;
use super::{Alert, How, Reason, Skipped, Step};

/// What ended longer ago than this when it was first seen is history, not news.
const HISTORY: Span = Span::days(1);
/// In a first import, what ended no longer ago than this is still worth a line.
const HISTORY_OF_IMPORT: Span = Span::days(30);
/// The first import is told of in its first day; later its steps are said one by one.
const IMPORT_LASTS: Span = Span::days(1);

impl Course<'_> {
    /// It had ended when it was first seen, and not just now.
    pub(super) fn is_history(&self) -> bool {
        let view = self.due.view;
        let old = if view.from_first_import {
            HISTORY_OF_IMPORT
        } else {
            HISTORY
        };
        self.cycle.is_first && self.due.end + old <= view.first_seen_at
    }

    /// How the due step is settled, and why.
    pub(super) fn verdict(&self, alert: &Alert, rung: Rung) -> (How, Reason) {
        let due = &self.due;
        if self.is_baseline(rung) {
            return (How::Skipped(Skipped::Baseline), Reason::Baseline);
        }
        if alert.let_lapse.is_some() {
            return if self.is_last_note(alert, rung) {
                (How::Said, Reason::LastNote)
            } else {
                (How::Skipped(Skipped::Policy), Reason::LetLapse)
            };
        }
        if due.snoozed_until(alert).is_some() {
            return (How::Skipped(Skipped::Policy), self.quiet());
        }
        let late = self.cycle.is_first && rung.at < due.view.first_seen_at;
        let reason = if late {
            Reason::DiscoveredLate
        } else {
            Reason::Entered
        };
        (How::Said, reason)
    }

    /// Who asked that nothing be said now.
    fn quiet(&self) -> Reason {
        match self.due.view.silenced_until(self.due.now) {
            Some(_) => Reason::Silenced,
            None => Reason::Snoozed,
        }
    }

    /// The first import tells of it in one message; what ends within a day is said.
    fn is_baseline(&self, rung: Rung) -> bool {
        let (view, due) = (self.due.view, &self.due);
        let urgent = due.is_before_end() && due.is_last_day();
        self.cycle.is_first
            && view.from_first_import
            && rung.at <= view.first_seen_at
            && due.now < view.first_seen_at + IMPORT_LASTS
            && !urgent
    }

    /// The one note that is left to what may lapse: at the widest step of the last day,
    /// or at the narrowest step where there is none so near.
    fn is_last_note(&self, alert: &Alert, rung: Rung) -> bool {
        let mut leads = self.rungs.iter().filter(|r| r.step < Step::End);
        let near = leads.clone().find(|r| r.step >= Step::Lead(LAST_DAY));
        let Some(note) = near.or_else(|| leads.next_back()) else {
            return false;
        };
        let in_it = note.step <= rung.step && rung.step < Step::End;
        in_it && !alert.settled.iter().any(|s| s.step >= note.step)
    }

    /// Why the current step is said again, or why it is not.
    pub(super) fn again(&self, alert: &Alert) -> Result<Reason, Reason> {
        let due = &self.due;
        let passed = |at: Option<Instant>| at.is_some_and(|at| at <= due.now);
        if alert.let_lapse.is_some() {
            Err(Reason::LetLapse)
        } else if is_raised(alert) && due.is_before_end() {
            Ok(Reason::Escalated)
        } else if self.cycle.voided && due.is_before_end() {
            Ok(Reason::UsedAfterAll)
        } else if self.cycle.reopened && due.is_before_end() {
            Ok(Reason::Reopened)
        } else if due.snoozed_until(alert).is_some() {
            Err(self.quiet())
        } else if due.is_acknowledged(alert) && !due.is_last_day() {
            Err(Reason::Acknowledged)
        } else if due.is_snooze_over(alert) && due.is_before_end() {
            Ok(Reason::SnoozeOver)
        } else if passed(due.unheard_at(alert)) {
            Ok(Reason::NotHeard)
        } else if passed(due.escalate_at(alert)) && due.is_before_end() {
            Ok(Reason::Escalated)
        } else if passed(due.repeat_at(alert)) && due.is_before_end() {
            Ok(Reason::Repeat)
        } else {
            Err(Reason::NotDue)
        }
    }
}

/// Whether somebody asked that those next in line hear, and they have not yet.
pub(super) fn is_raised(alert: &Alert) -> bool {
    alert.raised.as_ref().is_some_and(|r| r.told.is_none())
}

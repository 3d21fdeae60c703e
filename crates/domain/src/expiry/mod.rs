//! How near is the end, and what is due because of it?
//!
//! One rule module per kind of subject. Pure: the sweep, the forecast, previews and
//! simulations all call [`plan`], so what is forecast is what happens.

mod action;
mod alert;
mod calendar;
mod channel;
mod course;
mod cycle;
mod draft;
mod due;
mod fell_silent;
mod forecast;
mod hearers;
mod orphan;
mod phase;
mod plan;
mod policies;
mod policy;
mod reason;
mod refused;
mod review;
mod rules;
mod silence;
mod silent;
mod source;
mod standing;
mod step;
mod steps;
mod subject;
mod system;
mod used;
mod verdict;
mod view;

pub use action::{ActionError, acknowledge, escalate, let_lapse, snooze, unsnooze};
pub use alert::{
    Acknowledged, Alert, AlertState, How, LetLapse, Raised, Resolution, Resolved, Settlement,
    Skipped, Snoozed,
};
pub use calendar::WorkingCalendar;
pub(crate) use calendar::{weekday, zone};
pub use channel::undeliverable;
pub use draft::{ClockTime, DigestDraft, PolicyDraft, QuietDraft, Weekday};
pub use fell_silent::fell_silent;
pub use forecast::{Foretold, forecast, forecast_by};
pub use hearers::{AudienceRule, Escalation, Whom, WhomError};
pub use orphan::{carried, orphaned, unheard};
pub use phase::{Phase, phase};
pub use plan::{Plan, Saying, plan};
pub use policies::Policies;
pub use policy::{Policy, PolicyError};
pub use reason::Reason;
pub use refused::refused;
pub use review::{Decided, Decision, Every, ReviewRule, Round, review};
pub use rules::{look_again, rules};
pub use silence::{Silence, SilenceError, Silenced};
pub use silent::silent;
pub use source::{Missing, Reading, blind, patience, patience_for_parts, vanished};
pub use standing::standing;
pub use step::{Step, StepError};
pub use steps::steps_before_end;
pub use subject::{AlertKind, Subject, SubjectError};
pub use system::{Books, lapsed, lapsed_while_down, no_way_out, stalled, unreachable};
pub use used::{used_after_end, used_in_overlap};
pub use view::{ContextFacts, CredentialView, Overlap, Successor};

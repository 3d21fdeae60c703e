//! How near is the end, and what is due because of it?
//!
//! One rule module per kind of subject. Pure: the sweep, the forecast, previews and
//! simulations all call [`plan`], so what is forecast is what happens.

mod alert;
mod plan;
mod policy;
mod step;
mod subject;

pub use alert::{
    Acknowledged, Alert, AlertState, How, LetLapse, Resolution, Resolved, Settlement, Skipped,
    Snoozed,
};
pub use plan::{CredentialView, Plan, Reason, Saying, plan};
pub use policy::{Policies, Policy};
pub use step::{Step, StepError};
pub use subject::{AlertKind, Subject, SubjectError};

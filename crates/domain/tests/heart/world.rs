//! A credential, its policy, and sweeps over both.

use domain::expiry::{Alert, CredentialView, How, Plan, Policy, Saying, Step, plan};
use domain::inventory::End;
use domain::kernel::{CredentialId, Instant, Span};

pub const TICK: Span = Span::from_micros(1);
pub const END: Instant = Instant::from_micros(1_800_000_000_000_000);

pub fn before(days: i64) -> Instant {
    END - Span::days(days)
}

pub fn lead(days: i64) -> Step {
    Step::Lead(Span::days(days))
}

pub fn after(days: i64) -> Step {
    Step::AfterEnd(Span::days(days))
}

/// Lives 200 days until [`END`], known from its birth.
pub fn view() -> CredentialView {
    CredentialView {
        id: CredentialId::parse("EXAMPLE00000").unwrap(),
        end: End::Known(END),
        ends_with_owner: false,
        own_end: None,
        meant_end: End::Unknown,
        created_at: Some(before(200)),
        last_used_at: None,
        use_is_known: false,
        revoked_at: None,
        gone_at: None,
        suspended: false,
        orphaned: false,
        rotated: false,
        overlap: None,
        successor: None,
        lead_time: None,
        first_seen_at: before(200),
        from_first_import: false,
        refused: None,
        days: None,
        silences: Vec::new(),
        can_be_heard: true,
    }
}

/// What a store and a sweep keep, without either.
#[derive(Clone, Debug)]
pub struct World {
    pub view: CredentialView,
    pub policy: Policy,
    pub alert: Option<Alert>,
    pub said: Vec<(Instant, Saying)>,
    pub next: Option<Instant>,
    /// Whether channels deliver to persons.
    pub hears: bool,
}

impl World {
    pub fn new() -> Self {
        Self::of(view())
    }

    pub fn of(view: CredentialView) -> Self {
        Self {
            view,
            policy: Policy::default(),
            alert: None,
            said: Vec::new(),
            next: None,
            hears: true,
        }
    }

    /// One sweep, stored.
    pub fn sweep(&mut self, now: Instant) -> Plan {
        let plan = plan(&self.view, &self.policy, self.alert.as_ref(), now);
        self.alert.clone_from(&plan.alert);
        self.next = plan.next_due_at;
        if let Some(saying) = &plan.say {
            self.said.push((now, saying.clone()));
            if let Some(alert) = self.alert.as_mut().filter(|_| self.hears) {
                alert.heard_at = Some(now);
            }
        }
        plan
    }

    /// Sweeps whenever the plan asked for it, up to and including `until`.
    pub fn run(&mut self, from: Instant, until: Instant) {
        self.next = Some(from);
        while let Some(now) = self.next.filter(|at| *at <= until) {
            self.sweep(now);
        }
    }

    /// What was said: steps and occurrences.
    pub fn steps(&self) -> Vec<(Step, u32)> {
        self.said
            .iter()
            .map(|(_, s)| (s.step, s.occurrence))
            .collect()
    }

    pub fn alert(&self) -> Alert {
        self.alert.clone().expect("an alert stands")
    }

    pub fn act<E: std::fmt::Debug>(&mut self, act: impl FnOnce(&Alert) -> Result<Alert, E>) {
        self.alert = Some(act(&self.alert()).unwrap());
    }

    pub fn settled(&self) -> Vec<(Step, How)> {
        let alert = self.alert.iter().flat_map(|a| &a.settled);
        alert.map(|s| (s.step, s.how)).collect()
    }
}

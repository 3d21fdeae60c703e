//! Statements that become true together, and what each expects.

use app::ports::StoreError;

use super::{Stmt, Value};

/// What it means when a statement gives back no row. Statements that guard something
/// end in `RETURNING 1`, so "no row" reads the same in both databases.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Otherwise {
    /// Nothing.
    GoOn,
    /// The rest of this group is not wanted.
    Leave,
    /// The whole batch fails.
    Fail(StoreError),
}

/// One statement of a batch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Step {
    pub(crate) stmt: Stmt,
    pub(crate) otherwise: Otherwise,
}

impl Step {
    /// Runs whatever it changes.
    pub(crate) fn run(sql: &'static str, values: Vec<Value>) -> Self {
        Self::with(sql, values, Otherwise::GoOn)
    }

    pub(crate) fn with(sql: &'static str, values: Vec<Value>, otherwise: Otherwise) -> Self {
        Self {
            stmt: Stmt::new(sql, values),
            otherwise,
        }
    }

    /// Fails with a conflict about `what` when it gives back no row.
    pub(crate) fn or_conflict(sql: &'static str, values: Vec<Value>, what: &str) -> Self {
        let error = StoreError::Conflict(what.to_owned());
        Self::with(sql, values, Otherwise::Fail(error))
    }

    /// Fails with a duplicate of `what` when it gives back no row.
    pub(crate) fn or_duplicate(sql: &'static str, values: Vec<Value>, what: &str) -> Self {
        let error = StoreError::Duplicate(what.to_owned());
        Self::with(sql, values, Otherwise::Fail(error))
    }
}

/// Groups of statements, in order; all of it becomes true, or none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Batch(pub(crate) Vec<Vec<Step>>);

impl Batch {
    pub(crate) fn of(steps: Vec<Step>) -> Self {
        Self(vec![steps])
    }

    /// How many steps there are at most.
    pub(crate) fn len(&self) -> usize {
        self.0.iter().map(Vec::len).sum()
    }
}

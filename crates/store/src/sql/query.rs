//! A statement that grows: conditions are added as a filter asks for them.
//!
//! Only texts of the program become SQL; whatever comes from outside is bound.

use super::{Stmt, Value};

/// A `SELECT` whose conditions are added one by one.
pub(crate) struct Query {
    head: &'static str,
    conditions: Vec<String>,
    values: Vec<Value>,
}

impl Query {
    /// Begins with everything up to `WHERE`.
    pub(crate) fn new(head: &'static str) -> Self {
        Self {
            head,
            conditions: Vec::new(),
            values: Vec::new(),
        }
    }

    /// Binds a value and gives its number.
    pub(crate) fn bind(&mut self, value: impl Into<Value>) -> usize {
        self.values.push(value.into());
        self.values.len()
    }

    /// Adds a condition without a value.
    pub(crate) fn also(&mut self, condition: impl Into<String>) {
        self.conditions.push(condition.into());
    }

    /// Adds a condition in which each `#` stands for the number of the value.
    pub(crate) fn with(&mut self, condition: &str, value: impl Into<Value>) {
        let number = self.bind(value).to_string();
        self.conditions.push(condition.replace('#', &number));
    }

    /// Adds a condition if there is a value for it.
    pub(crate) fn when<V: Into<Value>>(&mut self, condition: &str, value: Option<V>) {
        if let Some(value) = value {
            self.with(condition, value);
        }
    }

    /// Ends without an order or a limit: for what gives few rows by its nature.
    pub(crate) fn counted(self, end: &str) -> Stmt {
        let sql = format!("{}{}{end}", self.head, filter(&self.conditions));
        Stmt::new(sql, self.values)
    }

    /// The conditions between two texts of the caller's.
    pub(crate) fn between(self, begin: &str, end: &str) -> Stmt {
        let sql = format!("{begin}{}{end}", filter(&self.conditions));
        Stmt::new(sql, self.values)
    }

    /// Ends with an order and, at most, so many rows.
    pub(crate) fn ordered(mut self, order: &str, limit: u32) -> Stmt {
        let limit = self.bind(limit);
        let filter = filter(&self.conditions);
        let sql = format!("{}{filter} ORDER BY {order} LIMIT ${limit}", self.head);
        Stmt::new(sql, self.values)
    }
}

fn filter(conditions: &[String]) -> String {
    match conditions.is_empty() {
        true => String::new(),
        false => format!(" WHERE ({})", conditions.join(") AND (")),
    }
}

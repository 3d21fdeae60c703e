//! A form as it is shown: what was typed, and what is wrong with which field.

use std::fmt;

use app::AppError;
use askama::filters::HtmlSafe;

use crate::entries::Entries;
use crate::problem::{Problem, sentence};

/// A form as it is shown: empty at first, or again with what was typed and what is wrong.
#[derive(Clone, Debug, Default)]
pub(crate) struct Form {
    entries: Entries,
    errors: Vec<(&'static str, String)>,
}

/// Attributes of an input that tell where its hint and its error stand.
pub(crate) struct Described {
    name: String,
    hint: bool,
    error: bool,
}

// Names of fields are our own words.
impl HtmlSafe for Described {}

impl fmt::Display for Described {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = &self.name;
        if self.error {
            f.write_str(r#" aria-invalid="true""#)?;
        }
        match (self.hint, self.error) {
            (false, false) => Ok(()),
            (true, false) => write!(f, r#" aria-describedby="{name}-hint""#),
            (false, true) => write!(f, r#" aria-describedby="{name}-error""#),
            (true, true) => write!(f, r#" aria-describedby="{name}-hint {name}-error""#),
        }
    }
}

impl Form {
    /// Shows again what was typed.
    pub(crate) fn again(entries: Entries) -> Self {
        Self {
            entries,
            errors: Vec::new(),
        }
    }

    /// Shows what stands now.
    pub(crate) fn filled(fields: &[(&str, &str)]) -> Self {
        Self::again(Entries::of(fields))
    }

    /// With an error beside a field.
    #[must_use]
    pub(crate) fn with(mut self, field: &'static str, problem: &str) -> Self {
        self.errors.push((field, sentence(problem)));
        self
    }

    /// A refusal of a use case: what it says of one of these fields stands beside it,
    /// everything else of what the caller can mend beside the first.
    ///
    /// # Errors
    /// What no entry could mend.
    pub(crate) fn refused(self, error: AppError, fields: &[&'static str]) -> Result<Self, Problem> {
        let (field, problem) = match error {
            AppError::Invalid { field, problem } => (field, problem),
            AppError::Conflict { sentence } => ("", sentence),
            other => return Err(other.into()),
        };
        let place = fields.iter().find(|own| **own == field).or(fields.first());
        match place {
            Some(place) => Ok(self.with(place, &problem)),
            None => Err(AppError::conflict(problem).into()),
        }
    }

    /// What was typed.
    pub(crate) fn get(&self, name: &str) -> &str {
        self.entries.get(name)
    }

    /// Whether something was typed into any of these.
    pub(crate) fn any(&self, names: &[&str]) -> bool {
        names.iter().any(|name| !self.get(name).is_empty())
    }

    /// What is wrong with a field.
    pub(crate) fn error(&self, name: &str) -> Option<&str> {
        let found = self.errors.iter().find(|(own, _)| *own == name);
        found.map(|(_, text)| text.as_str())
    }

    /// Attributes of an input that has no hint.
    pub(crate) fn invalid(&self, name: &str) -> Described {
        let error = self.error(name).is_some();
        Described {
            name: name.to_owned(),
            hint: false,
            error,
        }
    }

    /// Attributes of an input whose hint has the id `NAME-hint`.
    pub(crate) fn invalid_with_hint(&self, name: &str) -> Described {
        Described {
            hint: true,
            ..self.invalid(name)
        }
    }
}

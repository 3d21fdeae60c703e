//! Does a condition hold for an item?

use domain::kernel::Instant;
use serde::Deserialize;
use serde_json::Value;

use super::expression::{Expression, View};
use super::instant::{Form, Told};
use super::pointer::scalar;
use super::step::Pattern;

/// One condition. Every key that is given must hold.
#[derive(Clone, Debug)]
pub(super) struct Condition {
    /// What is looked at.
    pub of: Expression,
    pub is: Option<Vec<Value>>,
    pub is_not: Option<Vec<Value>>,
    pub exists: Option<bool>,
    pub before: Option<Now>,
    pub matches: Option<Pattern>,
}

/// The present, the only instant a condition knows.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Now {
    Now,
}

/// Whether any of them holds.
pub(super) fn any(conditions: &[Condition], view: &View<'_>, now: Instant) -> bool {
    conditions.iter().any(|one| one.holds(view, now))
}

/// The first that does not hold.
pub(super) fn broken<'a>(
    conditions: &'a [Condition],
    view: &View<'_>,
    now: Instant,
) -> Option<&'a Condition> {
    conditions.iter().find(|one| !one.holds(view, now))
}

impl Condition {
    /// Whether it holds. What is missing is none of the values, and before nothing.
    pub fn holds(&self, view: &View<'_>, now: Instant) -> bool {
        let found = self.of.find(view);
        let among = |values: &Vec<Value>| {
            found.as_ref().is_some_and(|found| {
                let text = scalar(found);
                values
                    .iter()
                    .any(|v| v == found || (text.is_some() && scalar(v) == text))
            })
        };
        self.is.as_ref().is_none_or(among)
            && self.is_not.as_ref().is_none_or(|values| !among(values))
            && self
                .exists
                .is_none_or(|exists| exists == self.exists_in(found.as_ref()))
            && self
                .before
                .is_none_or(|Now::Now| passed(found.as_ref(), now))
            && self.matches.as_ref().is_none_or(|pattern| {
                let text = found.as_ref().and_then(scalar);
                text.is_some_and(|text| pattern.is_match(&text))
            })
    }

    /// Whether something stands there. A list may be empty; what a star found may not.
    fn exists_in(&self, found: Option<&Value>) -> bool {
        let starred = || self.of.pointers().iter().any(|at| at.is_plural());
        match found {
            None => false,
            Some(Value::String(text)) => !text.is_empty(),
            Some(Value::Array(items)) => !items.is_empty() || !starred(),
            Some(_) => true,
        }
    }
}

/// An instant, in RFC 3339 or as seconds, that is at or before now.
fn passed(found: Option<&Value>, now: Instant) -> bool {
    let told = found.and_then(|value| match value {
        Value::Number(_) => Form::EpochS.read(value),
        _ => Form::Rfc3339.read(value),
    });
    matches!(told, Some(Told::At(at)) if at <= now)
}

#[cfg(test)]
mod tests {
    use super::super::expression::Kept;
    use super::super::pointer::Scope;
    use super::super::settings::Settings;
    use super::super::template::Env;
    use super::*;
    use serde_json::json;
    use std::collections::BTreeMap;

    fn holds(condition: &str, item: &Value) -> bool {
        let table: BTreeMap<String, Condition> =
            toml::from_str(&format!("x = {condition}")).unwrap();
        let (headers, kept, settings) = (BTreeMap::new(), Kept::new(), Settings::default());
        let scope = Scope::whole(item, &headers);
        let env = Env {
            scope: Some(scope),
            ..Env::of(&settings)
        };
        let now = Instant::parse("2026-06-01T00:00:00Z").unwrap();
        table["x"].holds(&View { env, kept: &kept }, now)
    }

    #[test]
    fn a_value_is_among_those_named_or_not() {
        let item = json!({"s": "BLOCKED", "f": false, "n": 0});
        assert!(holds("{ at = '/s', is = ['BLOCKED', 'X'] }", &item));
        assert!(holds("{ at = '/f', is = [false] }", &item));
        assert!(holds("{ at = '/n', is = [0] }", &item));
        assert!(!holds("{ at = '/none', is = [false] }", &item));
        assert!(holds("{ at = '/none', is_not = [true] }", &item));
        assert!(!holds("{ at = '/s', is_not = ['BLOCKED'] }", &item));
        assert!(holds(
            "{ at = '/s', then = ['lower'], is = ['blocked'] }",
            &item
        ));
    }

    #[test]
    fn an_instant_has_passed_from_itself_on() {
        for (at, passed) in [
            ("2026-05-31T23:59:59.999999Z", true),
            ("2026-06-01T00:00:00Z", true),
            ("2026-06-01T00:00:00.000001Z", false),
            ("soon", false),
        ] {
            let item = json!({ "e": at });
            assert_eq!(
                holds("{ at = '/e', before = 'now' }", &item),
                passed,
                "{at}"
            );
        }
    }

    #[test]
    fn an_empty_text_does_not_exist() {
        assert!(!holds("{ at = '/e', exists = true }", &json!({"e": ""})));
        assert!(holds("{ at = '/e', exists = false }", &json!({"e": null})));
        assert!(holds("{ at = '/e', exists = true }", &json!({"e": 0})));
        assert!(holds("{ at = '/e', matches = '^a' }", &json!({"e": "ab"})));
    }

    #[test]
    fn a_condition_that_asks_nothing_is_refused() {
        let wrong = toml::from_str::<BTreeMap<String, Condition>>("x = { at = '/e' }");
        assert!(wrong.unwrap_err().to_string().contains("needs `is`"));
    }
}

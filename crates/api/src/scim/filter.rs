//! Which documents does a filter mean (RFC 7644 §3.4.2.2)?
//!
//! Conditions joined by `and`, which is what identity providers ask; what it does not
//! read it refuses, for a filter that means less than it says would link the wrong person.

use serde_json::Value;

use super::attribute::{get, parted, truth, within_core};
use crate::problem::Problem;

/// The longest filter, in bytes.
const BYTES_MAX: usize = 2000;
/// The most conditions of one filter.
const CONDITIONS_MAX: usize = 10;

/// Conditions, all of which must fit.
#[derive(Debug)]
pub(super) struct Filter(Vec<Condition>);

#[derive(Debug)]
struct Condition {
    path: String,
    operator: Operator,
    value: Value,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Operator {
    Equal,
    NotEqual,
    Contains,
    StartsWith,
    EndsWith,
    Present,
}

impl Filter {
    /// Reads a filter.
    ///
    /// # Errors
    /// 400 `invalidFilter` for whatever is not understood.
    pub(super) fn parse(text: &str) -> Result<Self, Problem> {
        if text.len() > BYTES_MAX {
            return Err(refuse(text));
        }
        let mut rest = text.trim();
        let mut conditions = Vec::new();
        loop {
            let (condition, after) = condition(rest).ok_or_else(|| refuse(text))?;
            conditions.push(condition);
            let after = after.trim_start();
            if after.is_empty() {
                return Ok(Self(conditions));
            }
            let joined = after.get(..4).filter(|w| w.eq_ignore_ascii_case("and "));
            if joined.is_none() || conditions.len() >= CONDITIONS_MAX {
                return Err(refuse(text));
            }
            rest = after.get(4..).unwrap_or_default().trim_start();
        }
    }

    /// Whether the document is meant.
    pub(super) fn means(&self, document: &Value) -> bool {
        self.0.iter().all(|condition| condition.fits(document))
    }

    /// What a new value must hold to be meant: attribute and value.
    pub(super) fn demands(&self) -> impl Iterator<Item = (&str, &Value)> {
        let equal = |c: &&Condition| c.operator == Operator::Equal;
        self.0
            .iter()
            .filter(equal)
            .map(|c| (c.path.as_str(), &c.value))
    }
}

impl Condition {
    fn fits(&self, document: &Value) -> bool {
        let Some(path) = within_core(&self.path) else {
            return self.operator == Operator::NotEqual;
        };
        let found = found(document, path);
        match self.operator {
            Operator::Present => !found.is_empty(),
            Operator::NotEqual => !found.iter().any(|value| same(value, &self.value)),
            Operator::Equal => found.iter().any(|value| same(value, &self.value)),
            operator => found
                .iter()
                .any(|value| within(value, operator, &self.value)),
        }
    }
}

/// All values at a path, through lists; of a list of objects without a sub-attribute
/// their `value`.
fn found<'a>(document: &'a Value, path: &str) -> Vec<&'a Value> {
    // `emails[type eq "work"].value`, as Entra asks: the condition inside narrows.
    let (head, which, sub) = match path.split_once('[') {
        Some((head, rest)) => {
            let (inner, after) = rest.rsplit_once(']').unwrap_or((rest, ""));
            let sub = after.strip_prefix('.').unwrap_or("value");
            (head, Filter::parse(inner).ok(), Some(sub))
        }
        None => {
            let (head, sub) = parted(path);
            (head, None, sub)
        }
    };
    let Some(value) = get(document, head) else {
        return Vec::new();
    };
    let each: Vec<&Value> = match value {
        Value::Array(items) => items.iter().collect(),
        Value::Null => Vec::new(),
        one => vec![one],
    };
    let meant = |item: &&Value| which.as_ref().is_none_or(|filter| filter.means(item));
    let part = |item: &'a Value| match (sub, item) {
        (Some(sub), item) => get(item, sub),
        (None, Value::Object(_)) => get(item, "value"),
        (None, item) => Some(item),
    };
    each.into_iter().filter(meant).filter_map(part).collect()
}

fn same(value: &Value, wanted: &Value) -> bool {
    match (value, wanted) {
        (Value::String(a), Value::String(b)) => a.to_lowercase() == b.to_lowercase(),
        (Value::Bool(a), b) => truth(b) == Some(*a),
        (a, b) => a == b,
    }
}

fn within(value: &Value, operator: Operator, wanted: &Value) -> bool {
    let (Some(value), Some(wanted)) = (value.as_str(), wanted.as_str()) else {
        return false;
    };
    let (value, wanted) = (value.to_lowercase(), wanted.to_lowercase());
    match operator {
        Operator::Contains => value.contains(&wanted),
        Operator::StartsWith => value.starts_with(&wanted),
        _ => value.ends_with(&wanted),
    }
}

/// One condition and what follows it.
fn condition(text: &str) -> Option<(Condition, &str)> {
    let (path, rest) = path(text)?;
    if let Some((_, inner)) = path.split_once('[') {
        let (inner, _) = inner.rsplit_once(']')?;
        if inner.contains('[') || Filter::parse(inner).is_err() {
            return None;
        }
    }
    let (word, rest) = match rest.split_once(' ') {
        Some((word, rest)) => (word, rest.trim_start()),
        None => (rest, ""),
    };
    let operator = operator(word)?;
    let (value, rest) = match operator {
        Operator::Present => (Value::Null, rest),
        _ => literal(rest)?,
    };
    let path = path.to_owned();
    let condition = Condition {
        path,
        operator,
        value,
    };
    Some((condition, rest))
}

/// The path up to the blank after it; a blank inside brackets belongs to it.
fn path(text: &str) -> Option<(&str, &str)> {
    let from = match text.find('[') {
        Some(open) if text.find(' ').is_none_or(|blank| open < blank) => text.find(']')?,
        _ => 0,
    };
    let blank = text.get(from..)?.find(' ')? + from;
    let path = text.get(..blank).filter(|path| !path.is_empty())?;
    Some((path, text.get(blank..)?.trim_start()))
}

fn operator(word: &str) -> Option<Operator> {
    Some(match word.to_ascii_lowercase().as_str() {
        "eq" => Operator::Equal,
        "ne" => Operator::NotEqual,
        "co" => Operator::Contains,
        "sw" => Operator::StartsWith,
        "ew" => Operator::EndsWith,
        "pr" => Operator::Present,
        _ => return None,
    })
}

/// A JSON literal and what follows it.
fn literal(text: &str) -> Option<(Value, &str)> {
    let mut values = serde_json::Deserializer::from_str(text).into_iter::<Value>();
    let value = values.next()?.ok()?;
    let rest = text.get(values.byte_offset()..)?;
    let plain = !value.is_array() && !value.is_object();
    (plain && (rest.is_empty() || rest.starts_with(' '))).then_some((value, rest))
}

fn refuse(text: &str) -> Problem {
    let shown: String = text.chars().filter(|c| !c.is_control()).take(80).collect();
    let detail = format!(
        "the filter `{shown}` is not understood; conditions with eq, ne, co, sw, ew or pr, joined by `and`, are"
    );
    Problem::bad_request(detail).scim("invalidFilter")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn ada() -> Value {
        json!({
            "userName": "Ada@example.org",
            "externalId": "00u1",
            "active": true,
            "emails": [{"value": "ada@example.org", "type": "work"}],
        })
    }

    #[test]
    fn what_okta_and_entra_ask_is_understood() {
        for fits in [
            r#"userName eq "ada@example.org""#,
            r#"USERNAME Eq "ADA@example.org""#,
            r#"emails.value eq "ada@example.org""#,
            r#"emails[type eq "work"].value eq "ada@example.org""#,
            r#"externalId eq "00u1" and active eq "True""#,
            r#"urn:ietf:params:scim:schemas:core:2.0:User:userName sw "ada""#,
            "externalId pr",
        ] {
            assert!(Filter::parse(fits).unwrap().means(&ada()), "{fits}");
        }
        for differs in [
            r#"userName eq "ad""#,
            r#"emails[type eq "home"].value eq "ada@example.org""#,
            "nickName pr",
            r#"active eq false"#,
        ] {
            assert!(!Filter::parse(differs).unwrap().means(&ada()), "{differs}");
        }
    }

    #[test]
    fn what_is_not_understood_is_refused_and_never_means_everybody() {
        let many = [r#"userName eq "a""#; CONDITIONS_MAX + 1].join(" and ");
        for bad in [
            "",
            "userName",
            "userName eq",
            "userName eq ada",
            r#"userName eq "a" or userName eq "b""#,
            r#"not (userName eq "a")"#,
            r#"userName eq "a" and"#,
            r#"userName eq ["a"]"#,
            r#"userName gt "a""#,
            r#"emails[type is "work"].value eq "a""#,
            r#"emails[type[type eq "a"] eq "work"].value eq "a""#,
            &many,
            &"x".repeat(BYTES_MAX + 1),
        ] {
            assert!(Filter::parse(bad).is_err(), "{bad:.60}");
        }
    }
}

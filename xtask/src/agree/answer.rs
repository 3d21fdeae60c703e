//! In what do two answers differ, and does an answer keep its other promises?

use std::collections::BTreeMap;

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use crate::loggen::instant::{self, HOUR};

const FACTS: [&str; 4] = ["kind", "owner", "owner_name", "state"];
const TIMES: [&str; 2] = ["created_at", "expires_at"];

/// Every token and every count in which `who` differs from the model, a sentence each.
///
/// # Errors
/// When the answer has another shape.
pub fn differences(answer: &Value, model: &Value, who: &str) -> Result<Vec<String>> {
    let (told, known) = (tokens(answer)?, tokens(model)?);
    let mut found = counts(answer, model, who);
    for (id, known) in &known {
        match told.get(id) {
            None => found.push(format!(
                "{id}: {who} does not list it, the model has {known}"
            )),
            Some(told) => found.extend(facts(id, told, known, who)?),
        }
    }
    let strange = told.keys().filter(|id| !known.contains_key(*id));
    found.extend(strange.map(|id| format!("{id}: {who} lists it, the model knows none")));
    let listed = rows(answer)?.len();
    if listed != told.len() {
        found.push(format!("{who} lists {listed} rows for {} ids", told.len()));
    }
    Ok(found)
}

/// The exit code that an answer asks for.
///
/// # Errors
/// When the answer has another shape.
pub fn code(model: &Value, at: i64) -> Result<i32> {
    let mut code = 0;
    for row in rows(model)?
        .iter()
        .filter(|row| state(row) == Some("expiring"))
    {
        let end = micros(row, "expires_at")?.context("an expiring token has an end")?;
        code = code.max(if end - at <= 24 * HOUR { 2 } else { 1 });
    }
    Ok(code)
}

/// Whether live tokens come by their end, soonest first.
///
/// # Errors
/// When they do not, or the answer has another shape.
pub fn in_order(answer: &Value) -> Result<()> {
    let mut last = i64::MIN;
    let lives = |row: &&Value| matches!(state(row), Some("live" | "expiring"));
    for row in rows(answer)?.iter().filter(lives) {
        let end = micros(row, "expires_at")?.context("a live token has an end")?;
        ensure!(end >= last, "{row} comes after a token that ends later");
        last = end;
    }
    Ok(())
}

fn counts(answer: &Value, model: &Value, who: &str) -> Vec<String> {
    let of = |answer: &Value, name: &str| answer.get("counts")?.get(name)?.as_u64();
    let names = model.get("counts").and_then(Value::as_object);
    let names = names.into_iter().flatten().map(|(name, _)| name);
    let different = names.filter(|name| of(answer, name) != of(model, name));
    let sentence = |name: &String| {
        let (told, known) = (of(answer, name), of(model, name));
        format!("counts.{name}: {who} says {told:?}, the model {known:?}")
    };
    different.map(sentence).collect()
}

fn facts(id: &str, told: &Value, known: &Value, who: &str) -> Result<Vec<String>> {
    let mut found = Vec::new();
    for name in FACTS {
        if told.get(name) != known.get(name) {
            found.push(sentence(id, name, told, known, who));
        }
    }
    for name in TIMES {
        if micros(told, name)? != micros(known, name)? {
            found.push(sentence(id, name, told, known, who));
        }
    }
    Ok(found)
}

fn sentence(id: &str, name: &str, told: &Value, known: &Value, who: &str) -> String {
    let of = |row: &Value| row.get(name).cloned().unwrap_or(Value::Null);
    format!(
        "{id}: {name} is {} to {who}, {} to the model",
        of(told),
        of(known)
    )
}

fn tokens(answer: &Value) -> Result<BTreeMap<&str, &Value>> {
    let mut tokens = BTreeMap::new();
    for row in rows(answer)? {
        let id = row.get("id").and_then(Value::as_str);
        tokens.insert(id.context("a row has no id")?, row);
    }
    Ok(tokens)
}

fn rows(answer: &Value) -> Result<&Vec<Value>> {
    let rows = answer.get("credentials").and_then(Value::as_array);
    rows.context("the answer has no list of credentials")
}

fn state(row: &Value) -> Option<&str> {
    row.get("state").and_then(Value::as_str)
}

fn micros(row: &Value, name: &str) -> Result<Option<i64>> {
    let text = row.get(name).and_then(Value::as_str);
    text.map(instant::read).transpose()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn answer(rows: &[Value]) -> Value {
        json!({"credentials": rows, "counts": {"lines": 3}})
    }

    fn row(id: &str, end: &str) -> Value {
        json!({"id": id, "kind": "API_TOKEN", "owner": null, "owner_name": null,
            "state": "expiring", "created_at": null, "expires_at": end})
    }

    #[test]
    fn instants_are_compared_as_instants() {
        let (one, other) = (
            row("a", "2026-11-23T00:00:00Z"),
            row("a", "2026-11-23T00:00:00.000Z"),
        );
        let found = differences(&answer(&[one]), &answer(&[other]), "check");
        assert!(found.expect("two answers").is_empty());
    }

    #[test]
    fn every_kind_of_difference_is_found() {
        let a = row("a", "2026-11-23T00:00:00Z");
        let mut late = a.clone();
        late["expires_at"] = "2026-11-23T00:00:00.000001Z".into();
        let mut owned = a.clone();
        owned["owner"] = "ann".into();
        let b = row("b", "2026-11-23T00:00:00Z");
        let model = answer(std::slice::from_ref(&a));
        for told in [
            vec![],
            vec![late],
            vec![owned],
            vec![a.clone(), b],
            vec![a.clone(), a],
        ] {
            let found = differences(&answer(&told), &model, "check");
            assert_eq!(found.expect("two answers").len(), 1, "{told:?}");
        }
        let mut counted = model.clone();
        counted["counts"]["lines"] = 4.into();
        assert_eq!(
            differences(&counted, &model, "check")
                .expect("two answers")
                .len(),
            1
        );
    }

    #[test]
    fn the_code_follows_the_nearest_end() {
        let at = instant::read("2026-11-22T00:00:00Z").expect("an instant");
        for (end, meant) in [("2026-11-23T00:00:00Z", 2), ("2026-11-23T00:00:01Z", 1)] {
            let model = answer(&[row("a", "2026-11-25T00:00:00Z"), row("b", end)]);
            assert_eq!(code(&model, at).expect("a code"), meant);
            assert_eq!(in_order(&model).is_err(), end < "2026-11-25");
        }
    }
}

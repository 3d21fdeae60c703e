//! Changes a document by the operations of a PATCH (RFC 7644 §3.5.2), as Okta and Entra
//! write them.
//!
//! Entra writes `Add` for `add`, `"False"` for `false`, dotted names and whole paths as
//! keys of a value without a path, and removes members by naming them in a value.

use std::collections::{HashMap, HashSet};

use serde_json::{Map, Value};

use super::attribute::{Path, get, key_of, text};
use crate::problem::Problem;

/// The most operations of one request.
const OPERATIONS_MAX: usize = 1000;
/// The most items of one list, given and after the change: as many as a team has members.
const ITEMS_MAX: usize = 10_000;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Op {
    Add,
    Replace,
    Remove,
}

/// Applies all operations of a request to a document, in their order.
///
/// # Errors
/// 400 `invalidSyntax`, `invalidPath`, `noTarget`, and `tooMany` for more than 1,000
/// operations or 10,000 items of a list; the document is not to be kept then.
pub(super) fn apply(document: &mut Value, request: &Value) -> Result<(), Problem> {
    let operations = get(request, "Operations").and_then(Value::as_array);
    let operations = operations.ok_or_else(|| refuse("`Operations` must be a list"))?;
    if operations.len() > OPERATIONS_MAX {
        let most = format!("at most {OPERATIONS_MAX} operations are taken at once");
        return Err(Problem::bad_request(most).scim("tooMany"));
    }
    operations
        .iter()
        .try_for_each(|one| operation(document, one))
}

fn operation(document: &mut Value, one: &Value) -> Result<(), Problem> {
    let op = match text(one, "op").map(str::to_ascii_lowercase).as_deref() {
        Some("add") => Op::Add,
        Some("replace") => Op::Replace,
        Some("remove") => Op::Remove,
        _ => return Err(refuse("`op` must be add, replace or remove")),
    };
    let value = get(one, "value");
    if let Some(path) = text(one, "path") {
        return match Path::parse(path)? {
            Some(path) => at(document, op, &path, value),
            None => Ok(()),
        };
    }
    match (op, value) {
        (Op::Remove, _) => {
            Err(Problem::bad_request("say by `path` what is to be removed").scim("noTarget"))
        }
        (_, Some(Value::Object(fields))) => fields.iter().try_for_each(|(key, value)| {
            // What a document says of itself is nobody's to change.
            if ["schemas", "id", "meta"]
                .iter()
                .any(|own| key.eq_ignore_ascii_case(own))
            {
                return Ok(());
            }
            match Path::parse(key)? {
                Some(path) => at(document, op, &path, Some(value)),
                None => Ok(()),
            }
        }),
        _ => Err(refuse("without a `path` the `value` must be an object")),
    }
}

fn at(document: &mut Value, op: Op, path: &Path, value: Option<&Value>) -> Result<(), Problem> {
    let Some(fields) = document.as_object_mut() else {
        return Ok(());
    };
    let key = key_of(fields, &path.attribute);
    no_more_than_allowed(value.unwrap_or(&Value::Null), &key)?;
    match (op, value) {
        (Op::Remove, value) => {
            remove(fields, &key, path, value);
            Ok(())
        }
        (_, None) => Err(refuse("`value` is missing")),
        (op, Some(value)) => {
            set(fields, &key, op, path, value);
            no_more_than_allowed(&fields[&key], &key)
        }
    }
}

/// Before lists are compared and after they are joined: neither may grow without end.
fn no_more_than_allowed(value: &Value, key: &str) -> Result<(), Problem> {
    if value
        .as_array()
        .is_none_or(|items| items.len() <= ITEMS_MAX)
    {
        return Ok(());
    }
    let shown: String = key.chars().take(64).collect();
    let most = format!("`{shown}` may have at most {ITEMS_MAX} items");
    Err(Problem::bad_request(most).scim("tooMany"))
}

fn set(fields: &mut Map<String, Value>, key: &str, op: Op, path: &Path, value: &Value) {
    let before = fields.remove(key);
    let after = match (&path.which, &path.sub, before) {
        (Some(_), _, before) => Value::Array(set_in(listed(before), path, value)),
        // A sub-attribute of a list means that of every value.
        (None, Some(sub), Some(Value::Array(mut items))) => {
            items.iter_mut().for_each(|item| put(item, sub, value));
            Value::Array(items)
        }
        (None, Some(sub), before) => {
            let mut one = before.unwrap_or_default();
            put(&mut one, sub, value);
            one
        }
        (None, None, Some(Value::Array(items))) if op == Op::Add => {
            Value::Array(united(items, value))
        }
        (None, None, Some(Value::Object(one))) => merged(one, value),
        (None, None, _) => value.clone(),
    };
    fields.insert(key.to_owned(), after);
}

/// The items with the meant ones changed; where none is meant, one is made that is.
fn set_in(mut items: Vec<Value>, path: &Path, value: &Value) -> Vec<Value> {
    let Some(which) = &path.which else {
        return items;
    };
    let mut any = false;
    for item in items.iter_mut().filter(|item| which.means(item)) {
        any = true;
        change(item, path.sub.as_deref(), value);
    }
    if !any {
        let demanded = which
            .demands()
            .map(|(key, value)| (key.to_owned(), value.clone()));
        let mut item = Value::Object(demanded.collect());
        change(&mut item, path.sub.as_deref(), value);
        items.push(item);
    }
    items
}

fn change(item: &mut Value, sub: Option<&str>, value: &Value) {
    match (sub, value) {
        (Some(sub), value) => put(item, sub, value),
        (None, Value::Object(parts)) => parts.iter().for_each(|(sub, value)| put(item, sub, value)),
        (None, value) => *item = value.clone(),
    }
}

fn put(item: &mut Value, sub: &str, value: &Value) {
    if !item.is_object() {
        *item = Value::Object(Map::new());
    }
    if let Some(parts) = item.as_object_mut() {
        let key = key_of(parts, sub);
        parts.insert(key, value.clone());
    }
}

/// A complex value with what is new in it; the rest stays.
fn merged(one: Map<String, Value>, value: &Value) -> Value {
    let mut after = Value::Object(one);
    change(&mut after, None, value);
    after
}

/// By what an item of a list is told from others.
fn named(item: &Value) -> &Value {
    get(item, "value").unwrap_or(item)
}

/// What stands, and what is new; a value that stands already is not added twice. Each list
/// is gone through once, for both may be long.
fn united(mut items: Vec<Value>, value: &Value) -> Vec<Value> {
    let mut fresh: Vec<Value> = Vec::new();
    let mut places: HashMap<&Value, usize> = HashMap::new();
    let new = value
        .as_array()
        .map_or(std::slice::from_ref(value), Vec::as_slice);
    for new in new.iter().filter(|_| !value.is_null()) {
        let next = fresh.len();
        let place = *places.entry(named(new)).or_insert(next);
        match fresh.get_mut(place) {
            Some(known) => joined(known, new),
            None => fresh.push(new.clone()),
        }
    }
    let mut stands = HashSet::new();
    for item in &mut items {
        let place = places.get(named(item)).copied();
        if let Some(place) = place.filter(|place| stands.insert(*place)) {
            joined(item, &fresh[place]);
        }
    }
    let left = fresh.into_iter().enumerate();
    items.extend(left.filter_map(|(place, new)| (!stands.contains(&place)).then_some(new)));
    items
}

/// The parts of a new item come to those that stand; a bare value has none.
fn joined(item: &mut Value, new: &Value) {
    if new.is_object() {
        change(item, None, new);
    }
}

fn remove(fields: &mut Map<String, Value>, key: &str, path: &Path, value: Option<&Value>) {
    match (&path.which, &path.sub, fields.get_mut(key)) {
        (_, _, None) => {}
        (Some(which), None, Some(Value::Array(items))) => items.retain(|item| !which.means(item)),
        (which, Some(sub), Some(standing)) => {
            let meant = |item: &&mut Value| which.as_ref().is_none_or(|w| w.means(item));
            let each = match standing {
                Value::Array(items) => items.iter_mut().collect(),
                one => vec![one],
            };
            each.into_iter()
                .filter(meant)
                .for_each(|item| drop_part(item, sub));
        }
        // `remove` with a value takes away these and no others, as Entra means it.
        (None, None, Some(Value::Array(items))) if value.is_some_and(is_something) => {
            let gone = listed(value.cloned());
            let gone: HashSet<&Value> = gone.iter().map(named).collect();
            items.retain(|item| !gone.contains(named(item)));
        }
        (None, None, Some(standing)) => *standing = Value::Null,
        (Some(_), None, Some(_)) => {}
    }
}

fn is_something(value: &Value) -> bool {
    !value.is_null() && value.as_array().is_none_or(|items| !items.is_empty())
}

fn drop_part(item: &mut Value, sub: &str) {
    if let Some(parts) = item.as_object_mut() {
        let key = key_of(parts, sub);
        if let Some(part) = parts.get_mut(&key) {
            *part = Value::Null;
        }
    }
}

fn listed(value: Option<Value>) -> Vec<Value> {
    match value {
        None | Some(Value::Null) => Vec::new(),
        Some(Value::Array(items)) => items,
        Some(one) => vec![one],
    }
}

fn refuse(detail: &str) -> Problem {
    Problem::bad_request(detail).scim("invalidSyntax")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn ada() -> Value {
        json!({
            "id": "per_1", "userName": "ada", "active": true,
            "name": {"givenName": "Ada", "familyName": "King"},
            "emails": [{"value": "ada@example.org", "type": "work", "primary": true}],
            "members": [{"value": "a"}, {"value": "b"}],
        })
    }

    fn after(operations: Value) -> Value {
        let mut document = ada();
        apply(&mut document, &json!({"Operations": operations})).unwrap();
        document
    }

    #[test]
    fn entra_speaks_in_its_own_way() {
        let document = after(json!([
            {"op": "Replace", "path": "active", "value": "False"},
            {"op": "Add", "path": "emails[type eq \"work\"].value", "value": "new@example.org"},
            {"op": "Add", "value": {
                "name.familyName": "Lovelace",
                "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department": "x",
                "urn:ietf:params:scim:schemas:core:2.0:User:locale": "de-AT",
            }},
        ]));
        assert_eq!(document["active"], "False");
        assert_eq!(document["emails"][0]["value"], "new@example.org");
        assert_eq!(document["emails"].as_array().unwrap().len(), 1);
        assert_eq!(document["name"]["familyName"], "Lovelace");
        assert_eq!(document["locale"], "de-AT");
    }

    #[test]
    fn members_come_and_go_one_by_one() {
        let members = |operations| {
            let document = after(operations);
            let list = document["members"].as_array().unwrap().clone();
            let names = list
                .into_iter()
                .map(|m| m["value"].as_str().unwrap().to_owned());
            names.collect::<Vec<_>>().concat()
        };
        let add =
            json!([{"op": "add", "path": "members", "value": [{"value": "b"}, {"value": "c"}]}]);
        assert_eq!(members(add), "abc");
        let by_path = json!([{"op": "remove", "path": "members[value eq \"a\"]"}]);
        assert_eq!(members(by_path), "b");
        let by_value = json!([{"op": "Remove", "path": "members", "value": [{"value": "a"}]}]);
        assert_eq!(members(by_value), "b");
        let all = json!([{"op": "replace", "path": "members", "value": [{"value": "z"}]}]);
        assert_eq!(members(all), "z");
        let okta =
            json!([{"op": "replace", "value": {"id": "per_2", "members": [{"value": "y"}]}}]);
        assert_eq!(members(okta), "y");
    }

    #[test]
    fn a_list_takes_ten_thousand_items_however_they_come_and_no_more() {
        let some = |from: usize, to: usize| -> Vec<Value> {
            let one = |n: usize| json!({"value": format!("per_{n}")});
            (from..to).map(one).collect()
        };
        let add = |items: Vec<Value>| json!({"op": "add", "path": "members", "value": items});
        let tried = |operations: Value| {
            let mut document = json!({"members": []});
            apply(&mut document, &json!({"Operations": operations}))
                .map(|()| document["members"].as_array().unwrap().len())
        };
        for (most, taken) in [(9_999, true), (10_000, true), (10_001, false)] {
            let one_by_one = tried(json!([add(some(0, 5_000)), add(some(5_000, most))]));
            assert_eq!(one_by_one.ok(), taken.then_some(most));
            let at_once = tried(json!([add(some(0, most))]));
            assert_eq!(at_once.ok(), taken.then_some(most));
            let gone = json!({"op": "remove", "path": "members", "value": some(0, most)});
            assert_eq!(tried(json!([gone])).is_ok(), taken);
        }
        // What stands already may be told again.
        let again = tried(json!([add(some(0, 10_000)), add(some(0, 10_000))]));
        assert_eq!(again.ok(), Some(10_000));
        let refused = tried(json!([add(some(0, 22_000)), add(some(0, 22_000))])).unwrap_err();
        assert!(
            format!("{refused:?}").contains("at most 10000 items"),
            "{refused:?}"
        );
    }

    #[test]
    fn the_parts_of_items_with_one_value_come_together() {
        let add = |value| json!({"op": "add", "path": "members", "value": value});
        let document = after(json!([
            add(json!([{"value": "a", "type": "x"}, {"value": "c"}, {"value": "c", "type": "y"}])),
            add(json!("b")),
            add(Value::Null),
        ]));
        let wanted = json!([
            {"value": "a", "type": "x"}, {"value": "b"}, {"value": "c", "type": "y"},
        ]);
        assert_eq!(document["members"], wanted);
    }

    #[test]
    fn what_is_removed_stands_as_nothing() {
        let document = after(json!([
            {"op": "remove", "path": "members"},
            {"op": "remove", "path": "name.givenName"},
            {"op": "remove", "path": "nickName"},
        ]));
        assert!(document["members"].is_null());
        assert!(document["name"]["givenName"].is_null());
        assert_eq!(document["name"]["familyName"], "King");
        assert_eq!(document["id"], "per_1");
    }

    #[test]
    fn what_cannot_be_understood_is_refused() {
        for bad in [
            json!({}),
            json!({"Operations": {}}),
            json!({"Operations": [{"op": "copy", "path": "a", "value": 1}]}),
            json!({"Operations": [{"op": "remove"}]}),
            json!({"Operations": [{"op": "add", "value": 1}]}),
            json!({"Operations": [{"op": "add", "path": "active"}]}),
            json!({"Operations": [{"op": "add", "path": "a[b", "value": 1}]}),
            json!({"Operations": [{"op": "add", "path": "a b", "value": 1}]}),
            json!({"Operations": vec![json!({"op": "remove", "path": "a"}); OPERATIONS_MAX + 1]}),
        ] {
            assert!(apply(&mut ada(), &bad).is_err(), "{:.80}", bad.to_string());
        }
    }
}

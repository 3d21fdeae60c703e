//! Lists that take after another: `like = "personal"`.
//!
//! What a list does not say itself is taken from the list it names, `map` key by key. It
//! happens before the grammar is looked at, so that a half-said list is whole by then.

use toml::{Table, Value};

use super::load::Fault;

/// Fills in what each list takes from one above it.
///
/// # Errors
/// A list names none that stands above it.
pub(super) fn spread(document: &mut Table) -> Result<(), Fault> {
    let Some(Value::Array(lists)) = document.get_mut("lists") else {
        return Ok(());
    };
    for at in 0..lists.len() {
        let (above, rest) = lists.split_at_mut(at);
        let Some(Value::Table(list)) = rest.first_mut() else {
            continue;
        };
        let Some(Value::String(name)) = list.get("like").cloned() else {
            continue;
        };
        let model = above.iter().filter_map(Value::as_table);
        let mut model = model.filter(|one| one.get("name").and_then(Value::as_str) == Some(&name));
        let Some(model) = model.next() else {
            let reason = format!("no list above is called `{name}`");
            return Err(Fault::at(["lists", &at.to_string(), "like"], reason));
        };
        fill(list, model);
    }
    Ok(())
}

fn fill(list: &mut Table, model: &Table) {
    for (key, value) in model {
        // A list reads files or asks; saying one means not taking over the other.
        let excluded = match key.as_str() {
            "path" => list.contains_key("files"),
            "files" => list.contains_key("path"),
            _ => false,
        };
        match (list.get_mut(key), value) {
            (Some(Value::Table(mine)), Value::Table(theirs)) if key == "map" => {
                for (name, one) in theirs {
                    mine.entry(name.clone()).or_insert_with(|| one.clone());
                }
            }
            (Some(_), _) => {}
            (None, _) if excluded => {}
            (None, _) => drop(list.insert(key.clone(), value.clone())),
        }
    }
}

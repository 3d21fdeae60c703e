//! Which systems can be watched, and what does each need? Asks no server.

use std::path::Path;

use domain::kernel::escape_line;
use serde_json::{Value, json};
use sources::{Key, KeyKind, Preset};

use super::{CliError, CliResult, output};

/// Every system, or the one named, or those of a preset of the operator's own.
pub(super) fn print(id: Option<&str>, file: Option<&Path>, as_json: bool) -> CliResult {
    let systems = match file {
        Some(path) => sources::own_systems(path),
        None => sources::systems(),
    };
    let systems = systems.map_err(|e| CliError::failed(e.to_string()))?;
    let mut told = sources::presets(&systems);
    if let Some(id) = id {
        told.retain(|preset| preset.id == id);
        let Some(one) = told.first() else {
            let unknown =
                format!("there is no system `{id}`; `forewarn source presets` lists them");
            return Err(CliError::usage(unknown));
        };
        if !as_json {
            return output::line(&whole(one));
        }
    }
    let items: Vec<Value> = told.iter().map(object).collect();
    let columns = [
        ("id", "/id"),
        ("system", "/system"),
        ("kinds", "/kinds"),
        ("auth", "/auth"),
        ("needs", "/needs"),
    ];
    output::list(&items, as_json, &columns)
}

fn object(preset: &Preset) -> Value {
    let keys = preset.keys.iter().map(|key| {
        json!({
            "name": key.name, "kind": word(key.kind), "required": key.required, "says": key.says,
        })
    });
    json!({
        "id": preset.id, "system": preset.system, "kinds": preset.kinds, "auth": preset.auth,
        "needs": preset.needs, "tried": preset.tried, "pages": preset.pages,
        "keys": keys.collect::<Vec<_>>(),
    })
}

/// One system with a table for the configuration that only wants to be filled in.
fn whole(preset: &Preset) -> String {
    let mut lines = vec![
        format!("{} ({})", preset.system, preset.id),
        format!("  tells of  {}", preset.kinds.join(", ")),
        format!("  sign-in   {}", preset.auth),
        format!("  needs     {}", preset.needs),
        format!("  tried     {}", preset.tried.unwrap_or("–")),
    ];
    lines.extend(
        preset
            .pages
            .iter()
            .map(|page| format!("  read      {page}")),
    );
    lines.extend([
        String::new(),
        format!("[sources.my-{}]", preset.id),
        format!("system = \"{}\"", preset.id),
    ]);
    lines.extend(preset.keys.iter().map(setting));
    let lines: Vec<String> = lines.iter().map(|line| escape_line(line)).collect();
    lines.join("\n")
}

/// A key as it stands in the configuration; one that may be left out is commented out.
fn setting(key: &Key) -> String {
    let Key {
        name,
        kind,
        required,
        says,
    } = key;
    let value = match kind {
        KeyKind::Text => "\"…\"".to_owned(),
        KeyKind::Secret => format!("{{ env = \"{}\" }}", name.to_uppercase()),
        KeyKind::List => "[\"…\"]".to_owned(),
        KeyKind::Number => "0".to_owned(),
        KeyKind::Flag => "false".to_owned(),
    };
    let aside = if *required { "" } else { "# " };
    format!("{aside}{name} = {value}  # {says}")
}

fn word(kind: KeyKind) -> &'static str {
    match kind {
        KeyKind::Text => "text",
        KeyKind::Secret => "secret",
        KeyKind::List => "list",
        KeyKind::Number => "number",
        KeyKind::Flag => "flag",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_system_is_shown_with_a_table_that_the_configuration_can_read() {
        for preset in sources::presets(&sources::systems().unwrap()) {
            let text = whole(&preset);
            let (_, table) = text.split_once("\n\n").unwrap();
            let read: toml::Table = toml::from_str(table).unwrap();
            let source = &read["sources"][format!("my-{}", preset.id)];
            assert_eq!(source["system"].as_str(), Some(preset.id.as_str()));
            let required = preset.keys.iter().filter(|key| key.required);
            for key in required {
                assert!(
                    source.get(&key.name).is_some(),
                    "{}: {}",
                    preset.id,
                    key.name
                );
            }
        }
    }

    #[test]
    fn what_a_preset_needs_first_stands_first() {
        let systems = sources::presets(&sources::systems().unwrap());
        let gitlab = systems.iter().find(|preset| preset.id == "gitlab").unwrap();
        let first = gitlab.keys.first().unwrap();
        assert!(first.required, "{first:?}");
        assert!(!gitlab.keys.last().unwrap().required);
    }
}

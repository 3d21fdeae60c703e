//! What does somebody read who wrote a preset that is wrong?
//!
//! Each sentence names the file, the line and the key, and what would be right.

use std::path::Path;

const RIGHT: &str = r#"id = "acme"
system = "Acme"
read = [{ url = "https://docs.acme.example", on = "2026-11-22" }]
tried = "documented payloads"
needs = "a key that may list keys"

[settings]
url = { says = "where Acme is" }
token = { kind = "secret", says = "a key" }

[auth]
kind = "bearer"
token = "{setting.token}"

[request]
base = "{setting.url}"

[[lists]]
name = "keys"
kind = "key"
path = "/keys"
items = "/data"
page = { kind = "cursor", from = "/next", param = "cursor" }

[lists.map]
external_id = "/id"
name = "/label"
expires = { at = "/end", missing = "never" }
scopes = { at = "/scope", then = [{ split = " " }] }
"#;

/// What is written in place of what, and what is said of it.
const WRONG: [(&str, &str, &str); 22] = [
    ("\"Acme\"", "\"Acme", "line 2: "),
    (
        "needs =",
        "need =",
        "line 5: `need`: unknown field `need`, expected one of",
    ),
    (
        "tried = \"documented payloads\"",
        "tried = \"yes\"",
        "line 4: `tried`: unknown variant `yes`, expected one of",
    ),
    (
        "id = \"acme\"",
        "id = \"Acme Inc\"",
        "line 1: `id`: `Acme Inc` is no id",
    ),
    (
        "kind = \"secret\"",
        "kind = \"hidden\"",
        "line 9: `settings.token.kind`: unknown variant `hidden`",
    ),
    (
        "says = \"where Acme is\"",
        "default = \"x\"",
        "line 8: `settings.url`: missing field `says`",
    ),
    (
        "kind = \"bearer\"",
        "kind = \"barer\"",
        "`auth.kind`: unknown variant `barer`, expected one of",
    ),
    (
        "token = \"{setting.token}\"",
        "",
        "`auth`: missing field `token`",
    ),
    (
        "{setting.token}",
        "{setting.key}",
        "line 13: `auth.token`: there is no setting `key`",
    ),
    (
        "base = \"{setting.url}\"\n",
        "",
        "`request.base`: is missing; it says where all paths start",
    ),
    (
        "\"{setting.url}\"",
        "\"{setting.token}\"",
        "line 16: `request.base`: `token` is a secret",
    ),
    (
        "\"/keys\"",
        "\"/keys/{parent.id}\"",
        "line 21: `lists[0].path`: no parent before it keeps `id`",
    ),
    (
        "\"/keys\"",
        "\"/keys/{id}\"",
        "line 21: `lists[0].path`: `{id}` stands for nothing; write",
    ),
    (
        "\"/keys\"",
        "\"/keys/{/id\"",
        "line 21: `lists[0].path`: a `{` has no `}`",
    ),
    (
        "kind = \"key\"\n",
        "",
        "`lists[0]`: needs a `kind`, or a `map.kind`",
    ),
    (
        "path = \"/keys\"\n",
        "",
        "`lists[0]`: needs a `path` to ask, or `files` to read",
    ),
    (
        "param = \"cursor\" }",
        "}",
        "`lists[0].page`: missing field `param`",
    ),
    (
        "\"/id\"",
        "\"id\"",
        "line 26: `lists[0].map.external_id`: `id` is no pointer; write",
    ),
    (
        "name = \"/label\"",
        "name = \"/token\"",
        "line 27: `lists[0].map.name`: `/token` looks like a secret's place",
    ),
    (
        "missing = \"never\"",
        "missing = \"none\"",
        "line 28: `lists[0].map.expires.missing`: unknown variant `none`",
    ),
    (
        "{ split = \" \" }",
        "{ slit = \" \" }",
        "line 29: `lists[0].map.scopes.then[0]`: unknown variant `slit`",
    ),
    (
        "name = \"/label\"",
        "name = { at = \"/a\", const = 1 }",
        "line 27: `lists[0].map.name`: needs exactly one of",
    ),
];

/// The first thing that is wrong with a preset.
fn said(folder: &Path, text: &str) -> String {
    let file = folder.join("acme.toml");
    std::fs::write(&file, text).unwrap();
    let error = sources::own_systems(&file).err();
    let error = error.unwrap_or_else(|| panic!("nothing is said of {text}"));
    error
        .to_string()
        .replace(file.to_str().unwrap(), "acme.toml")
}

#[test]
fn a_wrong_preset_is_told_by_file_line_key_and_remedy() {
    let folder = tempfile::tempdir().unwrap();
    let mut wrong = Vec::new();
    for (from, to, says) in WRONG {
        let text = RIGHT.replacen(from, to, 1);
        assert_ne!(text, RIGHT, "{from}");
        let said = said(folder.path(), &text);
        let is_right = said.starts_with("acme.toml, line ") && said.contains(says);
        if !is_right || said.contains('\n') {
            wrong.push(format!("{says}\n  {said}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_right_one_is_right_and_a_missing_file_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("acme.toml");
    std::fs::write(&file, RIGHT).unwrap();
    assert_eq!(sources::own_systems(&file).map(|s| s.len()).unwrap(), 1);
    let none = sources::own_systems(&folder.path().join("none.toml")).err();
    let said = none.unwrap().to_string();
    assert!(said.contains("none.toml: cannot be read: "), "{said}");
}

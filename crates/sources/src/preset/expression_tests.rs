//! What do expressions give for items as issuers write them?

use super::super::pointer::Scope;
use super::super::settings::{SettingValue, Settings};
use super::*;
use serde_json::json;

/// What an expression of this kind, as it is written in a preset, gives for an item.
fn read<T: serde::de::DeserializeOwned, U>(
    text: &str,
    item: &Value,
    run: impl FnOnce(&T, &View<'_>) -> U,
) -> U {
    let mut table: BTreeMap<String, T> = toml::from_str(&format!("x = {text}")).unwrap();
    let expression = table.remove("x").unwrap();
    let settings = Settings::from_iter([("max", SettingValue::Text("90d".to_owned()))]);
    let kept = Kept::from([(
        ("users".to_owned(), "7".to_owned()),
        BTreeMap::from([("email".to_owned(), "ada@example.org".to_owned())]),
    )]);
    let none = BTreeMap::new();
    let env = Env {
        settings: &settings,
        chosen: &none,
        parent: &none,
        key: None,
        scope: Some(Scope::whole(item, &none)),
    };
    run(&expression, &View { env, kept: &kept })
}

fn text(expression: &str, item: &Value) -> Option<String> {
    read(expression, item, |e: &Expression, view| e.text(view))
}

fn end(expression: &str, item: Value) -> Read {
    read(expression, &item, |e: &Ending, view| e.end(view))
}

fn known(text: &str) -> Read {
    Read::Told(End::Known(Instant::parse(text).unwrap()))
}

#[test]
fn the_first_that_gives_something_counts() {
    let item = json!({"a": "", "b": null, "c": "x"});
    assert_eq!(
        text("{ first_of = ['/a', '/b', '/c'] }", &item).as_deref(),
        Some("x")
    );
    assert_eq!(
        text("{ at = '/b', default = 'y' }", &item).as_deref(),
        Some("y")
    );
    assert_eq!(text("{ template = '{/c}/{/a}' }", &item), None);
    assert_eq!(text("{ const = 3 }", &item).as_deref(), Some("3"));
}

#[test]
fn what_was_looked_up_is_found_by_its_key() {
    let lookup = "{ lookup = { name = 'users', key = '/user', at = 'email' } }";
    assert_eq!(
        text(lookup, &json!({"user": 7})).as_deref(),
        Some("ada@example.org")
    );
    assert_eq!(text(lookup, &json!({"user": 8})), None);
}

#[test]
fn a_join_finds_what_is_included_elsewhere_in_the_body() {
    let item = json!({
        "owner": {"id": "2"},
        "included": [{"id": "1", "mail": "a"}, {"id": 2, "mail": "b"}]
    });
    let join =
        "{ join = { in = '$/included', where = '/id', equals = '/owner/id', at = '/mail' } }";
    assert_eq!(text(join, &item).as_deref(), Some("b"));
}

#[test]
fn an_end_that_is_missing_means_what_the_preset_says() {
    assert_eq!(end("'/e'", json!({})), Read::Told(End::Unknown));
    assert_eq!(
        end("{ at = '/e', missing = 'never' }", json!({"e": null})),
        Read::Told(End::Never)
    );
    assert_eq!(
        end("{ at = '/e', missing = 'never' }", json!({"e": ""})),
        Read::Told(End::Never)
    );
    assert_eq!(end("'/e'", json!({"e": "rubbish"})), Read::Rubbish);
    assert_eq!(
        end(
            "{ at = '/e', as = 'epoch_ms', never = [-1] }",
            json!({"e": -1})
        ),
        Read::Told(End::Never)
    );
    assert_eq!(
        end("{ at = '/e', never = ['Never'] }", json!({"e": "Never"})),
        Read::Told(End::Never)
    );
}

#[test]
fn an_end_may_follow_from_a_beginning() {
    let days =
        "{ at = '/c', as = 'epoch_ms', plus = { at = '/days', as = 'days' }, missing = 'never' }";
    let item = |days: Value| json!({"c": 1_800_000_000_000_i64, "days": days});
    assert_eq!(end(days, item(json!(1))), known("2027-01-16T08:00:00Z"));
    assert_eq!(end(days, item(json!(null))), Read::Told(End::Never));
    let age = "{ at = '/c', plus = '{setting.max}', derived = true }";
    assert_eq!(
        end(age, json!({"c": "2026-01-01"})),
        known("2026-04-01T00:00:00Z")
    );
}

#[test]
fn keys_that_do_not_belong_are_refused_where_they_stand() {
    let wrong = |text: &str| {
        toml::from_str::<BTreeMap<String, Timed>>(text)
            .unwrap_err()
            .to_string()
    };
    for (text, says) in [
        ("x = { at = '/a', never = [1] }", "belongs to `expires`"),
        ("x = { at = '/a', const = 1 }", "exactly one"),
        ("x = { then = [] }", "exactly one"),
        ("x = { att = '/a' }", "unknown field"),
        ("x = 'a'", "is no pointer"),
        ("x = 3", "a pointer such as"),
    ] {
        assert!(wrong(text).contains(says), "{text}: {}", wrong(text));
    }
    let plain = toml::from_str::<BTreeMap<String, Expression>>("x = { at = '/a', as = 'epoch_s' }");
    assert!(
        plain
            .unwrap_err()
            .to_string()
            .contains("belongs to instants")
    );
}

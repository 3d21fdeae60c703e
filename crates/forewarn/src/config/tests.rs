//! The layers and the refusals.

use super::*;
use domain::kernel::Span;

fn load_text(text: &str, environment: &[(&str, &str)]) -> Result<Config, ConfigError> {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("forewarn.toml");
    std::fs::write(&path, text).unwrap();
    let environment: Vec<_> = environment
        .iter()
        .map(|(k, v)| ((*k).to_owned(), (*v).to_owned()))
        .collect();
    load(
        &Flags {
            config: Some(path),
            ..Flags::default()
        },
        &environment,
    )
}

fn refusal(text: &str) -> String {
    load_text(text, &[]).unwrap_err().to_string()
}

#[test]
fn an_empty_file_gives_the_defaults() {
    let config = load_text("", &[]).unwrap();
    assert_eq!(config.server.listen, "127.0.0.1:8080");
    assert_eq!(config.notifier.window, Span::hours(168));
}

#[test]
fn our_variables_win_over_stackrox_and_both_over_the_file() {
    let file = "[notifier]\ninterval = \"3h\"\nwindow = \"100h\"\nbackoff = \"4h\"";
    let config = load_text(
        file,
        &[
            ("ROX_TOKEN_EXPIRATION_NOTIFIER_INTERVAL", "2h"),
            ("ROX_TOKEN_EXPIRATION_DETECTION_WINDOW", "48h"),
            ("FOREWARN_NOTIFIER__INTERVAL", "1s"),
            ("FOREWARN_TOKEN", "not ours"),
        ],
    )
    .unwrap();
    assert_eq!(config.notifier.interval, Span::seconds(1));
    assert_eq!(config.notifier.window, Span::hours(48));
    assert_eq!(config.notifier.backoff, Span::hours(4));
}

#[test]
fn a_variable_reaches_an_id_with_a_hyphen() {
    let file = "[sources.prod-foundry]\nsystem = \"foundry\"\npaths = [\"a\"]";
    let config = load_text(
        file,
        &[("FOREWARN_SOURCES__PROD_FOUNDRY__PATHS", "[\"b\", \"c\"]")],
    )
    .unwrap();
    let paths = config.sources["prod-foundry"].keys["paths"].clone();
    assert_eq!(paths, toml::Value::from(vec!["b", "c"]));
}

/// B72: nonsense is refused with the key and the reason.
#[test]
fn nonsense_is_refused_with_the_key_and_the_reason() {
    for (text, key) in [
        ("[notifer]\n", "notifer"),
        ("[server]\nconnections_max = 7", "server.connections_max"),
        (
            "[server]\nfailures_a_minute = 0",
            "server.failures_a_minute",
        ),
        ("[sign_in]\nidle = \"4m\"", "sign_in.idle"),
        ("[sign_in]\nidle = \"25h\"", "sign_in.idle"),
        ("[sign_in]\nlifetime = \"91d\"", "sign_in.lifetime"),
        ("[notifier]\nintervall = \"1h\"", "intervall"),
        ("[notifier]\ninterval = \"0s\"", "notifier.interval"),
        ("[notifier]\ninterval = \"-1h\"", "notifier.interval"),
        ("[notifier]\ninterval = \"1ms\"", "notifier.interval"),
        ("[notifier]\ninterval = \"87600001h\"", "notifier.interval"),
        ("[notifier]\nbackoff = \"200h\"", "notifier.backoff"),
        ("[notifier]\nlog_slice = \"0s\"", "notifier.log_slice"),
        (
            "[policies.default]\nsteps = [\"0d\"]",
            "policies.default.steps",
        ),
        (
            "[policies.default]\nsteps = [\"7d\", \"7d\"]",
            "policies.default.steps",
        ),
        ("[policies.prod]\nsteps = [\"7d\"]", "policies.prod.match"),
        (
            "[policies.prod]\nmatch = { team = \"a\" }\nquiet_hours = { from = \"8\", to = \"07:00\" }",
            "policies.prod.quiet_hours",
        ),
        (
            "[policies.default]\nescalate = { after = \"-1d\", to = [\"admins\"] }",
            "policies.default.escalate",
        ),
        (
            "[policies.default]\naudience = { \"7d\" = [\"everybody\"] }",
            "everybody",
        ),
        (
            "[channels.mail]\nkind = \"email\"\nhost = \"h\"\nfrom = \"a@b\"\npassword = \"hunter2\"",
            "secrets do not stand",
        ),
        ("[channels.a]\nkind = \"pigeon\"", "pigeon"),
        (
            "[channels.a]\nkind = \"webhook\"\nurl = \"ftp://x\"",
            "channels.a.url",
        ),
        ("[sources.forewarn]\nsystem = \"push\"", "sources.forewarn"),
        ("[audience]\nadmins = [\"nobody\"]", "audience.admins"),
        (
            "[channels.a]\nkind = \"outbox\"\n[channels.a]\nkind = \"outbox\"",
            "duplicate",
        ),
    ] {
        let said = refusal(text);
        assert!(said.contains(key), "{text}: {said}");
        assert!(!said.contains("hunter2"), "{said}");
    }
}

/// B73: only the documented spellings of spans.
#[test]
fn spans_in_variables_follow_the_documented_grammar() {
    for good in ["1h", "P1D", "1h30m", "168h"] {
        assert!(
            load_text("", &[("ROX_TOKEN_EXPIRATION_NOTIFIER_INTERVAL", good)]).is_ok(),
            "{good}"
        );
    }
    for bad in ["1h ", "24", "", "x"] {
        assert!(
            load_text("", &[("ROX_TOKEN_EXPIRATION_NOTIFIER_INTERVAL", bad)]).is_err(),
            "{bad}"
        );
    }
}

/// What is wrong with a value is said of the variable that set it, and only of that one.
#[test]
fn a_bad_value_of_a_variable_names_the_variable() {
    let said = |text: &str, name: &str, value: &str| {
        load_text(text, &[(name, value)]).unwrap_err().to_string()
    };
    let file = "[notifier]\nwindow = \"7d\"\n[sources.prod-foundry]\nsystem = \"foundry\"";
    for (name, value, key) in [
        (
            "ROX_TOKEN_EXPIRATION_DETECTION_WINDOW",
            "soon",
            "notifier.window",
        ),
        ("FOREWARN_NOTIFIER__WINDOW", "soon", "notifier.window"),
        ("FOREWARN_NOTIFIER__INTERVAL", "0s", "notifier.interval"),
        ("FOREWARN_SERVER__LISEN", "::1", "server.lisen"),
        (
            "FOREWARN_SOURCES__PROD_FOUNDRY__INTERVAL",
            "soon",
            "sources.prod-foundry.interval",
        ),
        (
            "FOREWARN_POLICIES__DEFAULT__STEPS",
            "[\"30\"]",
            "policies.default.steps[0]",
        ),
    ] {
        let said = said(file, name, value);
        let start = format!("the environment variable {name} (`{key}`): ");
        assert!(said.starts_with(&start), "{said}");
    }
    // What the file says wrong stays the file's, whatever variables set beside it.
    let file = "[notifier]\nwindow = \"soon\"";
    let said = said(file, "FOREWARN_NOTIFIER__INTERVAL", "1h");
    assert!(
        said.starts_with("`notifier.window` in the configuration"),
        "{said}"
    );
    let both = [
        ("ROX_TOKEN_EXPIRATION_DETECTION_WINDOW", "soon"),
        ("FOREWARN_NOTIFIER__WINDOW", "later"),
    ];
    let said = load_text("", &both).unwrap_err().to_string();
    assert!(said.contains("FOREWARN_NOTIFIER__WINDOW"), "{said}");
}

/// B72: what everybody may read is no secret.
#[test]
fn a_secret_file_that_everybody_can_read_is_refused() {
    use std::os::unix::fs::PermissionsExt;
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("secret");
    std::fs::write(&path, "s3cret\n").unwrap();
    let reference = SecretRef::File(path.clone());
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
    assert!(
        reference
            .read(&[])
            .unwrap_err()
            .to_string()
            .contains("chmod 600")
    );
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
    assert_eq!(reference.read(&[]).unwrap().expose(), "s3cret");
}

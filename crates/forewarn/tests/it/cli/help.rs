//! What needs no server: help, usage, secrets as arguments, offline commands.

use crate::house::run;

/// Every command there is.
const COMMANDS: [&str; 28] = [
    "serve",
    "check",
    "token",
    "credential",
    "source",
    "alert",
    "channel",
    "message",
    "monitor",
    "finding",
    "review",
    "silence",
    "watcher",
    "policy",
    "person",
    "team",
    "service-account",
    "role",
    "forecast",
    "scan",
    "audit",
    "doctor",
    "backup",
    "migrate",
    "openapi",
    "completions",
    "man",
    "help",
];

#[test]
fn the_help_of_every_command_shows_an_example() {
    let all = run(&["--help"], &[], b"").ends_with(0);
    assert!(all.out.contains("Examples:"));
    for command in COMMANDS.iter().filter(|c| **c != "help") {
        assert!(all.out.contains(&format!("  {command} ")), "{command}");
        let help = run(&[command, "--help"], &[], b"").ends_with(0);
        assert!(help.out.contains("Example"), "{command}: {}", help.out);
        assert!(
            help.out.contains(&format!("forewarn {command}")),
            "{command}"
        );
    }
}

#[test]
fn the_verbs_of_the_contract_exist() {
    for line in [
        "token create",
        "token list",
        "token show",
        "token self",
        "token rotate",
        "token revoke",
        "token verify",
        "credential list",
        "credential show",
        "credential assign",
        "credential import",
        "source list",
        "source presets",
        "source test",
        "source sync",
        "source forget",
        "alert list",
        "alert ack",
        "alert snooze",
        "alert let-lapse",
        "channel list",
        "channel test",
        "person list",
        "team list",
        "service-account list",
        "role list",
        "audit verify",
        "audit export",
    ] {
        let mut args: Vec<&str> = line.split(' ').collect();
        args.push("--help");
        let said = run(&args, &[], b"");
        assert_eq!(said.code, 0, "{line}: {}", said.err);
        let example = said.out.split_once("Example:").map(|(_, example)| example);
        let shown = example.is_some_and(|text| text.contains(&format!("forewarn {line}")));
        assert!(shown, "{line}: {}", said.out);
    }
}

#[test]
fn wrong_usage_ends_with_2_and_for_check_with_3() {
    for args in [
        &["token", "frob"][..],
        &["nothing"],
        &["token", "create"],
        &["serve", "--x"],
    ] {
        run(args, &[], b"").ends_with(2);
    }
    for args in [
        &["check", "--within", "soon", "x"][..],
        &["check", "--x"],
        &["check"],
    ] {
        run(args, &[], b"").ends_with(3);
    }
    run(&["check", "/nonexistent"], &[], b"").ends_with(3);
}

/// B74: no command takes a token or a password as an argument.
#[test]
fn no_secret_is_taken_from_the_command_line() {
    for command in COMMANDS.iter().filter(|c| **c != "help") {
        let help = run(&[command, "--help"], &[], b"").ends_with(0).out;
        for flag in ["--token ", "--token=", "--password", "--secret", "--pepper"] {
            assert!(!help.contains(flag), "{command} offers {flag}");
        }
    }
    run(&["token", "--token", "x", "self"], &[], b"").ends_with(2);
    run(&["token", "verify", "x"], &[], b"").ends_with(2);
}

#[test]
fn an_error_is_one_sentence_that_names_the_thing() {
    let nobody = ["--server", "http://127.0.0.1:1"];
    let said = run(&[&["token", "list"], &nobody[..]].concat(), &[], b"").ends_with(1);
    said.is_one_sentence();
    assert!(said.err.contains("http://127.0.0.1:1"), "{}", said.err);
    let said = run(&["token", "self", "--token-file", "/nonexistent"], &[], b"").ends_with(1);
    said.is_one_sentence();
    assert!(said.err.contains("/nonexistent"));
    // 1 would say that a token was found.
    run(&["scan", "/nonexistent"], &[], b"")
        .ends_with(2)
        .is_one_sentence();
}

#[test]
fn the_example_of_the_documentation_is_never_a_token() {
    let example = b"fwns_EXAMPLE00000_0123456789ABCDEFGHIJKLMNOPQRSTUV3orEql\n";
    let said = run(&["token", "verify", "--offline"], &[], example).ends_with(1);
    said.is_one_sentence();
    assert!(said.err.contains("never valid"), "{}", said.err);
}

#[test]
fn presets_completions_manual_and_openapi_need_no_server() {
    let presets = run(&["source", "presets", "--json"], &[], b"")
        .ends_with(0)
        .json();
    for preset in presets.as_array().unwrap() {
        for field in ["id", "system", "kinds", "auth", "needs"] {
            assert!(preset.get(field).is_some(), "{field} of {preset}");
        }
        assert!(preset["kinds"].is_array());
    }
    assert!(
        presets
            .as_array()
            .unwrap()
            .iter()
            .any(|p| p["id"] == "foundry")
    );
    for shell in ["bash", "zsh", "fish"] {
        let said = run(&["completions", shell], &[], b"").ends_with(0);
        assert!(said.out.contains("service-account"), "{shell}");
    }
    assert!(
        run(&["man"], &[], b"")
            .ends_with(0)
            .out
            .contains(".TH forewarn")
    );
    let openapi = run(&["openapi"], &[], b"").ends_with(0).json();
    assert!(openapi["paths"]["/v1/tokens"]["post"].is_object());
}

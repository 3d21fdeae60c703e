//! An example for every verb, shown under its help. A test reads each as the program would.

use clap::Command;

/// Noun, verb, and lines that can be copied.
const EXAMPLES: [(&str, &str, &str); 63] = [
    (
        "token",
        "create",
        "forewarn token create ci --role deployer --lifetime 90d --team billing",
    ),
    (
        "token",
        "list",
        "forewarn token list --expires-within 30d --scope billing:read",
    ),
    ("token", "show", "forewarn token show 7Qm2rTz9KdWx"),
    (
        "token",
        "self",
        "FOREWARN_TOKEN=… forewarn token self --json",
    ),
    (
        "token",
        "rotate",
        "forewarn token rotate 7Qm2rTz9KdWx --overlap 7d",
    ),
    ("token", "revoke", "forewarn token revoke 7Qm2rTz9KdWx"),
    (
        "token",
        "verify",
        "forewarn token verify --offline < token.txt",
    ),
    (
        "credential",
        "list",
        "forewarn credential list --source foundry --expires-within 30d --format csv",
    ),
    (
        "credential",
        "show",
        "forewarn credential show crd_7Qm2rTz9KdWx",
    ),
    (
        "credential",
        "assign",
        "forewarn credential assign crd_7Qm2rTz9KdWx --team billing --lead-time 60d",
    ),
    (
        "credential",
        "import",
        "forewarn credential import --source wiki keys.csv",
    ),
    ("source", "list", "forewarn source list"),
    ("source", "presets", "forewarn source presets gitlab"),
    ("source", "test", "forewarn source test gitlab"),
    ("source", "sync", "forewarn source sync gitlab"),
    ("source", "accept", "forewarn source accept gitlab"),
    ("source", "forget", "forewarn source forget old-wiki"),
    ("alert", "list", "forewarn alert list --state firing"),
    (
        "alert",
        "ack",
        "forewarn alert ack alr_7Qm2rTz9KdWx --note \"rotating on Thursday\"",
    ),
    (
        "alert",
        "snooze",
        "forewarn alert snooze alr_7Qm2rTz9KdWx --until 2027-01-04T08:00:00Z",
    ),
    (
        "alert",
        "escalate",
        "forewarn alert escalate alr_7Qm2rTz9KdWx --note \"owner is away\"",
    ),
    (
        "alert",
        "let-lapse",
        "forewarn alert let-lapse alr_7Qm2rTz9KdWx --reason \"service is gone\"",
    ),
    ("finding", "list", "forewarn finding list --kind orphaned"),
    ("review", "list", "forewarn review list"),
    (
        "review",
        "show",
        "forewarn review show alr_7Qm2rTz9KdWx --waiting",
    ),
    (
        "review",
        "decide",
        "forewarn review decide alr_7Qm2rTz9KdWx crd_7Qm2rTz9KdWx --as rotate",
    ),
    ("silence", "list", "forewarn silence list --over"),
    (
        "silence",
        "add",
        "forewarn silence add --source gitlab --for 3d --reason \"moving to the new server\"",
    ),
    ("silence", "end", "forewarn silence end sil_7Qm2rTz9KdWx"),
    ("watcher", "list", "forewarn watcher list"),
    (
        "watcher",
        "add",
        "forewarn watcher add --label env=prod --notify team:finance",
    ),
    (
        "watcher",
        "remove",
        "forewarn watcher remove wat_7Qm2rTz9KdWx",
    ),
    ("policy", "list", "forewarn policy list"),
    (
        "policy",
        "dry-run",
        "forewarn policy dry-run quiet.toml --days 90",
    ),
    ("monitor", "list", "forewarn monitor list"),
    (
        "monitor",
        "create",
        "forewarn monitor create nightly-invoices --period 1d --grace 2h --team billing",
    ),
    ("monitor", "show", "forewarn monitor show mon_7Qm2rTz9KdWx"),
    (
        "monitor",
        "pause",
        "forewarn monitor pause mon_7Qm2rTz9KdWx",
    ),
    (
        "monitor",
        "resume",
        "forewarn monitor resume mon_7Qm2rTz9KdWx",
    ),
    (
        "monitor",
        "delete",
        "forewarn monitor delete mon_7Qm2rTz9KdWx",
    ),
    ("channel", "list", "forewarn channel list"),
    (
        "channel",
        "test",
        "forewarn channel test mail --to ada@example.org",
    ),
    (
        "message",
        "list",
        "forewarn message list --state failed --channel mail",
    ),
    ("message", "show", "forewarn message show msg_7Qm2rTz9KdWx"),
    ("person", "list", "forewarn person list"),
    (
        "person",
        "create",
        "forewarn person create \"Ada Lovelace\" --email ada@example.org --time-zone Europe/London",
    ),
    ("person", "show", "forewarn person show per_7Qm2rTz9KdWx"),
    (
        "person",
        "deactivate",
        "forewarn person deactivate per_7Qm2rTz9KdWx",
    ),
    (
        "person",
        "activate",
        "forewarn person activate per_7Qm2rTz9KdWx",
    ),
    ("team", "list", "forewarn team list"),
    (
        "team",
        "create",
        "forewarn team create billing --email billing@example.org",
    ),
    ("team", "show", "forewarn team show tea_7Qm2rTz9KdWx"),
    ("service-account", "list", "forewarn service-account list"),
    (
        "service-account",
        "create",
        "forewarn service-account create invoices --team billing",
    ),
    (
        "service-account",
        "show",
        "forewarn service-account show sva_7Qm2rTz9KdWx",
    ),
    (
        "service-account",
        "disable",
        "forewarn service-account disable sva_7Qm2rTz9KdWx",
    ),
    (
        "service-account",
        "enable",
        "forewarn service-account enable sva_7Qm2rTz9KdWx",
    ),
    ("role", "list", "forewarn role list"),
    ("role", "grantable", "forewarn role grantable"),
    (
        "role",
        "create",
        "forewarn role create deployer --scope deploy:write --description \"Ships releases\"",
    ),
    ("role", "remove", "forewarn role remove deployer"),
    ("audit", "verify", "forewarn audit verify"),
    ("audit", "export", "forewarn audit export > audit.ndjson"),
];

/// The command line with its examples.
pub(super) fn told(mut whole: Command) -> Command {
    for (noun, verb, line) in EXAMPLES {
        whole = whole.mut_subcommand(noun, |noun| {
            noun.mut_subcommand(verb, |verb| verb.after_help(format!("Example:\n  {line}")))
        });
    }
    whole
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;
    use crate::cli::Cli;

    /// What a shell makes of a line: words, with quotes, without what is redirected.
    fn words(line: &str) -> Vec<String> {
        let command = line.split(['<', '>']).next().unwrap();
        let command = command.split_once("forewarn ").unwrap().1;
        let mut words = vec!["forewarn".to_owned()];
        for (n, part) in command.split('"').enumerate() {
            match n % 2 {
                0 => words.extend(part.split_whitespace().map(str::to_owned)),
                _ => words.push(part.to_owned()),
            }
        }
        words
    }

    #[test]
    fn every_verb_shows_an_example() {
        let whole = told(Cli::command());
        let nouns = whole.get_subcommands().filter(|c| c.has_subcommands());
        for noun in nouns {
            for verb in noun.get_subcommands() {
                let help = verb.get_after_help().map(ToString::to_string);
                let line = format!("forewarn {} {}", noun.get_name(), verb.get_name());
                assert!(help.is_some_and(|help| help.contains(&line)), "{line}");
            }
        }
    }

    #[test]
    fn every_example_is_understood() {
        for (noun, verb, line) in EXAMPLES {
            let read = Cli::command().try_get_matches_from(words(line));
            let matches = read.unwrap_or_else(|error| panic!("{line}: {error}"));
            let (found, below) = matches.subcommand().unwrap();
            assert_eq!(
                (found, below.subcommand_name()),
                (noun, Some(verb)),
                "{line}"
            );
        }
    }
}

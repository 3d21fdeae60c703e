//! Who else hears, in a field: addresses and teams with commas between, as people read and
//! write them.

use std::collections::BTreeSet;

use app::people::Names;
use domain::people::{Owner, Recipient};

/// What stands in the field: addresses where there are any, teams by name.
pub(super) fn written(all: &BTreeSet<Recipient>, names: &Names) -> String {
    let all: Vec<String> = all.iter().map(|one| word(one, names)).collect();
    all.join(", ")
}

fn word(watcher: &Recipient, names: &Names) -> String {
    match watcher {
        Recipient::Address(email) => email.to_string(),
        Recipient::Person(id) => {
            let address = names.written(&Owner::Person(id.clone()));
            // Without an address the word must say what the id is of.
            match address.contains('@') {
                true => address,
                false => watcher.to_string(),
            }
        }
        // What goes between words cannot stand in one.
        Recipient::Team(id) => match names.team(id).filter(|name| !name.contains(',')) {
            Some(name) => format!("team:{name}"),
            None => watcher.to_string(),
        },
        Recipient::Channel(_) => watcher.to_string(),
    }
}

/// The same as the API spells it; whom the field named before, it still names.
pub(super) fn read(text: &str, before: &BTreeSet<Recipient>, names: &Names) -> Vec<String> {
    let known = |typed: &&str| before.iter().find(|one| word(one, names) == **typed);
    let spell = |typed| known(&typed).map_or_else(|| spelled(typed), ToString::to_string);
    words(text).into_iter().map(spell).collect()
}

/// The same where nobody was named before.
pub(super) fn read_new(text: &str) -> Vec<String> {
    words(text).into_iter().map(spelled).collect()
}

/// Blanks go between too, but for those in the name of a team.
fn words(text: &str) -> Vec<&str> {
    let parts = text.split([',', '\n']).map(str::trim);
    let words = parts.flat_map(|part| match part.starts_with("team:") {
        true => vec![part],
        false => part.split_whitespace().collect(),
    });
    words.filter(|word| !word.is_empty()).collect()
}

/// An address by itself is one.
fn spelled(word: &str) -> String {
    match word.contains('@') && !word.contains(':') {
        true => format!("address:{word}"),
        false => word.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_stand_with_blanks_or_commas_and_a_team_keeps_its_blanks() {
        assert_eq!(
            read_new("a@example.org b@example.org, team:Data Platform,\nperson:per_1"),
            [
                "address:a@example.org",
                "address:b@example.org",
                "team:Data Platform",
                "person:per_1"
            ]
        );
    }
}

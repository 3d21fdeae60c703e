//! Which credentials does a monitor need, a line each: as people read them, and as they
//! write them?

use domain::inventory::Credential;
use domain::kernel::CredentialId;

/// `ci-deploy (crd_…)`: the name for people, the id because names may be shared.
pub(super) fn line(id: &CredentialId, known: Option<&Credential>) -> String {
    match known {
        Some(known) => format!("{} ({id})", known.name),
        None => id.to_string(),
    }
}

/// The ids and names that were typed: a line each; ids also with commas or blanks between.
pub(super) fn read(text: &str) -> Vec<String> {
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    lines.flat_map(words).map(str::to_owned).collect()
}

fn words(line: &str) -> Vec<&str> {
    if let Some(id) = id_behind(line) {
        return vec![id];
    }
    let words = line.split([',', ' ']).filter(|word| !word.is_empty());
    let words: Vec<&str> = words.collect();
    // A name may hold blanks and commas; ids begin alike.
    match words.iter().all(|word| word.starts_with("crd_")) {
        true => words,
        false => vec![line],
    }
}

/// The id of `name (id)`.
fn id_behind(line: &str) -> Option<&str> {
    let (_, rest) = line.strip_suffix(')')?.rsplit_once(" (")?;
    let is_id = rest.len() >= 12 && rest.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    is_id.then_some(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_a_name_or_an_id_and_what_we_wrote_is_read_again() {
        let text = "ci deploy, old\r\n\nerp (crd_8Zq0mKx1LdT4)\ncrd_1, crd_2 crd_3\nci (old)\n";
        let read = read(text);
        assert_eq!(
            read,
            [
                "ci deploy, old",
                "crd_8Zq0mKx1LdT4",
                "crd_1",
                "crd_2",
                "crd_3",
                "ci (old)"
            ]
        );
    }
}

//! Counts, and hostile names made inert.

use std::fmt::Write as _;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// The source of the tokens that Forewarn issues.
const HERE: &str = "forewarn";
/// A name in a table is cut at so many characters.
pub(crate) const NAME_CHARS: usize = 80;

/// A hostile text on one line: control, bidirectional and line-breaking characters are
/// shown as their number, and what is longer than `chars_max` is cut. Markup is the
/// template's to escape.
pub(crate) fn plain(text: &str, chars_max: usize) -> String {
    let mut out = String::new();
    let mut chars = text.chars();
    for c in chars.by_ref().take(chars_max) {
        if is_unprintable(c) {
            let _ = write!(out, "‹U+{:04X}›", u32::from(c));
        } else {
            out.push(c);
        }
    }
    if chars.next().is_some() {
        out.push('…');
    }
    out
}

fn is_unprintable(c: char) -> bool {
    let bidi = matches!(c, '\u{061C}' | '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}');
    let unseen = matches!(
        c,
        '\u{200B}'..='\u{200D}' | '\u{2028}' | '\u{2029}' | '\u{2060}' | '\u{FEFF}'
    );
    c.is_control() || bidi || unseen
}

/// Words that are written large wherever they stand.
const ACRONYMS: [&str; 14] = [
    "api", "aws", "ca", "dsn", "gpg", "iam", "id", "jwt", "oauth", "pat", "sas", "ssh", "tls",
    "url",
];

/// What a system calls a kind of credential, as people say it: `personal_access_token` is a
/// personal access token, `API_TOKEN` an API token. What is one word already stays.
pub(crate) fn kind_words(kind: &str) -> String {
    let is_code = kind.contains('_') || kind.chars().all(|c| !c.is_lowercase());
    if !is_code {
        return plain(kind, NAME_CHARS);
    }
    let word = |word: &str| {
        let small = word.to_lowercase();
        if ACRONYMS.contains(&small.as_str()) {
            small.to_uppercase()
        } else {
            small
        }
    };
    let words: Vec<String> = kind.split('_').map(word).collect();
    plain(&words.join(" "), NAME_CHARS)
}

/// Where it is from and of what kind: `prod-gitlab · deploy token`, `issued here · personal
/// token`. No line ends with the dot.
pub(crate) fn origin_words(source: &str, kind: &str) -> String {
    let token = if source == HERE { " token" } else { "" };
    format!(
        "{} ·\u{a0}{}{token}",
        source_words(source),
        kind_words(kind)
    )
}

/// Where it is from: `prod-gitlab`, `issued here`.
pub(crate) fn source_words(source: &str) -> String {
    match source {
        HERE => "issued here".to_owned(),
        other => plain(other, NAME_CHARS),
    }
}

/// An owner, and whether they can act no longer.
pub(crate) fn owner_words(owner: String, orphaned: bool) -> String {
    owner + if orphaned { " (left)" } else { "" }
}

/// Where a name stands in a list for people: upper and lower case and accents make no
/// difference, so that Émile is found beside Emil and not behind Zoe.
pub(crate) fn place_of(name: &str) -> String {
    let bare = name.nfd().filter(|c| !is_combining_mark(*c));
    bare.collect::<String>().to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// B14, B17: what could turn a line around or hide in it is shown as its number.
    #[test]
    fn hostile_names_stay_on_one_line() {
        assert_eq!(
            plain("a\r\nb\u{202E}\u{200B}", 80),
            "a‹U+000D›‹U+000A›b‹U+202E›‹U+200B›"
        );
        assert_eq!(plain("abc", 2), "ab…");
        assert_eq!(plain("ab", 2), "ab");
    }

    #[test]
    fn a_kind_is_said_as_people_say_it() {
        for (kind, words) in [
            ("personal_access_token", "personal access token"),
            ("API_TOKEN", "API token"),
            ("INIT_BUNDLE", "init bundle"),
            ("ssh_key", "SSH key"),
            ("certificate", "certificate"),
            ("serviceAccountKey", "serviceAccountKey"),
            ("", ""),
        ] {
            assert_eq!(kind_words(kind), words);
        }
        assert_eq!(
            origin_words("forewarn", "personal"),
            "issued here ·\u{a0}personal token"
        );
        assert_eq!(
            origin_words("a\u{202E}", "deploy_token"),
            "a‹U+202E› ·\u{a0}deploy token"
        );
    }

    #[test]
    fn names_stand_where_people_look_for_them() {
        let mut names = ["Zoe", "émile", "Emma", "Åsa", "asta", "Emil"];
        names.sort_by_cached_key(|name| place_of(name));
        assert_eq!(names, ["Åsa", "asta", "Emil", "émile", "Emma", "Zoe"]);
    }
}

//! The words of a calendar's event and a feed's entry. Names are hostile until quiet.

use app::subscriptions::{Followable, Following};
use domain::kernel::Instant;

/// The longest name that is shown, in characters.
const NAME_MAX: usize = 120;

/// What it is called in one line.
pub(super) fn title(item: &Followable, following: &Following) -> String {
    let name = if following.subscription.discreet {
        "API credential".to_owned()
    } else {
        quiet(item.credential.name.as_str())
    };
    let what = match (item.is_over, item.end <= following.now) {
        (true, _) => "was ended",
        (false, true) => "has ended",
        (false, false) => "ends",
    };
    format!("{name} {what}")
}

/// What is known of it, a line each; nothing where nothing should be told.
pub(super) fn details(item: &Followable, following: &Following) -> Vec<String> {
    if following.subscription.discreet {
        return vec![link(item, following)];
    }
    let credential = &item.credential;
    let mut lines = vec![
        format!("{} in {}", quiet(&credential.kind), credential.source),
        format!("ends {}", item.end),
    ];
    if !item.owner.is_empty() {
        lines.push(format!("owner {}", quiet(&item.owner)));
    }
    lines.push(link(item, following));
    lines
}

/// Its page.
pub(super) fn link(item: &Followable, following: &Following) -> String {
    // Ids of ours hold letters, digits and `_`; others are shown as they are hashed.
    let id = item.credential.id.as_str();
    format!("{}/credentials/{id}", following.public_url)
}

/// The host that ids are made unique by.
pub(super) fn host(following: &Following) -> &str {
    let url = following.public_url.as_str();
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    rest.split('/').next().unwrap_or(rest)
}

/// One line: control characters, line separators and turned text become `·`.
pub(super) fn quiet(text: &str) -> String {
    let odd = |c: char| {
        c.is_control()
            || matches!(
                c,
                '\u{061C}' | '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}'
            )
            || matches!(
                c,
                '\u{2028}' | '\u{2029}' | '\u{2066}'..='\u{2069}' | '\u{FEFF}'
            )
            || matches!(c, '\u{FFFE}' | '\u{FFFF}')
    };
    let shown = text.chars().take(NAME_MAX);
    shown.map(|c| if odd(c) { '·' } else { c }).collect()
}

/// `2026-11-29T00:00:00Z`, without fractions.
pub(super) fn whole_second(at: Instant) -> String {
    let text = at.to_string();
    let second = text.split(['.', 'Z']).next().unwrap_or_default();
    format!("{second}Z")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// B15: what could break a line or turn text is shown as a dot.
    #[test]
    fn a_name_stays_on_its_line() {
        assert_eq!(quiet("a\r\nb\u{202E}c\u{2028}d"), "a··b·c·d");
        assert_eq!(quiet(&"é".repeat(121)).chars().count(), 120);
    }

    #[test]
    fn seconds_are_whole() {
        let at = |text| whole_second(Instant::parse(text).unwrap());
        assert_eq!(at("2026-11-29T00:00:00Z"), "2026-11-29T00:00:00Z");
        assert_eq!(at("2026-11-29T00:00:00.999Z"), "2026-11-29T00:00:00Z");
    }
}
